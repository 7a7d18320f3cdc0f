// SPDX-License-Identifier: MIT
#include "logd/s6_directory.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <mutex>
#include <set>
#include <utility>

#include "logfile/time_stamp.h"
#include "sys/clock.h"

namespace foster {
namespace {

constexpr mode_t kLiveMode = 0644;
constexpr mode_t kCleanMode = 0744;
constexpr mode_t kDirectoryMode = 02700;
constexpr mode_t kParentMode = 0755;
constexpr int kMostTries = 3;      // of a processor, before its input becomes a .u archive
constexpr int kMostNames = 10000;  // archives may be made faster than the clock moves

// A POSIX lock keeps other processes out, not other services of this one.
struct LockedDirectories {
  std::mutex mutex;
  std::set<std::pair<std::uint64_t, std::uint64_t>> all;
};
LockedDirectories& Locked() {
  static LockedDirectories locked;
  return locked;
}

Result<void> MakeDirectory(const std::string& path) {
  if (mkdir(path.c_str(), kDirectoryMode) == 0 || errno == EEXIST) return Ok();
  for (std::size_t at = path.find('/', 1); errno == ENOENT && at != std::string::npos;
       at = path.find('/', at + 1)) {
    if (mkdir(path.substr(0, at).c_str(), kParentMode) != 0 && errno != EEXIST) break;
    errno = ENOENT;
  }
  if (mkdir(path.c_str(), kDirectoryMode) == 0 || errno == EEXIST) return Ok();
  return Error::FromErrno("cannot make " + path);
}

Result<void> Remove(const std::string& path) {
  if (unlink(path.c_str()) == 0 || errno == ENOENT) return Ok();
  return Error::FromErrno("cannot remove " + path);
}

// The file is there; `*status` says what it is.
Result<bool> Look(const std::string& path, struct stat* status) {
  if (stat(path.c_str(), status) == 0) return true;
  if (errno == ENOENT) return false;
  return Error::FromErrno("cannot look at " + path);
}

Result<void> SyncFile(const std::string& path, bool is_marked_clean) {
  const UniqueFd fd(open(path.c_str(), O_WRONLY | O_CLOEXEC));
  if (!fd) return errno == ENOENT ? Ok() : Result<void>(Error::FromErrno("cannot open " + path));
  if (fdatasync(fd.get()) != 0) return Error::FromErrno("cannot sync " + path);
  if (is_marked_clean && fchmod(fd.get(), kCleanMode) != 0) return Error::FromErrno("cannot change " + path);
  return Ok();
}

// Never over an archive that is there. False: there is one of that name.
Result<bool> RenameNew(const std::string& from, const std::string& to) {
  if (renameat2(AT_FDCWD, from.c_str(), AT_FDCWD, to.c_str(), RENAME_NOREPLACE) == 0) return true;
  if (errno == EEXIST) return false;
  if (errno != EINVAL && errno != ENOSYS) return Error::FromErrno("cannot rename " + from);
  // Killed in between, the one that comes next sees two names of it and takes this one away.
  if (link(from.c_str(), to.c_str()) != 0) {
    if (errno == EEXIST) return false;
    return Error::FromErrno("cannot link " + from);
  }
  FOSTER_TRY(Remove(from));
  return true;
}

std::vector<std::string> ArchivesIn(const std::string& directory) {
  std::vector<std::string> names;
  const std::unique_ptr<DIR, int (*)(DIR*)> handle(opendir(directory.c_str()), closedir);
  while (const dirent* entry = handle ? readdir(handle.get()) : nullptr)
    if (IsS6Archive(entry->d_name)) names.emplace_back(entry->d_name);
  std::sort(names.begin(), names.end());
  return names;
}

}  // namespace

bool IsS6Archive(std::string_view name) {
  return name.size() == kTai64nStampSize + 2 && name[kTai64nStampSize] == '.' &&
         (name.back() == 's' || name.back() == 'u') &&
         ReadTai64nStamp(name.substr(0, kTai64nStampSize)).has_value();
}

S6Directory::~S6Directory() { Close(); }

Result<void> S6Directory::Open(bool is_ours, std::function<void()> on_processed) {
  on_processed_ = std::move(on_processed);
  FOSTER_TRY(MakeDirectory(action_.target));
  FOSTER_TRY(Lock());
  FOSTER_TRY(TidyProcessed());
  struct stat status {};
  FOSTER_ASSIGN(has_previous_, Look(Path("previous"), &status));
  if (has_previous_ && !is_ours) FOSTER_TRY(Archive("previous", 'u'));
  has_previous_ = has_previous_ && is_ours;
  FOSTER_ASSIGN(const bool has_current, Look(Path("current"), &status));
  // Its writer was killed and nobody knows whether its last line is whole.
  const bool is_unclean = has_current && !is_ours && (status.st_mode & S_IXUSR) == 0 && status.st_size > 0;
  if (is_unclean) FOSTER_TRY(Archive("current", 'u'));
  const UniqueFd state(open(Path("state").c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, kLiveMode));
  if (!state) return Error::FromErrno("cannot open " + Path("state"));
  FOSTER_TRY(OpenCurrent());
  ListUnprocessed();
  return Trim();
}

Result<void> S6Directory::Lock() {
  const std::lock_guard<std::mutex> guard(Locked().mutex);
  struct stat status {};
  FOSTER_ASSIGN(const bool has_lock, Look(Path("lock"), &status));
  // Looked at before it is opened: closing it again would give up the other service's lock.
  if (has_lock && Locked().all.count({status.st_dev, status.st_ino}) != 0)
    return Error(action_.target + " is written by another service", EBUSY);
  UniqueFd fd(open(Path("lock").c_str(), O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, kLiveMode));
  if (!fd || fstat(fd.get(), &status) != 0) return Error::FromErrno("cannot open " + Path("lock"));
  struct flock lock {};
  lock.l_type = F_WRLCK;
  lock.l_whence = SEEK_SET;
  if (fcntl(fd.get(), F_SETLK, &lock) != 0)
    return Error(action_.target + " is written by another program",
                 errno == EAGAIN || errno == EACCES ? EBUSY : errno);
  lock_ = std::move(fd);
  lock_device_ = status.st_dev;
  lock_inode_ = status.st_ino;
  Locked().all.insert({lock_device_, lock_inode_});
  return Ok();
}

void S6Directory::Unlock() {
  if (!lock_) return;
  const std::lock_guard<std::mutex> guard(Locked().mutex);
  Locked().all.erase({lock_device_, lock_inode_});
  lock_.Reset();
}

// `processed` that is marked was finished, and takes the place of `previous`; else it is made again.
Result<void> S6Directory::TidyProcessed() {
  struct stat status {};
  FOSTER_ASSIGN(const bool has_processed, Look(Path("processed"), &status));
  if (has_processed && (status.st_mode & S_IXUSR) != 0) return TakeProcessed();
  FOSTER_TRY(Remove(Path("processed")));
  return Remove(Path("newstate"));
}

Result<void> S6Directory::OpenCurrent() {
  UniqueFd fd(open(Path("current").c_str(), O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, kLiveMode));
  struct stat status {};
  if (!fd || fstat(fd.get(), &status) != 0) return Error::FromErrno("cannot open " + Path("current"));
  if (!S_ISREG(status.st_mode)) return Error(Path("current") + " is no file", EINVAL);
  if (fchmod(fd.get(), kLiveMode) != 0) return Error::FromErrno("cannot change " + Path("current"));
  current_ = std::move(fd);
  size_ = static_cast<std::uint64_t>(status.st_size);
  begun_ = MonoNow();
  return Ok();
}

Result<void> S6Directory::Append(std::string_view bytes) {
  if (size_ == 0 && !bytes.empty()) begun_ = MonoNow();
  while (!bytes.empty()) {
    const ssize_t wrote = write(current_.get(), bytes.data(), bytes.size());
    if (wrote < 0 && errno == EINTR) continue;
    if (wrote <= 0) return Error::FromErrno("cannot write " + Path("current"), wrote < 0 ? errno : EIO);
    size_ += static_cast<std::uint64_t>(wrote);
    bytes.remove_prefix(static_cast<std::size_t>(wrote));
  }
  return Ok();
}

Result<void> S6Directory::TakeBack(std::uint64_t size, std::uint64_t most) {
  struct stat status {};
  if (fstat(current_.get(), &status) != 0) return Error::FromErrno("cannot look at " + Path("current"));
  size_ = static_cast<std::uint64_t>(status.st_size);
  if (size_ <= size || size_ - size > most) return Ok();  // nothing of it, or somebody else wrote here
  if (ftruncate(current_.get(), static_cast<off_t>(size)) != 0)
    return Error::FromErrno("cannot take back half a line of " + Path("current"));
  size_ = size;
  return Ok();
}

bool S6Directory::IsDue(MonoTime now) const {
  if (size_ == 0) return false;
  if (size_ + action_.tolerance >= action_.file_size) return true;
  return action_.every > Millis{0} && now >= begun_ + action_.every;
}

MonoTime S6Directory::Deadline() const {
  if (retry_at_ != MonoTime{}) return retry_at_;
  return action_.every > Millis{0} && size_ > 0 && !has_previous_ ? begun_ + action_.every : kNoDeadline;
}

Result<void> S6Directory::Rotate(bool is_wanted, MonoTime now) {
  if (now < retry_at_) return Ok();
  retry_at_ = MonoTime{};
  const auto advance = [&]() -> Result<void> {
    if (has_previous_) FOSTER_TRY(FinishPrevious(now));
    const bool is_due = size_ > 0 && (is_wanted || IsDue(now));
    if (!has_previous_ && is_due) {
      FOSTER_TRY(MoveCurrent());
      FOSTER_TRY(FinishPrevious(now));
    }
    if (has_previous_ || unprocessed_.empty()) return Ok();
    TakeUnprocessed();
    return has_previous_ ? FinishPrevious(now) : Ok();
  };
  const Result<void> done = advance();
  if (!done.ok()) retry_at_ = now + action_.retry;
  return done;
}

// Killed behind the first rename, the next one makes `current` anew and finishes `previous`. Not synced to
// the disk, unlike s6-log's: that takes most of its time, and what is logged next could be lost with the
// power all the same. What replaces bytes that are there (FinishPrevious) is synced.
Result<void> S6Directory::MoveCurrent() {
  if (rename(Path("current").c_str(), Path("previous").c_str()) != 0)
    return Error::FromErrno("cannot rename " + Path("current"));
  has_previous_ = true;
  failures_ = 0;
  stamp_.clear();
  const UniqueFd old = std::move(current_);
  FOSTER_TRY(OpenCurrent());
  if (fchmod(old.get(), kCleanMode) != 0) return Error::FromErrno("cannot change " + Path("previous"));
  return Ok();
}

Result<void> S6Directory::FinishPrevious(MonoTime now) {
  if (!current_) FOSTER_TRY(OpenCurrent());
  if (action_.processor.empty()) {
    FOSTER_TRY(Archive("previous", 's'));
    has_previous_ = false;
    ++rotations_;
    return Trim();
  }
  if (!processor_) return StartProcessor(now);
  switch (processor_->state()) {
    case S6Processor::State::kRunning:
      return Ok();
    case S6Processor::State::kFailed:
      processor_.reset();
      return GiveUpOn(now);
    case S6Processor::State::kDone:
      break;
  }
  // All of it is there before it is marked, and it is marked before `previous` goes.
  FOSTER_TRY(SyncFile(Path("newstate"), false));
  FOSTER_TRY(SyncFile(Path("processed"), true));
  FOSTER_TRY(TakeProcessed());
  processor_.reset();
  has_previous_ = false;
  stamp_.clear();
  ++rotations_;
  return Trim();
}

Result<void> S6Directory::StartProcessor(MonoTime now) {
  auto started =
      S6Processor::Start(action_.target, action_.processor, action_.processor_is_shell, on_processed_);
  if (!started.ok()) return GiveUpOn(now);
  processor_ = std::move(*started);
  return Ok();
}

// It is tried a few times; then logging goes on without it, and a later Open tries again.
Result<void> S6Directory::GiveUpOn(MonoTime now) {
  if (stamp_.empty() && ++failures_ < kMostTries) {
    retry_at_ = now + action_.retry;
    return Ok();
  }
  FOSTER_TRY(Archive("previous", 'u'));
  has_previous_ = false;
  stamp_.clear();
  ++rotations_;
  return Trim();
}

// Each step done again changes nothing.
Result<void> S6Directory::TakeProcessed() {
  if (rename(Path("newstate").c_str(), Path("state").c_str()) != 0 && errno != ENOENT)
    return Error::FromErrno("cannot rename " + Path("newstate"));
  FOSTER_TRY(Remove(Path("previous")));
  return Archive("processed", 's');
}

Result<void> S6Directory::Archive(const std::string& name, char suffix) {
  struct stat status {};
  FOSTER_ASSIGN(const bool exists, Look(Path(name), &status));
  if (!exists) return Ok();
  if (status.st_nlink > 1) return Remove(Path(name));  // it has its archive's name already
  std::int64_t wall = WallNow();
  for (int i = 0; i < kMostNames; ++i) {
    const std::string stamp = i == 0 && !stamp_.empty() ? stamp_ : Tai64nStamp(wall++);
    FOSTER_ASSIGN(const bool is_done, RenameNew(Path(name), Path(stamp + "." + suffix)));
    if (is_done) return Ok();
  }
  return Error("cannot find a name for an archive of " + Path(name), EEXIST);
}

Result<void> S6Directory::Trim() {
  std::vector<std::pair<std::string, std::uint64_t>> archives;
  std::uint64_t total = 0;
  for (const std::string& name : ArchivesIn(action_.target)) {
    struct stat status {};
    if (stat(Path(name).c_str(), &status) != 0) continue;
    archives.emplace_back(name, static_cast<std::uint64_t>(status.st_size));
    total += archives.back().second;
  }
  std::size_t left = archives.size();
  for (const auto& [name, size] : archives) {
    if (left <= action_.archives && (action_.total_size == 0 || total <= action_.total_size)) break;
    FOSTER_TRY(Remove(Path(name)));
    --left;
    total -= size;
  }
  return Ok();
}

void S6Directory::ListUnprocessed() {
  unprocessed_.clear();
  if (action_.processor.empty()) return;
  for (const std::string& name : ArchivesIn(action_.target))
    if (name.back() == 'u') unprocessed_.push_back(name);
  std::reverse(unprocessed_.begin(), unprocessed_.end());
}

// The oldest one is `previous` again, and keeps its stamp. One that cannot be had is left alone.
void S6Directory::TakeUnprocessed() {
  const std::string name = std::move(unprocessed_.back());
  unprocessed_.pop_back();
  if (rename(Path(name).c_str(), Path("previous").c_str()) != 0) return;
  has_previous_ = true;
  failures_ = 0;
  stamp_ = name.substr(0, kTai64nStampSize);
}

void S6Directory::Close() {
  if (processor_ && processor_->state() != S6Processor::State::kDone) processor_->Kill();
  if (current_ && has_previous_) {
    const bool is_done = processor_ && processor_->state() == S6Processor::State::kDone;
    if (is_done) (void)FinishPrevious(MonoTime{});
    // s6-log would write its next `previous` over this one.
    if (has_previous_) (void)Archive("previous", action_.processor.empty() ? 's' : 'u');
  }
  processor_.reset();
  has_previous_ = false;
  stamp_.clear();
  retry_at_ = MonoTime{};
  if (current_) (void)fchmod(current_.get(), kCleanMode);
  current_.Reset();
  Unlock();
}

}  // namespace foster
