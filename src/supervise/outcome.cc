// SPDX-License-Identifier: MIT
#include "supervise/outcome.h"

#include <algorithm>

namespace foster {
namespace {

bool EndedWell(const ServiceRecord& record, const ServiceSpec& spec) {
  if (!record.has_exited || record.last_exit.signal != 0) return !record.has_exited;
  return std::find(spec.success_codes.begin(), spec.success_codes.end(), record.last_exit.code) !=
         spec.success_codes.end();
}

Judgement Done(bool ok) { return {ok ? VerbVerdict::kOk : VerbVerdict::kFailed, ""}; }

Judgement JudgeDown(const ServiceRecord& now) {
  switch (now.state) {
    case State::kStopped:
    case State::kExited:
    case State::kFailed:
      return Done(true);
    case State::kWaiting:
    case State::kStarting:
    case State::kRunning:
    case State::kStopping:
    case State::kKilling:
    case State::kFinishing:
    case State::kBackoff:
      break;
  }
  if (now.pin == Pin::kUp) return {VerbVerdict::kFailed, "it is pinned up"};
  if (now.goal != Goal::kDown) return {VerbVerdict::kFailed, "another request wants it up"};
  return {};
}

// A service that waits for its time or for a connection is as up as it will be by itself.
Judgement JudgeWaiting(const ServiceRecord& now) {
  if (now.cause.kind == CauseKind::kSchedule || now.cause.kind == CauseKind::kDemand) return Done(true);
  return now.cause.kind == CauseKind::kDependency ? Done(false) : Judgement{};
}

Judgement JudgeUp(bool is_new_life, const ServiceRecord& now, const ServiceSpec& spec) {
  if (now.pin == Pin::kDown) return {VerbVerdict::kFailed, "it is pinned down"};
  switch (now.state) {
    case State::kRunning:
      return is_new_life ? Done(true) : Judgement{};
    case State::kExited:
      return is_new_life ? Done(EndedWell(now, spec)) : Judgement{};
    case State::kFailed:
      return Done(false);
    case State::kBackoff:
      return is_new_life || now.failed_starts > 0 ? Done(false) : Judgement{};
    case State::kStopped:
      if (now.goal == Goal::kDown) return {VerbVerdict::kFailed, "it was stopped meanwhile"};
      return {};
    case State::kWaiting:
      return JudgeWaiting(now);
    case State::kStarting:
    case State::kStopping:
    case State::kKilling:
    case State::kFinishing:
      if (now.goal == Goal::kDown) return {VerbVerdict::kFailed, "another request wants it down"};
      return {};
  }
  return {};
}

}  // namespace

std::optional<Verb> VerbFromName(std::string_view name) {
  if (name == "up") return Verb::kUp;
  if (name == "down") return Verb::kDown;
  if (name == "restart") return Verb::kRestart;
  if (name == "once") return Verb::kOnce;
  return std::nullopt;
}

EventKind EventOf(Verb verb) {
  switch (verb) {
    case Verb::kUp:
      return EventKind::kUp;
    case Verb::kDown:
      return EventKind::kDown;
    case Verb::kRestart:
      return EventKind::kRestart;
    case Verb::kOnce:
      return EventKind::kOnce;
  }
  return EventKind::kUp;
}

Judgement Judge(Verb verb, std::uint64_t incarnation_before, const ServiceRecord& now,
                const ServiceSpec& spec) {
  if (verb == Verb::kDown) return JudgeDown(now);
  // Only a restart must be another life: `up` of what is up has come to its end already.
  bool is_new_life = verb != Verb::kRestart || now.incarnation > incarnation_before;
  return JudgeUp(is_new_life, now, spec);
}

}  // namespace foster
