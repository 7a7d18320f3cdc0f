// SPDX-License-Identifier: MIT
// Datagrams as any process may send them to a notification socket: nothing crashes, texts keep their bounds.
#include <cstdint>
#include <cstdlib>

#include "wire/sd_notify_message.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  auto message = foster::ParseSdNotify({reinterpret_cast<const char*>(data), size});
  if (!message) return 0;
  if (size > foster::kMaxSdNotifyMessage) std::abort();
  if (message->status && message->status->size() > foster::kMaxSdStatus) std::abort();
  if (message->fd_name.size() > foster::kMaxSdFdName) std::abort();
  if (message->fd_name.find(':') != std::string::npos) std::abort();
  if (message->main_pid && *message->main_pid <= 0) std::abort();
  if (message->watchdog_interval && message->watchdog_interval->count() < 0) std::abort();
  if (message->extend_timeout && message->extend_timeout->count() < 0) std::abort();
  return 0;
}
