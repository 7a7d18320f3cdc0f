// SPDX-License-Identifier: MIT
#include "logd/stream.h"

#include <fcntl.h>
#include <sys/ioctl.h>
#include <time.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

namespace foster {
namespace {

std::int64_t WallNow() {
  timespec now{};
  clock_gettime(CLOCK_REALTIME, &now);
  return std::int64_t{now.tv_sec} * 1'000'000'000 + now.tv_nsec;
}

// The entry is filled, then counted, then the bytes are announced: a reader finds the chunk of every byte it
// sees.
void RecordChunk(LogTable& table, const Stream& s) {
  LogSlot& slot = table.header().slots[s.slot];
  LogStream& entry = slot.streams[s.stream];
  const std::uint64_t written = Written(entry, s.slot, s.stream);
  const std::uint64_t indexed = entry.indexed.load(std::memory_order_relaxed);
  if (written == indexed) return;
  const std::uint64_t head = slot.chunk_head.load(std::memory_order_relaxed);
  LogChunk& chunk = slot.chunks[head % kLogChunks];
  std::atomic_thread_fence(std::memory_order_release);
  chunk.end = written;
  chunk.wall = WallNow();
  chunk.incarnation = slot.incarnation.load(std::memory_order_relaxed);
  chunk.stream = s.stream;
  chunk.length = static_cast<std::uint32_t>(std::min<std::uint64_t>(written - indexed, UINT32_MAX));
  slot.chunk_head.store(head + 1, std::memory_order_release);
  entry.indexed.store(written, std::memory_order_release);
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

Fill FillFromPipe(LogTable& table, Stream& s, std::size_t count) {
  LogStream& entry = Entry(table, s);
  ssize_t moved = splice(s.pipe.get(), nullptr, table.arena_fd(), &entry.write_at, count,
                         SPLICE_F_NONBLOCK | SPLICE_F_MOVE);
  if (moved < 0 && errno == EINVAL) moved = CopyFromPipe(table, s, count);
  if (moved < 0) return Failed(s, errno);
  if (moved == 0) return Fill::kEnded;
  RecordChunk(table, s);
  return Fill::kMoved;
}

bool IsPipeEmpty(const Stream& s) {
  if (!s.pipe) return s.had_pipe || s.is_dropping;
  int unread = 0;
  return ioctl(s.pipe.get(), FIONREAD, &unread) != 0 || unread == 0;
}

void TakeUp(LogTable& table, Stream& s) {
  LogStream& entry = Entry(table, s);
  RecordChunk(table, s);
  const std::uint64_t written = Written(entry, s.slot, s.stream);
  const std::uint64_t rendered = std::min(entry.rendered.load(), written);
  entry.rendered.store(rendered);
  const std::uint64_t tail = entry.tail.load();
  // What lies a little before the tail may not have been punched out before the kill.
  constexpr std::uint64_t kPunchAgain = 16ull << 20;
  s.punched = tail > kPunchAgain ? (tail - kPunchAgain) & ~std::uint64_t{4095} : 0;
  s.render = RenderState{};
  s.render.position = rendered;
  char last = '\n';
  if (rendered > tail)
    (void)!pread(table.arena_fd(), &last, 1,
                 ArenaBase(s.slot, s.stream) + static_cast<std::int64_t>(rendered) - 1);
  s.render.is_continued = last != '\n';
}

}  // namespace foster
