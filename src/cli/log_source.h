// SPDX-License-Identifier: MIT
// LogSource: where the lines of `svc logs` come from, as streams that are pulled: the rings (the method
// `logs`, page by page), files (logfile/log_directory.h), and both as one. Not: choosing lines. Called by:
// logs. Invariants: bounded memory (a page, a block of each file); a line of a service is given once, in its
// service's order; what is missing between two lines of the rings is told.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "cli/log_query.h"
#include "cli/session.h"
#include "logfile/log_directory.h"

namespace foster::cli {

class LogStream {
 public:
  virtual ~LogStream() = default;
  // False: the end, or failed() is true.
  virtual bool Next(LogEntry* entry) = 0;
  virtual bool failed() const { return false; }
  // How much later than it says a line may have come.
  virtual WallNanos slack() const { return 0; }
};

// What the rings have, merged by foster.
class RingStream : public LogStream {
 public:
  // `params`: of the first call. `skip_to`: of these services nothing before, nor of, that line.
  RingStream(Session& session, Json params, std::map<std::string, std::uint64_t> skip_to);
  bool Next(LogEntry* entry) override;
  bool failed() const override { return failed_; }
  // Times are told in milliseconds, those of files in nanoseconds: older lines stay before newer ones.
  WallNanos slack() const override { return 999'999; }
  // Behind everything that was given.
  const Json& cursors() const { return cursors_; }

 private:
  bool Ask();

  Session& session_;
  Json params_;
  std::map<std::string, std::uint64_t> skip_to_;
  std::map<std::string, std::uint64_t> last_;  // line of each service
  std::vector<LogEntry> page_;                 // the next one is the last of them
  Json cursors_;
  bool has_more_ = true;
  bool failed_ = false;
};

// What of a service's files is wanted.
struct FileRange {
  std::string boot;       // only this one, or what a cursor says of it; "": all
  std::string last_boot;  // of this one only the lines before `before_seq`
  std::uint64_t before_seq = UINT64_MAX;
  std::string after_boot;           // nothing before this boot ...
  std::uint64_t after[2] = {0, 0};  // ... and of it nothing up to these positions
};

class FileStream : public LogStream {
 public:
  // Begins where `count` wanted lines lie (kAll: all), or `since`. `exact`: from the first line, so that
  // cursors are known.
  FileStream(LogFiles files, FileRange range, const LogQuery& query, bool exact);
  bool Next(LogEntry* entry) override;
  const std::vector<std::string>& problems() const { return reader_.problems(); }

 private:
  bool IsWithin(const LogEntry& entry) const;
  void MarkCursor(LogEntry* entry);

  LogFilesReader reader_;
  FileRange range_;
  WallNanos until_;
  bool is_past_ = false;  // the boot of `after` has begun
  std::string cursor_boot_;
  std::uint64_t positions_[2] = {0, 0};
  bool are_known_ = false;
};

// All of them by time; each stream's own order stays.
class MergedStream : public LogStream {
 public:
  explicit MergedStream(std::vector<std::unique_ptr<LogStream>> streams);
  bool Next(LogEntry* entry) override;
  bool failed() const override;

 private:
  struct Head {
    LogEntry entry;
    WallNanos order = 0;
    std::size_t index = 0;
  };
  void Pull(std::size_t index, WallNanos at_least);

  std::vector<std::unique_ptr<LogStream>> streams_;
  std::vector<Head> heads_;  // a heap, the earliest first
};

// The boots that foster's files tell of, the oldest first.
std::vector<std::string> ListBoots(const std::vector<LogFiles>& files);
// "0" the last of `boots`, "-1" the one before it, or the one that begins so. Error: there is none.
Result<std::string> ChooseBoot(const std::vector<std::string>& boots, const std::string& text);
// Whether one of `names` means `service`: its name, its last part, "workload/", a glob. No names: all.
bool IsNamed(const std::vector<std::string>& names, const std::string& service);

}  // namespace foster::cli
