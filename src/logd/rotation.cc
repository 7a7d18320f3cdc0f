// SPDX-License-Identifier: MIT
#include "logd/rotation.h"

#include <time.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <map>
#include <vector>

namespace foster {
namespace {

constexpr std::int64_t kNanosPerSecond = 1'000'000'000;
constexpr std::int64_t kNanosPerMilli = 1'000'000;
constexpr std::int64_t kDay = 24 * 3600 * kNanosPerSecond;

Result<void> Rename(const std::string& from, const std::string& to) {
  if (rename(from.c_str(), to.c_str()) != 0) return Error::FromErrno("cannot rename " + from + " to " + to);
  return Ok();
}

Result<void> Remove(const std::string& path) {
  if (unlink(path.c_str()) != 0 && errno != ENOENT) return Error::FromErrno("cannot remove " + path);
  return Ok();
}

Result<std::vector<Archive>> ArchivesOf(const std::string& path, LogNaming naming) {
  return ListArchives(path, {naming, false, true});
}

// From the gap (or the oldest that may stay) downwards, so that each step leaves every archive a name of its
// own, in order; done again after a kill, the gap is where that stopped.
Result<void> ShiftNumbers(const std::string& path, std::uint32_t backups) {
  FOSTER_ASSIGN(const std::vector<Archive> archives, ArchivesOf(path, LogNaming::kNumbered));
  std::map<std::uint32_t, std::vector<const Archive*>> by_number;
  for (const Archive& archive : archives) by_number[archive.name.number].push_back(&archive);
  std::uint32_t gap = 1;
  while (gap < backups && by_number.count(gap) != 0) ++gap;
  for (const Archive* last : by_number[gap]) FOSTER_TRY(Remove(last->path));
  for (std::uint32_t number = gap; number > 1; --number) {
    for (const Archive* archive : by_number[number - 1]) {
      ArchiveName name = archive->name;
      name.number = number;
      FOSTER_TRY(Rename(archive->path, ArchivePath(path, name)));
    }
  }
  return Ok();
}

// A moment that no archive has, behind all of them even when the clock was put back.
Result<std::int64_t> FreeMoment(const std::string& path, LogNaming naming, std::int64_t wall) {
  FOSTER_ASSIGN(const std::vector<Archive> archives, ArchivesOf(path, naming));
  const std::int64_t unit = naming == LogNaming::kDated ? kNanosPerMilli : 1;
  std::int64_t moment = wall - wall % unit;
  for (const Archive& archive : archives) moment = std::max(moment, archive.name.wall + unit);
  return moment;
}

bool IsTooMany(const Archive& archive, std::size_t left, const LogRotation& rotation) {
  if (rotation.naming == LogNaming::kNumbered) return archive.name.number > rotation.backups;
  return left > rotation.backups;
}

}  // namespace

Result<void> MoveToArchive(const std::string& path, const LogRotation& rotation, std::int64_t wall) {
  ArchiveName name;
  name.naming = rotation.naming;
  if (rotation.naming == LogNaming::kNumbered) {
    FOSTER_TRY(ShiftNumbers(path, rotation.backups));
    name.number = 1;
  } else {
    FOSTER_ASSIGN(name.wall, FreeMoment(path, rotation.naming, wall));
  }
  return Rename(path, ArchivePath(path, name));
}

Result<std::int64_t> DropOldArchives(const std::string& path, const LogRotation& rotation, std::uint64_t size,
                                     std::int64_t wall) {
  FOSTER_ASSIGN(const std::vector<Archive> archives, ArchivesOf(path, rotation.naming));
  // The current file is counted as full, so that the limit holds until the next rotation.
  std::uint64_t total = std::max(size, rotation.max_bytes);
  for (const Archive& archive : archives) total += archive.size;
  const std::int64_t max_age = rotation.max_age.count() * kNanosPerMilli;
  std::size_t left = archives.size();
  for (const Archive& archive : archives) {
    const bool is_too_much = rotation.max_total > 0 && total > rotation.max_total;
    const bool is_too_old = max_age > 0 && archive.changed + max_age <= wall;
    if (!is_too_much && !is_too_old && !IsTooMany(archive, left, rotation))
      return max_age > 0 ? archive.changed + max_age : 0;  // the oldest that stays; the rest are newer
    FOSTER_TRY(Remove(archive.path));
    total -= archive.size;
    --left;
  }
  return std::int64_t{0};
}

Result<void> TidyArchives(const std::string& path, LogNaming naming) {
  FOSTER_ASSIGN(const std::vector<Archive> archives, ListArchives(path, {naming, true, true}));
  const Archive* packed = nullptr;
  for (const Archive& archive : archives) {
    if (archive.name.is_unfinished) {
      FOSTER_TRY(Remove(archive.path));
    } else if (archive.name.compression != LogCompression::kNone) {
      packed = &archive;
    } else if (packed != nullptr && packed->name.number == archive.name.number &&
               packed->name.wall == archive.name.wall) {
      FOSTER_TRY(Remove(archive.path));
    }
  }
  return Ok();
}

Result<std::optional<Archive>> NextToCompress(const std::string& path, const LogRotation& rotation) {
  if (rotation.compression == LogCompression::kNone) return std::optional<Archive>();
  FOSTER_ASSIGN(const std::vector<Archive> archives, ArchivesOf(path, rotation.naming));
  for (const Archive& archive : archives)
    if (archive.name.compression == LogCompression::kNone) return std::optional<Archive>(archive);
  return std::optional<Archive>();
}

Result<void> TakeCompressed(const std::string& path, LogNaming naming, std::uint64_t inode,
                            LogCompression how, const std::string& made) {
  FOSTER_ASSIGN(const std::vector<Archive> archives, ArchivesOf(path, naming));
  for (const Archive& archive : archives) {
    if (archive.inode != inode || archive.name.compression != LogCompression::kNone) continue;
    ArchiveName name = archive.name;
    name.compression = how;
    FOSTER_TRY(Rename(made, ArchivePath(path, name)));
    return Remove(archive.path);
  }
  return Remove(made);  // its archive was dropped meanwhile
}

std::int64_t NextTurn(const LogRotation& rotation, std::int64_t opened) {
  const std::int64_t every = rotation.every.count() * kNanosPerMilli;
  if (every <= 0) return 0;
  if (every > kDay) return (opened / every + 1) * every;
  const time_t seconds = static_cast<time_t>(opened / kNanosPerSecond);
  tm day{};
  localtime_r(&seconds, &day);
  day.tm_hour = day.tm_min = day.tm_sec = 0;
  day.tm_isdst = -1;
  const std::int64_t midnight = std::int64_t{mktime(&day)} * kNanosPerSecond;
  ++day.tm_mday;
  day.tm_isdst = -1;
  const std::int64_t next_midnight = std::int64_t{mktime(&day)} * kNanosPerSecond;
  return std::min(midnight + ((opened - midnight) / every + 1) * every, next_midnight);
}

}  // namespace foster
