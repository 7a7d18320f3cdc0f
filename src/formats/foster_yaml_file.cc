// SPDX-License-Identifier: MIT
// log.files: one file, its form and its rotation.
#include "formats/foster_values.h"
#include "formats/foster_yaml_log.h"
#include "formats/scalar_values.h"
#include "formats/yaml_values.h"

namespace foster {
namespace {

constexpr Millis kDay{86'400'000};
constexpr std::int64_t kMostBackups = 1'000'000;

bool IsNever(const FosterNode& value) {
  bool flag = true;
  return value.yaml().is_scalar() &&
         (value.yaml().scalar == "never" || (ReadYamlBool(value.yaml(), &flag) && !flag));
}

// ---- rotate

template <std::uint64_t LogRotation::*member>
void ReadSize(const FosterNode& value, LogRotation& rotation) {
  if (IsNever(value))
    rotation.*member = 0;
  else
    value.Value<std::uint64_t>(&(rotation.*member), ParseSize, "like 512K, 50M, 1G, or never");
}

void ReadEvery(const FosterNode& value, LogRotation& rotation) {
  value.Value<Millis>(&rotation.every, ParseLogEvery, "like 1h, 12h, daily, weekly, or never");
}

void ReadBackups(const FosterNode& value, LogRotation& rotation) {
  if (value.yaml().is_scalar() && value.yaml().scalar == "all")
    rotation.backups = UINT32_MAX;
  else
    value.Number(&rotation.backups, 0, kMostBackups);
}

void ReadAge(const FosterNode& value, LogRotation& rotation) {
  if (IsNever(value))
    rotation.max_age = Millis{0};
  else
    value.Duration(&rotation.max_age, Millis{1'000}, false);
}

const std::vector<FosterKey<LogRotation>> kRotationKeys = {
    {"size", ReadSize<&LogRotation::max_bytes>},
    {"every", ReadEvery},
    {"backups", ReadBackups},
    {"total", ReadSize<&LogRotation::max_total>},
    {"age", ReadAge},
    {"naming", [](const FosterNode& value,
                  LogRotation& rotation) { value.Word(&rotation.naming, LogNaming::kTai64n); }},
    {"compress", [](const FosterNode& value,
                    LogRotation& rotation) { value.Word(&rotation.compression, LogCompression::kZstd); }},
};

void ReadRotation(const FosterNode& value, LogSink& sink) {
  if (IsNever(value)) {
    sink.rotation = LogRotation{};
  } else if (value.yaml().is_scalar()) {
    ReadSize<&LogRotation::max_bytes>(value, sink.rotation);
  } else {
    ReadKeys(value, kRotationKeys, sink.rotation);
  }
}

// ---- the file

void ReadMode(const FosterNode& value, LogSink& sink) {
  auto parse = [](std::string_view text) -> Result<std::uint32_t> {
    auto mode = ParseOctal(text);
    if (mode.ok() && *mode > 0777) return Error("out of range: " + Quote(text));
    return mode;
  };
  value.Value<std::uint32_t>(&sink.mode, parse, "octal, like 0640");
}

const std::vector<FosterKey<LogSink>> kFileKeys = {
    {"path", [](const FosterNode& value, LogSink& sink) { value.Expanded(&sink.target); }},
    {"streams", ReadLogStreams},
    {"format", [](const FosterNode& value,
                  LogSink& sink) { value.Word(&sink.format, LogFormat::kProcessComposeConsole); }},
    {"mode", ReadMode},
    {"rotate", ReadRotation},
    {"truncate", [](const FosterNode& value, LogSink& sink) { value.Bool(&sink.truncate_at_start); }},
    {"strip_ansi", [](const FosterNode& value, LogSink& sink) { value.Bool(&sink.strip_ansi); }},
};

}  // namespace

Result<Millis> ParseLogEvery(std::string_view text) {
  if (text == "never") return Millis{0};
  if (text == "hourly") return kDay / 24;
  if (text == "daily") return kDay;
  if (text == "weekly") return kDay * 7;
  return ParseDuration(text);
}

void ReadFosterFile(const FosterNode& value, LogSink& sink) {
  sink.kind = LogSinkKind::kFile;
  sink.rotation.max_bytes = kUsualFileBytes;
  if (value.yaml().is_scalar()) {
    value.Expanded(&sink.target);
  } else {
    ReadKeys(value, kFileKeys, sink);
    if (value.yaml().is_map() && !value.yaml().Find("path"))
      value.Error("has no path", "add path: /dir/file");
  }
  if (sink.target.rfind("/dev/", 0) == 0 && !value.yaml().Find("rotate")) sink.rotation = LogRotation{};
}

}  // namespace foster
