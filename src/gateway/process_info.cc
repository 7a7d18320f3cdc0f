// SPDX-License-Identifier: MIT
#include "gateway/process_info.h"

#include <fmt/format.h>

#include "gateway/namespec.h"
#include "gateway/time_text.h"

namespace foster {
namespace {

bool HasEnded(SupervisordState state) {
  return state == SupervisordState::kStopped || state == SupervisordState::kExited ||
         state == SupervisordState::kBackoff || state == SupervisordState::kFatal;
}

int ExitStatusOf(const ServiceStatus& service) {
  if (service.exit_signal) return -1;
  return service.exit_code.value_or(0);
}

std::int64_t StopSeconds(const ServiceStatus& service) {
  bool ended = HasEnded(SupervisordStateOf(service.state)) && !service.started.empty();
  return ended ? EpochMillis(service.since) / 1000 : 0;
}

}  // namespace

SupervisordState SupervisordStateOf(State state) {
  switch (state) {
    case State::kStopped:
    case State::kWaiting:
      return SupervisordState::kStopped;
    case State::kStarting:
      return SupervisordState::kStarting;
    case State::kRunning:
      return SupervisordState::kRunning;
    case State::kStopping:
    case State::kKilling:
    case State::kFinishing:
      return SupervisordState::kStopping;
    case State::kBackoff:
      return SupervisordState::kBackoff;
    case State::kExited:
      return SupervisordState::kExited;
    case State::kFailed:
      return SupervisordState::kFatal;
  }
  return SupervisordState::kStopped;
}

std::string_view NameOf(SupervisordState state) {
  switch (state) {
    case SupervisordState::kStopped:
      return "STOPPED";
    case SupervisordState::kStarting:
      return "STARTING";
    case SupervisordState::kRunning:
      return "RUNNING";
    case SupervisordState::kBackoff:
      return "BACKOFF";
    case SupervisordState::kStopping:
      return "STOPPING";
    case SupervisordState::kExited:
      return "EXITED";
    case SupervisordState::kFatal:
      return "FATAL";
  }
  return "UNKNOWN";
}

bool IsRunningState(SupervisordState state) {
  return state == SupervisordState::kRunning || state == SupervisordState::kBackoff ||
         state == SupervisordState::kStarting;
}

bool IsSignallableState(SupervisordState state) {
  return state == SupervisordState::kRunning || state == SupervisordState::kStarting ||
         state == SupervisordState::kStopping;
}

std::string SpawnErrorOf(const ServiceStatus& service) {
  SupervisordState state = SupervisordStateOf(service.state);
  if (state == SupervisordState::kBackoff || state == SupervisordState::kFatal) {
    // Programs around supervisord look for these words; any other cause is told as it is.
    bool ended = service.cause.find("exited") != std::string::npos ||
                 service.cause.find("killed by") != std::string::npos;
    return ended ? "Exited too quickly (process log may have details)" : service.cause;
  }
  if (state == SupervisordState::kExited && ExitStatusOf(service) != 0)
    return fmt::format("Bad exit code {}", ExitStatusOf(service));
  return "";
}

std::string DescriptionOf(const ServiceStatus& service) {
  switch (SupervisordStateOf(service.state)) {
    case SupervisordState::kRunning:
      return fmt::format("pid {}, uptime {}", service.pid, TimedeltaText(service.started_age_ms / 1000));
    case SupervisordState::kFatal:
    case SupervisordState::kBackoff: {
      std::string error = SpawnErrorOf(service);
      if (!error.empty()) return error;
      return fmt::format("unknown error (try \"tail {}\")", NamespecOf(service).process);
    }
    case SupervisordState::kStopped:
      if (service.state == State::kWaiting && !service.cause.empty()) return service.cause;
      [[fallthrough]];
    case SupervisordState::kExited:
      if (StopSeconds(service) == 0) return "Not started";
      return LocalTimeText(StopSeconds(service), "%b %d %I:%M %p");
    case SupervisordState::kStarting:
    case SupervisordState::kStopping:
      return "";
  }
  return "";
}

Json ProcessInfo(const ServiceStatus& service, std::int64_t now_seconds) {
  Namespec name = NamespecOf(service);
  SupervisordState state = SupervisordStateOf(service.state);
  Json info;
  info.Set("name", name.process).Set("group", name.group);
  info.Set("start", EpochMillis(service.started) / 1000).Set("stop", StopSeconds(service));
  info.Set("now", now_seconds);
  info.Set("state", static_cast<int>(state)).Set("statename", NameOf(state));
  info.Set("spawnerr", SpawnErrorOf(service)).Set("exitstatus", ExitStatusOf(service));
  info.Set("logfile", service.stdout_file);
  info.Set("stdout_logfile", service.stdout_file).Set("stderr_logfile", service.stderr_file);
  info.Set("pid", service.pid).Set("description", DescriptionOf(service));
  return info;
}

}  // namespace foster
