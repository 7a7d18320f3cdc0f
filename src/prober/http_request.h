// SPDX-License-Identifier: MIT
// What an HTTP probe sends, and how its address is shown. Pure. Called by: http_exchange.cc,
// network_probe.cc. Invariant: nothing in a probe can add a line or a header that was not asked for.
#pragma once

#include <string>

#include "base/result.h"
#include "foster/probe.h"

namespace foster {

std::string UrlOf(const Probe& probe);  // "http://127.0.0.1:80/health"
// Error: a method or a header that HTTP cannot carry.
Result<std::string> RequestText(const Probe& probe);

}  // namespace foster
