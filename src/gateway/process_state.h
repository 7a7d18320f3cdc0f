// SPDX-License-Identifier: MIT
// ServiceStatus -> what process-compose says about a process. Pure. Called by: rest_processes.cc,
// rest_project.cc.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "foster/service_status.h"
#include "wire/json.h"

namespace foster {

std::string ComposeName(const ServiceStatus& service);  // without the workload
std::string ComposeNamespace(const ServiceStatus& service);
std::string_view ComposeStatus(const ServiceStatus& service);
bool ComposeIsRunning(const ServiceStatus& service);
// `figures`: of its tree; nullptr = not known.
Json ProcessState(const ServiceStatus& service, const ServiceFigures* figures = nullptr);

const ServiceStatus* FindCompose(const std::vector<ServiceStatus>& services, std::string_view name);

}  // namespace foster
