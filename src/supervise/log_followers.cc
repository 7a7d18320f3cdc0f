// SPDX-License-Identifier: MIT
#include "supervise/log_followers.h"

#include "supervise/methods.h"
#include "sys/clock.h"
#include "wire/status_codec.h"

namespace foster {
namespace {

constexpr std::size_t kMaxAhead = 1u << 20;  // unsent bytes above which a follower is served later
constexpr std::size_t kLinesAtOnce = 200;

}  // namespace

std::vector<LogRecord> RecordsOf(const std::string& name, const std::vector<LogLine>& lines,
                                 const LogCursor& behind) {
  LogCursor cursor = behind;  // where a stream without lines here stands all the time
  for (auto line = lines.rbegin(); line != lines.rend(); ++line) cursor.position[line->stream] = line->begin;
  std::vector<LogRecord> records;
  records.reserve(lines.size());
  for (const LogLine& line : lines) {
    if (!line.partial) cursor.position[line.stream] = line.end;
    LogRecord record;
    record.name = name;
    record.stream = line.stream == 0 ? "stdout" : "stderr";
    record.time = ToRfc3339(line.wall);
    record.incarnation = line.incarnation;
    record.text = line.text;
    record.cursor = ToText(cursor);
    record.partial = line.partial;
    records.push_back(std::move(record));
  }
  return records;
}

void LogFollowers::Count() {
  std::uint32_t count = 0;
  server_.ForEach([&](Connection& connection) { count += connection.follow.active ? 1 : 0; });
  logs_.SetFollowers(count);
}

std::vector<std::string> LogFollowers::NamesFor(const std::vector<std::string>& patterns) const {
  auto names = NamesOf(driver_.engine(), planner_.plan(), patterns, false);
  return names.ok() ? *names : std::vector<std::string>();
}

// True: the client is behind.
bool LogFollowers::Serve(Connection& connection) {
  for (const std::string& name : NamesFor(connection.follow.patterns)) {
    int slot = logs_.table().Find(name);
    if (slot < 0) continue;
    LogCursor& cursor = connection.follow.cursors[name];
    for (bool full = true; full;) {
      if (connection.ended()) return false;
      if (connection.unsent() > kMaxAhead) return true;
      auto lines = LinesSince(logs_.table(), slot, &cursor, kLinesAtOnce);
      for (const LogRecord& record : RecordsOf(name, lines, cursor))
        connection.Send(NotificationLine("log", ToJson(record)));
      full = lines.size() == kLinesAtOnce;
    }
  }
  return false;
}

void LogFollowers::OnBell() {
  if (!logs_.usable()) return;
  bool more = false;
  server_.ForEach([&](Connection& connection) {
    if (connection.follow.active && Serve(connection)) more = true;
  });
  if (!more || again_) return;
  again_ = true;
  timers_.In(Millis(20), [this] {
    again_ = false;
    OnBell();
  });
}

}  // namespace foster
