// SPDX-License-Identifier: MIT
#include "sys/log_reader.h"

#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <cstring>

namespace foster {
namespace {

constexpr std::size_t kMaxLine = 64 * 1024;
constexpr std::uint64_t kWindow = kRetainBytes + kMaxLine;  // the most that one call reads of one stream

// The chunks that were not overwritten while they were copied, oldest first; `first` is the number of the
// oldest.
struct Chunks {
  std::vector<LogChunk> entries;
  std::uint64_t first = 0;
};

Chunks CopyChunks(const LogSlot& slot) {
  Chunks chunks;
  const std::uint64_t head = slot.chunk_head.load(std::memory_order_acquire);
  chunks.first = head > kLogChunks ? head - kLogChunks : 0;
  chunks.entries.reserve(head - chunks.first);
  for (std::uint64_t i = chunks.first; i < head; ++i) chunks.entries.push_back(slot.chunks[i % kLogChunks]);
  std::atomic_thread_fence(std::memory_order_acquire);
  // Meanwhile the writer may have filled more; entry `now` may be half written, and it lies where now -
  // kLogChunks lay.
  const std::uint64_t now = slot.chunk_head.load(std::memory_order_acquire);
  const std::uint64_t safe = now + 1 > kLogChunks ? now + 1 - kLogChunks : 0;
  if (safe > chunks.first) {
    const std::uint64_t gone = std::min<std::uint64_t>(safe - chunks.first, chunks.entries.size());
    chunks.entries.erase(chunks.entries.begin(), chunks.entries.begin() + static_cast<std::ptrdiff_t>(gone));
    chunks.first = safe;
  }
  return chunks;
}

// A line with what merging needs to know.
struct Found {
  std::uint64_t order =
      0;  // number of the chunk + 1 that brought its last byte; 0 = older than all that is known
  std::uint64_t end = 0;  // position behind it
  LogLine line;
};

// The bytes [begin, begin + text.size()) of one stream.
struct Window {
  std::uint64_t begin = 0;
  std::string text;
  bool is_cut = false;  // there is more behind it
};

// Only what was still there after reading counts: the tail is moved before bytes are punched out.
Window ReadWindow(const LogTable& table, int slot, std::uint32_t stream, std::uint64_t from,
                  std::uint64_t to) {
  const LogStream& s = table.header().slots[slot].streams[stream];
  const std::int64_t base = ArenaBase(static_cast<std::uint32_t>(slot), stream);
  for (int attempt = 0; attempt < 8; ++attempt) {
    Window window;
    window.begin = std::min(std::max(from, s.tail.load(std::memory_order_acquire)), to);
    window.is_cut = to - window.begin > kWindow;
    window.text.resize(std::min(to - window.begin, kWindow));
    const ssize_t got = pread(table.arena_fd(), window.text.data(), window.text.size(),
                              base + static_cast<std::int64_t>(window.begin));
    window.text.resize(got > 0 ? static_cast<std::size_t>(got) : 0);
    const std::uint64_t tail = s.tail.load(std::memory_order_acquire);
    if (tail <= window.begin) return window;
    if (tail - window.begin < window.text.size()) {
      window.text.erase(0, tail - window.begin);
      window.begin = tail;
      return window;
    }
    from = tail;  // everything that was read is gone: a flood; from the new tail
  }
  Window nothing;
  nothing.begin = std::max(from, s.tail.load(std::memory_order_acquire));
  return nothing;
}

// Cuts a window into lines. The rest without '\n' becomes a partial line if `keep_rest`.
class Cutter {
 public:
  Cutter(const Chunks& chunks, std::uint32_t stream) : chunks_(chunks), stream_(stream) {}

  std::vector<Found> Cut(const Window& window, bool keep_rest) {
    std::vector<Found> lines;
    std::size_t at = 0;
    const std::string& text = window.text;
    while (at < text.size()) {
      const std::size_t room = std::min(text.size() - at, kMaxLine + 1);
      const char* begin = text.data() + at;
      const char* newline = static_cast<const char*>(std::memchr(begin, '\n', room));
      if (newline == nullptr && room <= kMaxLine) {
        if (keep_rest) lines.push_back(Make(window.begin + at, begin, room, room, true));
        break;
      }
      const std::size_t length = newline != nullptr ? static_cast<std::size_t>(newline - begin) : kMaxLine;
      const std::size_t taken = newline != nullptr ? length + 1 : length;
      lines.push_back(Make(window.begin + at, begin, length, taken, false));
      at += taken;
    }
    return lines;
  }

 private:
  Found Make(std::uint64_t position, const char* text, std::size_t length, std::size_t taken, bool partial) {
    Found found;
    found.end = position + taken;
    found.line.stream = stream_;
    found.line.text.assign(text, length);
    found.line.partial = partial;
    found.line.begin = position;
    found.line.end = found.end;
    Date(found);
    return found;
  }

  // Lines come in order, so the search for the chunk goes on where the last one ended.
  void Date(Found& found) {
    while (next_ < chunks_.entries.size() &&
           (chunks_.entries[next_].stream != stream_ || chunks_.entries[next_].end < found.end))
      ++next_;
    if (next_ == chunks_.entries.size()) {
      found.order = chunks_.first + next_ + 1;
      return;
    }
    const LogChunk& chunk = chunks_.entries[next_];
    const bool is_older = found.end + chunk.length <= chunk.end;
    found.order = is_older ? 0 : chunks_.first + next_ + 1;
    found.line.wall = chunk.wall;
    found.line.incarnation = chunk.incarnation;
  }

  const Chunks& chunks_;
  std::uint32_t stream_;
  std::size_t next_ = 0;
};

bool IsSlot(const LogTable& table, int slot) {
  return slot >= 0 &&
         static_cast<std::uint32_t>(slot) < std::min(table.header().slot_limit.load(), kLogSlots) &&
         table.header().slots[slot].used.load(std::memory_order_acquire) != 0;
}

using Streams = std::array<std::vector<Found>, kLogStreams>;

// The stream whose next line came first; kLogStreams when all are at their end.
std::uint32_t Earliest(const Streams& streams, const std::array<std::size_t, kLogStreams>& at) {
  std::uint32_t best = kLogStreams;
  for (std::uint32_t i = 0; i < kLogStreams; ++i) {
    if (at[i] == streams[i].size()) continue;
    if (best == kLogStreams || streams[i][at[i]].order < streams[best][at[best]].order) best = i;
  }
  return best;
}

bool ParseNumber(std::string_view text, std::uint64_t* number) {
  const auto result = std::from_chars(text.data(), text.data() + text.size(), *number);
  return result.ec == std::errc() && result.ptr == text.data() + text.size();
}

// Positions are read before the chunks: a line that is seen then always finds the chunk that brought it.
std::array<std::uint64_t, kLogStreams> Indexed(const LogSlot& slot) {
  std::array<std::uint64_t, kLogStreams> ends{};
  for (std::uint32_t i = 0; i < kLogStreams; ++i)
    ends[i] = slot.streams[i].indexed.load(std::memory_order_acquire);
  return ends;
}

// What stands before `position` is still there and is no line's end: where memory was short, the oldest line
// was cut. (A byte that was punched out reads as NUL and says nothing.)
bool IsInsideLine(const LogTable& table, int slot, std::uint32_t stream, std::uint64_t position) {
  char before = '\n';
  const std::int64_t offset =
      ArenaBase(static_cast<std::uint32_t>(slot), stream) + static_cast<std::int64_t>(position) - 1;
  return position > 0 && pread(table.arena_fd(), &before, 1, offset) == 1 && before != '\n' && before != '\0';
}

}  // namespace

std::vector<LogLine> TailLines(const LogTable& table, int slot, std::size_t count, LogCursor* cursor) {
  *cursor = LogCursor{};
  if (!IsSlot(table, slot)) return {};
  const LogSlot& s = table.header().slots[slot];
  const auto ends = Indexed(s);
  const Chunks chunks = CopyChunks(s);
  Streams streams;
  std::vector<LogLine> lines;
  std::array<std::size_t, kLogStreams> at{};
  std::size_t total = 0;
  for (std::uint32_t i = 0; i < kLogStreams; ++i) {
    const std::uint64_t reach = ends[i] > kRetainBytes ? ends[i] - kRetainBytes : 0;
    Window window = ReadWindow(table, slot, i, reach, ends[i]);
    const std::size_t newline = window.text.find('\n');
    if (newline != std::string::npos && IsInsideLine(table, slot, i, window.begin)) {
      window.begin += newline + 1;
      window.text.erase(0, newline + 1);
    }
    cursor->position[i] = window.begin;
    streams[i] = Cutter(chunks, i).Cut(window, true);
    for (const Found& found : streams[i])
      if (!found.line.partial) cursor->position[i] = found.end;
    total += streams[i].size();
  }
  count = std::min<std::size_t>(count, kRetainLines);
  lines.reserve(std::min(count, total));
  for (std::size_t skip = total - std::min(total, count);; skip -= skip > 0 ? 1 : 0) {
    const std::uint32_t i = Earliest(streams, at);
    if (i == kLogStreams) break;
    Found& found = streams[i][at[i]++];
    if (skip == 0) lines.push_back(std::move(found.line));
  }
  return lines;
}

std::vector<LogLine> LinesSince(const LogTable& table, int slot, LogCursor* cursor, std::size_t limit) {
  if (!IsSlot(table, slot)) return {};
  const LogSlot& s = table.header().slots[slot];
  const auto ends = Indexed(s);
  const Chunks chunks = CopyChunks(s);
  Streams streams;
  std::array<bool, kLogStreams> is_cut{};
  std::array<std::size_t, kLogStreams> at{};
  for (std::uint32_t i = 0; i < kLogStreams; ++i) {
    std::uint64_t& position = cursor->position[i];
    if (position > ends[i]) position = 0;  // of another life or made up: from the oldest line that there is
    const Window window = ReadWindow(table, slot, i, position, ends[i]);
    position = window.begin;
    is_cut[i] = window.is_cut;
    streams[i] = Cutter(chunks, i).Cut(window, false);
  }
  std::vector<LogLine> lines;
  while (lines.size() < limit) {
    const std::uint32_t i = Earliest(streams, at);
    if (i == kLogStreams) break;
    Found& found = streams[i][at[i]++];
    cursor->position[i] = found.end;
    lines.push_back(std::move(found.line));
    // What follows in this stream was not read and may be older than the other one's next line: the next call
    // goes on.
    if (is_cut[i] && at[i] == streams[i].size()) break;
  }
  return lines;
}

std::string ToText(const LogCursor& cursor) {
  return std::to_string(cursor.position[0]) + "." + std::to_string(cursor.position[1]);
}

bool FromText(std::string_view text, LogCursor* cursor) {
  const std::size_t dot = text.find('.');
  LogCursor parsed;
  if (dot == std::string_view::npos || !ParseNumber(text.substr(0, dot), &parsed.position[0]) ||
      !ParseNumber(text.substr(dot + 1), &parsed.position[1]))
    return false;
  *cursor = parsed;
  return true;
}

}  // namespace foster
