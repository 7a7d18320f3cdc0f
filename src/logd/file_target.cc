// SPDX-License-Identifier: MIT
#include "logd/file_target.h"

#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <time.h>
#include <unistd.h>

#include <cerrno>
#include <map>

#include "logfile/archive_name.h"

namespace foster {
namespace {

constexpr std::int64_t kNanosPerSecond = 1'000'000'000;
constexpr mode_t kDirectoryMode = 0755;

std::string RealPath(const std::string& path) {
  char real[PATH_MAX];
  return realpath(path.c_str(), real) != nullptr ? real : std::string();
}

// The part that exists, with its links followed, and the rest as it is.
std::string Canonical(const std::string& path) {
  std::string head = path;
  std::string rest;
  for (;;) {
    if (const std::string real = RealPath(head); !real.empty())
      return real == "/" ? "/" + rest.substr(!rest.empty()) : real + rest;
    const std::size_t slash = head.rfind('/');
    if (slash == std::string::npos) return path;
    rest = head.substr(slash) + rest;
    head = slash == 0 ? "/" : head.substr(0, slash);
  }
}

bool IsBelow(const std::string& path, std::string_view directory) {
  return path.compare(0, directory.size(), directory) == 0;
}

// What a name in /dev or /proc stands for may hang, and is not ours to rename.
bool IsSpecial(const std::string& path) { return IsBelow(path, "/dev/") || IsBelow(path, "/proc/"); }

std::string GroupOf(const std::string& path, bool is_special) {
  struct stat status {};
  if (is_special ||
      (stat(path.c_str(), &status) == 0 && !S_ISREG(status.st_mode) && !S_ISDIR(status.st_mode)))
    return "file:" + path;
  std::string directory = path;
  do directory = std::string(DirectoryOf(directory));
  while (stat(directory.c_str(), &status) != 0 && directory.size() > 1);
  return "disk:" + std::to_string(major(status.st_dev)) + ":" + std::to_string(minor(status.st_dev));
}

Result<void> MakeDirectories(const std::string& path) {
  const std::string directory(DirectoryOf(path));
  struct stat status {};
  if (stat(directory.c_str(), &status) == 0) return Ok();
  for (std::size_t slash = directory.find('/', 1);; slash = directory.find('/', slash + 1)) {
    const std::string part = directory.substr(0, slash);
    if (mkdir(part.c_str(), kDirectoryMode) != 0 && errno != EEXIST)
      return Error::FromErrno("cannot make " + part);
    if (slash == std::string::npos) return Ok();
  }
}

// Its birth where the file system keeps it, else its last change.
std::int64_t BegunAt(int fd) {
  struct statx status {};
  if (statx(fd, "", AT_EMPTY_PATH, STATX_BTIME | STATX_MTIME, &status) != 0) return 0;
  const statx_timestamp& time = (status.stx_mask & STATX_BTIME) != 0 ? status.stx_btime : status.stx_mtime;
  return time.tv_sec * kNanosPerSecond + time.tv_nsec;
}

struct Registry {
  std::mutex mutex;
  std::map<std::string, std::weak_ptr<FileTarget>> files;
};

Registry& TheRegistry() {
  static auto* registry = new Registry;  // sinks of detached threads may outlive main
  return *registry;
}

}  // namespace

std::shared_ptr<FileTarget> FileTarget::Of(const std::string& path) {
  const std::string real = IsSpecial(path) ? path : Canonical(path);
  Registry& registry = TheRegistry();
  std::lock_guard<std::mutex> lock(registry.mutex);
  std::erase_if(registry.files, [](const auto& entry) { return entry.second.expired(); });
  std::shared_ptr<FileTarget> file = registry.files[real].lock();
  if (!file) {
    file = std::make_shared<FileTarget>(real);
    registry.files[real] = file;
  }
  return file;
}

FileTarget::FileTarget(std::string path)
    : path_(std::move(path)), is_special_(IsSpecial(path_)), group_(GroupOf(path_, is_special_)) {}

FileTarget::~FileTarget() {
  if (job) job->is_unwanted.store(true);
}

Result<void> FileTarget::Ensure(std::uint32_t mode) {
  if (!fd_) return Open(mode);
  if (!may_rotate()) return Ok();
  struct stat ours {};
  struct stat there {};
  if (fstat(fd_.get(), &ours) != 0) return Error::FromErrno("cannot look at " + path_);
  const bool is_there = stat(path_.c_str(), &there) == 0;
  if (!is_there && errno != ENOENT && errno != ENOTDIR) return Error::FromErrno("cannot look at " + path_);
  if (!is_there || there.st_ino != ours.st_ino || there.st_dev != ours.st_dev) {
    Close();  // renamed or removed by others
    return Open(mode);
  }
  if (const auto size = static_cast<std::uint64_t>(ours.st_size); size != step_.size) {
    step_.size = size;  // emptied, or written to, by others
    LookAtEnd();
  }
  return Ok();
}

Result<void> FileTarget::Open(std::uint32_t mode) {
  struct stat status {};
  const bool is_stream = is_special_ || (stat(path_.c_str(), &status) == 0 && !S_ISREG(status.st_mode));
  // Never waits for a FIFO's reader or a terminal's carrier.
  constexpr int kFlags = O_APPEND | O_CLOEXEC | O_NOCTTY | O_NONBLOCK;
  if (is_stream) {
    fd_.Reset(open(path_.c_str(), O_WRONLY | kFlags));
  } else {
    FOSTER_TRY(MakeDirectories(path_));
    fd_.Reset(open(path_.c_str(), O_RDWR | O_CREAT | kFlags, mode));
    if (!fd_ && errno == EACCES)
      fd_.Reset(open(path_.c_str(), O_WRONLY | kFlags));  // readable to others only
  }
  if (!fd_) return Error::FromErrno("cannot open " + path_);
  if (fstat(fd_.get(), &status) != 0) return Error::FromErrno("cannot look at " + path_);
  step_.fd = fd_.get();
  step_.is_regular = S_ISREG(status.st_mode) && !is_special_;
  step_.device = status.st_dev;
  step_.inode = status.st_ino;
  step_.size = step_.is_regular ? static_cast<std::uint64_t>(status.st_size) : 0;
  // This thread may wait; it serves nothing else then.
  if (!step_.is_regular) (void)fcntl(fd_.get(), F_SETFL, O_APPEND);
  opened_wall = std::max(opened_wall, BegunAt(fd_.get()));
  needs_recovery_ = true;
  SetEnd(false, nullptr);
  return Ok();
}

void FileTarget::Close() {
  fd_.Reset();
  step_ = StepFile{};
  SetEnd(false, nullptr);
}

Result<void> FileTarget::Recover(LogTable& table) {
  if (!needs_recovery_) return Ok();
  FOSTER_TRY(RecoverSteps(table, &step_));
  needs_recovery_ = false;
  LookAtEnd();
  return Ok();
}

Result<void> FileTarget::Empty() {
  if (!may_rotate()) return Ok();
  if (ftruncate(fd_.get(), 0) != 0) return Error::FromErrno("cannot empty " + path_);
  step_.size = 0;
  SetEnd(false, nullptr);
  return Ok();
}

void FileTarget::SetMode(std::uint32_t mode) {
  if (fd_ && may_rotate()) (void)fchmod(fd_.get(), mode);  // not ours: it stays as it is
}

void FileTarget::SetEnd(bool ends_mid_line, const void* rest_of) {
  ends_mid_line_ = ends_mid_line;
  rest_of_ = rest_of;
}

void FileTarget::LookAtEnd() {
  char last = '\n';
  if (step_.is_regular && step_.size > 0)
    (void)!pread(fd_.get(), &last, 1, static_cast<off_t>(step_.size) - 1);
  SetEnd(last != '\n', nullptr);
}

}  // namespace foster
