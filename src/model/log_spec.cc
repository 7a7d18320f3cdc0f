// SPDX-License-Identifier: MIT
#include "foster/log_spec.h"

#include "base/enum_names.h"

namespace foster {
namespace {

constexpr EnumNames<LogOverflow, LogOverflow::kDropOldest> kOverflows{{"block", "drop_oldest"}};
constexpr EnumNames<LogFullDisk, LogFullDisk::kWait> kFullDisks{{"skip", "wait"}};
constexpr EnumNames<LogSinkKind, LogSinkKind::kLoki> kSinkKinds{{"file", "s6", "syslog", "otlp", "loki"}};
constexpr EnumNames<LogFormat, LogFormat::kProcessComposeConsole> kFormats{
    {"raw", "tai64n", "iso", "foster", "json", "process_compose_json", "process_compose_console"}};
constexpr EnumNames<LogNaming, LogNaming::kTai64n> kNamings{{"numbered", "dated", "tai64n"}};
constexpr EnumNames<LogCompression, LogCompression::kZstd> kCompressions{{"none", "gzip", "zstd"}};

}  // namespace

std::string_view NameOf(LogOverflow overflow) { return kOverflows.NameOf(overflow); }
std::string_view NameOf(LogFullDisk full_disk) { return kFullDisks.NameOf(full_disk); }
std::string_view NameOf(LogSinkKind kind) { return kSinkKinds.NameOf(kind); }
std::string_view NameOf(LogFormat format) { return kFormats.NameOf(format); }
std::string_view NameOf(LogNaming naming) { return kNamings.NameOf(naming); }
std::string_view NameOf(LogCompression compression) { return kCompressions.NameOf(compression); }
std::optional<LogOverflow> LogOverflowFromName(std::string_view name) { return kOverflows.FromName(name); }
std::optional<LogFullDisk> LogFullDiskFromName(std::string_view name) { return kFullDisks.FromName(name); }
std::optional<LogSinkKind> LogSinkKindFromName(std::string_view name) { return kSinkKinds.FromName(name); }
std::optional<LogFormat> LogFormatFromName(std::string_view name) { return kFormats.FromName(name); }
std::optional<LogNaming> LogNamingFromName(std::string_view name) { return kNamings.FromName(name); }
std::optional<LogCompression> LogCompressionFromName(std::string_view name) {
  return kCompressions.FromName(name);
}

}  // namespace foster
