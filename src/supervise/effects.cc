// SPDX-License-Identifier: MIT
#include "supervise/effects.h"

#include "supervise/internal_services.h"
#include "supervise/prober_link.h"
#include "supervise/spawn.h"

namespace foster {
namespace {

static_assert(static_cast<std::uint32_t>(Role::kMain) == kRoleMain);
static_assert(static_cast<std::uint32_t>(Role::kFinish) == kRoleFinish);
static_assert(static_cast<std::uint32_t>(Role::kDown) == kRoleDown);
static_assert(static_cast<std::uint32_t>(Role::kStop) == kRoleStop);

std::uint32_t ScopeNumber(SignalScope scope) {
  switch (scope) {
    case SignalScope::kProcess:
      return kScopeProcess;
    case SignalScope::kGroup:
      return kScopeGroup;
    case SignalScope::kTree:
      return kScopeTree;
  }
  return kScopeProcess;
}

// logd reads the pipes of all others: its own output goes to foster's.
void AddLogdFds(SpawnWish* wish) {
  wish->stdio[1] = {kFdInherit, 1, "", 1};
  wish->stdio[2] = {kFdInherit, 2, "", 2};
  wish->fds = {{kFdStore, 0, std::string(kStoreLogTable), 3},
               {kFdStore, 1, std::string(kStoreLogTable), 4},
               {kFdStore, 0, std::string(kStoreLogBell), 5},
               {kFdStore, 1, std::string(kStoreLogdChannel), 6}};
}

// It looks into the logs, where there are any.
void AddProberFds(bool has_logs, SpawnWish* wish) {
  wish->fds = {{kFdStore, 1, std::string(kStoreProberChannel), 3}};
  if (!has_logs) return;
  wish->fds.push_back({kFdStore, 0, std::string(kStoreLogTable), 4});
  wish->fds.push_back({kFdStore, 1, std::string(kStoreLogTable), 5});
}

}  // namespace

Effects::Effects(InitChannel& init, EngineDriver& driver, Timers& timers, Logs& logs, Notify& notify,
                 Publisher& publisher, Voice& voice)
    : init_(init),
      driver_(driver),
      timers_(timers),
      logs_(logs),
      notify_(notify),
      publisher_(publisher),
      voice_(voice),
      environment_(OwnEnvironment()) {}

void Effects::Perform(const Effect& effect, const std::string& name) {
  switch (effect.kind) {
    case EffectKind::kSpawn:
      Spawn(effect, name);
      return;
    case EffectKind::kSignal:
      Signal(effect, name);
      return;
    case EffectKind::kArmTimer:
      Arm(effect);
      return;
    case EffectKind::kChanged:
      if (!driver_.engine().Exists(effect.service)) return;  // a later effect of this step removes it
      publisher_.Changed(effect.service);
      hooks_.changed(effect.service);
      return;
    case EffectKind::kRemoved:
      Forget(name, effect.service);
      return;
    case EffectKind::kAllStopped:
      hooks_.all_stopped();
      return;
    case EffectKind::kProbe:
      hooks_.probe(effect, name);
      return;
    case EffectKind::kStopKeys:
    case EffectKind::kFollow:
    case EffectKind::kAwaitDemand:
    case EffectKind::kSchedule:
    case EffectKind::kEndContainer:
      return;
  }
}

void Effects::Spawn(const Effect& effect, const std::string& name) {
  if (!driver_.engine().Exists(effect.service)) return;
  ServiceSpec spec = driver_.engine().spec(effect.service);
  if (name != kLogdName) logs_.Ensure(name);
  if (effect.role == Role::kMain) logs_.SetIncarnation(name, effect.incarnation);
  std::shared_ptr<UniqueFd> notify_end;
  if (effect.role == Role::kMain && spec.readiness.notify_fd >= 0) {
    notify_.Close(name);
    notify_end = std::make_shared<UniqueFd>();
    notify_.Open(name, notify_end);
  }
  Message message = MessageOf(kMsgSpawn);
  message.key = KeyOf(name, static_cast<std::uint32_t>(effect.role), effect.incarnation);
  init_.Send(message, [this, effect, spec = std::move(spec), notify_end](InitChannel::Fds* fds) {
    return PrepareSpawn(effect, spec, notify_end.get(), fds);
  });
}

// Runs when the message's turn has come: only now are users and files looked up and memory taken.
bool Effects::PrepareSpawn(const Effect& effect, const ServiceSpec& spec, const UniqueFd* notify_end,
                           InitChannel::Fds* fds) {
  SpawnRequest request;
  request.spec = &spec;
  request.role = effect.role;
  request.status = effect.status;
  request.main_pid = effect.pid;
  request.has_out_pipe = request.has_err_pipe = spec.name != kLogdName && logs_.HasPipes(spec.name);
  request.has_notify = notify_end != nullptr;
  auto made = MakeSpawnWish(request, environment_);
  if (auto* problem = std::get_if<SpawnProblem>(&made)) {
    FailSpawn(effect, spec.name, *problem);
    return false;
  }
  auto& wish = std::get<SpawnWish>(made);
  if (spec.name == kLogdName) AddLogdFds(&wish);
  if (spec.name == kProberName) AddProberFds(logs_.usable(), &wish);
  auto plan = BuildSpawnPlan(wish);
  if (!plan.ok() || (notify_end != nullptr && !*notify_end)) {
    int error = plan.ok() ? EMFILE : plan.error().code();
    FailSpawn(effect, spec.name,
              {kStagePlan, error, plan.ok() ? "no pipe for readiness" : plan.error().message()});
    return false;
  }
  fds->push_back(std::move(*plan));
  if (notify_end != nullptr) fds->emplace_back(const_cast<UniqueFd*>(notify_end)->Release());
  return true;
}

void Effects::FailSpawn(const Effect& effect, const std::string& name, const SpawnProblem& problem) {
  voice_.Say(name + ": cannot start: " + problem.text);
  Event event{};
  event.kind = EventKind::kSpawnFailed;
  event.service = effect.service;
  event.role = effect.role;
  event.incarnation = effect.incarnation;
  event.stage = static_cast<SpawnStageNumber>(problem.stage);
  event.error = problem.error;
  driver_.Post(event);
}

void Effects::Signal(const Effect& effect, const std::string& name) {
  Message message = MessageOf(kMsgSignal);
  message.key = KeyOf(name, static_cast<std::uint32_t>(effect.role), effect.incarnation);
  message.signal = effect.signal;
  message.scope = ScopeNumber(effect.scope);
  auto send = [this, message] { init_.Send(message); };
  if (hooks_.hold_signal && hooks_.hold_signal(effect, send)) return;
  send();
}

void Effects::Arm(const Effect& effect) {
  Timers::Id& timer = timer_of_[effect.service];
  timers_.Cancel(timer);
  timer = 0;
  if (effect.deadline == kNoDeadline) return;
  timer = timers_.At(effect.deadline, [this, service = effect.service, epoch = effect.epoch] {
    Event event{};
    event.kind = EventKind::kTimer;
    event.service = service;
    event.epoch = epoch;
    driver_.Post(event);
  });
}

void Effects::Forget(const std::string& name, ServiceId id) {
  if (auto found = timer_of_.find(id); found != timer_of_.end()) {
    timers_.Cancel(found->second);
    timer_of_.erase(found);
  }
  notify_.Close(name);
  logs_.Remove(name);
  publisher_.Removed(name);
  hooks_.removed(name);
}

}  // namespace foster
