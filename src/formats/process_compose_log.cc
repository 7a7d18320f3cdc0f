// SPDX-License-Identifier: MIT
#include "formats/process_compose_log.h"

#include <algorithm>
#include <filesystem>

#include "formats/process_compose_keys.h"
#include "model/check_log.h"

namespace foster {
namespace {

constexpr std::uint64_t kMegabyte = 1u << 20;
constexpr std::int64_t kUsualMegabytes = 100;  // of a rotation that does not say
constexpr std::int64_t kMost = 1'000'000;
constexpr std::int64_t kBytesPerLine = 256;  // of log_length, which counts lines
constexpr std::size_t kMostFields = 64;
constexpr Millis kDay{86'400'000};
constexpr std::uint64_t kSharedFileBytes = 50 * kMegabyte;

std::string Absolute(const std::string& path, const std::string& directory) {
  if (path[0] == '/') return path;
  return (std::filesystem::path(directory.empty() ? "/" : directory) / path).lexically_normal().string();
}

std::int64_t Count(const YamlMap& map, const char* key, std::int64_t otherwise) {
  std::int64_t value = map.Integer(key, otherwise);
  if (value >= 0 && value <= kMost) return value;
  map.report().Error(map.Find(key)->origin, std::string(key) + ": out of range: " + std::to_string(value),
                     "0 to 1000000");
  return otherwise;
}

// As the library that process-compose uses for it: no number means no limit, but 100 MB of size.
void ReadRotation(const YamlMap& map, LogSink& sink) {
  map.CheckKeys(ProcessComposeRotationKeys(), false);
  std::int64_t megabytes = Count(map, "max_size_mb", 0), backups = Count(map, "max_backups", 0);
  LogRotation& rotation = sink.rotation;
  rotation.max_bytes = static_cast<std::uint64_t>(megabytes > 0 ? megabytes : kUsualMegabytes) * kMegabyte;
  rotation.backups = backups > 0 ? static_cast<std::uint32_t>(backups) : UINT32_MAX;
  rotation.max_age = kDay * Count(map, "max_age_days", 0);
  rotation.naming = LogNaming::kDated;
  if (map.Bool("compress", false)) rotation.compression = LogCompression::kGzip;
  sink.truncate_at_start = false;
}

// A file as process-compose writes it where nothing is configured.
LogSink NewFile(const std::string& path) {
  LogSink sink;
  sink.target = path;
  sink.format = LogFormat::kProcessComposeJson;
  sink.mode = 0600;
  sink.truncate_at_start = true;
  return sink;
}

void Configure(const YamlNode* node, const std::string& where, Report& report, LogSink& sink) {
  if (!node) return;
  YamlMap map(node, where, report);
  map.CheckKeys(ProcessComposeLogKeys(), false);
  LogFormatOptions& options = sink.format_options;
  if (map.Bool("disable_json", false)) sink.format = LogFormat::kProcessComposeConsole;
  options.add_timestamp = map.Bool("add_timestamp", false);
  options.time_layout = map.Text("timestamp_format");
  options.colour = !map.Bool("no_color", false);
  options.metadata = !map.Bool("no_metadata", false);
  options.fields = map.TextList("fields_order");
  if (options.fields.size() > kMostFields) {
    report.Error(map.Find("fields_order")->origin, "fields_order: too many fields", "at most 64");
    options.fields.clear();
  }
  if (const YamlNode* rotation = map.Find("rotation"); rotation && !rotation->is_null())
    ReadRotation(YamlMap(rotation, "rotation of " + where, report), sink);
}

// log_length is a number of lines; a ring is never made smaller than usual for it.
std::uint64_t RingBytes(std::int64_t lines) {
  const std::int64_t most = static_cast<std::int64_t>(kMostRingBytes) / kBytesPerLine;
  return std::max(kDefaultRingBytes,
                  static_cast<std::uint64_t>(std::clamp<std::int64_t>(lines, 0, most) * kBytesPerLine));
}

// Said here, where the place is known; a file that cannot be is left out.
void AddFile(const LogSink& sink, const Origin& place, Report& report, LogSpec& log) {
  const std::vector<SpecFault> faults = CheckSink(sink, kLeastFileBytes);
  for (const SpecFault& fault : faults) report.Error(place, "log_location: " + fault.text, fault.hint);
  if (faults.empty()) log.sinks = {sink};
}

}  // namespace

LogSpec ReadProjectLog(const YamlMap& project, const std::string& working_directory) {
  LogSpec log;
  log.ring_bytes = RingBytes(project.Integer("log_length", 1000));
  LogSink sink = NewFile({});
  Configure(project.Find("log_configuration"), "log_configuration", project.report(), sink);
  std::string location = project.Text("log_location");
  if (location.empty()) return log;
  sink.target = Absolute(location, working_directory);
  // Several write it: one that starts must not take the others' lines away. process-compose empties it when
  // it starts itself; foster goes on for months.
  sink.truncate_at_start = false;
  if (sink.rotation == LogRotation{}) {
    sink.rotation.max_bytes = kSharedFileBytes;
    sink.rotation.backups = 1;
  }
  AddFile(sink, project.Find("log_location")->origin, project.report(), log);
  return log;
}

LogSpec ReadProcessLog(const YamlMap& process, const std::string& name, const ProcessLogPlace& place) {
  LogSpec log = place.otherwise;
  LogSink sink = NewFile({});
  Configure(process.Find("log_configuration"), "log_configuration of process '" + name + "'", *place.report,
            sink);
  if (place.location.empty()) return log;
  sink.target = Absolute(place.location, place.working_directory);
  log.sinks.clear();
  AddFile(sink, process.Find("log_location")->origin, *place.report, log);
  return log;
}

}  // namespace foster
