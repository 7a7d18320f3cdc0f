// SPDX-License-Identifier: MIT
// Exit codes of `svc` and `foster`, documented in docs/cli.md. The s6 spelling and other clients use their
// own.
#pragma once

namespace foster {

enum ExitCode : int {
  kExitOk = 0,
  kExitFailed = 1,       // it was done and failed: a service did not come up, a file is not valid
  kExitUsage = 2,        // wrong words
  kExitNoService = 3,    // no service matches
  kExitTimeout = 4,      // the outcome did not come in time
  kExitNotAllowed = 5,   // the caller may only read
  kExitUnreachable = 6,  // no foster answers at the control socket
  kExitRefused = 7,      // an invalid config, refused; nothing was changed
};

}  // namespace foster
