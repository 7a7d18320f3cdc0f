// SPDX-License-Identifier: MIT
// RunProber: the role LOOKS. Network, file, log-line and listen probes, whether sockets are quiet, figures of
// process trees: looked at once each, when supervise asks (wire/probe_codec.h). Not: exec probes (children of
// init), nor when to look, nor what follows. Called by: src/apps/probe_main.cc, tests. Invariants: nothing
// that hangs holds another request up; what may stand still in the kernel or in the resolver does so in one
// of a few threads, and once all of them stand still for `stuck_after` while somebody waits, the process ends
// with a message: supervise starts another and asks it again. Killed at any moment it loses nothing but
// answers.
#pragma once

#include "base/result.h"
#include "foster/time.h"

namespace foster {

struct ProberOptions {
  int channel = 3;
  int table = 4;  // closed: probes for a log line are answered with an error
  int arena = 5;
  std::size_t threads = 16;
  Millis stuck_after{10'000};
};

// Takes the fds over. Returns when the channel is closed, or with the error that ends it; the process is to
// end then, without waiting for its threads.
Result<void> RunProber(const ProberOptions& options);

}  // namespace foster
