// SPDX-License-Identifier: MIT
// The part of ServiceMachine that asks probes, counts their answers and acts on what they say. An answer is
// known by its number, which is never used twice; a life begins with nothing counted.
#include <algorithm>

#include "core/mutant.h"
#include "core/probe_count.h"
#include "core/service_machine.h"

namespace foster {
namespace {

// kIdle goes its own way (service_demand.cc).
constexpr ProbeUse kUses[] = {ProbeUse::kReadiness, ProbeUse::kLiveness};

TimerKind TimerOfProbe(ProbeUse use) {
  switch (use) {
    case ProbeUse::kReadiness:
      return TimerKind::kReadiness;
    case ProbeUse::kLiveness:
      return TimerKind::kLiveness;
    case ProbeUse::kIdle:
      return TimerKind::kIdle;
  }
  return TimerKind::kIdle;
}

}  // namespace

const Probe* ServiceMachine::ProbeFor(ProbeUse use) const {
  const Probe* probe = nullptr;
  if (use == ProbeUse::kReadiness) probe = &spec().readiness.probe;
  if (use == ProbeUse::kLiveness) probe = &spec().liveness.probe;
  return probe != nullptr && probe->kind != ProbeKind::kNone ? probe : nullptr;
}

bool ServiceMachine::IsProbed(ProbeUse use) const {
  const bool is_live =
      record_.state == State::kRunning || (record_.state == State::kStarting && use == ProbeUse::kReadiness);
  return is_live && !IsOneshot() && !record_.spawn_pending && ProbeFor(use) != nullptr;
}

void ServiceMachine::Ask(ProbeUse use) {
  ProbeRecord& line = ProbeOf(record_, use);
  ++line.number;
  line.pending = true;
  if (line.began == MonoTime{}) line.began = now_;
  SetTimer(TimerOfProbe(use), kNoDeadline);
  host_.Emit({.kind = EffectKind::kProbe,
              .service = service_.id,
              .incarnation = record_.incarnation,
              .probe = use,
              .number = line.number});
  host_.Changed(service_.id);
}

// Unless something of this line is on its way, or it is a log line that was asked for.
void ServiceMachine::BeginProbes(ProbeUse use) {
  const ProbeRecord& line = ProbeOf(record_, use);
  if (!IsProbed(use) || line.pending || TimerOf(record_, TimerOfProbe(use)).deadline != kNoDeadline) return;
  const Probe& probe = *ProbeFor(use);
  const bool is_log_line = probe.kind == ProbeKind::kLogLine;
  if (is_log_line && line.began != MonoTime{}) return;
  const MonoTime first = is_log_line ? now_ : After(record_.spawned_at, probe.initial_delay);
  if (first <= now_) return Ask(use);
  SetTimer(TimerOfProbe(use), first);
}

// An answer that is still on its way will find nobody waiting for it.
void ServiceMachine::EndProbes() {
  for (const ProbeUse use : kUses) {
    ProbeOf(record_, use).pending = ProbeOf(record_, use).passes = false;
    SetTimer(TimerOfProbe(use), kNoDeadline);
  }
  SetTimer(TimerKind::kWatchdog, kNoDeadline);
}

void ServiceMachine::OnProbeTimer(ProbeUse use) {
  if (IsProbed(use) && !ProbeOf(record_, use).pending) Ask(use);
}

void ServiceMachine::OnProbeDone(const Event& event) {
  if (event.probe == ProbeUse::kIdle) return OnIdleAnswer(event);
  ProbeRecord& line = ProbeOf(record_, event.probe);
  const bool is_awaited =
      (event.incarnation == record_.incarnation && event.number == line.number) || FOSTER_MUTANT(kStaleProbe);
  if (!is_awaited || !line.pending) return;
  line.pending = false;
  host_.Changed(service_.id);
  if (!IsProbed(event.probe)) return;
  const Probe& probe = *ProbeFor(event.probe);
  const ProbeNews news = CountAnswer(probe, line, event.success, now_);
  SetTimer(TimerOfProbe(event.probe), After(now_, NextProbeIn(probe, line)));
  switch (news) {
    case ProbeNews::kNone:
      break;
    case ProbeNews::kPassed:
      if (event.probe == ProbeUse::kReadiness) ReadinessPassed();
      break;
    case ProbeNews::kFailed:
      if (event.probe == ProbeUse::kReadiness && record_.state == State::kRunning) record_.ready = false;
      Unhealthy(event.probe == ProbeUse::kReadiness ? spec().readiness.action : spec().liveness.action,
                {.kind = CauseKind::kUnhealthy, .probe = event.probe});
      break;
  }
}

void ServiceMachine::ReadinessPassed() {
  if (record_.state == State::kRunning) {
    record_.ready = !record_.said_stopping;
  } else if (CanBeUp()) {
    BecomeRunning(Trigger::kProbe);
  }
}

// What is to go down anyway is not judged any more.
void ServiceMachine::Unhealthy(FailureAction action, const Cause& cause) {
  if (record_.goal == Goal::kDown) return;
  switch (action) {
    case FailureAction::kIgnore:
      return;
    case FailureAction::kRestart:
      return BeginOwnStop(Trigger::kProbe, AfterStop::kRestart, cause);
    case FailureAction::kStop:
      return BeginOwnStop(Trigger::kProbe, AfterStop::kFail, cause);
    case FailureAction::kEndWorkload:
      return host_.EndWorkload(service_.id);
    case FailureAction::kByPolicy:
      return BeginOwnStop(Trigger::kProbe, AfterStop::kByPolicy, cause);
  }
}

// A new plan has another probe. What the old one has shown stays true until the new one has spoken.
void ServiceMachine::OnProbeChanged(ProbeUse use) {
  ProbeRecord& line = ProbeOf(record_, use);
  const bool is_asked = IsProbed(use);
  line = {.number = line.number,
          .passes = is_asked && line.passes,
          .has_passed = is_asked && line.has_passed,
          .has_succeeded = is_asked && line.has_succeeded};
  SetTimer(TimerOfProbe(use), kNoDeadline);
  BeginProbes(use);
  const bool is_free = use == ProbeUse::kReadiness && !is_asked && record_.state == State::kRunning;
  if (is_free) record_.ready = !record_.said_stopping;
}

// After Restore: what was asked for is asked again, and nothing is judged by the time that nobody looked.
void ServiceMachine::ResumeProbes() {
  for (const ProbeUse use : kUses) {
    ProbeRecord& line = ProbeOf(record_, use);
    if (!line.has_passed && line.began != MonoTime{}) line.began = now_;
    if (line.pending) {
      Ask(use);
    } else {
      BeginProbes(use);
    }
  }
  const MonoTime fed_by = TimerOf(record_, TimerKind::kWatchdog).deadline;
  if (fed_by != kNoDeadline) SetTimer(TimerKind::kWatchdog, std::max(fed_by, After(now_, record_.watchdog)));
}

}  // namespace foster
