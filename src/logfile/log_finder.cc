// SPDX-License-Identifier: MIT
// FindLogFiles; the reading is in log_directory.cc.
#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <map>
#include <set>

#include "base/unique_fd.h"
#include "logfile/archive_name.h"
#include "logfile/line_parser.h"
#include "logfile/log_directory.h"

namespace foster {
namespace {

constexpr std::size_t kMostEntries = 200'000;
constexpr std::size_t kHeadBytes = 4096;
constexpr std::size_t kTaiSize = 25;   // @ and 24 digits
constexpr std::size_t kDateSize = 24;  // -2026-11-21T07-32-35.863

bool CutEnd(std::string_view* text, std::string_view end) {
  if (text->size() <= end.size() || !text->ends_with(end)) return false;
  text->remove_suffix(end.size());
  return true;
}

bool IsDigits(std::string_view text) {
  return !text.empty() && text.find_first_not_of("0123456789") == std::string_view::npos;
}

bool IsTaiName(std::string_view name) {
  return name.size() == kTaiSize + 2 && name[0] == '@' &&
         name.substr(1, kTaiSize - 1).find_first_not_of("0123456789abcdef") == std::string_view::npos;
}

// "web-2026-11-21T07-32-35.863.log" -> "web.log"; "" when no date is in it.
std::string WithoutDate(std::string_view name) {
  for (std::size_t at = name.find("-20"); at != std::string_view::npos; at = name.find("-20", at + 1)) {
    const std::string_view rest = name.substr(at + std::min(name.size() - at, kDateSize));
    if (name.size() - at < kDateSize || name[at + 11] != 'T' || (!rest.empty() && rest[0] != '.')) continue;
    return std::string(name.substr(0, at)) + std::string(rest);
  }
  return "";
}

// The current file that `name` belongs to, as itself or as its archive; "" for what is no log.
std::string CurrentOf(std::string_view name) {
  if (name.empty() || name[0] == '.' || name.ends_with(".tmp")) return "";
  for (std::string_view other : {"lock", "state", "previous", "newstate", "processed"})
    if (name == other) return "";
  std::string_view bare = name;
  if (!CutEnd(&bare, ".gz")) (void)CutEnd(&bare, ".zst");
  if (IsTaiName(bare)) return bare.ends_with(".s") || bare.ends_with(".u") ? "current" : "";
  if (std::string dateless = WithoutDate(bare); !dateless.empty()) return dateless;
  const std::size_t dot = bare.rfind('.');
  if (dot != std::string_view::npos && dot > 0 && IsDigits(bare.substr(dot + 1))) bare = bare.substr(0, dot);
  return std::string(bare);
}

struct NameParts {
  std::string service;  // "": the directory's
  std::uint32_t stream = 0;
};

// "web-stderr---supervisor-ab12cd.log" -> web, 1; "web.err.log" -> web, 1; "stdout.log" -> "", 0
NameParts PartsOf(std::string_view current) {
  NameParts parts;
  if (current == "current") return parts;
  std::string_view name = current;
  for (std::string_view end : {".log", ".txt", ".json", ".jsonl", ".ndjson"})
    if (CutEnd(&name, end)) break;
  if (const std::size_t tail = name.find("---"); tail != std::string_view::npos && tail > 0)
    name = name.substr(0, tail);
  if (name == "stderr" || name == "err") return {"", 1};
  if (name == "stdout" || name == "out") return parts;
  for (std::string_view end : {"-stderr", ".stderr", "_stderr", ".err", "-err"})
    if (CutEnd(&name, end)) {
      parts.stream = 1;
      break;
    }
  if (parts.stream == 0)
    for (std::string_view end : {"-stdout", ".stdout", "_stdout", ".out", "-out"})
      if (CutEnd(&name, end)) break;
  parts.service = name;
  return parts;
}

// Foster's own files say whose they are.
std::string NameWithin(const std::string& path) {
  UniqueFd fd(open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK));
  std::array<char, kHeadBytes> head{};
  const ssize_t size = fd ? read(fd.get(), head.data(), head.size()) : -1;
  if (size <= 0) return "";
  std::string_view text(head.data(), static_cast<std::size_t>(size));
  auto header = ReadNativeHeader(text.substr(0, text.find('\n')));
  return header ? header->service : "";
}

std::optional<LogFile> FileAt(const std::string& path) {
  struct stat about {};
  if (stat(path.c_str(), &about) != 0 || !S_ISREG(about.st_mode)) return std::nullopt;
  LogFile file;
  file.path = path;
  file.size = static_cast<std::uint64_t>(about.st_size);
  file.changed = std::int64_t{about.st_mtim.tv_sec} * 1'000'000'000 + about.st_mtim.tv_nsec;
  file.is_compressed = path.ends_with(".gz") || path.ends_with(".zst");
  return file;
}

class Finder {
 public:
  explicit Finder(std::string root) : root_(std::move(root)) {}

  bool Look(const std::string& directory, const std::string& name, int depth) {
    std::set<std::string> files;
    std::set<std::string> directories;
    if (!List(directory, &files, &directories)) return false;
    std::map<std::string, std::vector<std::string>> families;
    for (const auto& file : files)
      if (std::string current = CurrentOf(file); !current.empty()) families[current].push_back(file);
    for (const auto& [current, members] : families) AddFamily(directory, name, current, members);
    if (depth >= kDeepestLogDirectory) return true;
    for (const auto& below : directories)  // one that cannot be read is nobody's logs
      (void)Look(directory + "/" + below, name.empty() ? below : name + "/" + below, depth + 1);
    return true;
  }
  std::vector<LogFiles> Take() {
    std::stable_sort(found_.begin(), found_.end(),
                     [](const LogFiles& a, const LogFiles& b) { return a.service < b.service; });
    return std::move(found_);
  }

 private:
  static bool List(const std::string& directory, std::set<std::string>* files,
                   std::set<std::string>* directories) {
    std::unique_ptr<DIR, int (*)(DIR*)> stream(opendir(directory.c_str()), closedir);
    if (!stream) return false;
    while (files->size() + directories->size() < kMostEntries) {
      const dirent* entry = readdir(stream.get());
      if (entry == nullptr) break;
      const std::string name = entry->d_name;
      if (name[0] == '.') continue;
      struct stat about {};
      // Links to directories are not followed, so that no circle is.
      if (fstatat(dirfd(stream.get()), entry->d_name, &about, AT_SYMLINK_NOFOLLOW) != 0) continue;
      if (S_ISDIR(about.st_mode)) {
        directories->insert(name);
      } else {
        files->insert(name);
      }
    }
    return true;
  }

  void AddFamily(const std::string& directory, const std::string& name, const std::string& current,
                 const std::vector<std::string>& members) {
    if (found_.size() >= kMostLogFamilies) return;
    LogFiles family;
    const NameParts parts = PartsOf(current);
    family.stream = parts.stream;
    family.service = parts.service.empty() ? name : name.empty() ? parts.service : name + "/" + parts.service;
    if (family.service.empty()) family.service = BaseOf(root_);
    const std::string path = directory + "/" + current;
    AddTai(directory, members, &family.files);
    for (LogNaming naming : {LogNaming::kDated, LogNaming::kNumbered}) {
      ListOptions options;
      options.naming = naming;
      auto archives = ListArchives(path, options);
      if (!archives) continue;  // the current file alone, then
      for (const auto& archive : *archives)
        if (auto file = FileAt(archive.path)) family.files.push_back(*file);
    }
    if (auto file = FileAt(path)) family.files.push_back(*file);
    if (family.files.empty()) return;
    for (const auto& file : family.files) {
      if (file.is_compressed) continue;
      if (std::string own = NameWithin(file.path); !own.empty()) family.service = own;
      break;
    }
    found_.push_back(std::move(family));
  }

  // The names are in order of time: the set they come from is sorted. Of one that is there plain and
  // compressed (its maker was killed in between) the plain one is whole.
  static void AddTai(const std::string& directory, const std::vector<std::string>& members,
                     std::vector<LogFile>* files) {
    std::string last;
    for (const auto& member : members) {
      if (member[0] != '@' || member.substr(0, kTaiSize + 2) == last) continue;
      last = member.substr(0, kTaiSize + 2);
      if (auto file = FileAt(directory + "/" + member)) files->push_back(*file);
    }
  }

  std::string root_;
  std::vector<LogFiles> found_;
};

}  // namespace

Result<std::vector<LogFiles>> FindLogFiles(const std::string& directory) {
  std::string root = directory;
  while (root.size() > 1 && root.back() == '/') root.pop_back();
  Finder finder(root);
  if (!finder.Look(root, "", 0)) return Error::FromErrno("cannot read " + directory);
  return finder.Take();
}

}  // namespace foster
