// SPDX-License-Identifier: MIT
// LogReply: the answer to one `logs`: lines of several services, merged by time, within a number of bytes,
// gathered in slices so that the loop never waits for it. Not: following what comes later (log_followers.h).
// Called by: methods_logs.cc. Invariants: a Step() takes about kLogSlice; what is gathered is never more than
// twice the answer; ends after a bounded number of steps, however fast the services write: it reads up to
// where they were when it began.
#pragma once

#include <functional>
#include <map>
#include <string>
#include <vector>

#include "supervise/log_query.h"
#include "supervise/log_records.h"

namespace foster {

inline constexpr std::chrono::microseconds kLogSlice{500};
// What is read between two looks at the clock.
inline constexpr std::size_t kLogStepLines = 64;
inline constexpr std::size_t kLogStepBytes = 32 * 1024;

class LogReply {
 public:
  LogReply(const LogTable& table, LogRedactors& redactors, LogQuery query, std::vector<std::string> names);

  // True: it is whole.
  bool Step();
  // Then: {lines, cursors, more, other_boot}
  const std::string& text() const { return text_; }
  const LogQuery& query() const { return query_; }
  // Where following goes on.
  const std::map<std::string, LogCursor>& cursors() const { return cursors_; }

 private:
  struct Line {
    std::int64_t order = 0;  // its monotonic time, never less than that of the line before it in its service
    std::size_t place = 0;   // of its service in names_
    LogCursor cursor;        // behind it
    std::string json;
  };
  enum class Stage { kBegin, kRead, kMerge, kWrite, kDone };
  void Work();
  void Begin();
  void Read();
  void Take(std::vector<LogLine> lines);
  void Merge();
  void LeaveOutOldest();
  void LeaveOutNewest();
  void Write();
  void Close();
  void GoBack();
  bool KeepsOldest() const { return query_.oldest_first || !query_.after.empty(); }
  const std::string& name() const { return names_[place_]; }

  const LogTable& table_;
  LogRedactors& redactors_;
  LogQuery query_;
  std::vector<std::string> names_;
  std::size_t place_ = 0;  // the service that is being read
  Stage stage_ = Stage::kBegin;
  int slot_ = -1;
  LogCursor at_;      // reading
  LogCursor record_;  // behind the last line that was taken
  LogReach end_{};
  std::vector<Line> lines_;  // of this service
  std::vector<Line> all_;    // of those before it, by time
  std::map<std::string, LogCursor> begins_;
  std::int64_t horizon_ =
      INT64_MAX;           // of a service that was not read to its end nothing is known behind this
  std::size_t bytes_ = 0;  // of lines_ and all_
  std::size_t written_ = 0;
  bool is_more_ = false;
  std::vector<std::string> other_boot_;
  std::map<std::string, LogCursor> cursors_;
  std::string text_;
};

}  // namespace foster
