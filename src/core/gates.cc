// SPDX-License-Identifier: MIT
#include "core/gates.h"

#include <algorithm>
#include <array>

#include "core/service_machine.h"

namespace foster {
namespace {

constexpr std::array kKinds{GateKind::kStarted,
                            GateKind::kReady,
                            GateKind::kHealthy,
                            GateKind::kCompleted,
                            GateKind::kCompletedSuccessfully,
                            GateKind::kStopped};

// Its socket is there and will be served.
bool WaitsForDemand(const ServiceRecord& record) {
  return record.state == State::kWaiting && record.cause.kind == CauseKind::kDemand;
}

bool CompletedWell(const ServiceSpec& spec, const ServiceRecord& record) {
  return record.state == State::kExited && record.has_exited && IsSuccess(spec, record.last_exit);
}

Verdict JudgeStarted(const ServiceRecord& record) {
  switch (record.state) {
    case State::kStarting:
    case State::kRunning:
    case State::kFinishing:
    case State::kBackoff:
    case State::kStopping:
    case State::kKilling:
      return record.has_run && record.goal != Goal::kDown ? Verdict::kOpen : Verdict::kClosed;
    case State::kExited:
      return Verdict::kOpen;
    case State::kFailed:
      return Verdict::kImpossible;
    case State::kWaiting:
      return WaitsForDemand(record) ? Verdict::kOpen : Verdict::kClosed;
    case State::kStopped:
      return Verdict::kClosed;
  }
  return Verdict::kClosed;
}

Verdict JudgeReady(const ServiceSpec& spec, const ServiceRecord& record) {
  if (record.state == State::kFailed) return Verdict::kImpossible;
  if (record.state == State::kExited) {
    return spec.type == ServiceType::kOneshot && CompletedWell(spec, record) ? Verdict::kOpen
                                                                             : Verdict::kImpossible;
  }
  if (WaitsForDemand(record)) return Verdict::kOpen;
  return record.state == State::kRunning && record.ready ? Verdict::kOpen : Verdict::kClosed;
}

Verdict JudgeHealthy(const ServiceSpec& spec, const ServiceRecord& record) {
  const Verdict verdict = JudgeReady(spec, record);
  if (verdict != Verdict::kOpen || record.state != State::kRunning) return verdict;
  const bool is_healthy =
      spec.liveness.probe.kind == ProbeKind::kNone || ProbeOf(record, ProbeUse::kLiveness).passes;
  return is_healthy ? Verdict::kOpen : Verdict::kClosed;
}

// While it is on its way from one life to the next it has not come to rest.
bool RestsStopped(const ServiceRecord& record) {
  return record.state == State::kStopped && record.goal == Goal::kDown;
}

Verdict JudgeCompleted(const ServiceSpec& spec, const ServiceRecord& record) {
  if (record.state == State::kFailed) return spec.broken.empty() ? Verdict::kOpen : Verdict::kImpossible;
  if (record.state == State::kExited) return Verdict::kOpen;
  return RestsStopped(record) && record.has_run ? Verdict::kOpen : Verdict::kClosed;
}

Verdict JudgeCompletedSuccessfully(const ServiceSpec& spec, const ServiceRecord& record) {
  if (record.state == State::kFailed) return Verdict::kImpossible;
  if (record.state != State::kExited) return Verdict::kClosed;
  return CompletedWell(spec, record) ? Verdict::kOpen : Verdict::kImpossible;
}

Verdict JudgeStopped(const ServiceRecord& record) {
  const bool rests = RestsStopped(record) || record.state == State::kExited || record.state == State::kFailed;
  return rests && !ServiceMachine::HasProcess(record) ? Verdict::kOpen : Verdict::kClosed;
}

// On its way to where the gate opens: wanted, and not at its end.
bool IsOnItsWay(GateKind kind, Verdict verdict, const ServiceRecord& record) {
  return verdict == Verdict::kClosed && (record.goal != Goal::kDown || kind == GateKind::kStopped);
}

}  // namespace

Verdict Judge(GateKind kind, const ServiceSpec& spec, const ServiceRecord& record) {
  // What is about to stop lets nobody start any more, nor has it come to rest.
  if (record.waits_for_dependents) return Verdict::kClosed;
  switch (kind) {
    case GateKind::kStarted:
      return JudgeStarted(record);
    case GateKind::kReady:
      return JudgeReady(spec, record);
    case GateKind::kHealthy:
      return JudgeHealthy(spec, record);
    case GateKind::kCompleted:
      return JudgeCompleted(spec, record);
    case GateKind::kCompletedSuccessfully:
      return JudgeCompletedSuccessfully(spec, record);
    case GateKind::kStopped:
      return JudgeStopped(record);
  }
  return Verdict::kClosed;
}

Verdict Judge(const Gate& gate, const ServiceSpec& spec, const ServiceRecord& record) {
  const Verdict verdict = Judge(gate.kind, spec, record);
  switch (gate.strength) {
    case GateStrength::kHard:
      return verdict;
    case GateStrength::kSoft:
      return verdict == Verdict::kImpossible ? Verdict::kOpen : verdict;
    case GateStrength::kMilestone:
      return (record.gates_opened & GateBit(gate.kind)) != 0 ? Verdict::kOpen : verdict;
    case GateStrength::kOrder:
      return IsOnItsWay(gate.kind, verdict, record) ? Verdict::kClosed : Verdict::kOpen;
  }
  return verdict;
}

bool RequiresLife(const Gate& gate) {
  const bool is_life =
      gate.kind == GateKind::kStarted || gate.kind == GateKind::kReady || gate.kind == GateKind::kHealthy;
  return is_life && gate.strength == GateStrength::kHard;
}

bool BringsUp(const Gate& gate) {
  return gate.strength != GateStrength::kOrder && gate.kind != GateKind::kStopped;
}

std::uint32_t OpenGates(const ServiceSpec& spec, const ServiceRecord& record) {
  std::uint32_t open = 0;
  for (const GateKind kind : kKinds) {
    if (Judge(kind, spec, record) == Verdict::kOpen) open |= GateBit(kind);
  }
  return open;
}

}  // namespace foster
