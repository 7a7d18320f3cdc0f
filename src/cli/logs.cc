// SPDX-License-Identifier: MIT
#include <cstdlib>

#include "cli/feed.h"
#include "cli/log_gap.h"
#include "cli/log_manage.h"
#include "cli/log_open.h"
#include "cli/log_record.h"
#include "cli/log_show.h"
#include "cli/verbs.h"
#include "sys/clock.h"
#include "wire/status_codec.h"

namespace foster::cli {
namespace {

int Complain(const Error& error, int code, Console& console) {
  console.Complain(error.message());
  return code;
}

// False: the source failed. What is missing within it is told by the source.
bool ShowAll(const OpenedLogs& logs, bool is_followed, LogGap* gap, LogShow* show) {
  LogEntry entry;
  while (!show->reader_gone() && !show->exhausted() && logs.stream->Next(&entry)) {
    // An unfinished line comes again when it is whole; its cursor stands before it.
    if (is_followed && entry.is_unfinished) continue;
    (void)gap->MissingBefore(entry);
    show->Add(std::move(entry));
  }
  return !logs.stream->failed();
}

Json AfterParams(const std::vector<std::string>& words, const LogQuery& query, const LogCursors& cursors) {
  Json params = words.empty() ? Json(Json::Object{}) : NamesOf(words);
  params.Set("follow", true);
  if (query.choice.takes[0] != query.choice.takes[1])
    params.Set("streams", Json(Json::Array{query.choice.takes[0] ? "stdout" : "stderr"}));
  Json after{Json::Object{}};
  for (const auto& [name, cursor] : cursors) after.Set(name, cursor);
  return params.Set("after", std::move(after));
}

int Follow(const Arguments& arguments, const LogQuery& query, LogGap* gap, LogShow* show, Console& console) {
  const bool has_all = query.choice.takes[0] == query.choice.takes[1];
  const auto add = [=](const Json& record) {
    LogEntry entry = EntryOf(LogRecordFromJson(record));
    if (entry.is_unfinished) return;
    const std::uint64_t missing = gap->MissingBefore(entry);
    if (has_all && missing > 0) show->Add(LogGap::Of(entry, missing));
    show->Add(std::move(entry));
  };
  Feed feed;
  feed.method = "logs";
  feed.notification = "log";
  feed.params = [&] { return AfterParams(arguments.words, query, show->cursors()); };
  feed.on_reply = [&](const Json& reply, bool) {
    for (const auto& item : reply["lines"].AsArray()) add(item);
    // A service that has not said anything yet has a place to go on from, too.
    for (const auto& [name, cursor] : reply["cursors"].AsObject()) show->SetCursor(name, cursor.AsString());
  };
  feed.on_notification = [&](const Json& params) {
    add(params);
    return !show->exhausted();
  };
  feed.on_pause = [&] { show->Pause(); };
  const int code = RunFeed(feed, arguments, console);
  return show->exhausted() ? show->ExitCode() : code;
}

void TellProblems(const OpenedLogs& logs, Console& console) {
  for (const FileStream* files : logs.files)
    for (const std::string& problem : files->problems()) console.Complain(problem);
}

int Show(const Arguments& arguments, LogQuery query, const TimeZone& zone, Console& console) {
  std::optional<Session> session;
  const char* kept = std::getenv("FOSTER_LOG_DIR");
  const std::string directory = kept == nullptr ? "" : kept;
  if (query.directory.empty() && !query.boot.empty() && query.boot != "0") {
    if (directory.empty())
      return Complain(Error("--boot needs FOSTER_LOG_DIR, or --directory"), kExitUsage, console);
    query.directory = directory;  // what is of another boot is in the files alone
  }
  if (query.directory.empty()) session.emplace(arguments, console);
  auto opened = session ? OpenRunning(query, directory, *session) : OpenDirectory(query);
  if (!opened) {
    const bool is_unknown = opened.error().code() == kExitNoService;
    return Complain(opened.error(), is_unknown ? kExitNoService : kExitFailed, console);
  }
  if (!opened->stream) return session->exit_code();
  query.style.prefix = opened->names.size() > 1;
  LogShow show(query, opened->names, zone, console);
  LogGap gap;
  if (!ShowAll(*opened, query.follow, &gap, &show)) return session->exit_code();
  if (opened->ring != nullptr && query.choice.until == INT64_MAX)
    for (const auto& [name, cursor] : opened->ring->cursors().AsObject())
      show.SetCursor(name, cursor.AsString());
  show.Finish(query.follow);
  TellProblems(*opened, console);
  if (query.follow) {
    opened->stream.reset();  // it asks the session
    session.reset();         // following has a connection of its own
    return Follow(arguments, query, &gap, &show, console);
  }
  if (query.show_cursor) show.PrintCursor();
  return show.ExitCode();
}

int Run(const Arguments& arguments, Console& console) {
  if (IsLogManagement(arguments)) return ManageLogs(arguments, console);
  auto zone = TimeZone::Open("");
  if (!zone) return Complain(zone.error(), kExitFailed, console);
  auto query = ReadLogQuery(arguments, console, WallNow(), *zone);
  if (!query) return Complain(query.error(), kExitUsage, console);
  return Show(arguments, std::move(*query), *zone, console);
}

}  // namespace

const Verb kLogsVerb{
    .name = "logs",
    .summary = "what services have said, and what they say",
    .words = "[NAME...]",
    .kind = WordKind::kServices,
    .least_words = 0,
    .most_words = kAnyWords,
    .options = {{"--follow", "-f", "", "go on with the lines that come, until Ctrl-C"},
                {"--lines", "-n", "N",
                 "the last N lines of each service, or all (default 100; all where others choose)"},
                {"--since", "", "TIME",
                 "from then on: 10m, 2h30m, 14:05, 'yesterday 14:05', RFC 3339, @SECONDS"},
                {"--until", "", "TIME", "up to then"},
                {"--stdout", "", "", "only what came on stdout"},
                {"--stderr", "", "", "only what came on stderr"},
                {"--stream", "", "STREAM", "stdout or stderr", "stdout|stderr"},
                {"--level", "", "LEVEL", "as bad as that, or worse: trace, debug, info, warn, error, fatal"},
                {"--grep", "-g", "PATTERN", "lines that match (PCRE2)"},
                {"--around", "", "PATTERN", "lines that match, and 5 before and behind them"},
                {"--invert", "-v", "", "lines that do not match"},
                {"--ignore-case", "-i", "", "match letters of either case"},
                {"--context", "-C", "N", "N lines before and behind each match"},
                {"--before-context", "-B", "N", "N lines before each match"},
                {"--after-context", "-A", "N", "N lines behind each match"},
                {"--output", "-o", "FORM", "text, json, raw (the bytes) or cat (the text alone)",
                 "text|json|raw|cat"},
                {"--time", "-t", "", "put the time in front"},
                {"--time-format", "", "FORM", "iso, local, relative or mono", "iso|local|relative|mono"},
                {"--pretty", "", "", "lines that are JSON objects: level, time, message, then k=v"},
                {"--fold", "", "HOW", "count lines that repeat: exact, or loose (whatever their numbers)",
                 "exact|loose"},
                {"--max-bytes", "", "N", "print at most N bytes, whole lines, the newest ones"},
                {"--after", "", "CURSOR", "what came behind a cursor"},
                {"--show-cursor", "", "", "print the cursor to go on from at the end"},
                {"--incarnation", "", "N",
                 "of one life of the service: its number, 0 the last, -1 the one before it"},
                {"--boot", "", "BOOT",
                 "of one life of the container: 0 this one, -1 the one before it, or an id"},
                {"--directory", "", "DIR", "read the files of DIR; needs no foster"},
                {"--stats", "", "", "how full the rings are, and how each file and forwarder does"},
                {"--rotate", "", "", "rotate the files of services now"},
                {"--reopen", "", "", "open all files anew"},
                {"--clear", "", "", "empty the rings of services"}},
    .examples = {{"svc logs web", "the last 100 lines"},
                 {"svc logs -f -n 0 web db", "only new lines, of two services"},
                 {"svc logs --since 10m --level warn", "what was wrong in the last ten minutes"},
                 {"svc logs --around 'panic|fatal' -i", "what happened around it, in all services"},
                 {"svc logs --json --max-bytes 8000 --show-cursor", "for programs; go on with --after"},
                 {"svc logs --boot -1 web", "before the container was restarted"},
                 {"svc logs --directory /var/log/s6/web", "files of any logger"}},
    .details =
        "Following goes on by itself when foster was away for a moment: no line is lost or doubled. What "
        "memory gave up before it was read is told: -- N lines skipped --. Where memory does not reach "
        "back, and for --boot, the files of FOSTER_LOG_DIR are read.",
    .run = Run,
};

}  // namespace foster::cli
