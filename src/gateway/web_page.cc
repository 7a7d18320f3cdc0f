// SPDX-License-Identifier: MIT
#include "gateway/web_page.h"

#include <fmt/format.h>

#include <algorithm>

#include "gateway/namespec.h"
#include "gateway/page_assets.h"
#include "gateway/process_info.h"
#include "gateway/text_codec.h"
#include "gateway/time_text.h"

namespace foster {
namespace {

constexpr std::string_view kHead = R"(<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width,initial-scale=1">
<meta name="color-scheme" content="light dark"><title>{0}</title><style>{1}</style></head>
<body{2}><header><h1>{3}</h1>{4}</header>
)";

// How a state looks. Its shape (a class of the style) and its colour both tell it, and so does the word.
std::string_view ColourOf(State state) {
  switch (state) {
    case State::kRunning:
      return "good";
    case State::kWaiting:
    case State::kStarting:
    case State::kStopping:
    case State::kKilling:
    case State::kFinishing:
      return "wait";
    case State::kBackoff:
    case State::kFailed:
      return "bad";
    case State::kStopped:
    case State::kExited:
      return "off";
  }
  return "off";
}

std::string ShapeOf(State state) { return fmt::format("<i class={} aria-hidden=true></i>", NameOf(state)); }

std::string Head(const PageText& page, const std::string& title, std::string_view body_attributes = "") {
  std::string note;
  if (!page.message.empty()) {
    bool failed = page.message.starts_with("ERROR");
    std::string_view look = failed ? " error" : page.message.starts_with(kUnfinished) ? " later" : "";
    note = fmt::format("<p class=\"note{}\" role={}>{}</p>", look, failed ? "alert" : "status",
                       HtmlEscape(page.message));
  }
  return fmt::format(kHead, HtmlEscape(title) + " \u2013 foster", kPageStyle, body_attributes,
                     HtmlEscape(title), note);
}

std::string Foot(const std::string& about) {
  return fmt::format("<footer>{}foster " FOSTER_VERSION "</footer><script>{}</script></body></html>\n", about,
                     kPageScript);
}

std::string Button(std::string_view action, std::string_view label, const std::string& name) {
  return fmt::format(
      "<form method=post action=\"./\"><input type=hidden name=processname value=\"{0}\">"
      "<button name=action value={1} title=\"{2}{3}\">{2}</button></form>",
      HtmlEscape(name), action, label, name.empty() ? "" : " " + HtmlEscape(name));
}

std::string Banner(const WorkloadStatus& workload) {
  bool has_errors = HasErrors(workload.diagnostics);
  if (workload.source != "seed" && workload.source != "none" && !has_errors) return "";
  std::string html = "<div class=\"note error\" role=alert><strong>";
  if (workload.source == "seed")
    html += "This workload runs on its seed: its own config cannot be used.";
  else if (workload.source == "none")
    html += "This workload has no config that can be used.";
  else
    html += "The config file has errors; the services run by the last valid one.";
  html += "</strong> " + HtmlEscape(workload.project);
  for (const auto& diagnostic : workload.diagnostics) {
    if (diagnostic.severity != Severity::kError) continue;
    html += "<pre>" + HtmlEscape(fmt::format("{}:{}:{}: {}", diagnostic.origin.file, diagnostic.origin.line,
                                             diagnostic.origin.column, diagnostic.text));
    if (!diagnostic.source_line.empty()) html += "\n  " + HtmlEscape(diagnostic.source_line);
    if (!diagnostic.hint.empty()) html += "\nhint: " + HtmlEscape(diagnostic.hint);
    html += "</pre>";
  }
  return html + "</div>\n";
}

// What there is to say beside the state: the process and its age, or why there is none and since when.
std::string DetailOf(const ServiceStatus& service) {
  std::string text;
  if (service.pid > 0)
    text = fmt::format("pid {}, for {}", service.pid, HumanDuration(service.started_age_ms / 1000));
  bool explains = service.pid == 0 && !service.cause.empty();
  if (explains) text = service.cause;
  if (service.pid == 0 && service.started.empty() && !explains) return "not started";
  if (service.pid == 0 && !service.started.empty())
    text += fmt::format("{}{} ago", text.empty() ? "" : ", ", HumanDuration(service.age_ms / 1000));
  return text;
}

std::string Row(const ServiceStatus& service) {
  std::string name = ShownName(NamespecOf(service));
  bool is_wanted = IsRunningState(SupervisordStateOf(service.state)) || service.state == State::kWaiting;
  std::string buttons = is_wanted ? Button("restart", "Restart", name) + Button("stop", "Stop", name)
                                  : Button("start", "Start", name);
  std::string about =
      service.description.empty() ? "" : "<span>" + HtmlEscape(service.description) + "</span>";
  return fmt::format(
      "<tr><td class=\"state {}\">{}<strong>{}</strong></td><td class=name><a "
      "href=\"tail.html?processname={}\">{}</a>{}"
      "</td><td class=detail>{}</td><td class=num>{}</td><td class=actions><div "
      "class=buttons>{}</div></td></tr>\n",
      ColourOf(service.state), ShapeOf(service.state), NameOf(service.state), PercentEncode(name),
      HtmlEscape(name), about, HtmlEscape(DetailOf(service)),
      service.restarts ? fmt::format("{} restart{}", service.restarts, service.restarts == 1 ? "" : "s") : "",
      buttons);
}

// "4 running, 1 failed": the states that occur.
std::string Counts(const std::vector<ServiceStatus>& services) {
  std::string html = "<ul>";
  for (int i = 0; i <= static_cast<int>(kLastState); ++i) {
    auto state = static_cast<State>(i);
    auto count = std::count_if(services.begin(), services.end(),
                               [&](const ServiceStatus& service) { return service.state == state; });
    if (count)
      html += fmt::format("<li class={}>{}<strong>{}</strong> {}</li>", ColourOf(state), ShapeOf(state),
                          count, NameOf(state));
  }
  return html + "</ul>";
}

}  // namespace

std::string StatusPage(const PageText& page, const std::vector<ServiceStatus>& services,
                       const WorkloadStatus& workload) {
  std::string html =
      Head(page, page.workload) + "<main><div class=bar>" + Counts(services) + "<div class=buttons>";
  if (!services.empty())
    html += Button("startall", "Start all", "") + Button("restartall", "Restart all", "") +
            Button("stopall", "Stop all", "");
  html += "</div></div>\n" + Banner(workload) + "<div class=card>";
  if (services.empty()) {
    html += "<p class=\"soft empty\">This workload has no services.</p>";
  } else {
    html += "<table><thead><tr><th>State<th>Name<th>Details<th class=num>Restarts<th></tr></thead><tbody>\n";
    for (const auto& service : services) html += Row(service);
    html += "</tbody></table>";
  }
  std::string file = workload.source == "seed" ? workload.seed : workload.project;
  return html + "</div></main>\n" + Foot(file.empty() ? "" : HtmlEscape(file) + " \u00B7 ");
}

std::string TailPage(const PageText& page, const std::string& name, const std::string& log) {
  return Head(page, name, " data-follow=1") + "<main><div class=bar><a href=\"./\">\u2190 " +
         HtmlEscape(page.workload) + "</a></div><div class=card><pre>" +
         (log.empty() ? "<span class=soft>Nothing was written yet.</span>" : HtmlEscape(log)) +
         "</pre></div></main>" + Foot("");
}

std::string ConfirmPage(const PageText& page, const std::string& action, const std::string& name) {
  bool all = action.ends_with("all");
  std::string verb = all ? action.substr(0, action.size() - 3) : action;
  verb[0] = static_cast<char>(verb[0] - 'a' + 'A');
  std::string subject = all ? "all services of " + page.workload : name;
  return Head(page, page.workload) + "<main><div class=bar><span>" + HtmlEscape(verb + " " + subject) +
         " now?</span></div><div class=buttons>" + Button(HtmlEscape(action), verb, all ? "" : name) +
         "</div><p><a href=\"./\">No, back to the list</a></p></main>" + Foot("");
}

HttpResponse PageResponse(int status, std::string html) {
  HttpResponse response = HtmlResponse(status, std::move(html));
  response.headers.push_back({"Cache-Control", "no-store"});
  response.headers.push_back({"X-Content-Type-Options", "nosniff"});
  response.headers.push_back({"Referrer-Policy", "same-origin"});
  response.headers.push_back(
      {"Content-Security-Policy",
       "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; connect-src 'self'; "
       "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"});
  return response;
}

}  // namespace foster
