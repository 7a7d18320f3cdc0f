// SPDX-License-Identifier: MIT
// The recent log of services as text, and the slices of it that clients ask for. Called by: rpc_logs.cc,
// log_follow.cc, rest_processes.cc, web_page.cc. Invariant: what is here is what foster's ring holds now;
// offsets count from its oldest byte, so they move when the ring does.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "foster/service_status.h"
#include "gateway/control.h"

namespace foster {

inline constexpr int kRingLines = 1000;

// Of bytes that are no UTF-8 nothing leaves the gateways.
Result<std::vector<LogRecord>> RecentLog(Control& control, const std::string& service, int lines);
// The text of one stream ("" = both), a '\n' behind every whole line.
std::string TextOf(const std::vector<LogRecord>& records, std::string_view stream);
std::string TextOf(const LogRecord& record);

// supervisord's readLog rules: negative offset and no length = the last -offset bytes; no length = to the
// end. Error: arguments that mean nothing.
Result<std::string> ReadSlice(std::string_view text, std::int64_t offset, std::int64_t length);

struct TailSlice {
  std::string text;
  std::int64_t offset = 0;
  bool overflow = false;
};
TailSlice ReadTail(std::string_view text, std::int64_t offset, std::int64_t length);

}  // namespace foster
