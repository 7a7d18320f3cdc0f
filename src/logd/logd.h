// SPDX-License-Identifier: MIT
// RunLogd: the role WRITES. Pipes -> arena -> lines on foster's stdout, until SIGTERM.
// Not: allocating slots or making pipes (supervise). Called by: src/apps/logd_main.cc, tests.
// Invariants: killed at any moment it loses, doubles and reorders nothing; it never waits for stdout; idle it
// sleeps.
#pragma once

#include "base/result.h"

namespace foster {

struct LogdOptions {
  int table = 3;
  int arena = 4;
  int bell = 5;
  int channel = 6;
  int out = 1;
  bool print = true;
  bool colour = true;
  bool json = false;  // stdout's lines are JSON objects
};

// Takes the fds over. Returns once everything was drained after SIGTERM; the process is to end then, for the
// printer's thread may still stand in a system call.
Result<void> RunLogd(const LogdOptions& options);

}  // namespace foster
