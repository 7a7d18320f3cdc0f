// SPDX-License-Identifier: MIT
#include "cli/change.h"

#include "cli/duration.h"
#include "cli/progress.h"
#include "cli/state_colour.h"
#include "cli/table.h"
#include "cli/text_width.h"
#include "wire/status_codec.h"

namespace foster::cli {
namespace {

constexpr Millis kDefaultTimeout{60'000};
constexpr Millis kMargin{10'000};  // foster's own timeout comes first; ours only says that nobody answers

struct Outcome {
  ServiceStatus service;
  std::string name;
  bool ok = false;
  std::string error;
  std::vector<LogRecord> log;
};

Outcome OutcomeOf(const Json& json) {
  Outcome outcome;
  outcome.service = ServiceStatusFromJson(json["service"]);
  outcome.name = json["name"].AsString();
  outcome.ok = json["ok"].AsBool();
  outcome.error = json["error"].AsString();
  for (const auto& line : json["log"].AsArray()) outcome.log.push_back(LogRecordFromJson(line));
  return outcome;
}

int ExitCodeOf(const Outcome& outcome) {
  if (outcome.ok) return kExitOk;
  return outcome.error == "timeout" ? kExitTimeout : kExitFailed;
}

std::string DetailOf(const ServiceStatus& s) {
  std::string text = s.pid > 0 ? "pid " + std::to_string(s.pid) : "";
  if (!s.cause.empty()) text += (text.empty() ? "" : ", ") + Harmless(s.cause);
  return text;
}

void PrintFailure(const Outcome& outcome, Console& console) {
  const ServiceStatus& s = outcome.service;
  std::string why = outcome.error;
  if (why == "timeout") {
    why = "still " + std::string(NameOf(s.state)) + " when the time was over";
    for (const auto& gate : s.waits_for) why += ", waits for " + gate;
  }
  if (why.empty()) why = std::string(NameOf(s.state));
  if (!s.cause.empty() && why.find(s.cause) == std::string::npos) why += ": " + Harmless(s.cause);
  console.Complain(outcome.name + ": " + why);
  if (outcome.log.empty()) return;
  console.Err("  last lines of its log:\n");
  for (const auto& line : outcome.log) {
    console.Err(console.PaintErr(Colour::kGrey, "  | ") + Harmless(line.text) + "\n");
  }
}

Json ParamsOf(const Arguments& arguments, Millis timeout) {
  Json params = NamesOf(arguments.words);
  params.Set("wait", !arguments.Has("--no-wait"));
  if (timeout != kForever) params.Set("timeout_ms", static_cast<std::int64_t>(timeout.count()));
  return params;
}

std::string WaitingFor(const std::vector<std::string>& words) {
  std::string text = "waiting for";
  for (const auto& word : words) text += " " + word;
  return text;
}

}  // namespace

const std::vector<OptionSpec>& WaitOptions() {
  static const std::vector<OptionSpec> options = {
      {"--no-wait", "", "", "do not wait for the outcome"},
      {"--timeout", "-T", "SECONDS", "wait at most this long (default 60, 0 = for ever)"},
  };
  return options;
}

int PrintResults(const Json& results, bool as_json, Console& console) {
  int code = kExitOk;
  if (as_json) {
    for (const auto& item : results.AsArray()) code = Worse(code, ExitCodeOf(OutcomeOf(item)));
    PrintJson(results, console);
    return code;
  }
  Table table({{""}, {""}, {""}});
  std::vector<Outcome> outcomes;
  for (const auto& item : results.AsArray()) outcomes.push_back(OutcomeOf(item));
  for (const auto& outcome : outcomes) {
    const ServiceStatus& s = outcome.service;
    table.Add({{outcome.name}, {std::string(NameOf(s.state)), ColourOf(s.state)}, {DetailOf(s)}});
  }
  console.Out(table.Render(console.width(), console.out_colour()));
  console.Flush();
  for (const auto& outcome : outcomes) {
    if (outcome.ok) continue;
    code = Worse(code, ExitCodeOf(outcome));
    PrintFailure(outcome, console);
  }
  return code;
}

int RunChange(std::string_view method, Repeat repeat, const Arguments& arguments, Console& console,
              const Json& also) {
  auto seconds = arguments.Seconds("--timeout");
  if (!seconds) {
    console.Complain(seconds.error().message());
    return kExitUsage;
  }
  Millis timeout = seconds->value_or(kDefaultTimeout);
  if (timeout.count() == 0) timeout = kForever;
  Session session(arguments, console);
  Json params = ParamsOf(arguments, timeout);
  if (also.is_object())
    for (const auto& [name, value] : also.AsObject()) params.Set(name, value);
  std::optional<Json> reply;
  {
    Progress progress(console, WaitingFor(arguments.words));
    Millis limit = timeout == kForever ? kForever : timeout + kMargin;
    reply = session.Ask(method, params, limit, repeat);
  }
  if (!reply) return session.exit_code();
  return PrintResults((*reply)["results"], session.as_json(), console);
}

}  // namespace foster::cli
