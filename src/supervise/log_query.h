// SPDX-License-Identifier: MIT
// LogQuery: the parameters of the method `logs`, checked. Not: names (matcher.h). Called by: methods_logs.cc.
// Pure. Invariant: what is not understood wholly is an error that names the parameter.
#pragma once

#include <map>
#include <string>

#include "base/result.h"
#include "sys/log_reader.h"
#include "wire/json.h"

namespace foster {

inline constexpr std::size_t kUsualLogLines = 100;  // of each service
inline constexpr std::size_t kUsualLogBytes = 900'000;
inline constexpr std::size_t kMostLogBytes = 3'500'000;  // an answer is at most 4 MiB

struct LogQuery {
  LogFilter filter;
  std::size_t lines = kUsualLogLines;      // the last ones, of each service
  std::map<std::string, LogCursor> after;  // instead of the last ones: all behind these
  std::size_t max_bytes = kUsualLogBytes;  // of the answer
  bool oldest_first = false;               // if that is too much: the newest are left out
  bool follow = false;
};

Result<LogQuery> LogQueryFrom(const Json& params);

// ns since 1970: a number, or RFC 3339 with up to nine decimals.
Result<WallNanos> MomentFrom(const Json& json);

}  // namespace foster
