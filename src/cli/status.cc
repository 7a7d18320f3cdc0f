// SPDX-License-Identifier: MIT
#include <algorithm>

#include "cli/duration.h"
#include "cli/session.h"
#include "cli/state_colour.h"
#include "cli/table.h"
#include "cli/text_width.h"
#include "cli/verbs.h"
#include "wire/status_codec.h"

namespace foster::cli {
namespace {

// Why it is so, and what is not seen from its state.
std::string CauseCell(const ServiceStatus& s) {
  std::string text = Harmless(s.cause);
  if (s.state == State::kWaiting && !s.next_due.empty()) text += ", next " + s.next_due;
  if (s.state == State::kRunning && !s.ready) text += ", not ready";
  if (s.alive && !*s.alive) text += ", not alive";
  if (s.reloading) text += ", reloading";
  if (!s.status_text.empty()) text += ": " + Harmless(s.status_text);
  if (s.pin != Pin::kNone) text += " [pinned " + std::string(NameOf(s.pin)) + "]";
  if (!s.degraded.empty()) text += " [degraded: " + Harmless(s.degraded.front()) + "]";
  return text;
}

void PrintTable(const std::vector<ServiceStatus>& services, Console& console) {
  Table table({{"NAME"},
               {"WORKLOAD"},
               {"STATE"},
               {"FOR", Align::kRight},
               {"PID", Align::kRight},
               {"RESTARTS", Align::kRight},
               {"CAUSE"}});
  for (const auto& s : services) {
    table.Add({{Harmless(s.name)},
               {s.workload.empty() ? "-" : s.workload},
               {std::string(NameOf(s.state)), ColourOf(s.state)},
               {FormatAge(s.age_ms)},
               {s.pid > 0 ? std::to_string(s.pid) : "-"},
               {std::to_string(s.restarts)},
               {CauseCell(s)}});
  }
  console.Out(table.Render(console.width(), console.out_colour()));
}

// A workload that runs on its seed must not be overlooked: why, and how to go on.
void PrintFallbacks(const Json& workloads, Console& console) {
  for (const auto& item : workloads.AsArray()) {
    WorkloadStatus workload = WorkloadStatusFromJson(item);
    if (workload.source == "project") continue;
    std::string text =
        "\nworkload " + workload.name +
        (workload.source == "seed" ? " runs on its seed " + workload.seed + ": " : " runs nothing: ") +
        workload.project + " cannot be used\n";
    for (const auto& d : workload.diagnostics) {
      if (d.severity != Severity::kError) continue;
      std::string place = d.origin.file + (d.origin.line > 0 ? ":" + std::to_string(d.origin.line) : "");
      text += "  " + place + ": " + Harmless(d.text) + "\n";
      break;
    }
    text += "  repair it, then: svc reload " + workload.name + "\n";
    console.Out(console.PaintOut(Colour::kYellow, text));
  }
}

int Run(const Arguments& arguments, Console& console) {
  Session session(arguments, console);
  Json params;
  if (!arguments.words.empty()) params = NamesOf(arguments.words);
  if (arguments.Has("--all")) params.Set("all", true);
  auto reply = session.Ask("status", params);
  if (!reply) return session.exit_code();

  Json::Array objects = (*reply)["services"].AsArray();
  std::sort(objects.begin(), objects.end(),
            [](const Json& a, const Json& b) { return a["name"].AsString() < b["name"].AsString(); });
  if (session.as_json()) {
    PrintJson(Json(std::move(objects)), console);
    return kExitOk;
  }
  std::vector<ServiceStatus> services;
  for (const auto& object : objects) services.push_back(ServiceStatusFromJson(object));
  if (arguments.Has("--names")) {
    for (const auto& s : services) console.Out(s.name + "\n");
    return kExitOk;
  }
  if (services.empty()) {
    console.Out("no services\n");
  } else {
    PrintTable(services, console);
  }
  if (arguments.words.empty()) PrintFallbacks((*reply)["workloads"], console);
  return kExitOk;
}

}  // namespace

const Verb kStatusVerb{
    .name = "status",
    .summary = "the services: state, for how long, pid, restarts, cause",
    .words = "[NAME...]",
    .kind = WordKind::kServices,
    .least_words = 0,
    .most_words = kAnyWords,
    .options = {{"--all", "-a", "", "foster's own services too"},
                {"--names", "", "", "the full names alone, one a line"}},
    .examples = {{"svc status", "all services"},
                 {"svc status supervisord/", "those of one workload"},
                 {"svc status --json web", "an array of objects (docs/control-protocol.md)"}},
    .details = "",
    .run = Run,
};

}  // namespace foster::cli
