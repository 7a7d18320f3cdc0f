// SPDX-License-Identifier: MIT
// The main log that clients of supervisord expect: the last change of each service, and each one that
// follows, as lines of supervisord's form. Pure. Not: a file; foster's own record is `svc events`. Called by:
// rpc_logs.cc, log_follow.cc.
#pragma once

#include <string>
#include <vector>

#include "foster/service_status.h"

namespace foster {

std::string MainLogLine(const ServiceStatus& service);
std::string MainLogText(const std::vector<ServiceStatus>& services);  // oldest first

}  // namespace foster
