// SPDX-License-Identifier: MIT
#include "logd/s6_sink.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <utility>

#include "logd/borrowed_memory.h"
#include "logd/sink_thread.h"
#include "logd/strip_ansi.h"
#include "logfile/time_stamp.h"
#include "sys/clock.h"

namespace foster {
namespace {

constexpr std::size_t kRoom = 128 * 1024;  // of text in one step
constexpr std::uint64_t kIsOpen = 2;       // LogSinkState::flags: directories are as its steps say
constexpr std::uint32_t kUnderWay = 1;     // LogSinkState::step_valid
constexpr std::uint32_t kAllDone = 2;      // everything was written, only positions are to move
constexpr Millis kLeastRetry{100};
constexpr mode_t kStatusMode = 0644;

// The first directory's size stands in step_size_before; SinkHost needs the last one of `reserved`.
static_assert(kMostS6Directories == std::size(decltype(LogSinkState::reserved){}));

std::uint64_t SizeBefore(const LogSinkState& state, std::size_t i) {
  return i == 0 ? static_cast<std::uint64_t>(state.step_size_before) : state.reserved[i - 1];
}

void SetSizeBefore(LogSinkState* state, std::size_t i, std::uint64_t size) {
  if (i == 0) {
    state->step_size_before = static_cast<std::int64_t>(size);
  } else {
    state->reserved[i - 1] = size;
  }
}

// Whole or not at all: a reader sees the old file or the new one.
Result<void> ReplaceFile(const std::string& path, std::string_view bytes) {
  const std::string made = path + ".new";
  const UniqueFd fd(open(made.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, kStatusMode));
  if (!fd) return Error::FromErrno("cannot open " + made);
  while (!bytes.empty()) {
    const ssize_t wrote = write(fd.get(), bytes.data(), bytes.size());
    if (wrote < 0 && errno == EINTR) continue;
    if (wrote <= 0) return Error::FromErrno("cannot write " + made);
    bytes.remove_prefix(static_cast<std::size_t>(wrote));
  }
  if (rename(made.c_str(), path.c_str()) != 0) return Error::FromErrno("cannot rename " + made);
  return Ok();
}

// False: it would have to wait, or nobody reads there.
bool SayNow(int fd, std::string_view text) {
  while (!text.empty()) {
    pollfd ready{fd, POLLOUT, 0};
    if (poll(&ready, 1, 0) != 1 || (ready.revents & POLLOUT) == 0) return false;
    const ssize_t wrote = write(fd, text.data(), text.size());
    if (wrote < 0 && errno == EINTR) continue;
    if (wrote <= 0) return false;
    text.remove_prefix(static_cast<std::size_t>(wrote));
  }
  return true;
}

S6Script ScriptOf(const std::string& text, bool* is_good) {
  S6Script script;
  std::vector<S6ScriptError> errors;
  *is_good = ParseS6Script(text, &script, &errors);
  return *is_good ? script : S6Script();
}

}  // namespace

std::unique_ptr<Sink> MakeS6Sink(SinkPlace place) { return std::make_unique<S6Sink>(std::move(place)); }

S6Sink::S6Sink(SinkPlace place)
    : place_(std::move(place)),
      script_(ScriptOf(place_.spec.target, &is_script_good_)),
      selector_(script_),
      outputs_(script_.actions.size()),
      source_(*place_.table, place_.slot, {place_.spec.takes_out, place_.spec.takes_err}),
      can_block_(place_.log.overflow == LogOverflow::kBlock) {
  for (std::size_t i = 0; i < script_.actions.size(); ++i) {
    if (script_.actions[i].kind != S6ActionKind::kDirectory) continue;
    directories_.push_back(std::make_unique<S6Directory>(script_.actions[i]));
    outputs_[i].directory = directories_.back().get();
  }
  for (Output& output : outputs_) lent_.push_back(&output.text);
}

S6Sink::~S6Sink() { CloseAll(); }

// Those whose first directory is on one disk wait for each other.
std::string S6Sink::Group() const {
  std::string path = directories_.empty() ? "/" : directories_[0]->action().target;
  struct stat status {};
  while (stat(path.c_str(), &status) != 0) {
    const std::size_t slash = path.rfind('/');
    path = slash == std::string::npos || slash == 0 ? "/" : path.substr(0, slash);
    if (path == "/") {
      if (stat("/", &status) != 0) break;
      continue;
    }
  }
  return "s6:" + std::to_string(major(status.st_dev)) + ":" + std::to_string(minor(status.st_dev));
}

MonoTime S6Sink::Work(const Turn& turn) {
  const BorrowedMemory memory(&source_, &batch_, lent_);
  if (is_reopen_wanted_.exchange(false)) {
    CloseAll();
    retry_at_ = MonoTime{};
  }
  if (turn.now < retry_at_) return retry_at_;
  bool has_more = false;
  const Result<void> done = DoTurn(turn, &has_more);
  if (!done.ok()) return Failed(turn, done.error());
  Succeeded();
  if (has_more) return turn.now;
  if (turn.is_ending && !HasNew()) {
    CloseAll();
    return kNoDeadline;
  }
  return Deadline();
}

Result<void> S6Sink::DoTurn(const Turn& turn, bool* has_more) {
  if (!is_script_good_) return Error("the script has faults", EINVAL);
  if (!is_open_) {
    if (turn.is_ending && !HasNew()) return Ok();
    FOSTER_TRY(Open());
  }
  if (state().step_valid.load(std::memory_order_acquire) != 0) FOSTER_TRY(Recover());
  RotateAll(turn.now);
  FOSTER_TRY(Write(turn, has_more));
  RotateAll(turn.now);
  return Ok();
}

bool S6Sink::HasNew() const {
  const LogSlot& slot = place_.table->header().slots[place_.slot];
  const std::array<bool, kLogStreams> takes{place_.spec.takes_out, place_.spec.takes_err};
  for (std::uint32_t i = 0; i < kLogStreams; ++i)
    if (takes[i] && slot.streams[i].indexed.load() > state().position[i].load()) return true;
  return false;
}

Result<void> S6Sink::Open() {
  const bool is_ours = (state().flags.load() & kIsOpen) != 0;
  if (!is_ours) state().step_reserved = 0;  // another sink's
  std::function<void()> on_processed;
  if (SinkThread* thread = SinkThread::Current(); thread != nullptr)
    on_processed = [thread, this] { thread->Wake(this); };  // a sink that is gone is not woken
  for (const auto& directory : directories_) {
    if (directory->is_open()) continue;
    FOSTER_TRY(directory->Open(is_ours, on_processed));
  }
  is_open_ = true;
  state().flags.fetch_or(kIsOpen);
  state().opened_wall.store(WallNow());
  return Ok();
}

void S6Sink::CloseAll() {
  const bool is_in_order = is_open_ && state().step_valid.load() == 0;
  for (const auto& directory : directories_) directory->Close();
  is_open_ = false;
  if (is_in_order) state().flags.fetch_and(~kIsOpen);
}

LogPositions S6Sink::Positions() const { return {state().position[0].load(), state().position[1].load()}; }

// A step that an earlier logd, or a full disk, left half done.
Result<void> S6Sink::Recover() {
  LogSinkState& s = state();
  std::uint64_t done = 0;
  for (std::size_t i = 0; i < directories_.size(); ++i) {
    const std::uint64_t size = directories_[i]->size();
    done += size > SizeBefore(s, i) ? size - SizeBefore(s, i) : 0;
  }
  const bool is_said = s.step_reserved >= s.step_stream;
  const bool has_status =
      std::any_of(script_.actions.begin(), script_.actions.end(),
                  [](const S6Action& action) { return action.kind == S6ActionKind::kStatusFile; });
  const bool is_all = done == s.step_length && is_said && !has_status;
  if (s.step_valid.load() == kAllDone || is_all) {
    Finish();
    return Ok();
  }
  return TakeBack();
}

Result<void> S6Sink::TakeBack() {
  LogSinkState& s = state();
  for (std::size_t i = 0; i < directories_.size(); ++i)
    FOSTER_TRY(directories_[i]->TakeBack(SizeBefore(s, i), s.step_length));
  s.step_valid.store(0, std::memory_order_release);
  return Ok();
}

// One that fails stops nobody from writing until its directory is full.
void S6Sink::RotateAll(MonoTime now) {
  const bool is_wanted = is_rotate_wanted_.exchange(false);
  for (Output& output : outputs_) {
    if (output.directory == nullptr) continue;
    S6Directory& directory = *output.directory;
    if (is_wanted && directory.size() > 0) output.is_full = true;
    const std::uint64_t before = directory.rotations();
    const Result<void> done = directory.Rotate(output.is_full, now);
    if (directory.is_open() && directory.size() == 0) output.is_full = false;
    state().rotations.fetch_add(directory.rotations() - before, std::memory_order_relaxed);
    if (done.ok()) continue;
    state().failures.fetch_add(1);
    state().last_error.store(done.error().code());
  }
}

Result<void> S6Sink::Write(const Turn& turn, bool* has_more) {
  const LogPositions at = Positions();
  source_.Next(at, kRoom, turn.flush, &batch_);
  for (Output& output : outputs_) output.text.clear();
  said_.clear();
  LogPositions next{at[0] + batch_.skipped[0], at[1] + batch_.skipped[1]};
  const std::uint64_t skipped = batch_.skipped[0] + batch_.skipped[1];
  std::size_t lines = 0;
  is_waiting_ = skipped > 0 && !AddSkip(skipped, turn.is_ending);
  while (!is_waiting_ && lines < batch_.lines.size() && AddLine(batch_.lines[lines], turn.is_ending)) {
    next[batch_.lines[lines].stream] = batch_.lines[lines].end;
    ++lines;
  }
  *has_more = batch_.has_more || lines < batch_.lines.size();
  // Nothing fits: either a rotation makes room now, or it is waited for.
  if (lines == 0 && (skipped == 0 || is_waiting_)) {
    RotateAll(turn.now);
    is_waiting_ = *has_more && !batch_.lines.empty() && !HasRoom(batch_.lines[0].text.size(), turn.is_ending);
    if (is_waiting_) *has_more = false;
    return Ok();
  }
  FOSTER_TRY(Step(next, batch_.skipped));
  state().lines.fetch_add(lines, std::memory_order_relaxed);
  return Ok();
}

bool S6Sink::AddLine(const SourceLine& line, bool is_ending) {
  std::string_view text = line.text;
  if (place_.spec.strip_ansi && StripAnsi(text, &stripped_)) text = stripped_;
  if (!place_.redactor.empty() && place_.redactor.Redact(text, &redacted_)) text = redacted_;
  selector_.Choose(text);
  if (!HasRoom(text.size(), is_ending)) return false;
  for (std::size_t i = 0; i < outputs_.size(); ++i)
    if (selector_.taken()[i]) Format(i, line.wall, text);
  return true;
}

// Told of in every directory, whatever it selects.
bool S6Sink::AddSkip(std::uint64_t bytes, bool is_ending) {
  const std::string text = "foster: " + std::to_string(bytes) + " bytes skipped: the directory was too slow";
  if (!HasRoom(text.size(), is_ending)) return false;
  for (std::size_t i = 0; i < outputs_.size(); ++i)
    if (outputs_[i].directory != nullptr) Format(i, WallNow(), text);
  return true;
}

// In all directories, for a line goes to all of its actions in one step.
bool S6Sink::HasRoom(std::size_t bytes, bool is_ending) {
  bool has_room = true;
  for (std::size_t i = 0; i < outputs_.size(); ++i) {
    Output& output = outputs_[i];
    if (output.directory == nullptr) continue;
    const S6Action& action = script_.actions[i];
    const std::size_t stamps =
        (action.tai64n ? kTai64nStampSize + 1 : 0) + (action.iso ? kIsoStampSize + 2 : 0);
    const std::size_t line = stamps + action.prefix.size() + bytes + 1;
    const bool is_empty = output.directory->size() == 0 && output.text.empty();
    const bool fits =
        is_empty || output.directory->size() + output.text.size() + line <= output.directory->most();
    // At the end nobody waits for room.
    if (output.directory->is_open() && ((fits && !output.is_full) || is_ending)) continue;
    output.is_full = true;
    has_room = false;
  }
  return has_room;
}

void S6Sink::Format(std::size_t index, std::int64_t wall, std::string_view text) {
  const S6Action& action = script_.actions[index];
  std::string& out = outputs_[index].text;
  if (action.kind != S6ActionKind::kDirectory) out.clear();
  if (action.kind == S6ActionKind::kStderr) out = "foster: alert: ";
  char stamp[kIsoStampSize + 2];
  if (action.tai64n) {
    char* end = PutTai64nStamp(stamp, wall);
    *end++ = ' ';
    out.append(stamp, end);
  }
  if (action.iso) {
    char* end = PutIsoStamp(stamp, wall);
    end[0] = end[1] = ' ';
    out.append(stamp, end + 2);
  }
  out.append(action.prefix);
  const bool is_long =
      action.kind == S6ActionKind::kStderr && action.alert_size > 0 && text.size() > action.alert_size + 3;
  if (is_long) {
    out.append(text.substr(0, action.alert_size)).append("...\n");
  } else {
    out.append(text) += '\n';
  }
  if (action.kind == S6ActionKind::kStdout || action.kind == S6ActionKind::kStderr)
    said_.push_back({action.kind, wall, std::move(out)});
}

Result<void> S6Sink::Step(const LogPositions& next, const LogPositions& skipped) {
  LogSinkState& s = state();
  s.step_writer = 0;
  s.step_stream = static_cast<std::uint32_t>(said_.size());
  s.step_length = 0;
  s.step_device = s.step_inode = 0;
  for (std::size_t i = 0; i < directories_.size(); ++i) SetSizeBefore(&s, i, directories_[i]->size());
  for (const Output& output : outputs_) s.step_length += output.directory != nullptr ? output.text.size() : 0;
  for (std::uint32_t i = 0; i < kLogStreams; ++i) {
    s.step_next[i] = next[i];
    s.step_skipped_told[i] = s.skipped[i].load() + skipped[i];
  }
  s.step_valid.store(kUnderWay, std::memory_order_release);
  for (std::size_t i = 0; i < outputs_.size(); ++i) {
    const Output& output = outputs_[i];
    const bool is_status = script_.actions[i].kind == S6ActionKind::kStatusFile;
    if (output.text.empty() || (output.directory == nullptr && !is_status)) continue;
    const Result<void> done =
        is_status ? WriteStatus(script_.actions[i], output.text) : output.directory->Append(output.text);
    if (done.ok()) continue;
    if (is_status) {  // as for s6-log, no reason to stop logging
      s.failures.fetch_add(1);
      s.last_error.store(done.error().code());
      continue;
    }
    FOSTER_TRY(TakeBack());
    return done;
  }
  Say();
  std::vector<Saying>().swap(said_);
  s.written.fetch_add(s.step_length, std::memory_order_relaxed);
  Finish();
  return Ok();
}

// Always ^N bytes, filled with newlines, so that the file may be read at any moment; ^0: as long as it is.
Result<void> S6Sink::WriteStatus(const S6Action& action, const std::string& line) {
  std::string bytes = line;
  if (action.status_size > 0) bytes.resize(action.status_size, '\n');
  return ReplaceFile(action.target, bytes);
}

// Those that were said before a kill are not said again.
void S6Sink::Say() {
  LogSinkState& s = state();
  for (std::uint32_t i = s.step_reserved; i < said_.size(); ++i) {
    const Saying& one = said_[i];
    const bool is_said =
        one.kind == S6ActionKind::kStdout ? SayOnStdout(one.wall, one.text) : SayNow(STDERR_FILENO, one.text);
    if (!is_said) s.failures.fetch_add(1);
    __atomic_store_n(&s.step_reserved, i + 1, __ATOMIC_RELEASE);
  }
}

// The first line that finds room again is told of those that did not.
bool S6Sink::SayOnStdout(std::int64_t wall, const std::string& text) {
  if (place_.mail == nullptr) return false;
  std::string gap;
  if (unsaid_ > 0) gap = "foster: " + std::to_string(unsaid_) + " lines left out here: stdout is too slow";
  const std::string_view line(text.data(), text.size() - 1);  // its '\n' is the console's
  const bool is_said = place_.mail->Put({place_.slot, wall, line}, gap);
  unsaid_ = is_said ? 0 : unsaid_ + 1;
  return is_said;
}

// Done again after a kill between any two lines, it changes nothing.
void S6Sink::Finish() {
  LogSinkState& s = state();
  if (s.step_valid.load() == kUnderWay) {
    s.step_writer = s.step_reserved - std::min(s.step_reserved, s.step_stream);
    s.step_valid.store(kAllDone, std::memory_order_release);
  }
  s.step_reserved = s.step_writer;
  for (std::uint32_t i = 0; i < kLogStreams; ++i) {
    s.position[i].store(s.step_next[i], std::memory_order_release);
    s.skipped[i].store(s.step_skipped_told[i]);
    s.skipped_told[i].store(s.step_skipped_told[i]);
  }
  if (!directories_.empty()) s.size.store(directories_[0]->size(), std::memory_order_relaxed);
  s.step_valid.store(0, std::memory_order_release);
}

MonoTime S6Sink::Failed(const Turn& turn, const Error& error) {
  LogSinkState& s = state();
  s.failures.fetch_add(1);
  s.last_error.store(error.code());
  const bool is_full = is_open_;
  s.health.store(static_cast<std::uint32_t>(is_full ? LogSinkHealth::kFull : LogSinkHealth::kBroken));
  can_block_.store(place_.log.overflow == LogOverflow::kBlock && place_.log.full_disk == LogFullDisk::kWait);
  if (!is_script_good_) return kNoDeadline;
  Millis retry{2000};
  for (const auto& directory : directories_) retry = std::min(retry, directory->action().retry);
  retry_at_ = turn.now + std::max(retry, kLeastRetry);
  return retry_at_;
}

void S6Sink::Succeeded() {
  LogSinkState& s = state();
  retry_at_ = MonoTime{};
  can_block_.store(place_.log.overflow == LogOverflow::kBlock, std::memory_order_release);
  const LogSinkHealth health = is_waiting_ ? LogSinkHealth::kBehind : LogSinkHealth::kGood;
  if (is_open_) s.health.store(static_cast<std::uint32_t>(health));
}

MonoTime S6Sink::Deadline() const {
  MonoTime due = kNoDeadline;
  for (const auto& directory : directories_) due = std::min(due, directory->Deadline());
  return due;
}

}  // namespace foster
