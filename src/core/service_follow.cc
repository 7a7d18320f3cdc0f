// SPDX-License-Identifier: MIT
// The part of ServiceMachine that follows a daemon: a main process that ends with success and leaves
// processes behind has not ended, it has gone into the background.
#include <algorithm>

#include "core/exit_rules.h"
#include "core/service_machine.h"

namespace foster {

bool ServiceMachine::BecomesDaemon(const Event& event) const {
  return !IsOneshot() && spec().daemon.follow != Follow::kNone && !record_.following &&
         record_.state == State::kStarting && event.lingering && IsSuccess(spec(), event.status);
}

// Its deadline stays: the time limit of the start bounds all of it.
void ServiceMachine::AwaitFollowed() {
  record_.lingering = record_.following = true;
  AskToFollow();
}

void ServiceMachine::AskToFollow() {
  record_.follow_pending = true;
  host_.Emit({.kind = EffectKind::kFollow,
              .service = service_.id,
              .incarnation = record_.incarnation,
              .pid = spec().daemon.follow == Follow::kMainPid ? record_.named_pid : 0});
  host_.Changed(service_.id);
}

// MAINPID= came after the launcher's end: so far the tree as a whole was the service.
void ServiceMachine::FollowNamed() {
  const bool is_up = record_.state == State::kStarting || record_.state == State::kRunning;
  const bool is_tree = record_.following && !record_.follow_pending && record_.pid == 0;
  if (is_up && is_tree && spec().daemon.follow == Follow::kMainPid && record_.named_pid != 0) AskToFollow();
}

void ServiceMachine::OnFollowed(const Event& event) {
  if (!record_.follow_pending || event.incarnation != record_.incarnation) return;
  record_.follow_pending = false;
  if (event.pid != 0) {
    record_.pid = record_.last_pid = event.pid;
    record_.lingering = false;
  }
  host_.Changed(service_.id);
  if (record_.state != State::kStarting) return;
  record_.spawned_at = now_;
  if (IsUpAtOnce()) return BecomeRunning(Trigger::kSpawned);
  Enter(Trigger::kSpawned, State::kStarting, Cause(record_.cause),
        std::min(record_.deadline, StartDeadline()));
}

}  // namespace foster
