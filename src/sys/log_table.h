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
#include <string>
#include <string_view>

#include "base/result.h"
#include "base/unique_fd.h"
#include "foster/log_spec.h"

namespace foster {

inline constexpr std::uint32_t kLogMagic = 0x474f4c46;  // "FLOG"
inline constexpr std::uint32_t kLogVersion = 3;
inline constexpr std::uint32_t kLogSlots = 4096;
inline constexpr std::uint32_t kLogStreams = 2;    // 0 = stdout, 1 = stderr
inline constexpr std::uint32_t kArenaStreams = 4;  // per slot: stdout, stderr, the index, the config
inline constexpr std::uint32_t kIndexStream = 2;
inline constexpr std::uint32_t kConfigStream = 3;
inline constexpr std::uint32_t kLogWriters = 32;            // threads of logd that may have a step under way
inline constexpr std::uint64_t kStagingBytes = 128 * 1024;  // what one step of one writer may bring
inline constexpr std::uint32_t kWarmWriters = 4;            // keep their staging area between two steps
inline constexpr std::uint64_t kMostConfigBytes = 1ull << 20;
inline constexpr std::uint64_t kStreamSpan = 1ull << 48;

// One splice, in the order in which they came: the index is the third arena stream of a slot, entry i at i *
// sizeof(LogIndexEntry), and shrinks from its old end with the bytes it tells of. A line belongs to the entry
// that brought its last byte; lines of a service are counted ("seq", from 1) in this order.
struct LogIndexEntry {
  std::uint64_t ends[kLogStreams];  // position in each stream behind this entry
  std::int64_t wall;                // ns since 1970
  std::int64_t mono;                // ns, CLOCK_MONOTONIC
  std::uint64_t incarnation;        // as far as known; 0 = unknown
  std::uint64_t lines;              // '\n' in both streams before this entry
  std::uint32_t stream;             // whose bytes it tells of
  std::uint32_t length;             // how many; they end at ends[stream]
  std::uint32_t newlines;           // among them
  std::uint32_t reserved;
};
static_assert(sizeof(LogIndexEntry) == 64);

// What a sink is doing; for people (`svc logs --stats`) and for events.
enum class LogSinkHealth : std::uint32_t {
  kIdle,  // nothing was ever written
  kGood,
  kBehind,  // slower than its service: who waits, or what is left out, is LogOverflow's
  kFull,    // cannot write: `last_error`; tried again by itself
  kBroken,  // cannot work as configured: `last_error`, tried again at a reload or on request
};

// A sink of a slot. Written by the one thread of logd that serves the sink. How it loses and doubles nothing:
// bytes are staged (transformed ones in StagingBase(writer); raw ones are in the arena anyway), then the step
// is described here, then `step_valid` = 1, then it is carried out, then `position` moves, then `step_valid`
// = 0. Whoever finds `step_valid` = 1 looks how far the target has come (a file: its size now against
// `step_size_before`).
struct LogSinkState {
  std::atomic<std::uint64_t>
      identity;  // hash of what it is a sink of (kind, target, streams, format); 0 = free
  std::atomic<std::uint64_t> position[kLogStreams];      // up to where its target has everything
  std::atomic<std::uint64_t> skipped[kLogStreams];       // bytes left out so far
  std::atomic<std::uint64_t> skipped_told[kLogStreams];  // of these, how many its target was told of
  std::atomic<std::uint32_t> step_valid;
  std::uint32_t step_writer;  // whose staging area holds the bytes; UINT32_MAX = stream `step_stream` itself
  std::uint32_t step_stream;
  std::uint32_t step_reserved;
  std::uint64_t step_length;             // bytes to be written
  std::uint64_t step_next[kLogStreams];  // `position` afterwards
  std::uint64_t step_skipped_told[kLogStreams];
  std::int64_t step_size_before;  // of the file
  std::uint64_t step_device;
  std::uint64_t step_inode;
  std::atomic<std::uint32_t> health;     // LogSinkHealth
  std::atomic<std::int32_t> last_error;  // errno
  std::atomic<std::uint64_t> written;    // bytes its target took, since boot
  std::atomic<std::uint64_t> lines;      // where it counts them
  std::atomic<std::uint64_t> rotations;
  std::atomic<std::uint64_t> failures;    // writes, connections or answers that failed
  std::atomic<std::uint64_t> size;        // of the current file
  std::atomic<std::int64_t> opened_wall;  // when the current file was begun, ns since 1970; 0 = unknown
  std::atomic<std::uint64_t> flags;       // bit 0: the file carries this boot's header line
  std::uint64_t reserved[8];
};

struct LogStream {
  std::int64_t write_at;                // arena offset; advanced by the kernel inside splice(2)
  std::atomic<std::uint64_t> indexed;   // position up to which the index tells of it
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
  std::atomic<std::uint64_t> index_end;   // entries ever recorded
  std::atomic<std::uint64_t> index_tail;  // the oldest entry that is still there
  std::atomic<std::uint64_t> lines;       // '\n' ever seen in both streams, up to `indexed`
  std::atomic<std::uint64_t>
      config;  // LogTable::Configure's; 0 = none yet: nothing of this slot is written anywhere
  std::atomic<std::uint32_t> followers;  // > 0: logd rings the bell when bytes came for this slot
  std::atomic<std::uint32_t> rotate;     // counts requests to rotate its files now
  LogSinkState sinks[kMaxLogSinks];      // LogSpec::sinks[i] is served by the one whose identity it has
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
  std::atomic<std::uint32_t> reopen;      // counts requests to open all files anew
  std::uint8_t boot[16];                  // random; of this life of the container
  std::int64_t boot_wall;                 // when it began, ns since 1970
  LogIntent intent;
  LogSlot slots[kLogSlots];
};

// The arena stream of (slot, stream); the console is stream 0 of slot kLogSlots.
constexpr std::int64_t ArenaBase(std::uint32_t slot, std::uint32_t stream) {
  return static_cast<std::int64_t>((static_cast<std::uint64_t>(slot) * kArenaStreams + stream) * kStreamSpan);
}
constexpr std::int64_t ConsoleBase() { return ArenaBase(kLogSlots, 0); }
// Where writer `i` < kLogWriters stages its steps, kStagingBytes each.
constexpr std::int64_t StagingBase(std::uint32_t i) {
  return ArenaBase(kLogSlots, 1) + static_cast<std::int64_t>(i * kStagingBytes);
}

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
  // What is wanted of the slot's output, as wire/log_codec.h writes it: kept in the arena, so that a new logd
  // knows it before supervise says anything. Replaces the former one wholly or not at all. False: too long,
  // or no memory.
  bool Configure(int slot, std::string_view config);
  std::string ConfigOf(int slot) const;  // empty: none
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
  kLogdDropSlot,   // slot: drain, close and forget its pipes; answered by kLogdDropped
  kLogdDropped,    // logd -> supervise: slot
  kLogdDrain,      // answered by kLogdDrained when every pipe is empty and stdout has taken everything
  kLogdDrained,    // logd -> supervise
  kLogdConfigure,  // slot: its config, or its rotate count, has changed
  kLogdReopen,     // every file is to be opened anew (log rotation by others)
  kLogdTrouble,    // logd -> supervise: slot, stream = index of the sink whose health became kFull or kBroken
  kLogdRecovered,  // logd -> supervise: slot, stream = index of the sink that writes again
  kLogdEmptied,    // logd -> supervise: slot: what kLogdEmptySlot asked for is done
  kLogdEmptySlot,  // slot: the rings are emptied (supervisorctl clear, process-compose truncate)
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
