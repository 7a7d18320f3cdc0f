// SPDX-License-Identifier: MIT
// LogFold: lines of a service that say the same again and again, as the first one and a count. Not: of
// different services, nor lines with others of the service in between. Called by: logs. Invariants: each line
// is either passed on or counted; one line of each service is kept.
#pragma once

#include <functional>
#include <map>
#include <string>

#include "cli/log_filter.h"

namespace foster::cli {

enum class FoldHow { kNot, kExact, kLoose };

// What kLoose compares: numbers and hexadecimal words of eight digits and more are as good as each other.
std::string LooseText(std::string_view text);

class LogFold {
 public:
  using Repeats = std::function<void(const LogLineShown& last, std::uint64_t times, WallNanos first)>;
  LogFold(FoldHow how, LogFilter::Emit emit, Repeats repeats);

  void Add(LogLineShown line);
  // Tells of what was counted so far; what comes later counts anew.
  void Flush();

 private:
  struct Run {
    std::string text;
    WallNanos first = 0;
    std::uint64_t times = 0;
    LogLineShown last;
  };
  void Tell(Run* run);

  FoldHow how_;
  LogFilter::Emit emit_;
  Repeats repeats_;
  std::map<std::string, Run> runs_;
};

}  // namespace foster::cli
