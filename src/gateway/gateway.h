// SPDX-License-Identifier: MIT
// RunGateway: one workload's servers from start to end: asks supervise where to listen, listens, serves,
// listens anew when the workload's listeners change. Keeps nothing that matters: it may be killed at any
// moment. Not: a handler of requests. Called by: apps/serve_main.cc.
#pragma once

#include <string>

namespace foster {

// `socket` empty: the usual control socket. Returns the exit code: 0 after SIGTERM, 1 with a line on stderr
// when it cannot listen, knows no such workload, or foster is gone for good.
int RunGateway(const std::string& workload, const std::string& socket);

}  // namespace foster
