// SPDX-License-Identifier: MIT
// Compress, ArchiveReader: files of log lines as gzip or zstd, made and read in bounded pieces. Not: names of
// archives (archive_name.h), threads (logd/compressor.h). Called by: logd's compressor, `svc logs`.
// Invariants: memory does not grow with the file; what is written can be read by gzip(1) and zstd(1);
// whatever bytes a file has, reading ends.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string_view>

#include "base/result.h"
#include "base/unique_fd.h"
#include "foster/log_spec.h"

namespace foster {

// All of `from`, from its start, into `to` from where it stands. `go_on` is asked between pieces; false ends
// the work with ECANCELED.
Result<void> Compress(int from, int to, LogCompression how, const std::function<bool()>& go_on);

// ".gz", ".zst" or "".
std::string_view SuffixOf(LogCompression how);

// The bytes of a plain, gzip or zstd file, which it tells from the first ones, one after the other. A file of
// several gzip members or zstd frames is read through.
class ArchiveReader {
 public:
  // From where `fd` stands.
  static Result<ArchiveReader> Open(UniqueFd fd);
  ArchiveReader(ArchiveReader&&) noexcept;
  ArchiveReader& operator=(ArchiveReader&&) noexcept;
  ~ArchiveReader();

  LogCompression compression() const;
  // At most `room` bytes; 0 at the end. A plain file that has grown can be read on after its end. An error
  // (EBADMSG: damaged or cut off) comes after everything that could be read.
  Result<std::size_t> Read(char* out, std::size_t room);

 private:
  struct Impl;
  explicit ArchiveReader(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace foster
