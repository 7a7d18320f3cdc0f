// SPDX-License-Identifier: MIT
#include <fmt/format.h>

#include "cli/session.h"
#include "cli/table.h"
#include "cli/text_width.h"
#include "cli/verbs.h"
#include "wire/probe_codec.h"

namespace foster::cli {
namespace {

std::string Bytes(std::uint64_t bytes) {
  constexpr const char* kUnits[] = {"B", "KiB", "MiB", "GiB", "TiB"};
  double value = static_cast<double>(bytes);
  std::size_t unit = 0;
  while (value >= 1024.0 && unit + 1 < std::size(kUnits)) {
    value /= 1024.0;
    ++unit;
  }
  return unit == 0 ? fmt::format("{} B", bytes) : fmt::format("{:.1f} {}", value, kUnits[unit]);
}

std::string BytesOrDash(const std::optional<std::uint64_t>& bytes) { return bytes ? Bytes(*bytes) : "-"; }

std::string PortsText(const ServiceFigures& figures) {
  std::string text;
  for (const PortFigure& port : figures.ports) {
    text += (text.empty() ? "" : ", ") + port.protocol + " " + Harmless(port.address);
  }
  return text;
}

void PrintFigures(const Json& figures, Console& console) {
  Table table({{"NAME"},
               {"PIDS", Align::kRight},
               {"THREADS", Align::kRight},
               {"CPU TIME", Align::kRight},
               {"CPU", Align::kRight},
               {"RSS", Align::kRight},
               {"PSS", Align::kRight},
               {"READ", Align::kRight},
               {"WRITTEN", Align::kRight},
               {"LISTENS ON"}});
  for (const Json& item : figures.AsArray()) {
    const ServiceFigures f = ServiceFiguresFromJson(item);
    table.Add({{Harmless(f.name)},
               {std::to_string(f.processes)},
               {std::to_string(f.threads)},
               {fmt::format("{:.2f} s", static_cast<double>(f.cpu_ms) / 1000.0)},
               {fmt::format("{:.1f}%", f.cpu_percent)},
               {Bytes(f.rss_bytes)},
               {BytesOrDash(f.pss_bytes)},
               {BytesOrDash(f.read_bytes)},
               {BytesOrDash(f.written_bytes)},
               {PortsText(f)}});
  }
  console.Out(table.Render(console.width(), console.out_colour()));
}

int Run(const Arguments& arguments, Console& console) {
  Session session(arguments, console);
  Json params = Json::Object{};
  if (!arguments.words.empty()) params = NamesOf(arguments.words);
  auto reply = session.Ask("figures", params);
  if (!reply) return session.exit_code();
  if (session.as_json()) {
    PrintJson((*reply)["figures"], console);
    return kExitOk;
  }
  if ((*reply)["figures"].AsArray().empty()) {
    console.Out("nothing runs\n");
  } else {
    PrintFigures((*reply)["figures"], console);
  }
  return kExitOk;
}

}  // namespace

const Verb kStatsVerb{
    .name = "stats",
    .summary = "what services use: processes, CPU, memory, disk, ports",
    .words = "[NAME...]",
    .kind = WordKind::kServices,
    .least_words = 0,
    .most_words = kAnyWords,
    .options = {},
    .examples = {{"svc stats", "all that run"}, {"svc stats --json web", "an array of objects"}},
    .details =
        "Of each service's whole process tree, read now and only now. CPU is of one core, since the figures "
        "were last "
        "asked for. PSS shares memory fairly among those that map it; where it cannot be read there is a "
        "dash.",
    .run = Run,
};

}  // namespace foster::cli
