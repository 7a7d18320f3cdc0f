// SPDX-License-Identifier: MIT
#include "formats/supervisord_logs.h"

#include <algorithm>
#include <filesystem>

#include "base/ascii.h"
#include "formats/foster_values.h"
#include "formats/foster_yaml_log.h"
#include "model/check_log.h"

namespace foster {
namespace {

constexpr std::uint32_t kFacilityUser = 1;  // what syslog(3) takes where nobody says

enum class Goes { kAuto, kNowhere, kConsole, kFile };

// stdout or stderr of one process.
struct Channel {
  Goes goes = Goes::kAuto;
  std::string path;
  bool to_syslog = false;
  LogRotation rotation;
};

template <class T, std::optional<T> (*from_name)(std::string_view)>
Result<T> ParseWord(std::string_view text) {
  auto value = from_name(ToLower(text));
  if (!value) return Error("unknown word " + Quote(text));
  return *value;
}

Result<Millis> ParseEvery(std::string_view text) { return ParseLogEvery(ToLower(text)); }

// "/dev/fd/1" and its other names: the number, else -1.
int StandardFd(const std::string& path) {
  if (path == "/dev/stdout") return 1;
  if (path == "/dev/stderr") return 2;
  for (std::string_view directory : {"/dev/fd/", "/proc/self/fd/", "/proc/1/fd/"}) {
    if (path.rfind(directory, 0) != 0) continue;
    auto number = ParseNumber(std::string_view(path).substr(directory.size()), 0, 1 << 20);
    if (number.ok()) return static_cast<int>(*number);
  }
  return -1;
}

class LogReader {
 public:
  LogReader(const ProgramContext& context, const SupervisordSection& section, ServiceSpec& spec)
      : context_(context), section_(section), spec_(spec) {}

  void Run() {
    Channel out = Read("stdout"), err = Read("stderr");
    if (spec_.merge_stderr) err = Merged(err);
    spec_.log.console = IsShown(out, err);
    AddFiles(out, err);
    AddSyslog(out.to_syslog, err.to_syslog);
    OwnKeys();
    for (const SpecFault& fault : CheckLog(spec_, 1)) section_.Wrong(KeyOf(fault), fault.text, fault.hint);
  }

 private:
  // The key that a fault is about, as far as one can tell from what is written.
  std::string KeyOf(const SpecFault& fault) const {
    const bool is_time = fault.key == "log.file.rotate.every";
    for (const char* channel : {"stdout_logfile", "stderr_logfile"}) {
      std::string key = std::string(channel) + (is_time ? "_rotate_every" : "");
      if (section_.Find(key)) return key;
    }
    return "stdout_logfile";
  }

  void Warn(const std::string& key, const std::string& text, const std::string& hint = {}) {
    section_.report().Warning(section_.OriginOf(key), "For [" + section_.section().name + "], " + text, hint);
  }

  Channel Read(const std::string& name) {
    const std::string key = name + "_logfile";
    Channel channel;
    auto bytes = section_.Value<std::int64_t>(key + "_maxbytes", static_cast<std::int64_t>(kUsualFileBytes),
                                              ParseByteSize, "like 50MB, 1GB or 1024");
    channel.rotation.max_bytes = static_cast<std::uint64_t>(std::max<std::int64_t>(bytes, 0));
    channel.rotation.backups = static_cast<std::uint32_t>(
        std::clamp<std::int64_t>(section_.Integer(key + "_backups", 10), 0, 1'000'000));
    channel.rotation.compression = section_.Value<LogCompression>(
        key + "_compress", LogCompression::kNone, ParseWord<LogCompression, LogCompressionFromName>,
        "allowed: none, gzip, zstd");
    channel.rotation.every = section_.Value<Millis>(key + "_rotate_every", Millis{0}, ParseEvery,
                                                    "like 1h, 12h, daily, weekly, or never");
    channel.to_syslog = section_.Bool(name + "_syslog", false);
    if (section_.Find(key)) Place(name, channel);
    if (channel.goes == Goes::kAuto && channel.rotation.max_bytes == 0)
      section_.report().Note(section_.OriginOf(key + "_maxbytes"),
                             "For [" + section_.section().name + "], AUTO logging used for " + key +
                                 " without rollover, set maxbytes > 0 to avoid filling up filesystem "
                                 "unintentionally",
                             "here AUTO is a ring in memory, which fills up nothing");
    return channel;
  }

  // The value is expanded once as every one, and once more because supervisord does.
  void Place(const std::string& name, Channel& channel) {
    const std::string key = name + "_logfile";
    const std::size_t errors_before = section_.report().error_count();
    std::string value = section_.Text(key);
    PercentError error;
    value = ExpandPercent(value, section_.names(), &error);
    if (error.kind != PercentError::Kind::kNone)
      return section_.report().Error(section_.OriginOf(key),
                                     key + " is expanded twice and cannot be: " + error.text,
                                     "write '%%%%' for a percent sign here");
    if (section_.report().error_count() != errors_before) return;
    const std::string word = ToLower(value);
    if (word == "auto") return;
    channel.goes = Goes::kNowhere;
    if (word == "syslog") {
      channel.to_syslog = true;
      return Warn(key, key + "=syslog but this is deprecated and will be removed.  Use " + name +
                           "_syslog=true to enable syslog instead.");
    }
    if (word.empty() || word == "none" || word == "off" || value == "/dev/null") return;
    PlacePath(key, value, channel);
  }

  void PlacePath(const std::string& key, const std::string& value, Channel& channel) {
    if (int fd = StandardFd(value); fd >= 0) {
      channel.goes = Goes::kConsole;
      if (fd != 1 && fd != 2)
        Warn(key, "foster has nothing open as " + Quote(value), "the output goes to foster's own stdout");
      return;
    }
    std::string path = value;
    if (path == "~" || path.rfind("~/", 0) == 0) path = context_.home + path.substr(1);
    const std::size_t slash = path.rfind('/');
    std::error_code unused;
    const bool is_there = slash == std::string::npos || slash == 0 ||
                          std::filesystem::is_directory(Absolute(path.substr(0, slash)), unused);
    if (!is_there)
      return section_.Wrong(key, "The directory named as part of the path " + value + " does not exist",
                            "create it, or write the log somewhere else");
    channel.goes = Goes::kFile;
    channel.path = Absolute(path);
    if (channel.path.rfind("/dev/", 0) == 0) channel.rotation = LogRotation{};
  }

  std::string Absolute(const std::string& path) const {
    if (!path.empty() && path[0] == '/') return path;
    std::filesystem::path base = context_.working_directory.empty() ? "/" : context_.working_directory;
    return (base / path).lexically_normal().string();
  }

  Channel Merged(const Channel& err) {
    if (err.goes == Goes::kFile || err.goes == Goes::kConsole)
      Warn("stderr_logfile",
           "redirect_stderr=true but stderr_logfile has also been set to a filename, the "
           "filename has been ignored");
    Channel none;
    none.goes = Goes::kNowhere;
    return none;
  }

  // What goes to a file is not shown on foster's stdout, and AUTO is as the other stream; but a service is
  // shown or not as a whole.
  static bool IsShown(const Channel& out, const Channel& err) {
    const bool is_asked_for = out.goes == Goes::kConsole || err.goes == Goes::kConsole;
    const bool goes_elsewhere = out.goes != Goes::kAuto || err.goes == Goes::kFile;
    return is_asked_for || !goes_elsewhere;
  }

  void AddFiles(const Channel& out, const Channel& err) {
    const bool is_one = out.goes == Goes::kFile && err.goes == Goes::kFile && out.path == err.path;
    if (out.goes == Goes::kFile) AddFile(out, true, is_one);
    if (err.goes == Goes::kFile && !is_one) AddFile(err, false, true);
  }

  void AddFile(const Channel& channel, bool takes_out, bool takes_err) {
    LogSink sink;
    sink.target = channel.path;
    sink.takes_out = takes_out;
    sink.takes_err = takes_err;
    sink.rotation = channel.rotation;
    sink.strip_ansi = context_.strip_ansi;
    spec_.log.sinks.push_back(std::move(sink));
  }

  void AddSyslog(bool takes_out, bool takes_err) {
    if (!takes_out && !takes_err) return;
    LogSink sink;
    sink.kind = LogSinkKind::kSyslog;
    sink.target = "unix:/dev/log";
    sink.facility = kFacilityUser;
    sink.takes_out = takes_out;
    sink.takes_err = takes_err;
    spec_.log.sinks.push_back(std::move(sink));
  }

  // supervisord ignores keys that it does not know: a file with these still works there.
  void OwnKeys() {
    LogSpec& log = spec_.log;
    log.console = section_.Bool("log_console", log.console);
    log.overflow =
        section_.Value<LogOverflow>("log_overflow", log.overflow, ParseWord<LogOverflow, LogOverflowFromName>,
                                    "allowed: block, drop_oldest");
    log.full_disk = section_.Value<LogFullDisk>(
        "log_full_disk", log.full_disk, ParseWord<LogFullDisk, LogFullDiskFromName>, "allowed: skip, wait");
    std::uint64_t ring = section_.Value<std::uint64_t>("log_ring", log.ring_bytes, ParseSize, "64K to 1G");
    if (ring < kLeastRingBytes || ring > kMostRingBytes)
      section_.Wrong("log_ring", std::to_string(ring) + " bytes", "64K to 1G");
    else
      log.ring_bytes = ring;
  }

  const ProgramContext& context_;
  const SupervisordSection& section_;
  ServiceSpec& spec_;
};

}  // namespace

void ReadSupervisordLogs(const ProgramContext& context, const SupervisordSection& section,
                         ServiceSpec& spec) {
  LogReader(context, section, spec).Run();
}

}  // namespace foster
