// SPDX-License-Identifier: MIT
#include "gateway/main_log.h"

#include <fmt/format.h>

#include <algorithm>

#include "gateway/namespec.h"
#include "gateway/time_text.h"

namespace foster {
namespace {

std::string ExitText(const ServiceStatus& service) {
  if (service.exit_signal) return fmt::format("terminated by signal {}", *service.exit_signal);
  return fmt::format("exit status {}", service.exit_code.value_or(0));
}

bool EndedWell(const ServiceStatus& service) {
  return !service.exit_signal && service.exit_code.value_or(0) == 0;
}

std::string MessageOf(const ServiceStatus& service) {
  std::string name = NamespecOf(service).process;
  switch (service.state) {
    case State::kStarting:
      return fmt::format("INFO spawned: '{}' with pid {}", name, service.pid);
    case State::kRunning:
      return fmt::format("INFO success: {} entered RUNNING state", name);
    case State::kStopping:
    case State::kFinishing:
      return fmt::format("INFO waiting for {} to stop", name);
    case State::kKilling:
      return fmt::format("WARN killing '{}' ({}) with SIGKILL", name, service.pid);
    case State::kStopped:
      if (service.started.empty()) return fmt::format("INFO not started: {}", name);
      return fmt::format("{} stopped: {} ({})", EndedWell(service) ? "INFO" : "WARN", name,
                         ExitText(service));
    case State::kExited:
      return EndedWell(service) ? fmt::format("INFO exited: {} ({}; expected)", name, ExitText(service))
                                : fmt::format("WARN exited: {} ({}; not expected)", name, ExitText(service));
    case State::kBackoff:
      return fmt::format("WARN exited: {} ({})", name, service.cause);
    case State::kFailed:
      return fmt::format("INFO gave up: {} entered FATAL state, {}", name, service.cause);
    case State::kWaiting:
      return fmt::format("INFO waiting: {} ({})", name, service.cause);
  }
  return "INFO " + name;
}

}  // namespace

std::string MainLogLine(const ServiceStatus& service) {
  return LogTimeText(EpochMillis(service.since)) + " " + MessageOf(service) + "\n";
}

std::string MainLogText(const std::vector<ServiceStatus>& services) {
  std::vector<const ServiceStatus*> sorted;
  for (const auto& service : services) sorted.push_back(&service);
  std::stable_sort(sorted.begin(), sorted.end(),
                   [](const ServiceStatus* a, const ServiceStatus* b) { return a->since < b->since; });
  std::string text;
  for (const ServiceStatus* service : sorted) text += MainLogLine(*service);
  return text;
}

}  // namespace foster
