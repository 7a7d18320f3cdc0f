// SPDX-License-Identifier: MIT
// ProcessList: one look at /proc, and which of the processes belong to which service's tree. Not: signals
// (init), nor figures (tree_figures.h). Called by: tree_figures.cc. Invariants: one look serves any number of
// trees; a process belongs to one tree at most: by its pid, session or group; else by the inherited tag; else
// by descent; else by FOSTER_SERVICE; dead ones belong to none.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <unordered_map>
#include <vector>

#include "wire/probe_codec.h"

namespace foster {

struct ProcessEntry {
  std::int32_t pid = 0;
  std::int32_t parent = 0;
  std::int32_t group = 0;
  std::int32_t session = 0;
  char run_state = '?';
  std::uint32_t threads = 0;
  std::uint64_t cpu_ticks = 0;  // its own and its reaped children's
  std::uint64_t rss_pages = 0;
  bool has_memory = false;  // no kernel thread, and not dead
};

// Of /proc/PID/stat; false if that is not what `text` is.
bool ParseStat(const std::string& text, ProcessEntry* entry);

class ProcessList {
 public:
  static ProcessList Read();
  // For each tree its live processes, in the order of their pids.
  std::vector<std::vector<const ProcessEntry*>> Members(const std::vector<TreeId>& trees) const;
  std::size_t size() const { return entries_.size(); }

 private:
  class Sorter;
  std::vector<ProcessEntry> entries_;
  std::unordered_map<std::int32_t, std::size_t> by_pid_;
};

}  // namespace foster
