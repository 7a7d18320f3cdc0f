// SPDX-License-Identifier: MIT
// The system calls of a client of a local (AF_UNIX) stream socket: connect, wait, receive, send. Never blocks
// but in WaitFor. Not: a server, nor framing (src/wire/rpc.h). Called by: src/client. Invariant: fds are
// CLOEXEC and non-blocking from birth; SIGPIPE is never raised.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "base/result.h"
#include "base/unique_fd.h"
#include "foster/time.h"

namespace foster {

// Error::code() is the errno; ENOENT, ECONNREFUSED and EAGAIN mean that trying again may help.
Result<UniqueFd> ConnectLocal(const std::string& path);

enum WaitBits : unsigned { kWaitRead = 1, kWaitWrite = 2 };

// Which of `bits` are possible now; 0 = `deadline` passed, or a signal came (then ask again).
Result<unsigned> WaitFor(int fd, unsigned bits, MonoTime deadline);

// Bytes received, 0 at the end of the stream. Code EAGAIN: nothing there yet.
Result<std::size_t> ReceiveSome(int fd, char* buffer, std::size_t size);
Result<std::size_t> SendSome(int fd, std::string_view bytes);

// Does nothing until `when`, or until a signal comes.
void PauseUntil(MonoTime when);

}  // namespace foster
