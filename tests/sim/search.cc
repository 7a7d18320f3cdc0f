// SPDX-License-Identifier: MIT
#include "sim/search.h"

#include <algorithm>
#include <csignal>
#include <cstdio>
#include <deque>
#include <string>
#include <unordered_set>
#include <vector>

#include "foster/init_protocol.h"
#include "sim/fake_init.h"
#include "sim/search_node.h"

namespace foster::sim {
namespace {

constexpr std::size_t kMaxStates = 400'000;
constexpr Millis kGap{60'000};
constexpr int kPermanent = 125;  // of a finish script
constexpr Verdict kVerdicts[] = {Verdict::kOpen, Verdict::kClosed, Verdict::kImpossible};
constexpr ProbeUse kUses[] = {ProbeUse::kReadiness, ProbeUse::kLiveness, ProbeUse::kIdle};

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
  bool TakeSpawnBack(ServiceId) override {
    return std::erase_if(effects, [](const Effect& effect) {
             return effect.kind == EffectKind::kSpawn && effect.role == Role::kMain;
           }) != 0;
  }
  std::uint64_t NextLaunch() override { return 1; }

  Verdict gates = Verdict::kOpen;
  MonoTime last_moment = kNoDeadline;
  bool asked_schedule = false;
  bool awaits_demand = false;
  std::vector<Effect> effects;
};

bool HasProcess(const ServiceRecord& record) { return ServiceMachine::HasProcess(record); }

// How an event is meant.
enum class Kind : std::uint8_t {
  kNews,
  kStale,    // must change nothing at all
  kRestore,  // supervise is another one
};

class ShapeSearch {
 public:
  explicit ShapeSearch(const SearchShape& shape) : shape_(shape) {
    service_.spec = std::make_unique<ServiceSpec>(shape.spec);
  }
  std::size_t Run();

 private:
  void Visit(const SearchNode& node);
  void Requests(const SearchNode& node);
  void Pins(const SearchNode& node);
  void Others(const SearchNode& node);
  void Processes(const SearchNode& node);
  void Probes(const SearchNode& node);
  void Notices(const SearchNode& node);
  void StateTimer(const SearchNode& node);
  void OtherTimers(const SearchNode& node);
  void Later(const SearchNode& node);
  void Restores(const SearchNode& node);
  void EndsWhenStopped(const SearchNode& node, bool is_deaf);
  void Shutdown(ServiceMachine& machine);
  void Goes(ServiceMachine& machine, bool is_deaf, bool was_killed);
  template <class Function>
  void Try(const SearchNode& from, const char* what, MonoTime now, Kind kind, Function function);
  SearchNode Step(const SearchNode& from, MonoTime now, const auto& function);
  [[noreturn]] void Fail(const SearchNode& before, const SearchNode& after, const char* what,
                         const char* why) const;
  const ServiceRecord& record() const { return service_.record; }

  const SearchShape& shape_;
  Service service_;
  SearchHost host_;
  std::deque<SearchNode> open_;
  std::unordered_set<std::string> seen_;
};

SearchNode ShapeSearch::Step(const SearchNode& from, MonoTime now, const auto& function) {
  service_.record = from.record;
  host_.gates = from.gates;
  host_.last_moment = from.last_moment;
  host_.asked_schedule = from.asked_schedule;
  host_.awaits_demand = from.awaits_demand;
  host_.effects.clear();
  ServiceMachine machine(service_, host_, now);
  function(machine);
  for (const Effect& effect : host_.effects) {
    const bool is_question = effect.kind == EffectKind::kSchedule;
    if (is_question) host_.asked_schedule = effect.epoch == TimerOf(record(), TimerKind::kSchedule).epoch;
    if (effect.kind == EffectKind::kAwaitDemand) host_.awaits_demand = true;
    if (effect.kind == EffectKind::kSpawn) host_.awaits_demand = false;
  }
  const bool asks_anew = std::any_of(host_.effects.begin(), host_.effects.end(), [](const Effect& effect) {
    return effect.kind == EffectKind::kSchedule;
  });
  const bool is_void = TimerOf(record(), TimerKind::kSchedule).epoch != kCurrent;
  if (is_void && !asks_anew) host_.asked_schedule = false;
  if (record().goal == Goal::kDown) host_.awaits_demand = host_.asked_schedule = false;
  return {service_.record, host_.gates, host_.last_moment, host_.asked_schedule, host_.awaits_demand};
}

template <class Function>
void ShapeSearch::Try(const SearchNode& from, const char* what, MonoTime now, Kind kind, Function function) {
  SearchNode after = Step(from, now, function);
  const SearchStep step{shape_.spec, from, after, host_.effects, now, kind == Kind::kRestore};
  if (const char* why = BrokenRule(step)) Fail(from, after, what, why);
  const SearchNode seen = after;
  Normalise(after, shape_.spec, now);
  std::string key = KeyOf(after);
  if (kind == Kind::kStale && key != KeyOf(from)) Fail(from, seen, what, "it should have changed nothing");
  if (!seen_.insert(std::move(key)).second) return;
  if (seen_.size() > kMaxStates) Fail(from, seen, what, "too many states");
  open_.push_back(after);
}

void ShapeSearch::Fail(const SearchNode& before, const SearchNode& after, const char* what,
                       const char* why) const {
  throw Violation(std::string(shape_.name) + ": " + TextOf(before) + " --" + what + "--> " + TextOf(after) +
                  ": " + why);
}

// As the engine does it.
void ShapeSearch::Shutdown(ServiceMachine& machine) {
  machine.Unwant();
  if (HasProcess(record()) || machine.HasDownToRun()) {
    machine.Tighten();
  } else {
    machine.Down(Trigger::kShutdown, {.kind = CauseKind::kShutdown});
  }
}

void ShapeSearch::Requests(const SearchNode& node) {
  const Cause cause{.kind = CauseKind::kRequest};
  Try(node, "up", kNow, Kind::kNews, [&](ServiceMachine& m) { m.Up(Trigger::kUp, Goal::kUp, cause); });
  Try(node, "needed", kNow, Kind::kNews,
      [&](ServiceMachine& m) { m.Up(Trigger::kUp, Goal::kUp, {.kind = CauseKind::kNeeded}); });
  Try(node, "once", kNow, Kind::kNews, [&](ServiceMachine& m) { m.Up(Trigger::kOnce, Goal::kOnce, cause); });
  Try(node, "down", kNow, Kind::kNews, [&](ServiceMachine& m) { m.Down(Trigger::kDown, cause); });
  Try(node, "restart", kNow, Kind::kNews, [&](ServiceMachine& m) { m.Restart(Trigger::kRestart, cause); });
  Try(node, "shutdown", kNow, Kind::kNews, [&](ServiceMachine& m) {
    host_.last_moment = kNow + kShutdownTime;
    Shutdown(m);
  });
  if (node.record.pin != Pin::kUp)
    Try(node, "hold back", kNow, Kind::kNews, [&](ServiceMachine& m) { m.HoldBack(Trigger::kDown, cause); });
  if (node.record.waits_for_dependents)
    Try(node, "release", kNow, Kind::kNews, [](ServiceMachine& m) { m.Release(); });
}

void ShapeSearch::Pins(const SearchNode& node) {
  Try(node, "let go", kNow, Kind::kNews, [&](ServiceMachine&) { service_.record.pin = Pin::kNone; });
  Try(node, "pin down", kNow, Kind::kNews, [&](ServiceMachine& m) {
    service_.record.pin = Pin::kDown;
    m.Down(Trigger::kPin, {.kind = CauseKind::kPinned});
  });
  Try(node, "pin up", kNow, Kind::kNews, [&](ServiceMachine& m) {
    service_.record.pin = Pin::kUp;
    m.Up(Trigger::kUp, Goal::kUp, {.kind = CauseKind::kRequest});
  });
}

// What other services and a new plan do to it, as the engine tells it.
void ShapeSearch::Others(const SearchNode& node) {
  for (const Verdict verdict : kVerdicts) {
    Try(node, "gate", kNow, Kind::kNews, [&](ServiceMachine& m) {
      host_.gates = verdict;
      const bool has_failed =
          record().state == State::kFailed && record().cause.kind == CauseKind::kDependency;
      if (record().goal == Goal::kDown) return;
      if (has_failed && verdict != Verdict::kImpossible) m.WaitAgain();
      if (record().state == State::kWaiting && verdict != Verdict::kClosed) m.OnGateChanged();
    });
  }
  const bool is_up = node.record.state == State::kStarting || node.record.state == State::kRunning ||
                     (node.record.state == State::kExited && node.record.was_up);
  if (is_up && node.record.goal != Goal::kDown) {
    Try(node, "stop along", kNow, Kind::kNews, [](ServiceMachine& m) { m.StopAlong(1); });
    Try(node, "restart along", kNow, Kind::kNews, [](ServiceMachine& m) { m.RestartAlong(1); });
  }
  Try(node, "another plan", kNow, Kind::kNews, [](ServiceMachine& m) {
    m.ForgetTime();
    m.OnProbeChanged(ProbeUse::kReadiness);
    m.OnProbeChanged(ProbeUse::kLiveness);
    m.SpecChanged({.kind = CauseKind::kReload});
  });
}

void ShapeSearch::Processes(const SearchNode& node) {
  const std::uint64_t current = node.record.incarnation;
  constexpr ExitStatus kStatuses[] = {{0, 0}, {1, 0}, {kPermanent, 0}, {0, SIGKILL}};
  const ServiceSpec& spec = shape_.spec;
  for (const std::uint64_t incarnation : {current, current - 1}) {
    const Kind kind = incarnation == current ? Kind::kNews : Kind::kStale;
    if (current == 0) continue;
    for (const Role role : {Role::kMain, Role::kFinish, Role::kDown, Role::kStop}) {
      if (role == Role::kFinish && spec.finish.argv.empty()) continue;
      if (role == Role::kDown && spec.down.argv.empty()) continue;
      if (role == Role::kStop && spec.stop.command.argv.empty()) continue;
      Event event{.kind = EventKind::kSpawned, .role = role, .incarnation = incarnation, .pid = 7};
      Try(node, "spawned", kNow, kind, [&](ServiceMachine& m) { m.OnSpawned(event); });
      for (const ExitStatus& status : kStatuses) {
        if (kind == Kind::kStale && status.code != 0) continue;
        if (status.code == kPermanent && role != Role::kFinish) continue;
        for (const bool lingering : {false, true}) {
          event.status = status;
          event.lingering = lingering;
          Try(node, "exited", kNow, kind, [&](ServiceMachine& m) { m.OnExited(event); });
        }
      }
      event.error = 11;
      event.stage = 4;
      Try(node, "spawn failed", kNow, kind, [&](ServiceMachine& m) { m.OnSpawnFailed(event); });
      const Kind gone = role == Role::kMain ? kind : Kind::kStale;
      Try(node, "tree gone", kNow, gone, [&](ServiceMachine& m) { m.OnTreeGone(event); });
    }
    const Event event{.kind = EventKind::kReady, .incarnation = incarnation};
    Try(node, "ready", kNow, kind, [&](ServiceMachine& m) { m.OnReady(event); });
  }
}

void ShapeSearch::Probes(const SearchNode& node) {
  const std::uint64_t current = node.record.incarnation;
  for (const ProbeUse use : kUses) {
    const bool is_idle = use == ProbeUse::kIdle && shape_.spec.idle_stop > Millis{0};
    const Probe& probe =
        use == ProbeUse::kLiveness ? shape_.spec.liveness.probe : shape_.spec.readiness.probe;
    if (!is_idle && probe.kind == ProbeKind::kNone) continue;
    for (const bool success : {true, false}) {
      Event event{.kind = EventKind::kProbeDone,
                  .incarnation = current,
                  .probe = use,
                  .number = kCurrent,
                  .success = success};
      const Kind kind = ProbeOf(node.record, use).pending ? Kind::kNews : Kind::kStale;
      Try(node, "probe done", kNow, kind, [&](ServiceMachine& m) { m.OnProbeDone(event); });
      event.number = kCurrent - 1;
      Try(node, "another probe done", kNow, Kind::kStale, [&](ServiceMachine& m) { m.OnProbeDone(event); });
      event.number = kCurrent;
      event.incarnation = current - 1;
      Try(node, "probe of another life", kNow, Kind::kStale,
          [&](ServiceMachine& m) { m.OnProbeDone(event); });
    }
  }
}

void ShapeSearch::Notices(const SearchNode& node) {
  const ServiceSpec& spec = shape_.spec;
  const bool is_watched = spec.liveness.watchdog > Millis{0};
  const bool is_daemon = spec.daemon.follow != Follow::kNone;
  const std::uint64_t current = node.record.incarnation;
  for (const std::uint64_t incarnation : {current, current - 1}) {
    const Kind kind = incarnation == current ? Kind::kNews : Kind::kStale;
    const auto say = [&](Notice notice, Millis span) {
      const Event event{
          .kind = EventKind::kNotice, .incarnation = incarnation, .pid = 6, .notice = notice, .span = span};
      Try(node, "notice", kNow, kind, [&](ServiceMachine& m) { m.OnNotice(event); });
    };
    say(Notice::kExtendTimeout, kLong);
    for (const Notice notice : {Notice::kReloading, Notice::kStopping}) {
      if (is_watched) say(notice, {});
    }
    for (const Millis span : {Millis{0}, spec.liveness.watchdog}) {
      if (is_watched) say(Notice::kWatchdogInterval, span);
    }
    for (const Notice notice : {Notice::kWatchdog, Notice::kWatchdogTrigger}) {
      if (is_watched) say(notice, {});
    }
    if (is_daemon) say(Notice::kMainPid, {});
    for (const std::int32_t pid : {0, 7}) {
      const Event event{.kind = EventKind::kFollowed, .incarnation = incarnation, .pid = pid};
      if (is_daemon) Try(node, "followed", kNow, kind, [&](ServiceMachine& m) { m.OnFollowed(event); });
    }
  }
}

void ShapeSearch::StateTimer(const SearchNode& node) {
  const MonoTime due = node.record.deadline;
  const Event current{.kind = EventKind::kTimer, .epoch = node.record.epoch};
  const Event stale{.kind = EventKind::kTimer, .epoch = node.record.epoch - 1};
  Try(node, "stale timer", kNow, Kind::kStale, [&](ServiceMachine& m) { m.OnTimer(stale); });
  if (due == kNoDeadline) {
    Try(node, "timer without one", kNow, Kind::kStale, [&](ServiceMachine& m) { m.OnTimer(current); });
    Try(node, "time passes", kNow + kLong, Kind::kNews, [](ServiceMachine&) {});
    return;
  }
  if (due > kNow)
    Try(node, "early timer", kNow, Kind::kStale, [&](ServiceMachine& m) { m.OnTimer(current); });
  const MonoTime at = std::max(due, kNow);
  Try(node, "timer", at, Kind::kNews, [&](ServiceMachine& m) { m.OnTimer(current); });
}

void ShapeSearch::OtherTimers(const SearchNode& node) {
  for (std::size_t i = 1; i < kTimerKinds; ++i) {
    const auto kind = static_cast<TimerKind>(i);
    const bool is_set = TimerOf(node.record, kind).deadline != kNoDeadline;
    if (!is_set && kind != TimerKind::kWatchdog) continue;
    const Event current{.kind = EventKind::kTimer, .epoch = kCurrent, .timer = kind};
    const Event stale{.kind = EventKind::kTimer, .epoch = kCurrent - 1, .timer = kind};
    Try(node, "other timer", kNow, is_set ? Kind::kNews : Kind::kStale,
        [&](ServiceMachine& m) { m.OnTimer(current); });
    Try(node, "stale other timer", kNow, Kind::kStale, [&](ServiceMachine& m) { m.OnTimer(stale); });
    if (!is_set) continue;
    Try(node, "early other timer", kNow, Kind::kStale, [&](ServiceMachine& m) {
      TimerOf(service_.record, kind).deadline = kNow + Millis{1};
      m.OnTimer(current);
    });
  }
  // The machine stands still: nobody notices.
  Try(node, "gap", kNow + kGap, Kind::kStale, [&](ServiceMachine& m) {
    if (host_.last_moment != kNoDeadline) host_.last_moment += kGap;
    m.MoveTime(kGap);
  });
}

void ShapeSearch::Later(const SearchNode& node) {
  const bool is_scheduled = shape_.spec.schedule.kind != ScheduleKind::kNone;
  const auto answer = [&](const char* what, MonoTime due) {
    const std::uint64_t asked = TimerOf(node.record, TimerKind::kSchedule).epoch;
    const Event event{.kind = EventKind::kNextDue, .epoch = asked, .deadline = due};
    Try(node, what, kNow, is_scheduled ? Kind::kNews : Kind::kStale, [&](ServiceMachine& m) {
      host_.asked_schedule = false;
      m.OnNextDue(event);
    });
  };
  if (node.asked_schedule || !is_scheduled) {
    answer("next due", kNow + kLong);
    answer("never due", kNoDeadline);
  }
  const bool waits = node.record.state == State::kWaiting && node.record.cause.kind == CauseKind::kDemand;
  Try(node, "demand", kNow, waits ? Kind::kNews : Kind::kStale, [&](ServiceMachine& m) {
    if (waits) host_.awaits_demand = false;
    m.OnDemand();
  });
  const Event failure{.kind = EventKind::kSpawnFailed,
                      .incarnation = node.record.incarnation,
                      .stage = kStageSocket,
                      .error = 98};
  if (!waits) return;
  Try(node, "no socket", kNow, Kind::kNews, [&](ServiceMachine& m) {
    host_.awaits_demand = false;
    m.OnSpawnFailed(failure);
  });
}

// Everything that init may have of it, likely or not.
void ShapeSearch::Restores(const SearchNode& node) {
  const std::uint64_t incarnation = node.record.incarnation;
  const Role script_role = node.record.role == Role::kMain ? Role::kDown : node.record.role;
  const LiveChild live{.service = 0, .incarnation = incarnation, .pid = 7};
  const LiveChild lingering{.service = 0, .incarnation = incarnation, .pid = 7, .lingering = true};
  const LiveChild failed{.service = 0, .incarnation = incarnation, .pid = 0, .lingering = true};
  const LiveChild newer{.service = 0, .incarnation = incarnation + 1, .pid = 7};
  const LiveChild script{.service = 0, .role = script_role, .incarnation = incarnation, .pid = 8};
  const LiveChild stop{.service = 0, .role = Role::kStop, .incarnation = incarnation, .pid = 9};
  const auto come_back = [&](const LiveChild* main, const LiveChild* extra, const LiveChild* with_stop) {
    Try(node, "restore", kNow, Kind::kRestore, [&](ServiceMachine& m) {
      host_.awaits_demand = host_.asked_schedule = false;
      host_.last_moment = kNoDeadline;
      m.Reconcile(main, extra, with_stop);
      m.Resume();
      host_.last_moment = node.last_moment;
      if (node.last_moment != kNoDeadline) Shutdown(m);
    });
  };
  come_back(nullptr, nullptr, nullptr);
  if (incarnation == 0) return;
  for (const LiveChild* main : {&live, &lingering, &failed}) come_back(main, nullptr, nullptr);
  come_back(nullptr, &script, nullptr);
  come_back(nullptr, nullptr, &stop);
  come_back(&live, nullptr, &stop);
  if (node.record.role == Role::kMain && !HasProcess(node.record)) come_back(&newer, nullptr, nullptr);
}

// What is there hears of its stop and ends; the deaf end when they are killed.
void ShapeSearch::Goes(ServiceMachine& machine, bool is_deaf, bool was_killed) {
  Event event{.kind = EventKind::kExited,
              .role = record().role,
              .incarnation = record().incarnation,
              .pid = 7,
              .status = {0, was_killed ? SIGKILL : SIGTERM}};
  if (record().spawn_pending) return machine.OnSpawned(event);
  const bool has_stop = ServiceMachine::StopCommandLives(record());
  const bool waits = is_deaf && !was_killed && record().deadline != kNoDeadline;
  if (has_stop) event.role = Role::kStop;
  if (record().stop_spawn_pending) return machine.OnSpawned(event);
  if (waits) return machine.OnTimer({.kind = EventKind::kTimer, .epoch = record().epoch});
  if (has_stop) return machine.OnExited(event);
  if (record().lingering && record().pid == 0) return machine.OnTreeGone(event);
  machine.OnExited(event);
}

// From everywhere it comes to rest, when it is told to or when there is a shutdown.
void ShapeSearch::EndsWhenStopped(const SearchNode& node, bool is_deaf) {
  SearchNode at = Step(node, kNow, [&](ServiceMachine& m) {
    service_.record.pin = Pin::kNone;
    const bool is_shutdown = node.last_moment != kNoDeadline;
    m.Down(is_shutdown ? Trigger::kShutdown : Trigger::kDown, {.kind = CauseKind::kRequest});
  });
  MonoTime now = kNow;
  for (int i = 0; i < 40 && at.record.state != State::kStopped; ++i) {
    const bool was_killed = std::any_of(host_.effects.begin(), host_.effects.end(), [](const Effect& effect) {
      return effect.kind == EffectKind::kSignal && effect.signal == SIGKILL;
    });
    if (is_deaf && at.record.deadline != kNoDeadline) now = std::max(now, at.record.deadline);
    at = Step(at, now, [&](ServiceMachine& m) { Goes(m, is_deaf, was_killed); });
  }
  if (at.record.state != State::kStopped) Fail(node, at, "down", "does not come to rest");
}

void ShapeSearch::Visit(const SearchNode& node) {
  if (node.last_moment == kNoDeadline) {
    Requests(node);
    Pins(node);
    Others(node);
  } else {
    Try(node, "turn", kNow, Kind::kNews,
        [](ServiceMachine& m) { m.Down(Trigger::kShutdown, {.kind = CauseKind::kShutdown}); });
  }
  Processes(node);
  Probes(node);
  Notices(node);
  StateTimer(node);
  OtherTimers(node);
  Later(node);
  Restores(node);
  for (const bool is_deaf : {false, true}) EndsWhenStopped(node, is_deaf);
}

std::size_t ShapeSearch::Run() {
  for (const Verdict verdict : kVerdicts) {
    SearchNode node;
    node.gates = verdict;
    Normalise(node, shape_.spec, kNow);
    if (seen_.insert(KeyOf(node)).second) open_.push_back(node);
  }
  while (!open_.empty()) {
    const SearchNode node = open_.front();
    open_.pop_front();
    Visit(node);
  }
  return seen_.size();
}

}  // namespace

std::size_t SearchAllShapes(bool print) {
  std::size_t all = 0;
  for (const SearchShape& shape : SearchShapes()) {
    const std::size_t count = ShapeSearch(shape).Run();
    all += count;
    if (print) std::printf("%8zu states: %s\n", count, shape.name);
    if (print) std::fflush(stdout);
  }
  return all;
}

}  // namespace foster::sim
