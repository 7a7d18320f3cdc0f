// SPDX-License-Identifier: MIT
#include <algorithm>
#include <cstring>

#include "sim/search_node.h"

namespace foster::sim {
namespace {

bool IsUp(const ServiceRecord& record) {
  return record.state == State::kStarting || record.state == State::kRunning;
}

bool IsEnding(const ServiceRecord& record) {
  return record.state == State::kStopping || record.state == State::kKilling ||
         record.state == State::kFinishing;
}

// Young or old.
MonoTime Round(MonoTime at, MonoTime now) {
  if (at == MonoTime{}) return at;
  return now - at < kLong ? kNow : kNow - kLong;
}

// A timer beside that of the state may fire at any time.
void RoundTimers(ServiceRecord& record) {
  for (TimerRecord& timer : record.timers) {
    if (timer.deadline != kNoDeadline) timer.deadline = kNow;
    timer.epoch = kCurrent;
  }
}

void RoundProbe(ProbeRecord& line, const Probe& probe, bool is_up, MonoTime now) {
  line.number = kCurrent;
  if (!is_up) line = {.number = kCurrent};
  line.began = Round(line.began, now);
  if (line.has_passed) line.began = kNow;
  line.successes = line.passes ? 0 : std::min(line.successes, probe.success_threshold);
  line.failures = std::min(line.failures, probe.failure_threshold);
}

// Only those that still count, in their order.
void RoundRestarts(ServiceRecord& record, const RestartPolicy& policy, MonoTime now) {
  std::uint32_t recent = 0;
  for (const MonoTime at : record.restart_times) {
    const bool is_old = policy.budget_window != kForever && now - at >= policy.budget_window;
    if (at != MonoTime{} && !is_old) ++recent;
  }
  record.restart_times.fill(MonoTime{});
  recent = policy.budget == kUnlimited ? 0 : std::min(recent, policy.budget);
  std::fill_n(record.restart_times.begin(), recent, kNow);
  record.restart_head = recent;
}

// Of a cause only what decides something later.
Cause EssenceOf(const ServiceRecord& record) {
  const CauseKind kind = record.cause.kind;
  if (record.state == State::kWaiting) {
    if (kind == CauseKind::kSchedule || kind == CauseKind::kDemand) return {.kind = kind};
    return {.kind = CauseKind::kGate};
  }
  if (record.state == State::kFailed && kind == CauseKind::kDependency) return {.kind = kind};
  if (!IsEnding(record)) return {};
  if (kind == CauseKind::kExited || kind == CauseKind::kSignaled)
    return {.kind = kind, .status = record.cause.status};
  if (kind == CauseKind::kLost || kind == CauseKind::kSpawnFailed) return {.kind = kind};
  return {};
}

void RoundStop(ServiceRecord& record) {
  const bool is_end =
      record.stop_cause.kind == CauseKind::kExited || record.stop_cause.kind == CauseKind::kSignaled;
  record.stop_cause = IsEnding(record) && is_end ? Cause{.kind = CauseKind::kExited} : Cause{};
  if (record.waits_for_dependents) record.stop_cause = {.kind = CauseKind::kRequest};
  if (record.stop_pid != 0) record.stop_pid = 9;
  if (record.state != State::kStopping) record.stop_fell_back = false;
}

void RoundWords(ServiceRecord& record, const ServiceSpec& spec) {
  const bool is_up = IsUp(record);
  record.said_ready = record.said_ready && is_up;
  record.said_stopping = record.said_stopping && is_up;
  record.reloading = record.reloading && is_up;
  if (!is_up) record.watchdog = spec.liveness.watchdog;
  const bool may_be_named = spec.daemon.follow == Follow::kMainPid && is_up && record.named_pid != 0;
  record.named_pid = may_be_named ? 6 : 0;
}

void RoundCounts(ServiceRecord& record, const RestartPolicy& policy) {
  const auto limit = [](std::uint32_t most) { return most == kUnlimited ? 0 : most + 1; };
  record.failed_starts = std::min(record.failed_starts, limit(policy.start_retries));
  record.restarts_since_up = std::min(record.restarts_since_up, limit(policy.max_restarts));
  record.endings = std::min(record.endings, policy.grow_endings ? 3u : 0u);
  record.restarts = record.missed = 0;
  record.launch = 0;
  record.gates_opened = 0;
  record.gates_held = false;
}

}  // namespace

void Normalise(SearchNode& node, const ServiceSpec& spec, MonoTime now) {
  ServiceRecord& record = node.record;
  if (record.deadline != kNoDeadline)
    record.deadline = kNow + std::clamp(record.deadline - now, Millis{0}, 2 * kLong);
  record.running_since = Round(record.running_since, now);
  record.spawned_at =
      record.state != State::kStarting ? MonoTime{} : kNow - std::min(now - record.spawned_at, kLong);
  record.since = kNow;
  if (node.last_moment != kNoDeadline)
    node.last_moment = now < node.last_moment ? kNow + kShutdownTime : kNow;
  if (record.incarnation != 0) record.incarnation = kCurrent;
  record.epoch = kCurrent;
  if (record.pid != 0) record.pid = 7;
  if (record.role_pid != 0) record.role_pid = 8;
  record.last_pid = 0;
  RoundTimers(record);
  RoundProbe(ProbeOf(record, ProbeUse::kReadiness), spec.readiness.probe, IsUp(record), now);
  RoundProbe(ProbeOf(record, ProbeUse::kLiveness), spec.liveness.probe, IsUp(record), now);
  RoundProbe(ProbeOf(record, ProbeUse::kIdle), Probe{}, IsUp(record), now);
  RoundRestarts(record, spec.restart, now);
  record.cause = EssenceOf(record);
  RoundStop(record);
  RoundWords(record, spec);
  RoundCounts(record, spec.restart);
  if (!IsEnding(record)) record.last_exit = {};
  record.has_exited = false;
}

// The fields one by one: padding is nobody's value.
std::string KeyOf(const SearchNode& node) {
  const ServiceRecord& r = node.record;
  std::string key;
  key.reserve(256);
  const auto add = [&key](auto value) {
    char bytes[sizeof value];
    std::memcpy(bytes, &value, sizeof value);
    key.append(bytes, sizeof value);
  };
  const auto flags = [&add](std::initializer_list<bool> all) {
    unsigned bits = 0;
    for (const bool one : all) bits = bits << 1 | static_cast<unsigned>(one);
    add(bits);
  };
  add(r.state), add(r.goal), add(r.role), add(r.pin), add(r.deadline), add(r.running_since);
  add(r.spawned_at), add(r.after_stop), add(r.watchdog), add(r.quiet), add(r.restart_head);
  flags({r.incarnation != 0,
         r.pid != 0,
         r.role_pid != 0,
         r.spawn_pending,
         r.lingering,
         r.ready,
         r.restart_pending,
         r.has_run,
         r.was_up,
         r.waits_for_dependents,
         r.stop_pid != 0,
         r.stop_spawn_pending,
         r.stop_fell_back,
         r.following,
         r.follow_pending,
         r.named_pid != 0,
         r.said_ready,
         r.said_stopping,
         r.reloading,
         r.due,
         node.asked_schedule,
         node.awaits_demand});
  for (const ProbeRecord& line : r.probes) {
    flags({line.pending, line.passes, line.has_passed, line.has_succeeded});
    add(line.began), add(line.successes), add(line.failures);
  }
  unsigned timers = 0;
  for (const TimerRecord& timer : r.timers)
    timers = timers << 1 | static_cast<unsigned>(timer.deadline != kNoDeadline);
  add(timers), add(r.restarts_since_up), add(r.failed_starts), add(r.endings);
  add(r.last_exit.code), add(r.last_exit.signal), add(r.cause.kind), add(r.cause.status.code);
  add(r.cause.status.signal), add(r.stop_cause.kind), add(node.gates), add(node.last_moment);
  return key;
}

std::string TextOf(const SearchNode& node) {
  const ServiceRecord& r = node.record;
  std::string text = std::string(NameOf(r.state)) + " (goal " + std::string(NameOf(r.goal)) + ", " +
                     std::string(NameOf(r.role));
  const auto add = [&text](bool is_so, const char* word) {
    if (is_so) text += std::string(", ") + word;
  };
  add(r.pid != 0, "pid"), add(r.role_pid != 0, "script"), add(r.spawn_pending, "pending");
  add(r.lingering, "lingering"), add(r.restart_pending, "restart"), add(r.following, "following");
  add(r.follow_pending, "to be followed"), add(r.stop_pid != 0, "stop command");
  add(r.stop_spawn_pending, "stop pending"), add(r.due, "due"), add(r.ready, "ready");
  add(r.waits_for_dependents, "held back"), add(r.deadline != kNoDeadline, "timer");
  add(TimerOf(r, TimerKind::kSchedule).deadline != kNoDeadline, "time");
  add(node.asked_schedule, "asked for its time");
  add(r.pin == Pin::kDown, "pinned down"), add(r.pin == Pin::kUp, "pinned up");
  add(node.gates == Verdict::kClosed, "gates closed"), add(node.gates == Verdict::kImpossible, "no gate");
  add(node.last_moment != kNoDeadline, "shutdown");
  return text + ", cause " + std::to_string(static_cast<int>(r.cause.kind)) + ", after " +
         std::to_string(static_cast<int>(r.after_stop)) + ")";
}

}  // namespace foster::sim
