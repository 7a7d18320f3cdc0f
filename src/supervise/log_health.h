// SPDX-License-Identifier: MIT
// LogHealth: what logd says of sinks that cannot write -> one event and one line of foster's own log for each
// change. Also which state belongs to which sink of a config. Not: the state (sys/log_table.h). Called by:
// Supervisor, methods_log_manage.cc. Invariant: what is said again unchanged is not told again.
#pragma once

#include <map>
#include <string>
#include <utility>

#include "foster/log_spec.h"
#include "sys/log_table.h"

namespace foster {

std::string_view NameOf(LogSinkHealth health);  // "idle", "good", "behind", "full", "broken"

// The state that serves config.spec.sinks[sink]; nullptr: none does yet.
const LogSinkState* StateOf(const LogSlot& slot, const LogSlotConfig& config, std::size_t sink);
// The sink that state `index` serves; nullptr: none of this config.
const LogSink* SinkOf(const LogSlot& slot, const LogSlotConfig& config, std::uint32_t index);

// "web: cannot write to the file /var/log/web: No space left on device; ..." / "web: writes to ... again"
std::string TroubleText(const LogSlotConfig& config, const LogSink& sink, LogSinkHealth health, int error);
std::string RecoveryText(const LogSlotConfig& config, const LogSink& sink, std::uint64_t skipped);

class LogHealth {
 public:
  // What is to be told; "" = nothing.
  std::string Changed(const LogTable& table, std::uint32_t slot, std::uint32_t sink, bool is_trouble);

 private:
  struct Told {
    std::uint64_t identity = 0;
    bool is_trouble = false;
    int error = 0;
    std::uint64_t skipped = 0;  // when the trouble began
  };
  std::map<std::pair<std::uint32_t, std::uint32_t>, Told> told_;  // at most kLogSlots * kMaxLogSinks
};

}  // namespace foster
