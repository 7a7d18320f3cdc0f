// SPDX-License-Identifier: MIT
#include "gateway/web.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "gateway/log_text.h"
#include "gateway/namespec.h"
#include "gateway/text_codec.h"
#include "gateway/web_page.h"

namespace foster {
namespace {

constexpr std::size_t kTailBytes = 16u << 10;
constexpr Millis kPatience(10'000);  // of a person before a page that still loads
using Form = std::map<std::string, std::string>;

std::string Field(const Form& form, const std::string& name) {
  auto found = form.find(name);
  return found == form.end() ? "" : found->second;
}

bool IsOneOf(std::string_view word, std::initializer_list<std::string_view> words) {
  return std::find(words.begin(), words.end(), word) != words.end();
}

HttpResponse Unreachable(const PageText& page, const Error& error) {
  PageText text = page;
  text.message = error.message();
  return PageResponse(503, StatusPage(text, {}, {}));
}

HttpResponse ShowStatus(Control& control, PageText page) {
  auto view = ViewWorkload(control, page.workload);
  if (!view.ok()) return Unreachable(page, view.error());
  return PageResponse(200, StatusPage(page, view->services, view->workload));
}

HttpResponse ShowTail(Control& control, const PageText& page, const Form& query) {
  auto view = ViewWorkload(control, page.workload);
  if (!view.ok()) return Unreachable(page, view.error());
  std::string name = Field(query, "processname");
  const ServiceStatus* service = FindOne(view->services, ParseNamespec(name));
  if (!service) return PageResponse(404, TailPage(page, name, "No such process named " + name));
  std::string limit_text = Field(query, "limit");
  std::size_t limit = kTailBytes;
  (void)std::from_chars(limit_text.data(), limit_text.data() + limit_text.size(), limit);  // else the default
  auto records = RecentLog(control, service->name, kRingLines);
  if (!records.ok()) return Unreachable(page, records.error());
  std::string text = WithoutTerminalSequences(TextOf(*records, ""));
  return PageResponse(200,
                      TailPage(page, name, std::string(LastBytes(text, std::max<std::size_t>(limit, 1024)))));
}

// "Process web restarted", what is still under way when the patience ends, or why not.
std::string Outcome(Control& control, std::string_view verb, const std::vector<std::string>& names,
                    const std::string& done, const std::string& subject) {
  auto results = Act(control, verb, names, Wait::kYes, kPatience);
  if (!results.ok()) return "ERROR: " + subject + ": " + results.error().message();
  std::string failures;
  std::string unfinished;
  for (const auto& result : *results) {
    if (result.ok) continue;
    std::string name = ShownName(NamespecOf(result.service));
    std::string_view cause = result.error.empty() ? result.service.cause : result.error;
    if (result.error == kOutcomeUnknown)
      unfinished +=
          fmt::format("{}{} is {}", unfinished.empty() ? "" : ", ", name, NameOf(result.service.state));
    else
      failures += fmt::format("{}{}: {}", failures.empty() ? "" : "; ", name, cause);
  }
  if (!failures.empty()) return "ERROR: " + failures;
  return unfinished.empty() ? subject + " " + done : std::string(kUnfinished) + unfinished;
}

std::string_view VerbOf(std::string_view action) {
  if (action.starts_with("restart")) return "restart";
  return action.starts_with("stop") ? "down" : "up";
}

std::string DoneOf(std::string_view verb) {
  return verb == "restart" ? "restarted" : verb == "down" ? "stopped" : "started";
}

std::string Perform(Control& control, const std::string& workload, const std::string& action,
                    const std::string& name) {
  auto view = ViewWorkload(control, workload);
  if (!view.ok()) return "ERROR: " + view.error().message();
  std::string_view verb = VerbOf(action);
  if (action.ends_with("all")) {
    std::vector<std::string> names;
    // As by supervisorctl: all of them, those that do not start by themselves too.
    for (const auto& service : view->services) names.push_back(service.name);
    return Outcome(control, verb, names, DoneOf(verb), "All");
  }
  const ServiceStatus* service = FindOne(view->services, ParseNamespec(name));
  if (!service) return "No such process named " + name;
  return Outcome(control, verb, {service->name}, DoneOf(verb), "Process " + name);
}

bool IsAction(const std::string& action) {
  return IsOneOf(action, {"start", "stop", "restart", "startall", "stopall", "restartall"});
}

HttpResponse Post(Control& control, const PageText& page, const HttpRequest& request) {
  Form form = ParseForm(request.body);
  for (const auto& [name, value] : ParseForm(request.query)) form.emplace(name, value);
  std::string action = Field(form, "action");
  if (!IsAction(action)) return ErrorPage(400);
  std::string message = Perform(control, page.workload, action, Field(form, "processname"));
  // 303 and relative: never cached, and right behind a proxy, whatever host and prefix it shows to the
  // browser.
  return {303, {{"Location", "./?message=" + PercentEncode(message)}, {"Cache-Control", "no-store"}}, "", {}};
}

HttpResponse ServeIndex(Control& control, PageText page, const HttpRequest& request) {
  if (request.method == "POST") return Post(control, page, request);
  if (request.method != "GET" && request.method != "HEAD") return ErrorPage(400);
  Form query = ParseForm(request.query);
  std::string action = Field(query, "action");
  if (IsAction(action)) return PageResponse(200, ConfirmPage(page, action, Field(query, "processname")));
  page.message = Field(query, "message");
  return ShowStatus(control, page);
}

}  // namespace

std::optional<HttpResponse> ServeWeb(Control& control, const std::string& workload,
                                     const HttpRequest& request) {
  PageText page{workload, ""};
  if (request.path == "/" || request.path == "/index.html") return ServeIndex(control, page, request);
  bool reads = request.method == "GET" || request.method == "HEAD";
  if (request.path == "/ok.html" && reads) return TextResponse(200, "OK");
  if (request.path == "/tail.html" && reads) return ShowTail(control, page, ParseForm(request.query));
  return std::nullopt;
}

}  // namespace foster
