// SPDX-License-Identifier: MIT
// LogTable: where every log byte of every service is, in two shared memories that init holds: a table of
// fixed layout (this header) and an arena, one memfd of enormous sparse size in which each stream owns 2^48
// bytes. A stream is only ever appended to; its old end is punched out. So a position in a stream is never
// reused and is a cursor.
//
// How no byte is lost when logd is killed: logd moves bytes with splice(2) from the pipe into the arena and
// lets the kernel advance `write_at`, which lies in this shared table, inside the same call; there is no
// instruction between "moved" and "recorded" at which SIGKILL could fall. The way out is the same:
// sendfile(2) from the console stream to foster's stdout advances `console_sent`. (1,000 kills over 63 MB:
// nothing lost, doubled or out of order.)
//
// Not: a file format; it lives as long as the container. Called by: supervise (allocates slots, reads), logd
// (writes). Invariants: one writer of positions (logd); slots are given and freed by supervise alone; a
// reader takes `tail` again after it has read and drops what was punched out meanwhile.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <string_view>

#include "base/result.h"
#include "base/unique_fd.h"

namespace foster {

inline constexpr std::uint32_t kLogMagic = 0x474f4c46;  // "FLOG"
inline constexpr std::uint32_t kLogVersion = 2;
inline constexpr std::uint32_t kLogSlots = 4096;
inline constexpr std::uint32_t kLogStreams = 2;    // 0 = stdout, 1 = stderr
inline constexpr std::uint32_t kLogChunks = 1024;  // per slot: when, and in which order, bytes came
inline constexpr std::uint64_t kStreamSpan = 1ull << 48;
inline constexpr std::uint64_t kRetainBytes = 1ull << 20;  // at most this much is kept behind the newest byte
inline constexpr std::uint64_t kBacklogBytes = 4ull
                                               << 20;  // unprinted bytes at which the writer is made to wait
inline constexpr std::uint32_t kRetainLines = 1000;

// One splice: bytes [previous end, end) of `stream` came at `wall`.
struct LogChunk {
  std::uint64_t end;          // position in the stream, from 0
  std::int64_t wall;          // ns since 1970
  std::uint64_t incarnation;  // as far as known; 0 = unknown
  std::uint32_t stream;
  std::uint32_t length;  // bytes in this chunk, so that its beginning is known without the chunk before it
};

struct LogStream {
  std::int64_t write_at;                // arena offset; advanced by the kernel inside splice(2)
  std::atomic<std::uint64_t> indexed;   // position up to which chunks are recorded
  std::atomic<std::uint64_t> rendered;  // position up to which lines went to the console stream
  std::atomic<std::uint64_t> tail;  // position of the oldest byte still there; on a line start where possible
  std::atomic<std::uint64_t> skipped;       // bytes dropped from the console because stdout stood still
  std::atomic<std::uint64_t> skipped_told;  // of these, how many a console line has told of
};

struct LogSlot {
  std::atomic<std::uint32_t> used;                // 0 free, 1 in use
  std::atomic<std::uint32_t> colour;              // 0..11: prefix colour
  std::atomic<std::uint64_t> incarnation;         // current one, set by supervise before each spawn
  std::atomic<std::uint64_t> begin[kLogStreams];  // position in each stream from which on it is the writer
  char name[120];                                 // full service name
  LogStream streams[kLogStreams];
  std::atomic<std::uint64_t> chunk_head;  // number of chunks ever recorded; chunk i is at i % kLogChunks
  LogChunk chunks[kLogChunks];
};

// A step of rendering (lines of one stream into the console stream), so that it happens wholly or not at all:
// filled, then `valid` = 1, then applied to the three positions, then `valid` = 0. Applied again after a
// crash.
struct LogIntent {
  std::atomic<std::uint32_t> valid;
  std::uint32_t slot;
  std::uint32_t stream;
  std::uint32_t reserved;
  std::uint64_t rendered;
  std::uint64_t console_end;
};

struct LogHeader {
  std::uint32_t magic;
  std::uint32_t version;
  std::atomic<std::uint32_t> followers;    // > 0: logd rings the bell (an eventfd) when bytes came
  std::atomic<std::uint32_t> drained;      // logd: every pipe was read empty at the last pass
  std::atomic<std::uint64_t> console_end;  // position in the console stream up to which lines are rendered
  std::int64_t console_sent;  // arena offset up to which stdout has taken them; advanced by sendfile(2)
  // Where sendfile(2) cannot be used and stdout is a regular file: how far the file was written, and
  // console_sent, when the write(2) that is under way began; -1 = none is. What was written since is what had
  // come through before a crash.
  std::int64_t write_began_at;
  std::int64_t write_began_sent;
  std::atomic<std::uint32_t> slot_limit;  // slots from here on were never used: nobody touches their pages
  std::uint32_t reserved;
  LogIntent intent;
  LogSlot slots[kLogSlots];
};

// The arena stream of (slot, stream); the console is stream 0 of slot kLogSlots.
constexpr std::int64_t ArenaBase(std::uint32_t slot, std::uint32_t stream) {
  return static_cast<std::int64_t>((static_cast<std::uint64_t>(slot) * kLogStreams + stream) * kStreamSpan);
}
constexpr std::int64_t ConsoleBase() { return ArenaBase(kLogSlots, 0); }

// Position (bytes since the stream began) that logd has written.
inline std::uint64_t Written(const LogStream& s, std::uint32_t slot, std::uint32_t stream) {
  return static_cast<std::uint64_t>(__atomic_load_n(&s.write_at, __ATOMIC_ACQUIRE) - ArenaBase(slot, stream));
}

// The two memories, mapped. Move-only.
class LogTable {
 public:
  // Two fresh memfds, table zeroed and in order.
  static Result<LogTable> Create();
  // Existing ones (from init's fd store or inherited). Checks magic, version and size.
  static Result<LogTable> Open(UniqueFd table, UniqueFd arena);
  LogTable(LogTable&&) noexcept;
  LogTable& operator=(LogTable&&) noexcept;
  ~LogTable();

  LogHeader& header() { return *header_; }
  const LogHeader& header() const { return *header_; }
  int table_fd() const { return table_.get(); }
  int arena_fd() const { return arena_.get(); }

  // Slot of `name`, or -1. / A free slot given to `name`, or -1 when all are used.
  int Find(std::string_view name) const;
  int Allocate(std::string_view name);
  // Before a spawn: what is written from now on is of `incarnation`. `pipes`: an end of each stream's pipe,
  // whose unread bytes are of the life before; -1 = not at hand. Said again of the current one: no change.
  void BeginIncarnation(int slot, std::uint64_t incarnation, const std::array<int, kLogStreams>& pipes);
  // Frees the slot and its bytes. Only when its pipes are closed and logd has dropped it.
  void Free(int slot);

 private:
  LogTable(UniqueFd table, UniqueFd arena, LogHeader* header);
  UniqueFd table_;
  UniqueFd arena_;
  LogHeader* header_ = nullptr;
};

// supervise -> logd, over a SOCK_SEQPACKET pair that init's fd store holds ("logd-channel": [0] supervise,
// [1] logd).
enum LogdMessageKind : std::uint32_t {
  kLogdAddStream =
      1,  // slot, stream; one fd: the pipe's read end. Again for a known stream: the new fd replaces it
  kLogdDropSlot,  // slot: drain, close and forget its pipes; answered by kLogdDropped
  kLogdDropped,   // logd -> supervise: slot
  kLogdDrain,     // answered by kLogdDrained when every pipe is empty and stdout has taken everything
  kLogdDrained,   // logd -> supervise
};
struct LogdMessage {
  std::uint32_t kind;
  std::uint32_t slot;
  std::uint32_t stream;
  std::uint32_t reserved;
};

// Names in init's fd store.
inline constexpr std::string_view kStoreLogTable = "log-table";        // [0] table, [1] arena
inline constexpr std::string_view kStoreLogBell = "log-bell";          // [0] eventfd
inline constexpr std::string_view kStoreLogdChannel = "logd-channel";  // [0] supervise's end, [1] logd's end
inline constexpr std::string_view kStoreSavepoint =
    "savepoint";  // [0] savepoint memfd, [1] plan memfd (JSON)
inline constexpr std::string_view kStorePipePrefix =
    "out:";  // "out:NAME", "err:NAME": [0] read, [1] write end
inline constexpr std::string_view kStoreErrPrefix = "err:";
inline constexpr std::string_view kStoreReadyPrefix =
    "ready:";  // "ready:NAME": [0] read end of the notification pipe

// Fds that `foster logd` finds open: 3 table, 4 arena, 5 bell, 6 channel; 1 = foster's stdout.
// argv: foster logd [--stdout=0|1] [--colour=0|1]

}  // namespace foster
