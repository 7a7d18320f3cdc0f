// SPDX-License-Identifier: MIT
#include "cli/log_manage.h"

#include <fmt/format.h>

#include "cli/session.h"
#include "cli/table.h"
#include "cli/text_width.h"

namespace foster::cli {
namespace {

struct Act {
  std::string_view option;
  std::string_view method;
  std::string_view done;
};

constexpr Act kActs[] = {{"--stats", "logs.stats", ""},
                         {"--rotate", "logs.rotate", "rotated"},
                         {"--reopen", "logs.reopen", "reopened"},
                         {"--clear", "logs.clear", "cleared"}};

const Act* ActOf(const Arguments& arguments) {
  for (const Act& act : kActs)
    if (arguments.Has(act.option)) return &act;
  return nullptr;
}

std::string Bytes(const Json& json) {
  constexpr const char* kUnits[] = {"B", "KiB", "MiB", "GiB", "TiB"};
  double value = json.AsDouble();
  std::size_t unit = 0;
  while (value >= 1024.0 && unit + 1 < std::size(kUnits)) {
    value /= 1024.0;
    ++unit;
  }
  return unit == 0 ? fmt::format("{} B", json.AsInt()) : fmt::format("{:.1f} {}", value, kUnits[unit]);
}

std::string BytesUnlessNone(const Json& json) { return json.AsDouble() > 0 ? Bytes(json) : ""; }

Colour ColourOf(const std::string& health) {
  if (health == "good") return Colour::kGreen;
  if (health == "behind") return Colour::kYellow;
  return health == "full" || health == "broken" ? Colour::kRed : Colour::kNone;
}

Table StatsTable() {
  return Table({{"NAME"},
                {"RING", Align::kRight},
                {"SIZE", Align::kRight},
                {"LINES", Align::kRight},
                {"RATE", Align::kRight},
                {"SINK"},
                {"HEALTH"},
                {"BEHIND", Align::kRight},
                {"SKIPPED", Align::kRight},
                {"WRITTEN", Align::kRight},
                {"ROTATED", Align::kRight},
                {"ERROR"}});
}

void AddService(const Json& service, Table* table) {
  std::vector<Cell> front = {{Harmless(service["name"].AsString())},
                             {Bytes(service["ring_used"])},
                             {Bytes(service["ring_bytes"])},
                             {std::to_string(service["lines"].AsInt())},
                             {Bytes(service["rate"]) + "/s"}};
  if (service["sinks"].AsArray().empty()) {
    front.insert(front.end(), {{"-"}, {""}, {""}, {""}, {""}, {""}, {""}});
    table->Add(front);
  }
  for (const Json& sink : service["sinks"].AsArray()) {
    const std::string health = sink["health"].AsString();
    std::vector<Cell> row = front;
    row.push_back({Harmless(sink["kind"].AsString() + " " + sink["target"].AsString())});
    row.push_back({health, ColourOf(health)});
    row.push_back({BytesUnlessNone(sink["behind"])});
    row.push_back({BytesUnlessNone(sink["skipped"]), Colour::kYellow});
    row.push_back({Bytes(sink["written"])});
    row.push_back({sink["rotations"].AsInt() > 0 ? std::to_string(sink["rotations"].AsInt()) : ""});
    row.push_back({Harmless(sink["error"].AsString())});
    table->Add(row);
    front.assign(front.size(), Cell{});  // a service is named once
  }
}

void PrintStats(const Json& reply, Console& console) {
  Table table = StatsTable();
  for (const Json& service : reply["services"].AsArray()) AddService(service, &table);
  console.Out(table.Render(console.width(), console.out_colour()));
}

}  // namespace

bool IsLogManagement(const Arguments& arguments) { return ActOf(arguments) != nullptr; }

int ManageLogs(const Arguments& arguments, Console& console) {
  const Act& act = *ActOf(arguments);
  for (const Act& other : kActs)
    if (arguments.Has(other.option) && other.option != act.option) {
      console.Complain(std::string(act.option) + " and " + std::string(other.option) +
                       " are two things: one by one");
      return kExitUsage;
    }
  if (act.option == "--clear" && arguments.words.empty()) {
    console.Complain("--clear needs names: what is emptied does not come back");
    return kExitUsage;
  }
  Session session(arguments, console);
  const Json params = arguments.words.empty() ? Json(Json::Object{}) : NamesOf(arguments.words);
  auto reply = session.Ask(act.method, params, kForever, Repeat::kMayRepeat);
  if (!reply) return session.exit_code();
  if (arguments.Has("--json")) {
    PrintJson(*reply, console);
  } else if (act.option == "--stats") {
    PrintStats(*reply, console);
  } else {
    console.Out(std::string(act.done) + "\n");
  }
  return kExitOk;
}

}  // namespace foster::cli
