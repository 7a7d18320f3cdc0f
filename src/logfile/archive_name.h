// SPDX-License-Identifier: MIT
// Names of a log file's archives: FILE.1 (LogNaming::kNumbered), NAME-2026-11-21T07-32-35.863.EXT (kDated),
// @40000000....s beside FILE (kTai64n), each also with .gz or .zst; and NAME.zst.tmp, which nobody reads:
// made, taken apart, found. Not: renaming (logd/rotation.h). Called by: logd's rotation, `svc logs`.
// Invariants: a name that is made is taken apart into what it was made of; other files' names are nobody's
// archive.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "foster/log_spec.h"

namespace foster {

struct ArchiveName {
  LogNaming naming = LogNaming::kNumbered;
  std::uint32_t number = 0;  // kNumbered: from 1, the newest
  std::int64_t wall = 0;     // else: when it was closed, ns since 1970
  LogCompression compression = LogCompression::kNone;
  bool is_unfinished = false;  // ends in .tmp: is still being compressed, or its maker was killed
  bool operator==(const ArchiveName&) const = default;
};

// Paths. `file`: the path of the current file. kDated keeps milliseconds of `wall`.
std::string ArchivePath(std::string_view file, const ArchiveName& name);
// `entry`: the name of something in the directory of `file`.
std::optional<ArchiveName> ReadArchiveName(std::string_view file, std::string_view entry);

struct Archive {
  ArchiveName name;
  std::string path;
  std::uint64_t size = 0;
  std::int64_t changed = 0;  // ns since 1970: when its last line was written
  std::uint64_t device = 0;
  std::uint64_t inode = 0;
};

// What there is of `file`, the oldest first; the current file is not among them. `naming`: only these.
// Unfinished ones are given only when `with_unfinished`. Where an archive is there twice, plain and
// compressed (logd was killed between the two steps), `keep_doubles` says whether the plain one is given.
struct ListOptions {
  std::optional<LogNaming> naming;
  bool with_unfinished = false;
  bool keep_doubles = false;
};
Result<std::vector<Archive>> ListArchives(const std::string& file, const ListOptions& options);

// "/a/b" -> "/a" and "b".
std::string_view DirectoryOf(std::string_view path);
std::string_view BaseOf(std::string_view path);

}  // namespace foster
