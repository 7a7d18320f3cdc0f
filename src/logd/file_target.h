// SPDX-License-Identifier: MIT
// FileTarget: one place in the file system that lines go to, shared by all sinks that name it, also of
// several services, so that rotations and lines of one never fall into the middle of another's. Not: which
// bytes (file_sink.h), nor archives (rotation.h). Called by: FileSink, under mutex(). Invariants: one per
// path and process; a target that is no regular file, or stands in /dev or /proc, is only ever written to.
#pragma once

#include <cstdint>
#include <memory>
#include <mutex>
#include <string>

#include "base/result.h"
#include "base/unique_fd.h"
#include "foster/log_spec.h"
#include "logd/compressor.h"
#include "logd/file_step.h"

namespace foster {

class FileTarget {
 public:
  // Symbolic links are followed, so two ways to one file are one.
  static std::shared_ptr<FileTarget> Of(const std::string& path);
  explicit FileTarget(std::string path);
  ~FileTarget();
  FileTarget(const FileTarget&) = delete;
  FileTarget& operator=(const FileTarget&) = delete;

  const std::string& path() const { return path_; }
  // Sink::Group: targets on one disk share a thread; each that can hang by itself has its own.
  const std::string& group() const { return group_; }
  std::mutex& mutex() { return mutex_; }

  // Open, and still what stands at the path; its size is known. Directories are made. `mode` of a new file.
  Result<void> Ensure(std::uint32_t mode);
  bool is_open() const { return fd_.get() >= 0; }
  void Close();
  // Steps of a killed logd, and of sinks that were stopped by an error.
  Result<void> Recover(LogTable& table);
  bool may_rotate() const { return step_.is_regular && !is_special_; }
  Result<void> Empty();
  void SetMode(std::uint32_t mode);  // of the open file, where it may be rotated

  StepFile& step() { return step_; }
  // The file ends without '\n', and whose rest that is; nullptr = not known.
  bool ends_mid_line() const { return ends_mid_line_; }
  const void* rest_of() const { return rest_of_; }
  void SetEnd(bool ends_mid_line, const void* rest_of);
  void SetNeedsRecovery() { needs_recovery_ = true; }

  std::int64_t opened_wall = 0;  // when the file was begun, ns since 1970
  bool is_tidy = false;          // leftovers were looked for since this process has the path
  std::int64_t next_expiry = 0;  // of its oldest archive; 0 = never
  std::shared_ptr<CompressJob> job;

 private:
  Result<void> Open(std::uint32_t mode);
  void LookAtEnd();

  const std::string path_;
  const bool is_special_;
  std::string group_;
  std::mutex mutex_;
  UniqueFd fd_;
  StepFile step_;
  bool needs_recovery_ = false;
  bool ends_mid_line_ = false;
  const void* rest_of_ = nullptr;
};

}  // namespace foster
