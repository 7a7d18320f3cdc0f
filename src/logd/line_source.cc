// SPDX-License-Identifier: MIT
#include "logd/line_source.h"

#include <unistd.h>

#include <algorithm>
#include <cstring>

#include "logd/stream.h"

namespace foster {
namespace {

// With this many bytes of two streams at least one has a whole line, or more than a line may have.
constexpr std::uint64_t kLeastWindow = kLogStreams * (kLogLineMost + 1);
constexpr std::size_t kIndexStep = 256;  // entries read at once
constexpr std::size_t kBackStep = 4096;
constexpr int kMostTries = 8;  // a flood may punch out what is being read, again and again

}  // namespace

struct LineSource::Impl {
  // What of one stream is looked at in one call.
  struct Part {
    std::uint64_t begin = 0;  // position of text[0]
    std::uint64_t line = 0;   // where the line begins that is not yet given
    std::uint64_t scan = 0;   // up to where '\n' was looked for
    std::uint64_t limit = 0;  // behind the last byte
    bool is_continued = false;
    std::string text;  // keeps its memory from call to call
  };
  // How many lines the service had before `position`, which lies in entry `number`.
  struct Mark {
    std::uint64_t number = UINT64_MAX;
    std::uint64_t position = 0;
    std::uint64_t lines = 0;
  };

  const LogTable& table;
  std::uint32_t slot_number;
  std::array<bool, kLogStreams> takes;
  std::vector<LogIndexEntry> entries;
  std::uint64_t first = 0;  // number of entries[0]
  bool is_capped = false;   // there is more than the parts hold
  std::array<Part, kLogStreams> parts;
  std::array<Mark, kLogStreams> marks;

  const LogSlot& slot() const { return table.header().slots[slot_number]; }
  std::uint64_t Tail(std::uint32_t s) const { return slot().streams[s].tail.load(std::memory_order_seq_cst); }
  std::uint64_t Indexed(std::uint32_t s) const {
    return slot().streams[s].indexed.load(std::memory_order_acquire);
  }
  std::size_t Read(std::uint32_t stream, std::uint64_t from, char* to, std::size_t count) const {
    const ssize_t got =
        pread(table.arena_fd(), to, count, ArenaBase(slot_number, stream) + static_cast<std::int64_t>(from));
    return got > 0 ? static_cast<std::size_t>(got) : 0;
  }
  std::size_t ReadIndex(std::uint64_t number, LogIndexEntry* to, std::size_t count) const {
    return Read(kIndexStream, number * sizeof(LogIndexEntry), reinterpret_cast<char*>(to),
                count * sizeof(LogIndexEntry)) /
           sizeof(LogIndexEntry);
  }
  bool IsBehind(const LogIndexEntry& entry) const {
    for (std::uint32_t s = 0; s < kLogStreams; ++s)
      if (takes[s] && entry.ends[s] > parts[s].begin) return true;
    return false;
  }

  void Begin(const LogPositions& from, LineBatch* batch);
  std::uint64_t FirstEntry(std::uint64_t end) const;
  void ChooseEntries(std::uint64_t most);
  bool ReadParts(LineBatch* batch);
  std::uint64_t LinesBefore(std::uint64_t number, const LogIndexEntry& entry, std::uint64_t position) const;
  void MarkBegin(std::uint32_t stream);
  std::uint32_t CountIn(std::uint32_t stream, std::uint64_t from, std::uint64_t to) const;
  void Give(const LogIndexEntry& entry, std::uint64_t seq, std::uint64_t text_end, std::uint64_t end,
            bool is_cut, LineBatch* batch);
  bool GiveEntry(std::uint64_t number, const LogIndexEntry& entry, std::size_t room, std::size_t* given,
                 LineBatch* batch);
  void GiveRests(LineBatch* batch);
  bool HasMore(bool flush) const;
};

// Sets each part to where reading begins; what is gone before that counts as skipped.
void LineSource::Impl::Begin(const LogPositions& from, LineBatch* batch) {
  batch->lines.clear();
  batch->next = from;
  batch->skipped = {};
  batch->has_more = false;
  for (std::uint32_t s = 0; s < kLogStreams; ++s) {
    Part& part = parts[s];
    part.begin = takes[s] ? std::max(from[s], Tail(s)) : from[s];
    batch->skipped[s] = part.begin - from[s];
    part.limit = part.begin;
  }
}

// The first entry that tells of bytes behind a part's beginning. (Entries that are punched out meanwhile read
// as zeros, which lie before everything.)
std::uint64_t LineSource::Impl::FirstEntry(std::uint64_t end) const {
  std::uint64_t low = slot().index_tail.load(std::memory_order_acquire);
  std::uint64_t high = end;
  while (low < high) {
    const std::uint64_t middle = low + (high - low) / 2;
    LogIndexEntry entry{};
    if (ReadIndex(middle, &entry, 1) == 1 && IsBehind(entry))
      high = middle;
    else
      low = middle + 1;
  }
  return low;
}

// Entries, and with them the limits of the parts, until `most` bytes are there.
void LineSource::Impl::ChooseEntries(std::uint64_t most) {
  const std::uint64_t end = slot().index_end.load(std::memory_order_acquire);
  first = FirstEntry(end);
  entries.clear();
  is_capped = false;
  std::uint64_t total = 0;
  for (std::uint64_t number = first; number < end && !is_capped;) {
    const std::size_t known = entries.size();
    entries.resize(known + std::min<std::uint64_t>(kIndexStep, end - number));
    const std::size_t got = ReadIndex(number, entries.data() + known, entries.size() - known);
    entries.resize(known + got);
    if (got == 0) return;
    number += got;
    for (std::size_t i = known; i < entries.size(); ++i) {
      const LogIndexEntry& entry = entries[i];
      if (entry.stream >= kLogStreams || !takes[entry.stream]) continue;
      Part& part = parts[entry.stream];
      // The bytes of the very last entry may not be announced yet.
      const std::uint64_t reach = std::min(entry.ends[entry.stream], Indexed(entry.stream));
      if (reach <= part.limit) continue;
      const std::uint64_t taken = std::min(reach - part.limit, most - total);
      part.limit += taken;
      total += taken;
      if (total < most) continue;
      is_capped = part.limit < reach || i + 1 < entries.size() || number < end;
      entries.resize(i + 1);
      return;
    }
  }
}

// False: some of it was punched out while it was read; `batch->skipped` says how much, and the parts begin
// later.
bool LineSource::Impl::ReadParts(LineBatch* batch) {
  bool is_whole = true;
  for (std::uint32_t s = 0; s < kLogStreams; ++s) {
    Part& part = parts[s];
    if (!takes[s]) continue;
    part.text.resize(part.limit - part.begin);
    part.limit = part.begin + Read(s, part.begin, part.text.data(), part.text.size());
    part.line = part.scan = part.begin;
    char before = '\n';
    if (part.begin > 0) (void)Read(s, part.begin - 1, &before, 1);
    part.is_continued = before != '\n';
    MarkBegin(s);
    const std::uint64_t tail = Tail(s);
    if (tail <= part.begin) continue;
    is_whole = false;
    batch->skipped[s] += tail - part.begin;
    part.begin = part.limit = tail;
  }
  return is_whole;
}

std::uint32_t LineSource::Impl::CountIn(std::uint32_t stream, std::uint64_t from, std::uint64_t to) const {
  char buffer[16 * 1024];
  std::uint32_t count = 0;
  while (from < to) {
    const std::size_t got = Read(stream, from, buffer, std::min<std::uint64_t>(to - from, sizeof(buffer)));
    if (got == 0) break;
    count += NewlinesIn({buffer, got});
    from += got;
  }
  return count;
}

// Counted from the entry's end, for its beginning may be gone.
std::uint64_t LineSource::Impl::LinesBefore(std::uint64_t number, const LogIndexEntry& entry,
                                            std::uint64_t position) const {
  const std::uint64_t end = entry.ends[entry.stream];
  if (position + entry.length <= end) return entry.lines;
  const Mark& mark = marks[entry.stream];
  if (mark.number == number && mark.position == position) return mark.lines;
  return entry.lines + entry.newlines - CountIn(entry.stream, position, end);
}

// Before it is known whether all of the part was still there: what is counted must have been, too.
void LineSource::Impl::MarkBegin(std::uint32_t stream) {
  const std::uint64_t position = parts[stream].begin;
  for (std::size_t i = 0; i < entries.size(); ++i) {
    if (entries[i].stream != stream || entries[i].ends[stream] <= position) continue;
    marks[stream] = {first + i, position, LinesBefore(first + i, entries[i], position)};
    return;
  }
}

void LineSource::Impl::Give(const LogIndexEntry& entry, std::uint64_t seq, std::uint64_t text_end,
                            std::uint64_t end, bool is_cut, LineBatch* batch) {
  Part& part = parts[entry.stream];
  SourceLine& line = batch->lines.emplace_back();
  line.stream = entry.stream;
  line.is_continued = part.is_continued;
  line.is_cut = is_cut;
  line.seq = seq;
  line.wall = entry.wall;
  line.mono = entry.mono;
  line.incarnation = entry.incarnation;
  line.end = end;
  line.text = {part.text.data() + (part.line - part.begin), text_end - part.line};
  part.is_continued = is_cut;
  part.line = end;
}

// What ends in this entry. False: there is no more room.
bool LineSource::Impl::GiveEntry(std::uint64_t number, const LogIndexEntry& entry, std::size_t room,
                                 std::size_t* given, LineBatch* batch) {
  if (entry.stream >= kLogStreams || !takes[entry.stream]) return true;
  Part& part = parts[entry.stream];
  const std::uint64_t end = std::min(entry.ends[entry.stream], part.limit);
  if (part.scan >= end) return true;
  std::uint64_t lines = LinesBefore(number, entry, part.scan);
  while (part.scan < end && *given < room) {
    const std::uint64_t reach = std::min(end, part.line + kLogLineMost + 1);
    const char* at = part.text.data() + (part.scan - part.begin);
    const void* newline = std::memchr(at, '\n', reach - part.scan);
    const std::uint64_t line = part.line;
    if (newline != nullptr) {
      const std::uint64_t text_end =
          part.scan + static_cast<std::uint64_t>(static_cast<const char*>(newline) - at);
      Give(entry, ++lines, text_end, text_end + 1, false, batch);
      part.scan = text_end + 1;
    } else if (reach == part.line + kLogLineMost + 1) {
      Give(entry, lines + 1, reach - 1, reach - 1, true, batch);
      part.scan = reach - 1;
    } else {
      part.scan = reach;
    }
    *given += part.line - line;
  }
  marks[entry.stream] = {number, part.scan, lines};
  return *given < room;
}

// What stands behind the last '\n' of each stream, in the order in which its last byte came. Were its '\n'
// the next one to come, it would be the line after all others.
void LineSource::Impl::GiveRests(LineBatch* batch) {
  const std::uint64_t seq = entries.empty() ? 0 : entries.back().lines + entries.back().newlines + 1;
  for (const LogIndexEntry& entry : entries) {
    if (entry.stream >= kLogStreams || !takes[entry.stream]) continue;
    Part& part = parts[entry.stream];
    if (part.line == part.limit || entry.ends[entry.stream] < part.limit) continue;
    Give(entry, seq, part.limit, part.limit, true, batch);
  }
}

bool LineSource::Impl::HasMore(bool flush) const {
  for (std::uint32_t s = 0; s < kLogStreams; ++s) {
    const Part& part = parts[s];
    const std::uint64_t rest = takes[s] ? part.limit - part.line : 0;
    if (rest == 0) continue;
    if (flush || rest > kLogLineMost) return true;
    if (std::memchr(part.text.data() + (part.line - part.begin), '\n', rest) != nullptr) return true;
  }
  return is_capped;
}

LineSource::LineSource(const LogTable& table, std::uint32_t slot, std::array<bool, kLogStreams> takes)
    : impl_(new Impl{table, slot, takes, {}, 0, false, {}, {}}) {}
LineSource::~LineSource() = default;
LineSource::LineSource(LineSource&&) noexcept = default;

void LineSource::Next(const LogPositions& from, std::size_t room, bool flush, LineBatch* batch) {
  Impl& impl = *impl_;
  impl.Begin(from, batch);
  bool is_whole = false;
  for (int i = 0; i < kMostTries && !is_whole; ++i) {
    impl.ChooseEntries(std::max<std::uint64_t>(room, kLeastWindow));
    is_whole = impl.ReadParts(batch);
  }
  std::size_t given = 0;
  bool has_room = is_whole;
  for (std::size_t i = 0; has_room && i < impl.entries.size(); ++i)
    has_room = impl.GiveEntry(impl.first + i, impl.entries[i], room, &given, batch);
  if (has_room && flush && !impl.is_capped) impl.GiveRests(batch);
  for (std::uint32_t s = 0; s < kLogStreams; ++s)
    if (impl.takes[s]) batch->next[s] = is_whole ? impl.parts[s].line : impl.parts[s].begin;
  batch->has_more = is_whole ? impl.HasMore(flush) : true;
}

void LineSource::SwapMemory(LineMemory* memory) {
  impl_->entries.swap(memory->entries);
  for (std::uint32_t s = 0; s < kLogStreams; ++s) impl_->parts[s].text.swap(memory->texts[s]);
}

std::uint64_t LineSource::RawLength(std::uint32_t stream, std::uint64_t from, std::size_t room, bool flush,
                                    std::uint64_t* skipped) {
  const Impl& impl = *impl_;
  const std::uint64_t end = impl.Indexed(stream);
  const std::uint64_t begin = std::max(from, impl.Tail(stream));
  *skipped = begin - from;
  if (begin >= end) return 0;
  const std::uint64_t length = std::min<std::uint64_t>(end - begin, room);
  if (flush && length == end - begin) return length;
  char buffer[kBackStep];
  for (std::uint64_t left = length; left > 0;) {
    const std::uint64_t step = std::min<std::uint64_t>(left, sizeof(buffer));
    const std::size_t got = impl.Read(stream, begin + left - step, buffer, step);
    const void* newline = memrchr(buffer, '\n', got);
    left -= step;
    if (newline != nullptr)
      return left + static_cast<std::uint64_t>(static_cast<const char*>(newline) - buffer) + 1;
  }
  return length == room ? length : 0;
}

}  // namespace foster
