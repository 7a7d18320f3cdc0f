// SPDX-License-Identifier: MIT
#include "sim/world.h"

#include <algorithm>
#include <cstdio>

#include "sim/random_plan.h"

namespace foster::sim {
namespace {

constexpr std::uint64_t kMaxSteps = 200'000;
constexpr std::size_t kPastLength = 64;
// More than all that may come after the last KILL: a death that takes its time, and init's messages.
constexpr Millis kPatience{120'000};

std::uint32_t RandomUniverse(Random& random) { return 1 + random.Below(random.Percent(65) ? 6 : 30); }

}  // namespace

World::World(std::uint64_t seed, bool trace, bool plain, Coverage* coverage)
    : random_(seed),
      trace_(trace),
      plain_(plain),
      coverage_(coverage),
      universe_(RandomUniverse(random_)),
      init_(random_, agenda_, universe_),
      outside_(random_, agenda_, universe_),
      checker_(universe_),
      ledger_(universe_),
      engine_(std::make_unique<Engine>()),
      timers_(universe_) {
  for (std::uint32_t i = 0; i < universe_; ++i) names_.push_back("s" + std::to_string(i));
}

void World::PlanHistory() {
  const auto add = [this](HappeningKind kind, std::uint32_t within) {
    agenda_.Add(
        {.at = now_ + Millis{random_.Below(within)}, .kind = kind, .number = random_.Below(universe_)});
  };
  const std::uint32_t length = random_.Percent(20) ? 200 : 3000 + random_.Below(25000);
  for (std::uint32_t i = random_.Below(20 + 2 * universe_); i > 0; --i) add(HappeningKind::kRequest, length);
  for (std::uint32_t i = random_.Below(5); i > 0; --i) add(HappeningKind::kReload, length);
  for (std::uint32_t i = random_.Below(40); i > 0; --i) add(HappeningKind::kReplay, length);
  for (std::uint32_t i = plain_ ? 0 : random_.Below(30); i > 0; --i) add(HappeningKind::kTalk, length);
  for (std::uint32_t i = !plain_ && random_.Percent(20) ? 1 + random_.Below(2) : 0; i > 0; --i)
    add(HappeningKind::kGap, length + 2000);
  will_crash_ = random_.Percent(40);
  for (std::uint32_t i = will_crash_ ? 1 + random_.Below(3) : 0; i > 0; --i)
    add(HappeningKind::kCrash, length + 3000);
  add(HappeningKind::kShutdown, length);
  if (random_.Percent(20)) add(HappeningKind::kShutdown, length + 3000);
}

void World::Run() {
  plan_ = RandomPlan(random_, universe_, plain_);
  if (trace_) TracePlan();
  PlanHistory();
  Call(CallKind::kPlan, [this] { engine_->Apply(plan_, now_); });
  while (all_stopped_ == 0 || engine_ == nullptr) {
    if (agenda_.empty()) throw Violation("nothing happens any more, and it has not ended");
    if (++steps_ > kMaxSteps) throw Violation("does not come to an end");
    const Happening happening = agenda_.Take();
    now_ = std::max(now_, happening.at);
    if (shutdown_called_ && now_ > shutdown_deadline_ + kPatience)
      throw Violation("the shutdown does not end");
    Happen(happening);
  }
  CheckEnd();
}

void World::Happen(const Happening& happening) {
  switch (happening.kind) {
    case HappeningKind::kExit:
    case HappeningKind::kReady:
    case HappeningKind::kTreeEnds:
      init_.Happens(happening, now_);
      return;
    case HappeningKind::kComeBack:
      ComeBack();
      return;
    case HappeningKind::kShutdown:
      CallShutdown();
      return;
    case HappeningKind::kDeliver:
      if (happening.life == life_ && engine_) return Deliver(happening.number, happening.event);
      if (coverage_ != nullptr) coverage_->SeeLost(happening.event);
      return;
    case HappeningKind::kTimer:
      if (happening.life == life_ && engine_) FireTimer(happening);
      return;
    case HappeningKind::kRequest:
      if (engine_) Request(happening.number);
      return;
    case HappeningKind::kReload:
      if (engine_) Reload();
      return;
    case HappeningKind::kReplay:
      if (engine_) Replay();
      return;
    case HappeningKind::kTalk:
      Talk(happening.number);
      return;
    case HappeningKind::kGap:
      StandStill();
      return;
    case HappeningKind::kCrash:
      if (engine_ && random_.Percent(50)) {
        Crash();
      } else {
        crash_in_next_call_ = true;
      }
      return;
  }
}

template <class Function>
void World::Call(CallKind kind, Function function) {
  checker_.Before(*engine_);
  ledger_.Before(*engine_);
  function();
  if (will_crash_) Save();
  if (coverage_ != nullptr) coverage_->See(*engine_);
  checker_.Observe(*engine_, init_, plan_, kind, now_);
  ledger_.Observe(*engine_, plan_, now_);
  Perform();
  if (engine_) checker_.After(*engine_, init_, outside_, timers_);
}

void World::Save() {
  saved_.clear();
  for (ServiceId id = 0; id < engine_->capacity(); ++id) {
    if (engine_->Exists(id))
      saved_.push_back({names_[NumberOf(engine_->spec(id).name)], engine_->record(id)});
  }
}

// All of them, or those that are done before the crash.
void World::Perform() {
  const std::vector<Effect> effects(engine_->effects().begin(), engine_->effects().end());
  engine_->ClearEffects();
  std::size_t count = effects.size();
  if (crash_in_next_call_ && count != 0) count = random_.Below(static_cast<std::uint32_t>(count));
  for (std::size_t i = 0; i < count; ++i) PerformOne(effects[i]);
  if (count == effects.size()) return;
  crash_in_next_call_ = false;
  Crash();
}

void World::PerformOne(const Effect& effect) {
  if (trace_) TraceEffect(effect);
  if (effect.kind == EffectKind::kAllStopped) {
    if (++all_stopped_ != 1) throw Violation("all stopped twice");
    return;
  }
  const ServiceSpec& spec = engine_->spec(effect.service);
  const std::uint32_t number = NumberOf(spec.name);
  switch (effect.kind) {
    case EffectKind::kSpawn:
      init_.Spawn(number, spec, effect, now_);
      break;
    case EffectKind::kSignal:
      init_.Signal(number, effect, now_);
      break;
    case EffectKind::kArmTimer:
      Arm(number, effect);
      break;
    case EffectKind::kProbe:
      outside_.Probe(number, spec, effect, now_);
      break;
    case EffectKind::kFollow:
      init_.Follow(number, effect, now_);
      break;
    case EffectKind::kStopKeys:
      init_.Press(number, effect, now_);
      break;
    case EffectKind::kAwaitDemand:
      outside_.AwaitDemand(number, effect, now_);
      break;
    case EffectKind::kSchedule:
      outside_.AskSchedule(number, effect, now_);
      break;
    case EffectKind::kEndContainer:
      agenda_.Add({.at = now_, .kind = HappeningKind::kShutdown});
      break;
    case EffectKind::kRemoved:
      timers_[number] = {};
      break;
    case EffectKind::kChanged:
    case EffectKind::kAllStopped:
      break;
  }
}

void World::Arm(std::uint32_t number, const Effect& effect) {
  timers_[number][static_cast<std::size_t>(effect.timer)] = {effect.epoch, effect.deadline};
  if (effect.deadline == kNoDeadline) return;
  const Millis late{random_.Percent(95) ? random_.Below(3) : random_.Below(500)};
  const Millis early{random_.Percent(3) ? 2 : 0};
  agenda_.Add({.at = std::max(now_, effect.deadline + late - early),
               .kind = HappeningKind::kTimer,
               .number = number,
               .life = life_,
               .event = {.kind = EventKind::kTimer, .epoch = effect.epoch, .timer = effect.timer}});
}

void World::Deliver(std::uint32_t number, Event event) {
  event.service = engine_->Find(names_[number]);
  init_.Delivered(number, event);
  outside_.Delivered(number, event);
  if (event.service == kNoService) return;
  if (event.kind == EventKind::kProbeDone) ledger_.Answered(*engine_, event);
  const bool is_end = event.kind == EventKind::kExited || event.kind == EventKind::kTreeGone;
  if (is_end) ledger_.Ended(*engine_, event);
  ledger_.Asked(number, event);
  if (past_.size() == kPastLength) past_.erase(past_.begin());
  past_.push_back({number, event});
  if (trace_) {
    Trace("event " + std::to_string(static_cast<int>(event.kind)) + " " + names_[number] + " " +
          std::string(NameOf(event.role)) + " #" + std::to_string(event.incarnation) + " code " +
          std::to_string(event.status.code) + " signal " + std::to_string(event.status.signal) +
          (event.lingering ? " lingering" : "") + ", is " +
          std::string(NameOf(engine_->record(event.service).state)));
  }
  Call(CallKind::kStep, [&] { engine_->Step(event, now_); });
}

// A timer that was replaced may still come: it was on its way.
void World::FireTimer(const Happening& happening) {
  ArmedTimer& timer = timers_[happening.number][static_cast<std::size_t>(happening.event.timer)];
  const bool is_current = timer.epoch == happening.event.epoch && timer.deadline != kNoDeadline;
  if (!is_current && !random_.Percent(30)) return;
  if (is_current) timer = {};
  Deliver(happening.number, happening.event);
}

void World::Request(std::uint32_t number) {
  constexpr EventKind kKinds[] = {EventKind::kUp,      EventKind::kUp,   EventKind::kDown,   EventKind::kDown,
                                  EventKind::kRestart, EventKind::kOnce, EventKind::kRestart};
  if (!plain_ && random_.Percent(8)) {
    Deliver(number, {.kind = EventKind::kPin, .pin = static_cast<Pin>(random_.Below(3))});
    return;
  }
  Deliver(number, {.kind = kKinds[random_.Below(7)], .alone = random_.Percent(30)});
}

// Mostly of the life that is there.
void World::Talk(std::uint32_t number) {
  if (!engine_ || engine_->Find(names_[number]) == kNoService) return;
  const ServiceRecord& record = engine_->record(engine_->Find(names_[number]));
  const std::uint64_t late = random_.Percent(10) ? 1 : 0;
  if (record.incarnation > late) outside_.Talk(number, record.incarnation - late, now_);
}

// Everything that was to come comes later; only then does supervise, the first to look, find it out.
void World::StandStill() {
  if (!engine_) return;
  const Millis gap{1000 + random_.Below(60000)};
  if (trace_) Trace("stands still for " + std::to_string(gap.count()));
  now_ += gap;
  agenda_.Delay(gap);
  init_.Move(gap);
  checker_.Move(gap);
  ledger_.Move(gap);
  if (shutdown_called_) shutdown_deadline_ += gap;
  Call(CallKind::kGap, [&] { engine_->MoveTime(gap, now_); });
}

void World::Reload() {
  if (shutdown_called_) return;
  plan_ = ChangedPlan(random_, plan_, universe_, plain_);
  if (trace_) Trace("reload");
  if (trace_) TracePlan();
  ledger_.Planned(*engine_);
  Call(CallKind::kPlan, [this] { engine_->Apply(plan_, now_); });
}

// What is of an earlier life, or of an earlier timer, comes once more. It must change nothing.
void World::Replay() {
  if (past_.empty()) return;
  const Past& past = past_[random_.Below(static_cast<std::uint32_t>(past_.size()))];
  Event event = past.event;
  event.service = engine_->Find(names_[past.number]);
  if (event.service == kNoService) return;
  const ServiceRecord before = engine_->record(event.service);
  const bool is_timer = event.kind == EventKind::kTimer;
  const bool is_process = event.kind >= EventKind::kSpawned && event.kind <= EventKind::kReady;
  const bool is_word = event.kind == EventKind::kProbeDone || event.kind == EventKind::kNotice ||
                       event.kind == EventKind::kFollowed;
  const std::uint64_t epoch =
      event.timer == TimerKind::kState ? before.epoch : TimerOf(before, event.timer).epoch;
  const bool is_stale = (is_timer && event.epoch < epoch) ||
                        ((is_process || is_word) && event.incarnation < before.incarnation);
  if (!is_stale) return;
  if (trace_) Trace("replay for " + names_[past.number]);
  Call(CallKind::kStep, [&] { engine_->Step(event, now_); });
  if (engine_ && engine_->record(event.service).epoch != before.epoch)
    throw Violation("a stale event was believed");
}

void World::CallShutdown() {
  if (!engine_) {  // supervise is away: it is told when it is back
    agenda_.Add({.at = now_ + Millis{500}, .kind = HappeningKind::kShutdown});
    return;
  }
  const MonoTime deadline = now_ + Millis{1000 + random_.Below(9000)};
  if (trace_) Trace("shutdown");
  shutdown_deadline_ = shutdown_called_ ? std::min(deadline, shutdown_deadline_) : deadline;
  shutdown_called_ = true;
  checker_.ShutdownCalled(now_, deadline);
  Call(CallKind::kShutdown, [&] { engine_->Shutdown(now_, deadline); });
}

void World::Crash() {
  if (trace_) Trace("crash");
  engine_.reset();
  ++life_;
  for (ArmedTimers& timers : timers_) timers = {};
  agenda_.Add({.at = now_ + Millis{random_.Below(2000)}, .kind = HappeningKind::kComeBack});
}

void World::ComeBack() {
  if (trace_) Trace("comes back");
  const std::vector<Engine::Saved> saved = saved_;
  engine_ = std::make_unique<Engine>();
  std::vector<LiveChild> children;
  for (const FakeInit::Entry& entry : init_.Table()) {
    const auto spec =
        std::find_if(plan_.services.begin(), plan_.services.end(),
                     [&](const ServiceSpec& candidate) { return candidate.name == names_[entry.number]; });
    if (spec == plan_.services.end()) {
      init_.Abandon(entry.number);
      ledger_.Forget(entry.number);
      continue;
    }
    children.push_back(entry.child);
    children.back().service = static_cast<ServiceId>(spec - plan_.services.begin());
  }
  init_.TellHeld(life_, now_);
  outside_.set_life(life_);
  // In the middle of a shutdown the owner calls it again at once: between the two nothing is performed.
  Call(CallKind::kPlan, [&] {
    engine_->Restore(plan_, saved, children, now_);
    if (shutdown_called_) engine_->Shutdown(now_, shutdown_deadline_);
  });
}

void World::CheckEnd() {
  for (std::uint32_t number = 0; number < universe_; ++number) {
    if (init_.HasLive(number)) throw Violation("all stopped, but alive: " + names_[number]);
  }
  for (int i = 0; i < 20; ++i) {
    Request(random_.Below(universe_));
    if (!engine_) return;
  }
  for (ServiceId id = 0; id < engine_->capacity(); ++id) {
    if (engine_->Exists(id) && engine_->record(id).state != State::kStopped)
      throw Violation("up after all stopped");
  }
}

void World::Trace(const std::string& text) const {
  std::printf("%8lld %s\n", static_cast<long long>(now_.time_since_epoch().count()), text.c_str());
}

void World::TracePlan() const {
  for (const ServiceSpec& spec : plan_.services) {
    std::string text = "  " + spec.name + " " + std::string(NameOf(spec.type)) +
                       (spec.internal ? " internal" : "") + (spec.broken.empty() ? "" : " broken");
    if (spec.schedule.kind != ScheduleKind::kNone) text += " scheduled";
    if (spec.activation == Activation::kOnDemand) text += " on demand";
    if (spec.daemon.follow != Follow::kNone) text += " daemon";
    for (const Gate& gate : spec.gates) {
      text += " " + gate.service + ":" + std::string(NameOf(gate.kind)) + "/" +
              std::string(NameOf(gate.strength)) + (gate.stop_along ? "+stop" : "") +
              (gate.restart_along ? "+restart" : "");
    }
    Trace(text);
  }
}

void World::TraceEffect(const Effect& effect) const {
  constexpr const char* kNames[] = {"spawn", "signal", "arm",    "changed",      "removed",  "all stopped",
                                    "probe", "keys",   "follow", "await demand", "schedule", "end container"};
  std::string text = std::string("  -> ") + kNames[static_cast<int>(effect.kind)];
  if (effect.service != kNoService) {
    const ServiceRecord& record = engine_->record(effect.service);
    text += " " + engine_->spec(effect.service).name + " " + std::string(NameOf(effect.role)) + " #" +
            std::to_string(effect.incarnation) + " signal " + std::to_string(effect.signal) + ", is " +
            std::string(NameOf(record.state)) + ", goal " + std::string(NameOf(record.goal));
    if (effect.deadline != kNoDeadline)
      text += ", at " + std::to_string(effect.deadline.time_since_epoch().count());
  }
  Trace(text);
}

}  // namespace foster::sim
