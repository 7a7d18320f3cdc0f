// SPDX-License-Identifier: MIT
#include "gateway/process_state.h"

#include "gateway/time_text.h"

namespace foster {

std::string ComposeName(const ServiceStatus& service) {
  return service.name.substr(service.name.find('/') + 1);
}

std::string ComposeNamespace(const ServiceStatus& service) {
  return service.group.empty() ? "default" : service.group;
}

std::string_view ComposeStatus(const ServiceStatus& service) {
  switch (service.state) {
    // One that has run and was stopped is over; one that never ran was not wanted.
    case State::kStopped:
      if (!service.started.empty()) return "Completed";
      return service.autostart ? "Terminating" : "Disabled";
    case State::kWaiting:
      return service.next_due.empty() ? "Pending" : "Scheduled";
    case State::kStarting:
    case State::kRunning:
      return service.state == State::kStarting && service.pid == 0 ? "Launching" : "Running";
    case State::kStopping:
    case State::kKilling:
    case State::kFinishing:
      return "Terminating";
    case State::kBackoff:
      return "Restarting";
    case State::kExited:
      return "Completed";
    // Without an exit it never ran: it could not be started, or a gate can never open.
    case State::kFailed:
      if (service.exit_code || service.exit_signal) return "Completed";
      return service.waits_for.empty() ? "Error" : "Skipped";
  }
  return "Error";
}

bool ComposeIsRunning(const ServiceStatus& service) {
  std::string_view status = ComposeStatus(service);
  return status == "Running" || status == "Launching";
}

Json ProcessState(const ServiceStatus& service, const ServiceFigures* figures) {
  std::string_view status = ComposeStatus(service);
  bool ran = !service.started.empty();
  // The age of a process counts from its start to its end.
  std::int64_t age_ms = !ran ? 0 : service.started_age_ms;
  if (ran && service.pid == 0) age_ms = std::max<std::int64_t>(service.started_age_ms - service.age_ms, 0);
  int exit_code = service.exit_signal ? -1 : service.exit_code.value_or(0);
  if (status == "Skipped") exit_code = 1;
  Json json;
  json.Set("name", ComposeName(service)).Set("namespace", ComposeNamespace(service)).Set("status", status);
  json.Set("system_time", ran ? HumanDuration(age_ms / 1000) : "-").Set("age", age_ms * 1'000'000);
  json.Set("is_ready", "-").Set("has_ready_probe", false);
  json.Set("restarts", service.restarts).Set("exit_code", exit_code).Set("pid", service.pid);
  json.Set("is_elevated", false).Set("password_provided", false);
  json.Set("mem", figures ? static_cast<std::int64_t>(figures->rss_bytes) : -1);
  json.Set("cpu", figures ? figures->cpu_percent : 0.0).Set("is_running", ComposeIsRunning(service));
  if (!service.next_due.empty()) json.Set("next_run_time", service.next_due);
  if (ran) json.Set("process_start_time", service.started);
  if (ran && service.pid == 0) json.Set("process_end_time", service.since);
  return json;
}

const ServiceStatus* FindCompose(const std::vector<ServiceStatus>& services, std::string_view name) {
  for (const auto& service : services)
    if (ComposeName(service) == name) return &service;
  return nullptr;
}

}  // namespace foster
