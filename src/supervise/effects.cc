// SPDX-License-Identifier: MIT
#include "supervise/effects.h"

#include <csignal>

namespace foster {
namespace {

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

}  // namespace

Effects::Effects(InitChannel& init, EngineDriver& driver, Timers& timers, Logs& logs, Notify& notify,
                 Outfit& outfit, Publisher& publisher)
    : init_(init),
      driver_(driver),
      timers_(timers),
      logs_(logs),
      notify_(notify),
      outfit_(outfit),
      publisher_(publisher) {}

void Effects::Perform(const Effect& effect, const std::string& name) {
  switch (effect.kind) {
    case EffectKind::kSpawn:
      outfit_.Spawn(effect, name);
      return;
    case EffectKind::kSignal:
      Signal(effect, name);
      return;
    case EffectKind::kArmTimer:
      Arm(effect);
      return;
    case EffectKind::kChanged:
      if (!effect.visible || !driver_.engine().Exists(effect.service))
        return;  // a later effect of this step removes it
      outfit_.Changed(effect.service);
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
      outfit_.StopKeys(effect, name);
      return;
    case EffectKind::kFollow:
      outfit_.Follow(effect, name);
      return;
    case EffectKind::kAwaitDemand:
      hooks_.await_demand(effect, name);
      return;
    case EffectKind::kSchedule:
      hooks_.schedule(effect, name);
      return;
    case EffectKind::kEndContainer:
      hooks_.end_container(effect, name);
      return;
  }
}

void Effects::Signal(const Effect& effect, const std::string& name) {
  Message message = MessageOf(kMsgSignal);
  message.key = KeyOf(name, static_cast<std::uint32_t>(effect.role), effect.incarnation);
  message.signal = effect.signal;
  message.scope = ScopeNumber(effect.scope);
  auto send = [this, message, name] {
    init_.Send(message);
    if (message.signal == SIGKILL && message.scope == kScopeTree) outfit_.Kill(name);
  };
  if (hooks_.hold_signal && hooks_.hold_signal(effect, send)) return;
  send();
}

void Effects::Arm(const Effect& effect) {
  Timers::Id& timer = timer_of_[{effect.service, effect.timer}];
  timers_.Cancel(timer);
  timer = 0;
  if (effect.deadline == kNoDeadline) return;
  auto fire = [this, effect] {
    Event event{};
    event.kind = EventKind::kTimer;
    event.service = effect.service;
    event.timer = effect.timer;
    event.epoch = effect.epoch;
    driver_.Post(event);
  };
  timer =
      timers_.At(effect.deadline, fire, effect.timer == TimerKind::kSchedule ? Tie::kClock : Tie::kEngine);
}

void Effects::Forget(const std::string& name, ServiceId id) {
  for (std::size_t kind = 0; kind < kTimerKinds; ++kind) {
    auto found = timer_of_.find({id, static_cast<TimerKind>(kind)});
    if (found == timer_of_.end()) continue;
    timers_.Cancel(found->second);
    timer_of_.erase(found);
  }
  outfit_.Removed(name);
  notify_.Close(name);
  logs_.Remove(name);
  publisher_.Removed(name);
  hooks_.removed(name);
}

}  // namespace foster
