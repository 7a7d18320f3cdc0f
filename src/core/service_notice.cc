// SPDX-License-Identifier: MIT
// The part of ServiceMachine that listens to what the service says of itself: ready, reloading, stopping,
// more time, the watchdog's food.
#include <algorithm>

#include "core/service_machine.h"

namespace foster {

// --- ready ---

bool ServiceMachine::LivesThrough() const {
  const bool is_there =
      spec().daemon.follow == Follow::kNone || (record_.following && !record_.follow_pending);
  return !IsOneshot() && !spec().readiness.Any() && is_there;
}

// The process that is the service is there: nothing but its readiness is waited for.
bool ServiceMachine::CanBeUp() const {
  const bool is_followed = record_.following && !record_.follow_pending;
  return record_.state == State::kStarting && record_.role == Role::kMain && !IsOneshot() &&
         !record_.spawn_pending && (spec().daemon.follow == Follow::kNone || is_followed);
}

// Whether a process that has just come is up at once.
bool ServiceMachine::IsUpAtOnce() const {
  const bool lives_through = LivesThrough() && spec().readiness.start_time <= Millis{0};
  return CanBeUp() && (lives_through || record_.said_ready || ProbeOf(record_, ProbeUse::kReadiness).passes);
}

void ServiceMachine::OnReady(const Event& event) {
  const bool is_live = record_.state == State::kStarting || record_.state == State::kRunning;
  if (!is_live || record_.role != Role::kMain || IsOneshot() || event.incarnation != record_.incarnation)
    return;
  if (record_.reloading) host_.Changed(service_.id);
  record_.reloading = false;
  if (spec().readiness.notify_fd < 0 && !spec().readiness.sd_notify) return;
  const bool is_first = !record_.said_ready;
  record_.said_ready = true;
  if (is_first) host_.Changed(service_.id);
  if (CanBeUp()) return BecomeRunning(Trigger::kReady);  // else what it waits for looks at said_ready
  if (is_first) FeedWatchdog();
}

// --- notices ---

void ServiceMachine::OnNotice(const Event& event) {
  const bool is_live = HasProcess(record_) && event.incarnation == record_.incarnation;
  if (!is_live) return;
  const bool is_up = record_.state == State::kStarting || record_.state == State::kRunning;
  switch (event.notice) {
    case Notice::kReloading:
      if (record_.state == State::kRunning) record_.reloading = true;
      break;
    case Notice::kStopping:
      if (is_up) record_.said_stopping = true;
      if (is_up) record_.ready = false;
      break;
    case Notice::kExtendTimeout:
      return ExtendTimeout(event.span);
    case Notice::kWatchdog:
      return FeedWatchdog();
    case Notice::kWatchdogTrigger:
      return OnWatchdog();
    case Notice::kWatchdogInterval:
      record_.watchdog = std::max(event.span, Millis{0});
      FeedWatchdog();
      break;
    case Notice::kMainPid:
      record_.named_pid = event.pid;
      FollowNamed();
      break;
  }
  host_.Changed(service_.id);
}

// A start time is no limit: it is not made longer.
void ServiceMachine::ExtendTimeout(Millis span) {
  const bool is_limited = (record_.state == State::kStarting && !LivesThrough()) ||
                          record_.state == State::kStopping || record_.state == State::kFinishing;
  const MonoTime later = std::min(After(now_, std::max(span, Millis{0})), host_.LastMoment());
  if (!is_limited || record_.deadline == kNoDeadline || later <= record_.deadline) return;
  record_.deadline = later;
  ++record_.epoch;
  host_.Changed(service_.id);
}

// --- the watchdog ---

void ServiceMachine::FeedWatchdog() {
  const bool may_bite = record_.state == State::kRunning && record_.watchdog > Millis{0} &&
                        (record_.said_ready || !spec().readiness.sd_notify);
  SetTimer(TimerKind::kWatchdog, may_bite ? After(now_, record_.watchdog) : kNoDeadline);
}

void ServiceMachine::OnWatchdog() {
  if (record_.state == State::kRunning) Unhealthy(spec().liveness.action, {.kind = CauseKind::kWatchdog});
}

}  // namespace foster
