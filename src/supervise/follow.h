// SPDX-License-Identifier: MIT
// FollowDaemons: a main process has gone into the background: which process is the service now? Reads the pid
// file or takes the pid that the service named, and asks init to take that process for the main one. Not:
// deciding that it is to be followed, nor what happens when there is none (the core). Called by: Effects
// (kFollow), Supervisor (kMsgAdopted). Invariants: every kFollow is answered by one kFollowed; a pid file
// older than the incarnation is not believed; init takes only a process of the service's own tree.
#pragma once

#include <string>

#include "supervise/engine_driver.h"
#include "sys/init_channel.h"

namespace foster {

// The pid in the file at `path`, which was written at `not_before` (ns since 1970) or later; 0 = none.
std::int32_t ReadPidFile(const std::string& path, WallNanos not_before);

class FollowDaemons {
 public:
  FollowDaemons(InitChannel& init, EngineDriver& driver) : init_(init), driver_(driver) {}

  void Perform(const Effect& effect, const std::string& name);
  void OnAdopted(const Message& message);

 private:
  std::int32_t PidOf(const Effect& effect) const;
  void Answer(ServiceId service, std::uint64_t incarnation, std::int32_t pid);

  InitChannel& init_;
  EngineDriver& driver_;
};

}  // namespace foster
