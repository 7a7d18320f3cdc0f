// SPDX-License-Identifier: MIT
// LogSpec: what is wanted of one service's output, as plain values with ==: how much of it stays in memory,
// where else it goes, in which form, and who waits when that place is slow. The loaders translate their
// dialect into it; supervise hands it to logd. Not: run-time state (sys/log_table.h). Invariant: a change of
// it alone restarts no service.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "foster/time.h"

namespace foster {

inline constexpr std::size_t kMaxLogSinks = 8;  // of one service, beside its rings and foster's stdout
inline constexpr std::uint64_t kDefaultRingBytes = 512 * 1024;
inline constexpr std::uint64_t kLeastRingBytes = 64 * 1024;
inline constexpr std::uint64_t kMostRingBytes = 1ull << 30;
inline constexpr std::size_t kLogLineMost = 64 * 1024;  // longer lines come in marked pieces of this size

// What happens when a sink cannot keep up with the service (slow disk, slow stdout).
enum class LogOverflow : std::uint8_t {
  kBlock,       // the service's write(2) waits once a ring's worth of bytes is on its way
  kDropOldest,  // the sink leaves out the oldest bytes and says in its place how many
};

// What happens when a file cannot be written at all (ENOSPC, EDQUOT, EROFS, EIO ...), until it can be again.
enum class LogFullDisk : std::uint8_t {
  kSkip,  // the service and its ring go on; the file takes up what the ring still has and says what is
          // missing
  kWait,  // the service waits once the ring is full of unwritten bytes: nothing is ever missing
};

enum class LogSinkKind : std::uint8_t {
  kFile,    // target: absolute path
  kS6,      // target: a script in s6-log's language (model/s6_script.h), which names its own directories
  kSyslog,  // target: "unix:/dev/log" or "udp:HOST:PORT"; RFC 5424
  kOtlp,    // target: "http://HOST[:PORT]/PATH"; OTLP/HTTP with JSON bodies
  kLoki,    // target: "http://HOST[:PORT]/loki/api/v1/push"
};

// One line of a file. docs/formats.md shows each.
enum class LogFormat : std::uint8_t {
  kRaw,     // the bytes as they came
  kTai64n,  // s6-log's t: "@40000000... line"
  kIso,     // s6-log's T: "2026-11-21 07:32:35.863392026  line", local time
  kFoster,  // every field of the line (logfile/native_format.h): what `svc logs --directory` reads whole
  kJson,    // one object a line, as FOSTER_LOG_FORMAT=json shows it
  kProcessComposeJson,     // {"level":"info","process":"web","replica":0,"message":"..."}
  kProcessComposeConsole,  // "3:04PM INF text process=web replica=0"
};

// Only for the two formats of process-compose.
struct LogFormatOptions {
  bool add_timestamp = false;
  std::string time_layout;  // Go's layout; empty = RFC 3339
  bool colour = true;
  bool metadata = true;             // process and replica
  std::vector<std::string> fields;  // their order; empty = the usual one
  bool operator==(const LogFormatOptions&) const = default;
};

enum class LogNaming : std::uint8_t {
  kNumbered,  // supervisord: FILE.1 is the newest, FILE.2 ...
  kDated,     // process-compose: NAME-2026-11-21T07-32-35.863.EXT, UTC
  kTai64n,    // @40000000....s beside FILE, as s6-log's
};
enum class LogCompression : std::uint8_t { kNone, kGzip, kZstd };

struct LogRotation {
  std::uint64_t max_bytes = 0;  // rotated once the file has this size; 0 = never by size
  Millis every{0};  // rotated at the multiples of this since local midnight (or, above a day, since
                    // 1970); 0 = never by time
  std::uint32_t backups =
      10;  // archives kept; UINT32_MAX = all. 0 with kNumbered: the file is emptied instead
  std::uint64_t max_total = 0;  // the file and its archives together; 0 = no limit
  Millis max_age{0};            // archives older than this go; 0 = no limit
  LogNaming naming = LogNaming::kNumbered;
  LogCompression compression = LogCompression::kNone;
  bool operator==(const LogRotation&) const = default;
};

struct LogSink {
  LogSinkKind kind = LogSinkKind::kFile;
  bool takes_out = true;  // stdout
  bool takes_err = true;  // stderr
  std::string target;
  LogFormat format = LogFormat::kRaw;
  LogFormatOptions format_options;
  LogRotation rotation;
  std::uint32_t mode = 0644;         // of new files
  bool truncate_at_start = false;    // emptied before each start that somebody asked for (process-compose)
  bool strip_ansi = false;           // escape sequences are left out
  std::vector<std::string> headers;  // kOtlp, kLoki: "Name: value"
  std::vector<std::string> labels;   // kLoki: "name=value"; kOtlp: resource attributes
  std::uint32_t facility = 3;        // kSyslog: daemon
  bool operator==(const LogSink&) const = default;
};

struct LogSpec {
  std::uint64_t ring_bytes = kDefaultRingBytes;  // of each stream, its index included
  LogOverflow overflow = LogOverflow::kBlock;    // of foster's stdout and of files; network sinks never block
  LogFullDisk full_disk = LogFullDisk::kSkip;
  bool console = true;  // its lines are shown on foster's stdout
  std::vector<LogSink> sinks;
  bool operator==(const LogSpec&) const = default;
};

// A value that is handed to the service and never shown: neither in status nor in any log.
struct Secret {
  std::string name;  // of the environment variable that gets it; empty = only to be hidden
  std::string file;  // absolute path, read at each start; one trailing newline is no part of it
  bool operator==(const Secret&) const = default;
};
inline constexpr std::size_t kMaxSecrets = 64;

// What logd is told of one service, through the arena (LogTable::Configure).
struct LogSlotConfig {
  std::string service;
  LogSpec spec;
  std::vector<std::string> secrets;  // values; never written anywhere but into the arena
  bool operator==(const LogSlotConfig&) const = default;
};

std::string_view NameOf(LogOverflow overflow);        // "block", "drop_oldest"
std::string_view NameOf(LogFullDisk full_disk);       // "skip", "wait"
std::string_view NameOf(LogSinkKind kind);            // "file", "s6", "syslog", "otlp", "loki"
std::string_view NameOf(LogFormat format);            // "raw", "tai64n", "iso", "foster", "json",
                                                      // "process_compose_json", "process_compose_console"
std::string_view NameOf(LogNaming naming);            // "numbered", "dated", "tai64n"
std::string_view NameOf(LogCompression compression);  // "none", "gzip", "zstd"
std::optional<LogOverflow> LogOverflowFromName(std::string_view name);
std::optional<LogFullDisk> LogFullDiskFromName(std::string_view name);
std::optional<LogSinkKind> LogSinkKindFromName(std::string_view name);
std::optional<LogFormat> LogFormatFromName(std::string_view name);
std::optional<LogNaming> LogNamingFromName(std::string_view name);
std::optional<LogCompression> LogCompressionFromName(std::string_view name);

}  // namespace foster
