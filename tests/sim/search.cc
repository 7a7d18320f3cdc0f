// SPDX-License-Identifier: MIT
#include "sim/search.h"

#include <algorithm>
#include <csignal>
#include <cstdio>
#include <cstring>
#include <deque>
#include <string>
#include <unordered_set>
#include <vector>

#include "core/service_machine.h"
#include "sim/fake_init.h"

namespace foster::sim {
namespace {

// Time stands still at kNow: after each event everything is moved back to it, so that states can be compared.
constexpr MonoTime kNow{Millis{1'000'000}};
constexpr Millis kLong{20'000};
constexpr Millis kShutdownTime{7'500};
constexpr std::uint64_t kCurrent = 5;
constexpr std::size_t kMaxStates = 400'000;

struct Node {
  ServiceRecord record;
  Verdict gates = Verdict::kOpen;
  MonoTime last_moment = kNoDeadline;  // set: shutting down
};

struct Shape {
  const char* name;
  ServiceSpec spec;
};

// One service, no engine: gates and shutdown are part of the searched state.
class SearchHost final : public MachineHost {
 public:
  GatesVerdict LookAtGates(ServiceId) override { return {gates, 1}; }
  void Emit(const Effect& effect) override { effects.push_back(effect); }
  void Changed(ServiceId) override {}
  void CameToRest(ServiceId) override {}
  MonoTime LastMoment() override { return last_moment; }
  MonoTime StopBefore(ServiceId) override { return last_moment; }
  void EndWorkload(ServiceId) override {}
  void HasEnded(ServiceId) override {}
  std::uint64_t NextLaunch() override { return 1; }

  Verdict gates = Verdict::kOpen;
  MonoTime last_moment = kNoDeadline;
  std::vector<Effect> effects;
};

class ShapeSearch {
 public:
  explicit ShapeSearch(const Shape& shape) : shape_(shape) {
    service_.spec = std::make_unique<ServiceSpec>(shape.spec);
  }
  std::size_t Run();

 private:
  void Visit(const Node& node);
  void Requests(const Node& node);
  void Processes(const Node& node);
  void Timers(const Node& node);
  void Restores(const Node& node);
  void EndsWhenStopped(const Node& node);
  template <class Function>
  void Try(const Node& from, const char* what, MonoTime now, bool is_stale, Function function);
  Node Step(const Node& from, MonoTime now, const auto& function);
  void Check(const Node& before, const Node& after, const char* what, MonoTime now) const;
  [[noreturn]] void Fail(const Node& before, const Node& after, const char* what, const char* why) const;
  void Normalise(Node& node, MonoTime now) const;
  static std::string KeyOf(const Node& node);

  const Shape& shape_;
  Service service_;
  SearchHost host_;
  std::deque<Node> open_;
  std::unordered_set<std::string> seen_;
};

bool HasProcess(const ServiceRecord& record) { return ServiceMachine::HasProcess(record); }

// What cannot make a difference any more is made equal, and times are rounded: young or old, due or not.
void ShapeSearch::Normalise(Node& node, MonoTime now) const {
  ServiceRecord& record = node.record;
  const RestartPolicy& policy = shape_.spec.restart;
  if (record.deadline != kNoDeadline)
    record.deadline = kNow + std::clamp(record.deadline - now, Millis{0}, 2 * kLong);
  if (record.running_since != MonoTime{})
    record.running_since = now - record.running_since < kLong ? kNow : kNow - kLong;
  record.spawned_at =
      record.state != State::kStarting ? MonoTime{} : kNow - std::min(now - record.spawned_at, kLong);
  record.since = kNow;
  if (node.last_moment != kNoDeadline)
    node.last_moment = now < node.last_moment ? kNow + kShutdownTime : kNow;
  if (record.incarnation != 0) record.incarnation = kCurrent;
  record.epoch = kCurrent;
  record.restarts = 0;
  const auto limit = [](std::uint32_t budget) { return budget == kUnlimited ? 0 : budget + 1; };
  record.failed_starts = std::min(record.failed_starts, limit(policy.start_retries));
  record.restarts_since_up = std::min(record.restarts_since_up, limit(policy.max_restarts));
  if (record.pid != 0) record.pid = 7;
  if (record.role_pid != 0) record.role_pid = 8;
  record.last_pid = 0;
  const bool is_ending = record.state == State::kStopping || record.state == State::kKilling ||
                         record.state == State::kFinishing;
  const bool is_failed_dependency =
      record.state == State::kFailed && record.cause.kind == CauseKind::kDependency;
  if (!is_ending && !is_failed_dependency) record.cause = {};
  if (record.cause.kind == CauseKind::kRequest || record.cause.kind == CauseKind::kReady) record.cause = {};
  if (!is_ending) record.last_exit = {};
  record.has_exited = false;
}

// The fields one by one: padding is nobody's value.
std::string ShapeSearch::KeyOf(const Node& node) {
  const ServiceRecord& r = node.record;
  std::string key;
  const auto add = [&key](auto value) {
    char bytes[sizeof value];
    std::memcpy(bytes, &value, sizeof value);
    key.append(bytes, sizeof value);
  };
  add(r.state), add(r.goal), add(r.role), add(r.incarnation), add(r.deadline), add(r.running_since),
      add(r.spawned_at);
  const unsigned flags = (r.pid != 0) | (r.role_pid != 0) << 1 | r.spawn_pending << 2 | r.lingering << 3 |
                         r.ready << 4 | r.restart_pending << 5 | r.has_run << 6 | r.was_up << 7 |
                         r.has_exited << 8;
  add(flags), add(r.restarts_since_up), add(r.failed_starts), add(r.last_exit.code), add(r.last_exit.signal);
  add(r.cause.kind), add(node.gates), add(node.last_moment);
  return key;
}

Node ShapeSearch::Step(const Node& from, MonoTime now, const auto& function) {
  service_.record = from.record;
  host_.gates = from.gates;
  host_.last_moment = from.last_moment;
  host_.effects.clear();
  ServiceMachine machine(service_, host_, now);
  function(machine);
  return {service_.record, host_.gates, host_.last_moment};
}

template <class Function>
void ShapeSearch::Try(const Node& from, const char* what, MonoTime now, bool is_stale, Function function) {
  Node after = Step(from, now, function);
  if (is_stale && (after.record.epoch != from.record.epoch || after.record.pid != from.record.pid)) {
    Fail(from, after, what, "a stale event was believed");
  }
  Check(from, after, what, now);
  Normalise(after, now);
  if (!seen_.insert(KeyOf(after)).second) return;
  if (seen_.size() > kMaxStates) Fail(from, after, what, "too many states");
  open_.push_back(after);
}

void ShapeSearch::Fail(const Node& before, const Node& after, const char* what, const char* why) const {
  const auto text = [](const Node& node) {
    const ServiceRecord& r = node.record;
    return std::string(NameOf(r.state)) + " (goal " + std::string(NameOf(r.goal)) + ", " +
           std::string(NameOf(r.role)) + (r.pid != 0 ? ", pid" : "") + (r.role_pid != 0 ? ", script" : "") +
           (r.spawn_pending ? ", pending" : "") + (r.lingering ? ", lingering" : "") +
           (r.restart_pending ? ", restart" : "") + ")";
  };
  throw Violation(std::string(shape_.name) + ": " + text(before) + " --" + what + "--> " + text(after) +
                  ": " + why);
}

void ShapeSearch::Check(const Node& before, const Node& after, const char* what, MonoTime now) const {
  const ServiceRecord& was = before.record;
  const ServiceRecord& is = after.record;
  const bool is_restore = std::strcmp(what, "restore") == 0;
  int spawns = 0;
  for (const Effect& effect : host_.effects) {
    if (effect.kind == EffectKind::kSpawn) {
      ++spawns;
      const bool by_itself = is.restarts != was.restarts;
      const bool is_start = effect.role == Role::kMain && !by_itself && !is_restore;
      if (is_start && after.gates != Verdict::kOpen) Fail(before, after, what, "started at a closed gate");
      if (effect.role == Role::kMain && after.last_moment != kNoDeadline && !is_restore) {
        Fail(before, after, what, "started while shutting down");
      }
    }
    if (effect.kind != EffectKind::kSignal || effect.signal != SIGKILL || is_restore) continue;
    const bool was_due = was.deadline != kNoDeadline && now >= was.deadline;
    if (!was_due && was.state != State::kKilling) Fail(before, after, what, "killed before its time");
  }
  if (spawns > 1) Fail(before, after, what, "spawned twice");
  if (spawns == 1 && was.spawn_pending && is.incarnation == was.incarnation && is.role == was.role) {
    Fail(before, after, what, "spawned while a spawn is on its way");
  }
  const bool is_wanted = is.goal != Goal::kDown;
  switch (is.state) {
    case State::kStopped:
      if (is_wanted || HasProcess(is)) Fail(before, after, what, "not at rest");
      break;
    case State::kWaiting:
      if (!is_wanted || HasProcess(is)) Fail(before, after, what, "does not just wait");
      break;
    case State::kBackoff:
      if (!is_wanted || HasProcess(is) || is.deadline == kNoDeadline)
        Fail(before, after, what, "has no timer");
      break;
    case State::kExited:
    case State::kFailed:
      if (HasProcess(is)) Fail(before, after, what, "forgot a process");
      break;
    case State::kStarting:
    case State::kRunning:
      if (!HasProcess(is) || is.role != Role::kMain) Fail(before, after, what, "has no process");
      if (!is_wanted && after.last_moment == kNoDeadline) Fail(before, after, what, "lives unwanted");
      break;
    case State::kStopping:
    case State::kKilling:
    case State::kFinishing:
      if (!HasProcess(is)) Fail(before, after, what, "waits for nobody");
      break;
  }
  if (is.pid != 0 && is.role_pid != 0) Fail(before, after, what, "two processes");
  if (is.lingering && is.deadline == kNoDeadline) Fail(before, after, what, "lingers for ever");
}

void ShapeSearch::Requests(const Node& node) {
  const Cause cause{.kind = CauseKind::kRequest};
  if (node.last_moment == kNoDeadline) {
    Try(node, "up", kNow, false, [&](ServiceMachine& m) { m.Up(Trigger::kUp, Goal::kUp, cause); });
    Try(node, "once", kNow, false, [&](ServiceMachine& m) { m.Up(Trigger::kOnce, Goal::kOnce, cause); });
    Try(node, "down", kNow, false, [&](ServiceMachine& m) { m.Down(Trigger::kDown, cause); });
    Try(node, "restart", kNow, false, [&](ServiceMachine& m) { m.Restart(Trigger::kRestart, cause); });
    Try(node, "shutdown", kNow, false, [&](ServiceMachine& m) {
      host_.last_moment = kNow + kShutdownTime;
      service_.record.goal = Goal::kDown;
      service_.record.restart_pending = false;
      if (HasProcess(service_.record) || m.HasDownToRun()) {
        m.Tighten();
      } else {
        m.Down(Trigger::kShutdown, cause);
      }
    });
    for (const Verdict verdict : {Verdict::kOpen, Verdict::kClosed, Verdict::kImpossible}) {
      Try(node, "gate", kNow, false, [&](ServiceMachine& m) {
        host_.gates = verdict;
        // As the engine does: only who waits, or has failed for it, is told.
        const ServiceRecord& record = service_.record;
        const bool listens = record.state == State::kWaiting ||
                             (record.state == State::kFailed && record.cause.kind == CauseKind::kDependency);
        if (listens) m.OnGateChanged();
      });
    }
  } else {
    Try(node, "turn", kNow, false, [&](ServiceMachine& m) { m.Down(Trigger::kShutdown, cause); });
  }
}

void ShapeSearch::Processes(const Node& node) {
  const std::uint64_t current = node.record.incarnation;
  constexpr ExitStatus kStatuses[] = {{0, 0}, {1, 0}, {125, 0}, {0, SIGKILL}};
  for (const std::uint64_t incarnation : {current, current - 1}) {
    const bool is_stale = incarnation != current;
    if (current == 0) continue;
    for (const Role role : {Role::kMain, Role::kFinish, Role::kDown}) {
      Event event{.kind = EventKind::kSpawned, .role = role, .incarnation = incarnation, .pid = 7};
      Try(node, "spawned", kNow, is_stale, [&](ServiceMachine& m) { m.OnSpawned(event); });
      event.error = 11;
      event.stage = 4;
      Try(node, "spawn failed", kNow, is_stale, [&](ServiceMachine& m) { m.OnSpawnFailed(event); });
      for (const ExitStatus& status : kStatuses) {
        for (const bool lingering : {false, true}) {
          event.status = status;
          event.lingering = lingering;
          Try(node, "exited", kNow, is_stale, [&](ServiceMachine& m) { m.OnExited(event); });
        }
      }
    }
    const Event event{.kind = EventKind::kTreeGone, .incarnation = incarnation};
    Try(node, "tree gone", kNow, is_stale, [&](ServiceMachine& m) { m.OnTreeGone(event); });
    Try(node, "ready", kNow, is_stale, [&](ServiceMachine& m) { m.OnReady(event); });
  }
}

void ShapeSearch::Timers(const Node& node) {
  const MonoTime due = node.record.deadline;
  const Event current{.kind = EventKind::kTimer, .epoch = node.record.epoch};
  const Event stale{.kind = EventKind::kTimer, .epoch = node.record.epoch - 1};
  Try(node, "stale timer", kNow, true, [&](ServiceMachine& m) { m.OnTimer(stale); });
  if (due == kNoDeadline) {
    Try(node, "timer without one", kNow, true, [&](ServiceMachine& m) { m.OnTimer(current); });
    Try(node, "time passes", kNow + kLong, true, [](ServiceMachine&) {});
    return;
  }
  if (due > kNow) Try(node, "early timer", kNow, true, [&](ServiceMachine& m) { m.OnTimer(current); });
  const MonoTime at = std::max(due, kNow);
  Try(node, "timer", at, false, [&](ServiceMachine& m) { m.OnTimer(current); });
}

void ShapeSearch::Restores(const Node& node) {
  const std::uint64_t incarnation = node.record.incarnation;
  const LiveChild live{.service = 0, .incarnation = incarnation, .pid = 7};
  const LiveChild newer{.service = 0, .incarnation = incarnation + 1, .pid = 7};
  const LiveChild script{.service = 0, .role = node.record.role, .incarnation = incarnation, .pid = 8};
  Try(node, "restore", kNow, false, [](ServiceMachine& m) { m.Reconcile(nullptr, nullptr); });
  if (incarnation != 0)
    Try(node, "restore", kNow, false, [&](ServiceMachine& m) { m.Reconcile(&live, nullptr); });
  if (node.record.role != Role::kMain) {
    Try(node, "restore", kNow, false, [&](ServiceMachine& m) { m.Reconcile(nullptr, &script); });
  } else if (!HasProcess(node.record)) {
    Try(node, "restore", kNow, false, [&](ServiceMachine& m) { m.Reconcile(&newer, nullptr); });
  }
}

// From everywhere: told to stop, with processes that end when they are signalled, it comes to rest.
void ShapeSearch::EndsWhenStopped(const Node& node) {
  const Cause cause{.kind = CauseKind::kRequest};
  Node at = Step(node, kNow, [&](ServiceMachine& m) { m.Down(Trigger::kDown, cause); });
  for (int i = 0; i < 20 && at.record.state != State::kStopped; ++i) {
    const ServiceRecord& record = at.record;
    const Event event{
        .kind = EventKind::kExited, .role = record.role, .incarnation = record.incarnation, .pid = 7};
    at = Step(at, kNow, [&](ServiceMachine& m) {
      if (service_.record.spawn_pending) return m.OnSpawned(event);
      if (service_.record.lingering) return m.OnTreeGone(event);
      m.OnExited(event);
    });
  }
  if (at.record.state != State::kStopped) Fail(node, at, "down", "does not come to rest");
}

void ShapeSearch::Visit(const Node& node) {
  Requests(node);
  Processes(node);
  Timers(node);
  Restores(node);
  if (node.last_moment == kNoDeadline) EndsWhenStopped(node);
}

std::size_t ShapeSearch::Run() {
  for (const Verdict verdict : {Verdict::kOpen, Verdict::kClosed, Verdict::kImpossible}) {
    Node node;
    node.gates = verdict;
    node.record.epoch = kCurrent;
    if (seen_.insert(KeyOf(node)).second) open_.push_back(node);
  }
  while (!open_.empty()) {
    const Node node = open_.front();
    open_.pop_front();
    Visit(node);
  }
  return seen_.size();
}

ServiceSpec Longrun() {
  ServiceSpec spec;
  spec.name = "it";
  spec.run.argv = {"run"};
  spec.restart.base = Millis{100};
  spec.restart.factor_percent = 100;
  return spec;
}

ServiceSpec Oneshot() {
  ServiceSpec spec = Longrun();
  spec.type = ServiceType::kOneshot;
  spec.restart.when = RestartWhen::kNever;
  return spec;
}

std::vector<Shape> Shapes() {
  std::vector<Shape> shapes;
  shapes.push_back({"longrun", Longrun()});
  ServiceSpec spec = Longrun();
  spec.readiness.start_time = Millis{1000};
  spec.restart.start_retries = 2;
  spec.restart.ending_delay = Millis{0};
  shapes.push_back({"longrun with start time and retries", spec});
  spec = Longrun();
  spec.readiness.notify_fd = 3;
  spec.timeouts.up = Millis{3000};
  spec.finish.argv = {"finish"};
  shapes.push_back({"longrun with notify fd, time limit and finish", spec});
  spec = Longrun();
  spec.finish.argv = {"finish"};
  spec.timeouts.finish = kForever;
  spec.stop.grace = kForever;
  spec.restart.when = RestartWhen::kOnFailure;
  spec.restart.max_restarts = 2;
  shapes.push_back({"longrun with finish, endless grace and budget", spec});
  spec = Longrun();
  spec.stop.grace = Millis{0};
  spec.restart.when = RestartWhen::kNever;
  spec.restart.retry_failed_start = false;
  spec.readiness.start_time = Millis{500};
  shapes.push_back({"longrun never restarted, no grace", spec});
  spec = Longrun();
  spec.broken = "cannot be run";
  shapes.push_back({"broken", spec});
  shapes.push_back({"oneshot", Oneshot()});
  spec = Oneshot();
  spec.down.argv = {"down"};
  spec.timeouts.up = Millis{2000};
  spec.timeouts.down = Millis{2000};
  spec.restart.retry_failed_start = false;
  shapes.push_back({"oneshot with down and time limits", spec});
  spec = Oneshot();
  spec.run.argv.clear();
  spec.down.argv = {"down"};
  shapes.push_back({"oneshot with down only", spec});
  spec.down.argv.clear();
  shapes.push_back({"empty oneshot", spec});
  return shapes;
}

}  // namespace

std::size_t SearchAllShapes(bool print) {
  std::size_t all = 0;
  for (const Shape& shape : Shapes()) {
    const std::size_t count = ShapeSearch(shape).Run();
    all += count;
    if (print) std::printf("%8zu states: %s\n", count, shape.name);
  }
  return all;
}

}  // namespace foster::sim
