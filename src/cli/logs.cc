// SPDX-License-Identifier: MIT
#include <algorithm>
#include <map>

#include "cli/feed.h"
#include "cli/log_printer.h"
#include "cli/log_record.h"
#include "cli/verbs.h"
#include "sys/clock.h"
#include "wire/status_codec.h"

namespace foster::cli {
namespace {

constexpr std::int64_t kMostLines = 1000;  // what foster keeps of each service

std::vector<LogRecord> MergeByTime(std::vector<LogRecord> lines) {
  // A wall clock may be set back: a line is never put before an earlier one of its own service.
  std::map<std::string, std::string> latest;
  std::vector<std::pair<std::string, LogRecord>> dated;
  for (auto& line : lines) {
    std::string& time = latest[line.name];
    time = std::max(time, line.time);
    dated.emplace_back(time, std::move(line));
  }
  std::stable_sort(dated.begin(), dated.end(),
                   [](const auto& a, const auto& b) { return a.first < b.first; });
  lines.clear();
  for (auto& [time, line] : dated) lines.push_back(std::move(line));
  return lines;
}

std::vector<LogRecord> LinesOf(const Json& reply) {
  std::vector<LogRecord> lines;
  for (const auto& item : reply["lines"].AsArray()) lines.push_back(LogRecordFromJson(item));
  return MergeByTime(std::move(lines));
}

// Prints what it is given and keeps, for each service, the cursor behind its last line.
class Lines {
 public:
  Lines(LogPrinter printer, bool as_json, Console& console)
      : printer_(std::move(printer)), as_json_(as_json), console_(console) {}

  void Print(const LogRecord& line) {
    Remember(line);
    if (as_json_) {
      console_.Out(ToJson(line).Dump() + "\n");
    } else {
      LogLineShown shown;
      shown.entry = EntryOf(line);
      std::string out;
      printer_.Print(shown, WallNow(), &out);
      console_.Out(out);
    }
  }
  void Remember(const LogRecord& line) { cursors_[line.name] = line.cursor; }
  Json cursors() const {
    Json json = Json::Object{};
    for (const auto& [name, cursor] : cursors_) json.Set(name, cursor);
    return json;
  }

 private:
  LogPrinter printer_;
  bool as_json_;
  Console& console_;
  std::map<std::string, std::string> cursors_;
};

Json ParamsOf(const Arguments& arguments, std::int64_t lines) {
  Json params = arguments.words.empty() ? Json(Json::Object{}) : NamesOf(arguments.words);
  params.Set("lines", lines);
  return params;
}

int Follow(const Arguments& arguments, std::int64_t count, Lines* lines, Console& console) {
  bool subscribed = false;
  Feed feed;
  feed.method = "logs";
  feed.notification = "log";
  feed.params = [&] {
    // With -n 0 one line is asked for and not printed: it brings the cursor. After a break a service without
    // a cursor had no line yet: all that it has is new.
    Json params = ParamsOf(arguments, subscribed ? kMostLines : std::max<std::int64_t>(count, 1));
    params.Set("follow", true);
    if (subscribed) params.Set("after", lines->cursors());
    return params;
  };
  feed.on_reply = [&](const Json& reply, bool) {
    for (const auto& line : LinesOf(reply)) {
      // An unfinished line comes again when it is whole; its cursor stands before it.
      if (line.partial || (!subscribed && count == 0)) {
        lines->Remember(line);
      } else {
        lines->Print(line);
      }
    }
    subscribed = true;
  };
  feed.on_notification = [&](const Json& params) {
    lines->Print(LogRecordFromJson(params));
    return true;
  };
  return RunFeed(feed, arguments, console);
}

// On a connection of its own, that is closed before the following begins.
std::optional<std::vector<std::string>> FullNames(const Arguments& arguments, Console& console,
                                                  int* exit_code) {
  Session session(arguments, console);
  auto status = session.Ask("status", arguments.words.empty() ? Json() : NamesOf(arguments.words));
  *exit_code = session.exit_code();
  if (!status) return std::nullopt;
  std::vector<std::string> names;
  for (const auto& service : (*status)["services"].AsArray()) names.push_back(service["name"].AsString());
  return names;
}

int Run(const Arguments& arguments, Console& console) {
  auto count = arguments.Number("--lines", 100, kMostLines);
  if (!count) {
    console.Complain(count.error().message());
    return kExitUsage;
  }
  int exit_code = kExitOk;
  auto names = FullNames(arguments, console, &exit_code);
  if (!names) return exit_code;
  LogStyle style;
  style.prefix = names->size() > 1;
  style.colour = console.out_colour();
  if (arguments.Has("--time")) style.time = TimeFormat::kIso;
  auto zone = TimeZone::Open("");
  if (!zone) return kExitFailed;
  Lines lines(LogPrinter(*names, style, *zone), arguments.Has("--json"), console);
  if (arguments.Has("--follow")) return Follow(arguments, *count, &lines, console);

  if (*count == 0) return kExitOk;
  Session session(arguments, console);
  auto reply = session.Ask("logs", ParamsOf(arguments, *count));
  if (!reply) return session.exit_code();
  for (const auto& line : LinesOf(*reply)) lines.Print(line);
  return kExitOk;
}

}  // namespace

const Verb kLogsVerb{
    .name = "logs",
    .summary = "the last lines of services, and those that come",
    .words = "[NAME...]",
    .kind = WordKind::kServices,
    .least_words = 0,
    .most_words = kAnyWords,
    .options = {{"--follow", "-f", "", "go on with the lines that come, until Ctrl-C"},
                {"--lines", "-n", "N", "the last N lines of each service (default 100, most 1000)"},
                {"--time", "-t", "", "put the time in front"}},
    .examples = {{"svc logs web", "the last 100 lines"},
                 {"svc logs -f -n 0 web db", "only new lines, of two services"},
                 {"svc logs --json web", "one object a line, with cursors"}},
    .details = "Following goes on by itself when foster was away for a moment: no line is lost or doubled.",
    .run = Run,
};

}  // namespace foster::cli
