// SPDX-License-Identifier: MIT
#include "core/gates.h"

#include <algorithm>

namespace foster {
namespace {

bool EndedWell(const ServiceSpec& spec, const ServiceRecord& record) {
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
    case State::kStopped:
    case State::kWaiting:
      return Verdict::kClosed;
  }
  return Verdict::kClosed;
}

Verdict JudgeReady(const ServiceSpec& spec, const ServiceRecord& record) {
  if (record.state == State::kFailed) return Verdict::kImpossible;
  if (record.state == State::kExited) {
    return spec.type == ServiceType::kOneshot && EndedWell(spec, record) ? Verdict::kOpen
                                                                         : Verdict::kImpossible;
  }
  return record.state == State::kRunning && record.ready ? Verdict::kOpen : Verdict::kClosed;
}

Verdict JudgeCompleted(const ServiceSpec& spec, const ServiceRecord& record) {
  if (record.state == State::kFailed) return spec.broken.empty() ? Verdict::kOpen : Verdict::kImpossible;
  if (record.state == State::kExited) return Verdict::kOpen;
  return record.state == State::kStopped && record.has_run ? Verdict::kOpen : Verdict::kClosed;
}

Verdict JudgeCompletedSuccessfully(const ServiceSpec& spec, const ServiceRecord& record) {
  if (record.state == State::kFailed) return Verdict::kImpossible;
  if (record.state != State::kExited) return Verdict::kClosed;
  return EndedWell(spec, record) ? Verdict::kOpen : Verdict::kImpossible;
}

}  // namespace

bool IsSuccess(const ServiceSpec& spec, const ExitStatus& status) {
  return status.signal == 0 && std::find(spec.success_codes.begin(), spec.success_codes.end(), status.code) !=
                                   spec.success_codes.end();
}

Verdict Judge(GateKind kind, const ServiceSpec& spec, const ServiceRecord& record) {
  switch (kind) {
    case GateKind::kStarted:
      return JudgeStarted(record);
    case GateKind::kReady:
    case GateKind::kHealthy:
      return JudgeReady(spec, record);
    case GateKind::kCompleted:
      return JudgeCompleted(spec, record);
    case GateKind::kCompletedSuccessfully:
      return JudgeCompletedSuccessfully(spec, record);
    case GateKind::kStopped:
      return Verdict::kClosed;
  }
  return Verdict::kClosed;
}

}  // namespace foster
