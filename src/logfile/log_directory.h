// SPDX-License-Identifier: MIT
// FindLogFiles: whose files lie in a directory of logs: foster's own, s6-log's (current, @*.s, @*.u),
// supervisord's (FILE.1), process-compose's (NAME-DATE.log), plain or compressed; one service a
// subdirectory, or a file. LogFilesReader: their lines from the oldest file to the newest. Not: choosing or
// merging lines (cli). Called by: `svc logs`. Invariants: memory does not grow with the files; whatever bytes
// they hold, reading ends, and every line that can be read is given; what cannot is told in problems().
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/result.h"
#include "logfile/log_entry.h"

namespace foster {

struct LogFile {
  std::string path;
  std::uint64_t size = 0;
  WallNanos changed = 0;  // when its last line was written
  bool is_compressed = false;
};

// The files of one service, or of one of its streams.
struct LogFiles {
  std::string service;
  std::uint32_t stream = 0;    // where the lines do not say
  std::vector<LogFile> files;  // the oldest first
};

inline constexpr std::size_t kMostLogFamilies = 4096;
inline constexpr int kDeepestLogDirectory = 6;

// By service. Error: `directory` cannot be read.
Result<std::vector<LogFiles>> FindLogFiles(const std::string& directory);

// The boots that foster's own files among them tell of, with when they began.
std::vector<std::pair<std::string, WallNanos>> BootsIn(const LogFiles& files);

class LogFilesReader {
 public:
  // Where to begin: a byte of a file at which a line begins.
  struct Place {
    std::size_t file = 0;
    std::uint64_t offset = 0;
    bool operator==(const Place&) const = default;
  };
  using Wanted = std::function<bool(const LogEntry&)>;

  explicit LogFilesReader(LogFiles files);
  LogFilesReader(LogFilesReader&&) noexcept;
  LogFilesReader& operator=(LogFilesReader&&) noexcept;
  ~LogFilesReader();

  const LogFiles& files() const;
  // Lines of more than kLogLineMost bytes come in pieces. False: the end.
  bool Next(LogEntry* entry);
  // The next line is the one at `place`. To and in compressed files: only to their beginning.
  void Seek(const Place& place);
  // A place with at least `count` wanted lines behind it, if there are so many; read from the end, so that
  // the older files are not even opened.
  Place FindLast(std::size_t count, const Wanted& wanted);
  // A place before the first line of `since` or later, as long as the clock was not set back.
  Place FindSince(WallNanos since);
  // "FILE: damaged", each once, at most 100.
  const std::vector<std::string>& problems() const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace foster
