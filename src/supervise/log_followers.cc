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

LogRecord RecordOf(const std::string& name, const LogLine& line, const LogCursor& cursor) {
  LogRecord record;
  record.name = name;
  record.stream = line.stream == 0 ? "stdout" : "stderr";
  record.time = ToRfc3339(line.wall);
  record.incarnation = line.incarnation;
  record.text = line.text;
  record.cursor = ToText(cursor);
  record.partial = line.partial;
  return record;
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
      for (const LogLine& line : lines)
        connection.Send(NotificationLine("log", ToJson(RecordOf(name, line, cursor))));
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
