// SPDX-License-Identifier: MIT
// Trees: which process tree a service's main process has now: its incarnation, pid and the tag that every
// process of it inherits. Not: the processes themselves (the prober walks /proc). Called by: Supervisor (what
// init says), probes and figures (ask). Invariants: a tree is known from the exec until init says that its
// last process is gone; what init says of an older incarnation changes nothing.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>

#include "foster/init_protocol.h"
#include "wire/probe_codec.h"

namespace foster {

class Trees {
 public:
  // Any message of init about a child; those of other roles than main are passed over.
  void OnMessage(const Message& message);
  void Remove(const std::string& name) { trees_.erase(name); }

  std::optional<TreeId> Of(const std::string& name) const;

 private:
  void Learn(const Message& message);

  std::unordered_map<std::string, TreeId> trees_;
};

}  // namespace foster
