// SPDX-License-Identifier: MIT
#include "cli/s6_wait.h"

namespace foster::cli {
namespace {

bool IsReady(const ServiceStatus& s) {
  bool oneshot_done = s.type == "oneshot" && s.state == State::kExited;
  return s.state == State::kRunning || oneshot_done;
}

bool IsUp(const ServiceStatus& s) { return s.pid > 0 || IsReady(s); }

bool IsFinished(const ServiceStatus& s) {
  return s.state == State::kStopped || s.state == State::kExited || s.state == State::kFailed;
}

S6Answer YesIf(bool condition) { return condition ? S6Answer::kYes : S6Answer::kNotYet; }

}  // namespace

S6Answer AnswerOf(S6Wait wait, const ServiceStatus& service, std::uint64_t incarnation) {
  const bool is_new = service.incarnation > incarnation;
  const bool failed = service.state == State::kFailed;
  switch (wait) {
    case S6Wait::kNone:
      return S6Answer::kYes;
    case S6Wait::kDown:
      return YesIf(service.pid == 0 && service.state != State::kStarting);
    case S6Wait::kFinished:
      return YesIf(IsFinished(service));
    case S6Wait::kUp:
      return failed ? S6Answer::kFailed : YesIf(IsUp(service));
    case S6Wait::kReady:
      return failed ? S6Answer::kFailed : YesIf(IsReady(service));
    case S6Wait::kRestarted:
      return failed ? S6Answer::kFailed : YesIf(is_new && IsUp(service));
    case S6Wait::kRestartedReady:
      return failed ? S6Answer::kFailed : YesIf(is_new && IsReady(service));
  }
  return S6Answer::kNotYet;
}

}  // namespace foster::cli
