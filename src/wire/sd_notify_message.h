// SPDX-License-Identifier: MIT
// SdNotifyMessage: one datagram that a service sent to $NOTIFY_SOCKET (sd_notify(3)), as plain values. Not:
// who sent it, nor what follows (src/supervise/sd_notify.h). Called by: SdNotify, tests/fuzz. Invariants: any
// bytes give a message or nothing; unknown keys and values that make no sense are left out, the rest counts;
// texts hold no control characters and have a bound.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "foster/time.h"

namespace foster {

inline constexpr std::size_t kMaxSdNotifyMessage = 4096;
inline constexpr std::size_t kMaxSdStatus = 1024;
inline constexpr std::size_t kMaxSdFdName = 60;

enum class SdWatchdog : std::uint8_t { kNone, kAlive, kTrigger };

struct SdNotifyMessage {
  bool ready = false;
  bool reloading = false;
  bool stopping = false;
  std::optional<std::string> status;
  std::optional<int> error;  // ERRNO
  std::optional<std::int32_t> main_pid;
  SdWatchdog watchdog = SdWatchdog::kNone;
  std::optional<Millis> watchdog_interval;  // 0 = none from here on
  std::optional<Millis> extend_timeout;
  bool fd_store = false;
  bool fd_store_remove = false;
  std::string fd_name;  // "" = none was given, or none that may be one
  bool fd_poll = true;
  bool barrier = false;
  bool operator==(const SdNotifyMessage&) const = default;
};

// nullopt: longer than kMaxSdNotifyMessage, or without any key that is known.
std::optional<SdNotifyMessage> ParseSdNotify(std::string_view datagram);

}  // namespace foster
