// SPDX-License-Identifier: MIT
#include "logd/stream.h"

#include <fcntl.h>
#include <sys/ioctl.h>
#include <time.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

namespace foster {
namespace {

constexpr ssize_t kUsualPipe = 64 * 1024;  // what a pipe holds
constexpr int kWidePipe = 256 * 1024;

// A service that fills its pipe gets a bigger one, so that it and logd need not take turns (measured: 1.3 to
// 2.4 times the throughput). Others keep what costs the kernel less.
void Widen(Stream& s) {
  s.wide_pipe = s.pipe.get();
  (void)fcntl(s.wide_pipe, F_SETPIPE_SZ,
              kWidePipe);  // a user's pipes may have their limit: it stays as it is
}

std::int64_t WallNow() {
  timespec now{};
  clock_gettime(CLOCK_REALTIME, &now);
  return std::int64_t{now.tv_sec} * 1'000'000'000 + now.tv_nsec;
}

std::int64_t MonoNow() {
  timespec now{};
  clock_gettime(CLOCK_MONOTONIC, &now);
  return std::int64_t{now.tv_sec} * 1'000'000'000 + now.tv_nsec;
}

// '\n' in [from, to). 64 KiB take about 12 us, most of them for pread(2); a mapping would fault page by page.
std::uint32_t CountNewlines(const LogTable& table, const Stream& s, std::uint64_t from, std::uint64_t to) {
  static char buffer[64 * 1024];  // of the loop's thread
  std::uint32_t count = 0;
  while (from < to) {
    const ssize_t got = pread(table.arena_fd(), buffer, std::min<std::uint64_t>(to - from, sizeof(buffer)),
                              ArenaBase(s.slot, s.stream) + static_cast<std::int64_t>(from));
    if (got <= 0) break;
    count += NewlinesIn({buffer, static_cast<std::size_t>(got)});
    from += static_cast<std::uint64_t>(got);
  }
  return count;
}

std::int64_t IndexOffset(std::uint32_t slot, std::uint64_t number) {
  return ArenaBase(slot, kIndexStream) + static_cast<std::int64_t>(number * sizeof(LogIndexEntry));
}

bool WriteIndex(LogTable& table, std::uint32_t number, LogSlot& slot, const LogIndexEntry& entry) {
  const std::uint64_t end = slot.index_end.load(std::memory_order_relaxed);
  if (pwrite(table.arena_fd(), &entry, sizeof(entry), IndexOffset(number, end)) != sizeof(entry))
    return false;
  slot.index_end.store(end + 1, std::memory_order_release);
  slot.lines.store(entry.lines + entry.newlines, std::memory_order_release);
  return true;
}

// The entry is written, then counted, then the bytes are announced: a reader finds the entry of every byte it
// sees. False: no memory for the entry; the bytes stay unannounced, and the next call tells of them too.
bool RecordChunk(LogTable& table, const Stream& s) {
  LogSlot& slot = table.header().slots[s.slot];
  LogStream& stream = slot.streams[s.stream];
  const std::uint64_t written = Written(stream, s.slot, s.stream);
  const std::uint64_t indexed = stream.indexed.load(std::memory_order_relaxed);
  if (written == indexed) return true;
  LogIndexEntry entry{};
  for (std::uint32_t i = 0; i < kLogStreams; ++i)
    entry.ends[i] = slot.streams[i].indexed.load(std::memory_order_relaxed);
  entry.ends[s.stream] = written;
  entry.wall = WallNow();
  entry.mono = MonoNow();
  entry.incarnation = slot.incarnation.load(std::memory_order_relaxed);
  entry.lines = slot.lines.load(std::memory_order_relaxed);
  entry.stream = s.stream;
  entry.length = static_cast<std::uint32_t>(std::min<std::uint64_t>(written - indexed, UINT32_MAX));
  entry.newlines = CountNewlines(table, s, indexed, written);
  if (!WriteIndex(table, s.slot, slot, entry)) return false;
  stream.indexed.store(written, std::memory_order_release);
  return true;
}

// A logd that was killed behind the counting of an entry had not yet announced its bytes. Whatever the other
// stream's turn is: this comes before anything new is recorded, so the last entry is the one.
void FinishRecord(LogTable& table, std::uint32_t number) {
  LogSlot& slot = table.header().slots[number];
  const std::uint64_t end = slot.index_end.load();
  LogIndexEntry last{};
  if (end == slot.index_tail.load() ||
      pread(table.arena_fd(), &last, sizeof(last), IndexOffset(number, end - 1)) != sizeof(last))
    return;
  slot.lines.store(last.lines + last.newlines, std::memory_order_release);
  if (last.stream >= kLogStreams) return;
  LogStream& stream = slot.streams[last.stream];
  const std::uint64_t reached = std::min(last.ends[last.stream], Written(stream, number, last.stream));
  if (reached > stream.indexed.load()) stream.indexed.store(reached, std::memory_order_release);
}

// For what is no pipe. A kill between read and the new position loses these bytes: splice(2) has no such gap.
ssize_t CopyFromPipe(LogTable& table, const Stream& s, std::size_t count) {
  char buffer[4096];
  const ssize_t got = read(s.pipe.get(), buffer, std::min(count, sizeof(buffer)));
  if (got <= 0) return got;
  LogStream& entry = Entry(table, s);
  const ssize_t wrote = pwrite(table.arena_fd(), buffer, static_cast<std::size_t>(got), entry.write_at);
  if (wrote > 0) __atomic_store_n(&entry.write_at, entry.write_at + wrote, __ATOMIC_RELEASE);
  return wrote;
}

Fill Failed(const Stream& s, int error) {
  if (error == EINTR) return Fill::kMoved;
  if (error == EAGAIN) {
    // Also what a memory limit answers: then there are bytes.
    int waiting = 0;
    return ioctl(s.pipe.get(), FIONREAD, &waiting) == 0 && waiting > 0 ? Fill::kNoMemory : Fill::kEmpty;
  }
  return error == ENOSPC || error == ENOMEM || error == EFBIG ? Fill::kNoMemory : Fill::kEnded;
}

}  // namespace

std::uint32_t NewlinesIn(std::string_view bytes) {
  // Sixteen lanes at a time; a lane counts to 255 at most before they are added up.
  using Lanes = unsigned char __attribute__((vector_size(16)));
  constexpr std::size_t kMostTurns = 255;
  const Lanes newline = Lanes{} + static_cast<unsigned char>('\n');
  std::uint32_t count = 0;
  while (bytes.size() >= sizeof(Lanes)) {
    const std::size_t turns = std::min(bytes.size() / sizeof(Lanes), kMostTurns);
    Lanes sums{};
    for (std::size_t i = 0; i < turns; ++i) {
      Lanes part;
      std::memcpy(&part, bytes.data() + i * sizeof(Lanes), sizeof(Lanes));
      sums -= (Lanes)(part == newline);
    }
    for (std::size_t lane = 0; lane < sizeof(Lanes); ++lane) count += sums[lane];
    bytes.remove_prefix(turns * sizeof(Lanes));
  }
  return count + static_cast<std::uint32_t>(std::count(bytes.begin(), bytes.end(), '\n'));
}

Fill FillFromPipe(LogTable& table, Stream& s, std::size_t count) {
  LogStream& entry = Entry(table, s);
  // Bytes may come between a splice that found none and the look whether there are any: then there is memory.
  constexpr int kTries = 3;
  Fill failed = Fill::kNoMemory;
  for (int i = 0; i < kTries && failed == Fill::kNoMemory; ++i) {
    ssize_t moved = splice(s.pipe.get(), nullptr, table.arena_fd(), &entry.write_at, count,
                           SPLICE_F_NONBLOCK | SPLICE_F_MOVE);
    if (moved < 0 && errno == EINVAL) moved = CopyFromPipe(table, s, count);
    if (moved >= kUsualPipe && s.wide_pipe != s.pipe.get()) Widen(s);
    if (moved > 0) return RecordChunk(table, s) ? Fill::kMoved : Fill::kNoMemory;
    failed = moved < 0 ? Failed(s, errno) : Fill::kEnded;
  }
  return failed;
}

bool Announce(LogTable& table, const Stream& s) {
  const LogStream& entry = Entry(table, s);
  const std::uint64_t before = entry.indexed.load();
  return RecordChunk(table, s) && entry.indexed.load() != before;
}

bool IsPipeEmpty(const Stream& s) {
  if (!s.pipe) return s.had_pipe || s.is_dropping;
  int unread = 0;
  return ioctl(s.pipe.get(), FIONREAD, &unread) != 0 || unread == 0;
}

void TakeUp(LogTable& table, Stream& s) {
  LogStream& entry = Entry(table, s);
  FinishRecord(table, s.slot);
  (void)RecordChunk(table, s);  // no memory: with the next bytes, or when some is free again
  const std::uint64_t written = Written(entry, s.slot, s.stream);
  const std::uint64_t rendered = std::min(entry.rendered.load(), written);
  entry.rendered.store(rendered);
  const std::uint64_t tail = entry.tail.load();
  s.render = RenderState{};
  s.render.position = rendered;
  char last = '\n';
  if (rendered > tail)
    (void)!pread(table.arena_fd(), &last, 1,
                 ArenaBase(s.slot, s.stream) + static_cast<std::int64_t>(rendered) - 1);
  s.render.is_continued = last != '\n';
}

}  // namespace foster
