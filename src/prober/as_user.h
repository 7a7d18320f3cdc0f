// SPDX-License-Identifier: MIT
// AsUser: while it lives, this thread alone looks at files as user and group of another process. Without
// CAP_SYS_PTRACE (a container's default) even root is refused /proc/PID/{fd,io,smaps_rollup} of other users,
// who may look themselves. Not: for opening anything but /proc. Called by: process_files.cc. Invariant: the
// thread is itself again afterwards.
#pragma once

#include <sys/types.h>

#include <cstdint>

namespace foster {

class AsUser {
 public:
  explicit AsUser(std::int32_t pid);  // of that process; nothing happens where that is not allowed
  ~AsUser();
  AsUser(const AsUser&) = delete;
  AsUser& operator=(const AsUser&) = delete;

 private:
  bool is_changed_ = false;
  uid_t uid_ = 0;
  gid_t gid_ = 0;
};

}  // namespace foster
