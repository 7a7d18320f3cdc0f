// SPDX-License-Identifier: MIT
// Rotation of a log file: its name goes to an archive, old archives go, compressed ones take the place of
// plain ones. Only renames and removals in one directory. Not: writing or compressing (compressor.h), nor
// when it is due by size (file_sink.h). Called by: FileTarget's users, one thread per file. Invariants:
// killed between any two calls, the next try goes on; no archive is dropped for want of one that was not
// made.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "base/result.h"
#include "foster/log_spec.h"
#include "logfile/archive_name.h"

namespace foster {

// The file gets its archive's name; the path is free then. With no backups it is not called.
Result<void> MoveToArchive(const std::string& path, const LogRotation& rotation, std::int64_t wall);
// Drops archives that are too many, too old or too much, `size` being what the current file takes. When the
// next one will be too old (ns since 1970); 0 = never.
Result<std::int64_t> DropOldArchives(const std::string& path, const LogRotation& rotation, std::uint64_t size,
                                     std::int64_t wall);
// What a killed logd left behind: unfinished archives, and plain ones whose compressed form is complete.
Result<void> TidyArchives(const std::string& path, LogNaming naming);
// The oldest archive that is still to be compressed.
Result<std::optional<Archive>> NextToCompress(const std::string& path, const LogRotation& rotation);
// `made` holds the compressed form of the archive with `inode`, wherever that has moved meanwhile.
Result<void> TakeCompressed(const std::string& path, LogNaming naming, std::uint64_t inode,
                            LogCompression how, const std::string& made);

// When a file that was begun at `opened` is to be rotated by time; 0 = never.
std::int64_t NextTurn(const LogRotation& rotation, std::int64_t opened);

}  // namespace foster
