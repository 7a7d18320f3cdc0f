// SPDX-License-Identifier: MIT
#include "supervise/log_followers.h"

#include <algorithm>
#include <chrono>

#include "supervise/internal_services.h"
#include "supervise/log_reply.h"
#include "supervise/methods.h"
#include "wire/status_codec.h"

namespace foster {
namespace {

constexpr std::size_t kMaxAhead = 32 * 1024;  // unsent bytes above which a follower is served later

bool IsOwnLog(const std::vector<std::string>& patterns) {
  return patterns.size() == 1 && patterns.front() == kOwnLogName;
}

bool HasNews(const LogSlot& slot, const LogCursor& cursor) {
  return slot.streams[0].indexed.load(std::memory_order_acquire) != cursor.position[0] ||
         slot.streams[1].indexed.load(std::memory_order_acquire) != cursor.position[1];
}

}  // namespace

void LogFollowers::Begin(Connection& connection, LogFollow follow) {
  follow.active = true;
  connection.follow = std::move(follow);
  connection.KeepShort();
  connection.OnRoom([this] { OnBell(); });
  Renew();
  OnBell();  // what came before the bell was hung up
}

std::vector<std::string> LogFollowers::NamesFor(const std::vector<std::string>& patterns) const {
  if (IsOwnLog(patterns)) return patterns;
  auto names = NamesOf(driver_.engine(), planner_.plan(), patterns, false);
  return names.ok() ? *names : std::vector<std::string>();
}

void LogFollowers::Resolve(LogFollow& follow) const {
  follow.slots.clear();
  for (const std::string& name : NamesFor(follow.patterns))
    if (int slot = logs_.table().Find(name); slot >= 0) follow.slots[slot] = name;
}

void LogFollowers::Renew() {
  if (!logs_.usable()) return;
  std::map<int, std::uint32_t> counts;
  server_.ForEach([&](Connection& connection) {
    if (!connection.follow.active) return;
    Resolve(connection.follow);
    for (const auto& [slot, name] : connection.follow.slots) ++counts[slot];
  });
  logs_.SetFollowers(std::move(counts));
}

// True: there is more.
bool LogFollowers::ServeSlot(Connection& connection, int slot, const std::string& name) {
  LogCursor& cursor = connection.follow.cursors[name];
  if (!HasNews(logs_.table().header().slots[slot], cursor)) return false;
  LogCursor record = cursor;
  LogBudget budget;
  budget.lines = kLogStepLines;
  budget.bytes = kLogStepBytes;
  const LogBatch batch = ReadLines(logs_.table(), slot, &cursor, connection.follow.filter, budget);
  record.boot = cursor.boot;
  const Redactor& redactor = redactors_.Of(logs_.table(), slot);
  std::string text;
  for (const LogLine& line : batch.lines) {
    text.append(kLogNotificationHead);
    AppendJson(RecordOf(name, line, redactor, &record), &text);
    text.append(kNotificationTail);
  }
  if (!text.empty()) connection.Send(text);
  return batch.has_more;
}

// Each of its services once, from where the last call has stopped.
LogFollowers::Outcome LogFollowers::Serve(Connection& connection) {
  LogFollow& follow = connection.follow;
  bool has_more = false;
  auto next = follow.slots.lower_bound(follow.turn);
  for (std::size_t left = follow.slots.size(); left > 0; --left) {
    if (next == follow.slots.end()) next = follow.slots.begin();
    follow.turn = next->first;
    if (connection.ended() || connection.unsent() > kMaxAhead) return Outcome::kBehind;
    has_more = ServeSlot(connection, next->first, next->second) || has_more;
    ++next;
  }
  follow.turn = next == follow.slots.end() ? 0 : next->first;
  return has_more ? Outcome::kMore : Outcome::kAll;
}

// Whoever is behind goes on when it has read.
void LogFollowers::OnBell() {
  if (!logs_.usable()) return;
  const auto end = std::chrono::steady_clock::now() + kLogSlice;
  bool has_more = true;
  while (has_more && std::chrono::steady_clock::now() < end) {
    has_more = false;
    server_.ForEach([&](Connection& connection) {
      if (connection.follow.active && Serve(connection) == Outcome::kMore) has_more = true;
    });
  }
  if (has_more) Later();
}

void LogFollowers::Later() {
  if (again_) return;
  again_ = true;
  timers_.In(Millis(1), [this] {
    again_ = false;
    OnBell();
  });
}

}  // namespace foster
