// SPDX-License-Identifier: MIT
#include "core/cause.h"

#include <array>
#include <cstring>

#include "foster/init_protocol.h"

namespace foster {
namespace {

// What could not be done, in the order of SpawnStage.
constexpr std::array<std::string_view, kStageCount> kStages{
    "cannot spawn",
    "cannot spawn: the table of children is full",
    "cannot spawn: a process of this service still lives",
    "cannot read the spawn plan",
    "cannot fork",
    "cannot open a listening socket",
    "cannot begin a session",
    "cannot take the terminal",
    "cannot set up standard input and output",
    "cannot pass file descriptors",
    "cannot enter the cgroup",
    "cannot make its namespaces",
    "cannot set resource limits",
    "cannot set the nice value",
    "cannot set the I/O priority",
    "cannot set the OOM score",
    "cannot set the umask",
    "cannot change the root directory",
    "cannot set supplementary groups",
    "cannot set the group",
    "cannot set the user",
    "cannot set no_new_privs",
    "cannot set capabilities",
    "cannot enter the working directory",
    "cannot exec",
};
static_assert(!kStages.back().empty());

std::string SignalText(int signal) {
  const char* name = sigabbrev_np(signal);
  return name != nullptr ? std::string("SIG") + name : "signal " + std::to_string(signal);
}

// What was wrong with a process that did not end by itself.
std::string HealthText(const Cause& cause) {
  switch (cause.kind) {
    case CauseKind::kTimedOut:
      return "was not up in time";
    case CauseKind::kUnhealthy:
      return cause.probe == ProbeUse::kReadiness ? "its readiness probe failed" : "its liveness probe failed";
    case CauseKind::kWatchdog:
      return "its watchdog was not fed in time";
    default:
      return "its process vanished";
  }
}

// How the last try went, for "gave up".
std::string LastTry(const ServiceRecord& record) {
  const Cause& cause = record.cause;
  if (cause.stage != 0) return SpawnFailureText(cause.stage, cause.error);
  switch (record.stop_cause.kind) {
    case CauseKind::kTimedOut:
    case CauseKind::kUnhealthy:
    case CauseKind::kWatchdog:
    case CauseKind::kLost:
      return HealthText(record.stop_cause);
    default:
      return ExitText(cause.status);
  }
}

std::string GaveUpText(const ServiceRecord& record) {
  const std::uint32_t restarts = record.restarts_since_up;
  const std::uint32_t tries = record.failed_starts != 0 ? record.failed_starts : restarts + 1;
  const std::string times = tries == 1 ? "1 try" : std::to_string(tries) + " tries";
  return "gave up after " + times + ": " + LastTry(record);
}

}  // namespace

std::string ExitText(const ExitStatus& status) {
  if (status.signal != 0) return "killed by " + SignalText(status.signal);
  return "exited with code " + std::to_string(status.code);
}

std::string SpawnFailureText(SpawnStageNumber stage, int error) {
  std::string text(stage < kStages.size() ? kStages[stage] : kStages[kStageNone]);
  if (error != 0) text += std::string(": ") + std::strerror(error);
  return text;
}

std::string CauseText(const ServiceRecord& record, const NameOfService& names, const Gate* gate) {
  const Cause& cause = record.cause;
  const std::string_view known = cause.other == kNoService ? std::string_view() : names(cause.other);
  const std::string other(known.empty() ? std::string_view("another service") : known);
  if (record.waits_for_dependents) return "to be stopped: waits for those that need it";
  switch (cause.kind) {
    case CauseKind::kNone:
      return "not started yet";
    case CauseKind::kBoot:
      return "wanted at boot";
    case CauseKind::kRequest:
      return record.goal == Goal::kDown ? "stopped by request" : "started by request";
    case CauseKind::kReload:
      return "the configuration changed";
    case CauseKind::kGate:
      if (gate == nullptr) return "waits for " + other;
      return "waits for " + gate->service + " (" + std::string(NameOf(gate->kind)) + ")";
    case CauseKind::kDependency:
      if (gate == nullptr) return "dependency " + other + " failed";
      return "dependency " + gate->service + " failed: it can never be " + std::string(NameOf(gate->kind));
    case CauseKind::kExited:
    case CauseKind::kSignaled:
      return ExitText(cause.status);
    case CauseKind::kSpawnFailed:
      return SpawnFailureText(cause.stage, cause.error);
    case CauseKind::kTimedOut:
    case CauseKind::kLost:
    case CauseKind::kUnhealthy:
    case CauseKind::kWatchdog:
      return HealthText(cause);
    case CauseKind::kGaveUp:
      return GaveUpText(record);
    case CauseKind::kBroken:
      return "its configuration cannot be run";
    case CauseKind::kPermanent:
      return "its finish script asked not to start it again";
    case CauseKind::kShutdown:
      return "shutting down";
    case CauseKind::kReady:
      return "ready";
    case CauseKind::kNeeded:
      return "needed by " + other;
    case CauseKind::kSchedule:
      if (record.state == State::kExited) return "its schedule has no next time";
      return record.state == State::kWaiting ? "waits for its time" : "its time had come";
    case CauseKind::kDemand:
      return record.state == State::kWaiting ? "waits for a connection" : "started by a connection";
    case CauseKind::kIdle:
      return "idle: no connection";
    case CauseKind::kAlong:
      return record.goal == Goal::kDown ? "stopped: it needs " + other : "along with " + other;
    case CauseKind::kWorkloadEnded:
      return other + " ended the workload";
    case CauseKind::kPinned:
      return "pinned down";
  }
  return "unknown";
}

}  // namespace foster
