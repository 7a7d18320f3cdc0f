// SPDX-License-Identifier: MIT
#include "logd/file_sink.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <utility>

#include "logd/borrowed_memory.h"
#include "logd/rotation.h"
#include "logd/sink_thread.h"
#include "sys/clock.h"

namespace foster {
namespace {

constexpr std::uint64_t kRawRoom = 1 << 20;    // of one step
constexpr std::uint64_t kLeastRoom = 4 << 10;  // of one step on a disk that is nearly full
constexpr std::uint64_t kWellRoom = 64 << 10;
constexpr std::uint64_t kBehindBytes = 1 << 20;
constexpr double kStagingFill = 0.9;  // of a staging area, as lines are expected to grow
constexpr Millis kRetryFirst{200};
constexpr Millis kRetryMost{5000};
constexpr Millis kRotateRetry{5000};
constexpr std::uint32_t kCleanMode = 0744;  // of s6-log's files that were closed in order
constexpr std::int64_t kNanosPerMilli = 1'000'000;

bool IsRaw(const SinkPlace& place) {
  return place.spec.format == LogFormat::kRaw && !place.spec.strip_ansi && place.redactor.empty();
}

// Nothing that happens on the disk will make it work.
bool IsBroken(int error) {
  return error == EISDIR || error == ENOTDIR || error == ELOOP || error == ENAMETOOLONG || error == EINVAL;
}

bool IsFull(int error) { return error == ENOSPC || error == EDQUOT || error == EFBIG; }

bool IsHealth(const LogSinkState& state, LogSinkHealth health) {
  return state.health.load() == static_cast<std::uint32_t>(health);
}

MonoTime MonoOf(MonoTime now, std::int64_t wall_now, std::int64_t wall) {
  return now + Millis((std::max<std::int64_t>(wall - wall_now, 0) + kNanosPerMilli - 1) / kNanosPerMilli);
}

}  // namespace

FileSink::FileSink(SinkPlace place)
    : place_(std::move(place)),
      takes_{place_.spec.takes_out, place_.spec.takes_err},
      is_raw_(IsRaw(place_)),
      file_(FileTarget::Of(place_.spec.target)),
      source_(*place_.table, place_.slot, takes_),
      text_(place_),
      step_room_(kRawRoom),
      can_block_(place_.log.overflow == LogOverflow::kBlock) {
  // What an earlier logd found out still holds for the rings.
  if (IsHealth(state(), LogSinkHealth::kFull) || IsHealth(state(), LogSinkHealth::kBroken))
    can_block_.store(can_block_.load() && place_.log.full_disk == LogFullDisk::kWait);
}

MonoTime FileSink::Work(const Turn& turn) {
  const BorrowedMemory memory(&source_, &batch_, {text_.memory()});
  std::lock_guard<std::mutex> lock(file_->mutex());
  if (is_reopen_wanted_.exchange(false)) {
    file_->Close();
    retry_at_ = MonoTime{};
  }
  if (turn.now < retry_at_) return retry_at_;
  is_at_rest_.store(false, std::memory_order_release);
  bool has_more = false;
  const Result<void> done = DoTurn(turn, &has_more);
  if (!done.ok() && done.error().code() != kDroppedMeanwhile) return Failed(turn, done.error());
  if (!done.ok()) return turn.now;  // the ring has dropped what was to be written: now it is skipped
  Succeeded(has_more);
  if (has_more) return turn.now;
  is_at_rest_.store(!file_->job, std::memory_order_release);
  if (turn.is_ending && rotation().naming == LogNaming::kTai64n && !is_closed_cleanly_) {
    file_->SetMode(kCleanMode);
    is_closed_cleanly_ = true;
  }
  return NextDeadline(turn);
}

Result<void> FileSink::DoTurn(const Turn& turn, bool* has_more) {
  FOSTER_TRY(Prepare());
  TakeJob();
  if (is_new_life_.load()) {
    FOSTER_TRY(StartOver());
    is_new_life_.store(false);
  }
  RotateIfDue(turn);
  if (!file_->is_open()) FOSTER_TRY(Prepare());  // the next one
  FOSTER_TRY(Write(turn, has_more));
  RotateIfDue(turn);
  if (!file_->is_open()) FOSTER_TRY(Prepare());
  Publish();
  return Ok();
}

Result<void> FileSink::Prepare() {
  FOSTER_TRY(file_->Ensure(place_.spec.mode));
  FOSTER_TRY(file_->Recover(*place_.table));
  FOSTER_TRY(RecoverElsewhere({place_.table, place_.slot, &state()}, file_->step(), file_->path()));
  if (file_->is_tidy || !file_->may_rotate()) return Ok();
  (void)TidyArchives(file_->path(), rotation().naming);  // next time, then
  file_->opened_wall = std::max(file_->opened_wall, state().opened_wall.load());
  file_->is_tidy = true;
  BeginFile();
  DropOld(WallNow());
  NextJob();
  return Ok();
}

void FileSink::BeginFile() {
  if (rotation().naming == LogNaming::kTai64n) file_->SetMode(place_.spec.mode);
  is_closed_cleanly_ = false;
}

// The lines of the former life that are not written yet would go with the others; those of the new life that
// are already written are written again.
Result<void> FileSink::StartOver() {
  if (!place_.spec.truncate_at_start || !file_->may_rotate()) return Ok();
  const LogSlot& slot = place_.table->header().slots[place_.slot];
  // What the ring has dropped with the former life is missing to nobody.
  for (std::uint32_t i = 0; i < kLogStreams; ++i)
    state().position[i].store(std::max(slot.begin[i].load(), slot.streams[i].tail.load()));
  FOSTER_TRY(file_->Empty());
  file_->opened_wall = WallNow();
  return Ok();
}

bool FileSink::IsDue(std::int64_t wall) const {
  const StepFile& step = file_->step();
  if (step.size == 0) return false;
  if (is_rotate_wanted_.load()) return true;
  if (rotation().max_bytes > 0 && step.size >= rotation().max_bytes) return true;
  const std::int64_t turn = NextTurn(rotation(), file_->opened_wall);
  return turn != 0 && wall >= turn;
}

// A rotation that fails stops nobody from writing; it is tried again.
void FileSink::RotateIfDue(const Turn& turn) {
  if (!file_->may_rotate() || turn.now < rotate_again_at_) return;
  const std::int64_t wall = WallNow();
  const bool is_wanted = is_rotate_wanted_.exchange(false);
  const bool is_due = file_->step().size > 0 && (is_wanted || IsDue(wall));
  const Result<void> rotated = is_due ? RotateNow(wall) : Ok();
  if (rotated.ok()) {
    if (is_due) rotate_again_at_ = MonoTime{};
    if (file_->next_expiry != 0 && wall >= file_->next_expiry) DropOld(wall);
    return;
  }
  if (is_wanted) is_rotate_wanted_.store(true);
  rotate_again_at_ = turn.now + kRotateRetry;
  state().failures.fetch_add(1);
  state().last_error.store(rotated.error().code());
}

Result<void> FileSink::RotateNow(std::int64_t wall) {
  if (rotation().backups == 0) {
    FOSTER_TRY(file_->Empty());
  } else {
    if (rotation().naming == LogNaming::kTai64n) file_->SetMode(kCleanMode);
    FOSTER_TRY(MoveToArchive(file_->path(), rotation(), wall));
    file_->Close();
    BeginFile();
  }
  file_->opened_wall = wall;
  state().opened_wall.store(wall);
  state().rotations.fetch_add(1);
  DropOld(wall);
  NextJob();
  return Ok();
}

void FileSink::DropOld(std::int64_t wall) {
  const auto next = DropOldArchives(file_->path(), rotation(), file_->step().size, wall);
  file_->next_expiry = next.ok() ? *next : 0;  // else at the next rotation
}

void FileSink::TakeJob() {
  const std::shared_ptr<CompressJob> job = file_->job;
  if (!job || job->stage.load(std::memory_order_acquire) == CompressJob::Stage::kWaiting) return;
  file_->job.reset();
  if (job->stage.load() == CompressJob::Stage::kFailed) {
    state().failures.fetch_add(1);
    state().last_error.store(job->error);
    return;  // tried again after the next rotation
  }
  if (TakeCompressed(file_->path(), rotation().naming, job->inode, job->how, job->to).ok()) NextJob();
}

void FileSink::NextJob() {
  if (file_->job || rotation().compression == LogCompression::kNone) return;
  const auto next = NextToCompress(file_->path(), rotation());
  if (!next.ok() || !next->has_value()) return;
  const Archive& archive = **next;
  auto job = std::make_shared<CompressJob>();
  job->from.Reset(open(archive.path.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW));
  if (!job->from) return;
  ArchiveName name = archive.name;
  name.compression = rotation().compression;
  name.is_unfinished = true;
  job->inode = archive.inode;
  job->to = ArchivePath(file_->path(), name);
  job->how = rotation().compression;
  if (SinkThread* thread = SinkThread::Current(); thread != nullptr)
    job->on_end = [thread, this] { thread->Wake(this); };  // a sink that is gone is not woken
  file_->job = job;
  Compressor::Shared().Add(std::move(job));
}

LogPositions FileSink::Positions() const { return {state().position[0].load(), state().position[1].load()}; }

// Until the file is full; a line that goes beyond that is the last one.
std::uint64_t FileSink::Room() const {
  const std::uint64_t size = file_->step().size;
  const std::uint64_t most = rotation().max_bytes;
  if (most == 0 || !file_->may_rotate() || size >= most) return step_room_;
  return std::min(step_room_, most - size);
}

Result<void> FileSink::Write(const Turn& turn, bool* has_more) {
  std::uint64_t limit = 0;
  const int stream = is_raw_ ? RawStream(&limit) : -1;
  if (stream >= 0) {
    FOSTER_ASSIGN(const bool is_done, WriteRaw(turn, static_cast<std::uint32_t>(stream), limit, has_more));
    if (is_done) return Ok();
  }
  return WriteText(turn, has_more);
}

// The one stream that has something; what comes from the other one later belongs behind `limit`.
int FileSink::RawStream(std::uint64_t* limit) const {
  const LogSlot& slot = place_.table->header().slots[place_.slot];
  for (std::uint32_t stream = 0; stream < kLogStreams; ++stream) {
    const std::uint32_t other = 1 - stream;
    if (!takes_[stream]) continue;
    *limit = UINT64_MAX;
    if (!takes_[other]) return static_cast<int>(stream);
    *limit = slot.streams[stream].indexed.load(std::memory_order_seq_cst);
    if (Written(slot.streams[other], place_.slot, other) == state().position[other].load())
      return static_cast<int>(stream);
  }
  return -1;
}

// False: nothing was done, it is a case for WriteText.
Result<bool> FileSink::WriteRaw(const Turn& turn, std::uint32_t stream, std::uint64_t limit, bool* has_more) {
  const LogPositions at = Positions();
  std::uint64_t skipped = 0;
  const std::uint64_t want = Room();
  std::uint64_t length = source_.RawLength(stream, at[stream], want + kLogLineMost + 1, turn.flush, &skipped);
  if (length == 0 && skipped == 0) return true;
  if (at[stream] + skipped + length > limit) return false;
  *has_more = true;
  if (skipped > 0) {
    LogPositions next = at;
    LogPositions gap{};
    next[stream] += skipped;
    gap[stream] = skipped;
    text_.Clear();
    if (file_->ends_mid_line()) text_.AddNewline();
    text_.AddSkip(skipped, SkipText(), WallNow());
    FOSTER_TRY(WriteStaged(turn.writer, text_.bytes(), false, next, gap));
    file_->SetEnd(false, nullptr);
    return true;
  }
  if (length > want) length = CutAtLine(stream, at[stream], want, length);
  FOSTER_TRY(EndForeignRest(turn.writer, stream));
  FileStep step;
  step.stream = stream;
  step.length = length;
  step.next = at;
  step.next[stream] += length;
  step.skipped = {state().skipped[0].load(), state().skipped[1].load()};
  char last = '\n';
  (void)!pread(place_.table->arena_fd(), &last, 1,
               ArenaBase(place_.slot, stream) + static_cast<std::int64_t>(step.next[stream]) - 1);
  FOSTER_TRY(Step(step));
  file_->SetEnd(last != '\n', &state().position[stream]);
  return true;
}

// Half a line that stands at the file's end is this stream's own, or gets its '\n' now.
Result<void> FileSink::EndForeignRest(std::uint32_t writer, std::uint32_t stream) {
  if (!file_->ends_mid_line() || file_->rest_of() == &state().position[stream]) return Ok();
  const LogPositions at = Positions();
  char before = '\n';
  if (at[stream] > 0)
    (void)!pread(place_.table->arena_fd(), &before, 1,
                 ArenaBase(place_.slot, stream) + static_cast<std::int64_t>(at[stream]) - 1);
  if (file_->rest_of() == nullptr && before != '\n') return Ok();  // an earlier logd wrote it
  FOSTER_TRY(WriteStaged(writer, "\n", false, at, {}));
  file_->SetEnd(false, nullptr);
  return Ok();
}

// The length up to the end of the line in which byte `want` - 1 lies.
std::uint64_t FileSink::CutAtLine(std::uint32_t stream, std::uint64_t from, std::uint64_t want,
                                  std::uint64_t length) const {
  char buffer[4096];
  std::uint64_t at = want - 1;
  while (at < length) {
    const auto count = static_cast<std::size_t>(std::min<std::uint64_t>(sizeof(buffer), length - at));
    const ssize_t got = pread(place_.table->arena_fd(), buffer, count,
                              ArenaBase(place_.slot, stream) + static_cast<std::int64_t>(from + at));
    if (got <= 0) break;
    const void* newline = std::memchr(buffer, '\n', static_cast<std::size_t>(got));
    if (newline != nullptr)
      return at + static_cast<std::uint64_t>(static_cast<const char*>(newline) - buffer) + 1;
    at += static_cast<std::uint64_t>(got);
  }
  return length;
}

Result<void> FileSink::WriteText(const Turn& turn, bool* has_more) {
  const LogPositions at = Positions();
  const double fill = kStagingFill * static_cast<double>(kStagingBytes) / growth_;
  const std::uint64_t room = std::min<std::uint64_t>(Room(), kStagingBytes);
  source_.Next(at, std::min<std::size_t>(static_cast<std::size_t>(fill), room), turn.flush, &batch_);
  const std::uint64_t skipped = batch_.skipped[0] + batch_.skipped[1];
  if (batch_.lines.empty() && skipped == 0) {
    *has_more = batch_.has_more;
    return Ok();
  }
  LogPositions next{at[0] + batch_.skipped[0], at[1] + batch_.skipped[1]};
  bool is_mid_line = file_->ends_mid_line();
  const void* rest_of = file_->rest_of();
  text_.Clear();
  const auto end_rest = [&] {
    if (std::exchange(is_mid_line, false)) text_.AddNewline();
  };
  const bool has_header = place_.spec.format == LogFormat::kFoster &&
                          (file_->step().size == 0 || (state().flags.load() & 1) == 0);
  if (has_header || skipped > 0) end_rest();
  if (has_header) text_.AddHeader();
  if (skipped > 0) text_.AddSkip(skipped, SkipText(), WallNow());
  std::uint64_t text_bytes = 0;
  std::uint64_t lines = 0;
  for (const SourceLine& line : batch_.lines) {
    const void* owner = &state().position[line.stream];
    if (is_mid_line && !(line.is_continued && (rest_of == nullptr || rest_of == owner))) end_rest();
    if (!text_.AddLine(line, &next[line.stream])) break;
    is_mid_line = text_.EndsMidLine();
    rest_of = owner;
    text_bytes += line.text.size() + 1;
    ++lines;
    if (next[line.stream] != line.end || text_.bytes().size() >= room) break;
  }
  if (text_bytes > 0)
    growth_ = std::max(1.0, static_cast<double>(text_.bytes().size()) / static_cast<double>(text_bytes));
  const bool is_all = lines == batch_.lines.size() && (lines == 0 || next == batch_.next);
  *has_more = batch_.has_more || !is_all;
  FOSTER_TRY(WriteStaged(turn.writer, text_.bytes(), has_header, next, batch_.skipped));
  file_->SetEnd(is_mid_line, rest_of);
  state().lines.fetch_add(lines, std::memory_order_relaxed);
  return Ok();
}

Result<void> FileSink::WriteStaged(std::uint32_t writer, std::string_view bytes, bool has_header,
                                   const LogPositions& next, const LogPositions& more_skipped) {
  FileStep step;
  step.writer = writer;
  step.bytes = bytes;
  step.length = bytes.size();
  step.has_header = has_header;
  step.next = next;
  for (std::uint32_t i = 0; i < kLogStreams; ++i)
    step.skipped[i] = state().skipped[i].load() + more_skipped[i];
  return Step(step);
}

Result<void> FileSink::Step(const FileStep& step) {
  StepFile& file = file_->step();
  if (file.is_regular && file.size == 0) file_->opened_wall = std::max(file_->opened_wall, WallNow());
  const Result<void> done = CarryOut({place_.table, place_.slot, &state()}, step, &file);
  if (!done.ok() && state().step_valid.load() != 0) file_->SetNeedsRecovery();
  return done;
}

// Why the ring had to drop them: the disk, if it does not take any or has just begun to again.
std::string FileSink::SkipText() const {
  const int error = state().last_error.load();
  const bool was_full = IsHealth(state(), LogSinkHealth::kFull) || IsHealth(state(), LogSinkHealth::kBroken);
  return was_full && error != 0 ? std::strerror(error) : "the file was too slow";
}

MonoTime FileSink::Failed(const Turn& turn, const Error& error) {
  LogSinkState& s = state();
  s.failures.fetch_add(1);
  if (IsFull(error.code()) && step_room_ > kLeastRoom) {  // what fits still goes
    step_room_ /= 4;
    return turn.now;
  }
  s.last_error.store(error.code());
  s.health.store(
      static_cast<std::uint32_t>(IsBroken(error.code()) ? LogSinkHealth::kBroken : LogSinkHealth::kFull));
  can_block_.store(place_.log.overflow == LogOverflow::kBlock && place_.log.full_disk == LogFullDisk::kWait,
                   std::memory_order_release);
  // A FIFO's reader has gone; a server has forgotten the file.
  if (error.code() == EPIPE || error.code() == ESTALE) file_->Close();
  retry_delay_ = retry_delay_ == Millis{0} ? kRetryFirst : std::min(2 * retry_delay_, kRetryMost);
  retry_at_ = turn.now + retry_delay_;
  return retry_at_;
}

void FileSink::Succeeded(bool has_more) {
  LogSinkState& s = state();
  retry_delay_ = Millis{0};
  retry_at_ = MonoTime{};
  if (!has_more || step_room_ < kRawRoom) step_room_ = std::min(step_room_ * 2, kRawRoom);
  // A disk that takes a little now and then is still full.
  if (IsHealth(s, LogSinkHealth::kFull) && has_more && step_room_ < kWellRoom) return;
  can_block_.store(place_.log.overflow == LogOverflow::kBlock, std::memory_order_release);
  std::uint64_t backlog = 0;
  const LogSlot& slot = place_.table->header().slots[place_.slot];
  for (std::uint32_t i = 0; has_more && i < kLogStreams; ++i)
    if (takes_[i]) backlog += Written(slot.streams[i], place_.slot, i) - s.position[i].load();
  LogSinkHealth health = s.written.load() == 0 ? LogSinkHealth::kIdle : LogSinkHealth::kGood;
  if (backlog >= kBehindBytes) health = LogSinkHealth::kBehind;
  s.health.store(static_cast<std::uint32_t>(health));
  if (rotate_again_at_ == MonoTime{}) s.last_error.store(0);
}

MonoTime FileSink::NextDeadline(const Turn& turn) const {
  if (!file_->may_rotate()) return kNoDeadline;
  const std::int64_t wall = WallNow();
  MonoTime next = kNoDeadline;
  if (file_->step().size > 0)
    if (const std::int64_t at = NextTurn(rotation(), file_->opened_wall); at != 0)
      next = MonoOf(turn.now, wall, at);
  if (file_->next_expiry != 0) next = std::min(next, MonoOf(turn.now, wall, file_->next_expiry));
  if (rotate_again_at_ > turn.now && IsDue(wall)) next = std::min(next, rotate_again_at_);
  return std::max(next, rotate_again_at_ > turn.now ? rotate_again_at_ : turn.now + Millis{1});
}

void FileSink::Publish() {
  state().size.store(file_->step().size);
  state().opened_wall.store(file_->opened_wall);
}

std::unique_ptr<Sink> MakeFileSink(SinkPlace place) { return std::make_unique<FileSink>(std::move(place)); }

}  // namespace foster
