// SPDX-License-Identifier: MIT
// What the trees of services use and where they listen, from one look at /proc. Not: percent since the last
// time (cpu_share.h). Called by: prober.cc, in a worker. Invariants: a process that goes midway counts as far
// as it was seen; what cannot be read of one process of a tree is null for the whole tree: part of a sum is
// no sum.
#pragma once

#include <string>
#include <vector>

#include "wire/probe_codec.h"

namespace foster {

inline constexpr std::size_t kMaxPortsPerTree = 256;

// One for each of `trees`, cpu_percent 0.
std::vector<ServiceFigures> FiguresOf(const std::vector<TreeId>& trees);
// Only name, processes and ports.
ServiceFigures PortsOf(const TreeId& tree);

struct Seen {
  bool ok = false;
  std::string text;
};
// Whether a process of `tree` has a listening TCP socket.
Seen LookForListener(const TreeId& tree);

}  // namespace foster
