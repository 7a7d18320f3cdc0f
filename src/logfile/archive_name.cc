// SPDX-License-Identifier: MIT
#include "logfile/archive_name.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>

#include <algorithm>
#include <memory>
#include <tuple>

#include "logfile/compress.h"
#include "logfile/time_stamp.h"

namespace foster {
namespace {

constexpr std::string_view kUnfinished = ".tmp";
constexpr std::string_view kTaiEnd = ".s";
constexpr std::size_t kDateSize = 23;  // 2026-11-21T07-32-35.863
constexpr std::size_t kDateHourEnd = 13;
constexpr std::size_t kDateMinuteEnd = 16;

bool EatSuffix(std::string_view* text, std::string_view suffix) {
  if (text->size() < suffix.size() || text->substr(text->size() - suffix.size()) != suffix) return false;
  text->remove_suffix(suffix.size());
  return true;
}

bool EatPrefix(std::string_view* text, std::string_view prefix) {
  if (text->substr(0, prefix.size()) != prefix) return false;
  text->remove_prefix(prefix.size());
  return true;
}

// "web.log" -> "web" and ".log", as Go's filepath.Ext cuts it.
std::pair<std::string_view, std::string_view> CutExtension(std::string_view base) {
  const std::size_t dot = base.rfind('.');
  if (dot == std::string_view::npos) return {base, {}};
  return {base.substr(0, dot), base.substr(dot)};
}

std::string DateText(std::int64_t wall) {
  char text[kUtcStampSize];
  PutUtcStamp(text, wall);
  text[kDateHourEnd] = '-';
  text[kDateMinuteEnd] = '-';
  return std::string(text, kDateSize);
}

std::optional<std::int64_t> ReadDate(std::string_view text) {
  if (text.size() != kDateSize || text[kDateHourEnd] != '-' || text[kDateMinuteEnd] != '-')
    return std::nullopt;
  std::string stamp(text);
  stamp[kDateHourEnd] = ':';
  stamp[kDateMinuteEnd] = ':';
  return ReadUtcStamp(stamp + "000000Z");
}

bool ReadPlainName(std::string_view file, std::string_view entry, ArchiveName* name) {
  const std::string_view base = BaseOf(file);
  std::string_view rest = entry;
  if (EatPrefix(&rest, base) && EatPrefix(&rest, ".")) {
    const auto number = ReadNumber(rest);
    name->naming = LogNaming::kNumbered;
    name->number = static_cast<std::uint32_t>(number.value_or(0));
    return number && *number > 0 && *number < UINT32_MAX;
  }
  rest = entry;
  if (EatPrefix(&rest, "@") && EatSuffix(&rest, kTaiEnd)) {
    const auto wall = ReadTai64nStamp("@" + std::string(rest));
    name->naming = LogNaming::kTai64n;
    name->wall = wall.value_or(0);
    return wall.has_value();
  }
  const auto [stem, extension] = CutExtension(base);
  rest = entry;
  if (!EatPrefix(&rest, stem) || !EatPrefix(&rest, "-") || !EatSuffix(&rest, extension)) return false;
  const auto wall = ReadDate(rest);
  name->naming = LogNaming::kDated;
  name->wall = wall.value_or(0);
  return wall.has_value();
}

std::int64_t NanosOf(const timespec& time) {
  return std::int64_t{time.tv_sec} * 1'000'000'000 + time.tv_nsec;
}

// The oldest first; of two forms of one archive the compressed one.
bool IsBefore(const Archive& a, const Archive& b) {
  const auto key = [](const Archive& x) {
    // Numbers count backwards in time.
    const std::int64_t age =
        x.name.naming == LogNaming::kNumbered ? -std::int64_t{x.name.number} : x.name.wall;
    return std::make_tuple(x.name.naming, age, -static_cast<int>(x.name.compression), x.name.is_unfinished);
  };
  return key(a) < key(b);
}

bool IsSameMoment(const ArchiveName& a, const ArchiveName& b) {
  return a.naming == b.naming && a.number == b.number && a.wall == b.wall;
}

void DropDoubles(std::vector<Archive>* archives) {
  std::vector<Archive> kept;
  std::optional<ArchiveName> last;  // that is finished
  for (Archive& archive : *archives) {
    if (!archive.name.is_unfinished) {
      if (last && IsSameMoment(*last, archive.name)) continue;
      last = archive.name;
    }
    kept.push_back(std::move(archive));
  }
  *archives = std::move(kept);
}

}  // namespace

std::string_view DirectoryOf(std::string_view path) {
  const std::size_t slash = path.rfind('/');
  if (slash == std::string_view::npos) return ".";
  return slash == 0 ? path.substr(0, 1) : path.substr(0, slash);
}

std::string_view BaseOf(std::string_view path) {
  const std::size_t slash = path.rfind('/');
  return slash == std::string_view::npos ? path : path.substr(slash + 1);
}

std::string ArchivePath(std::string_view file, const ArchiveName& name) {
  const std::string directory(file.substr(0, file.size() - BaseOf(file).size()));
  std::string path;
  switch (name.naming) {
    case LogNaming::kNumbered:
      path = std::string(file) + "." + std::to_string(name.number);
      break;
    case LogNaming::kDated: {
      const auto [stem, extension] = CutExtension(BaseOf(file));
      path = directory + std::string(stem) + "-" + DateText(name.wall) + std::string(extension);
      break;
    }
    case LogNaming::kTai64n:
      path = directory + Tai64nStamp(name.wall) + std::string(kTaiEnd);
      break;
  }
  path += SuffixOf(name.compression);
  return name.is_unfinished ? path + std::string(kUnfinished) : path;
}

std::optional<ArchiveName> ReadArchiveName(std::string_view file, std::string_view entry) {
  ArchiveName name;
  name.is_unfinished = EatSuffix(&entry, kUnfinished);
  // A file that is itself called NAME.gz has archives that end in .gz without being compressed (kDated).
  for (LogCompression how : {LogCompression::kNone, LogCompression::kGzip, LogCompression::kZstd}) {
    std::string_view plain = entry;
    if (!EatSuffix(&plain, SuffixOf(how))) continue;
    name.compression = how;
    name.number = 0;
    name.wall = 0;
    if (ReadPlainName(file, plain, &name)) {
      if (name.is_unfinished && how == LogCompression::kNone) return std::nullopt;
      return name;
    }
  }
  return std::nullopt;
}

Result<std::vector<Archive>> ListArchives(const std::string& file, const ListOptions& options) {
  const std::string directory(DirectoryOf(file));
  std::unique_ptr<DIR, int (*)(DIR*)> handle(opendir(directory.c_str()), closedir);
  if (!handle) return Error::FromErrno("cannot list " + directory);
  std::vector<Archive> archives;
  while (const dirent* entry = readdir(handle.get())) {
    Archive archive;
    const auto name = ReadArchiveName(file, entry->d_name);
    if (!name || (options.naming && name->naming != *options.naming)) continue;
    if (name->is_unfinished && !options.with_unfinished) continue;
    struct stat status {};
    if (fstatat(dirfd(handle.get()), entry->d_name, &status, AT_SYMLINK_NOFOLLOW) != 0)
      continue;  // just gone
    if (!S_ISREG(status.st_mode)) continue;
    archive.name = *name;
    archive.path = std::string(file.substr(0, file.size() - BaseOf(file).size())) + entry->d_name;
    archive.size = static_cast<std::uint64_t>(status.st_size);
    archive.changed = NanosOf(status.st_mtim);
    archive.device = status.st_dev;
    archive.inode = status.st_ino;
    archives.push_back(std::move(archive));
  }
  std::sort(archives.begin(), archives.end(), IsBefore);
  if (!options.keep_doubles) DropDoubles(&archives);
  return archives;
}

}  // namespace foster
