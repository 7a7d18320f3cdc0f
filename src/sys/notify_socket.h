// SPDX-License-Identifier: MIT
// The receiving end of $NOTIFY_SOCKET: a datagram socket under a name that nobody can guess. Not: what the
// datagrams say (wire/sd_notify_message.h). Called by: src/supervise/sd_notify.cc. Invariants: non-blocking
// and close-on-exec; a datagram stays in the queue until it is dropped; every datagram tells its sender's
// pid.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/result.h"
#include "base/unique_fd.h"

namespace foster {

// Where `directory` can be used by everybody a path in it, else (or with "") an abstract name: "@...".
std::string NewNotifyAddress(const std::string& directory);
Result<UniqueFd> BindNotifySocket(const std::string& address);
// As bound, "@..." for an abstract one; "" = not known.
std::string NotifyAddressOf(int fd);
// Removes the file, if it has one.
void RemoveNotifyAddress(const std::string& address);
// Removes what former fosters left in `directory`: sockets that nobody holds any more.
void SweepNotifyDirectory(const std::string& directory);

struct Datagram {
  std::string bytes;
  bool cut = false;      // it was longer than there was room for
  std::int32_t pid = 0;  // of the sender; 0 = outside of our pid namespace
  std::vector<UniqueFd> fds;
};
// EAGAIN: none waits.
Result<Datagram> PeekDatagram(int fd, std::size_t limit);
void DropDatagram(int fd);

}  // namespace foster
