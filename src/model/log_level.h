// SPDX-License-Identifier: MIT
// LogLevel: how bad a line says it is. Not: an opinion of foster's (a line that says nothing has no level).
// Called by: cli (--level), logd's network sinks (severity). Invariants: pure; looks at the first
// kLevelLooksAt bytes of a line only; knows JSON ("level", "severity", "lvl", "levelname", pino's and
// bunyan's numbers), logfmt (level=warn), syslog's <3>, brackets ([WARN], WARN:), glog's leading letter
// (E1121 07:32:35), supervisord's WARN / CRIT / ERRO.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace foster {

enum class LogLevel : std::uint8_t { kTrace, kDebug, kInfo, kWarn, kError, kFatal };
inline constexpr std::size_t kLevelLooksAt = 512;

std::optional<LogLevel> LevelOf(std::string_view line);
std::string_view NameOf(LogLevel level);  // "trace" ... "fatal"
std::optional<LogLevel> LogLevelFromName(
    std::string_view name);  // any case; also "warning", "err", "crit", "notice" ...

}  // namespace foster
