// SPDX-License-Identifier: MIT
#include "sys/log_reader.h"

#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <cstdio>
#include <cstring>

#include "sys/log_index.h"

namespace foster {
namespace {

constexpr std::size_t kBlock = 64 * 1024;
constexpr std::uint64_t kMostBack = 1ull << 20;  // how far the beginning of a line is looked for
constexpr std::uint64_t kMostCount = 1ull
                                     << 20;  // an entry with more bytes left than this is not counted out

bool IsSlot(const LogTable& table, int slot) {
  return slot >= 0 &&
         static_cast<std::uint32_t>(slot) < std::min(table.header().slot_limit.load(), kLogSlots) &&
         table.header().slots[slot].used.load(std::memory_order_acquire) != 0;
}

// The bytes of one stream, block by block.
class Bytes {
 public:
  Bytes(const LogTable& table, std::uint32_t slot, std::uint32_t stream)
      : table_(table), slot_(slot), stream_(stream) {}

  std::uint64_t tail() const {
    return table_.header().slots[slot_].streams[stream_].tail.load(std::memory_order_acquire);
  }
  // [from, to), less where the old end is gone: then it begins at tail(). Reads on up to `limit`, for who
  // will want it next. Only what was still there after reading counts: the tail moves before bytes are
  // punched out.
  std::string_view Get(std::uint64_t from, std::uint64_t to, std::uint64_t limit) {
    if (from < begin_ || to > begin_ + text_.size()) Load(from, std::max(to, std::min(from + kBlock, limit)));
    const std::uint64_t first = std::max(from, tail());
    const std::uint64_t last = std::min<std::uint64_t>(to, begin_ + text_.size());
    if (first >= last) return {};
    return std::string_view(text_).substr(first - begin_, last - first);
  }
  // What stands before `position` is still there and is no line's end. (A byte that was punched out reads as
  // NUL and says nothing.)
  bool IsInsideLine(std::uint64_t position) const {
    char before = '\n';
    const std::int64_t offset = Base() + static_cast<std::int64_t>(position) - 1;
    return position > 0 && pread(table_.arena_fd(), &before, 1, offset) == 1 && before != '\n' &&
           before != '\0';
  }

 private:
  std::int64_t Base() const { return ArenaBase(slot_, stream_); }
  void Load(std::uint64_t from, std::uint64_t to) {
    begin_ = from;
    text_.resize(to - from);
    const ssize_t got =
        pread(table_.arena_fd(), text_.data(), text_.size(), Base() + static_cast<std::int64_t>(from));
    text_.resize(got > 0 ? static_cast<std::size_t>(got) : 0);
  }

  const LogTable& table_;
  std::uint32_t slot_;
  std::uint32_t stream_;
  std::uint64_t begin_ = 0;
  std::string text_;
};

// Goes back from `position` over `lines` + 1 line ends, or to `floor`: the position behind that line end.
std::uint64_t Back(Bytes& bytes, std::uint64_t position, std::size_t lines, std::uint64_t floor) {
  floor = std::max(floor, bytes.tail());
  std::uint64_t at = position;
  while (at > floor) {
    const std::uint64_t from = at - std::min<std::uint64_t>(kBlock, at - floor);
    const std::string_view text = bytes.Get(from, at, at);
    for (std::size_t i = text.size(); i > 0;) {
      const auto* newline = static_cast<const char*>(memrchr(text.data(), '\n', i));
      if (newline == nullptr) break;
      i = static_cast<std::size_t>(newline - text.data());
      if (lines-- == 0) return at - text.size() + i + 1;
    }
    if (text.size() < at - from) return at - text.size();  // the rest is gone
    at = from;
  }
  return std::max(at, floor);
}

std::uint64_t LineStart(Bytes& bytes, std::uint64_t position) {
  return Back(bytes, position, 0, position - std::min(position, kMostBack));
}

// ReadLines, step by step.
class Scan {
 public:
  Scan(const LogTable& table, std::uint32_t slot, LogCursor* cursor, const LogFilter& filter,
       const LogBudget& budget, const LogReach* end)
      : index_(table, slot),
        cursor_(cursor),
        filter_(filter),
        budget_(budget),
        sides_{Side(table, slot, 0), Side(table, slot, 1)} {
    cursor->boot = BootOf(table);
    for (std::uint32_t i = 0; i < kLogStreams; ++i) {
      Side& side = sides_[i];
      side.end = index_.announced()[i];
      // Of another life or made up: from the oldest line that there is.
      if (cursor->position[i] > side.end) cursor->position[i] = 0;
      if (!filter.takes[i]) cursor->position[i] = side.end;
      if (end != nullptr) side.end = std::min(side.end, (*end)[i]);
      MoveTo(side, cursor->position[i], std::max(cursor->position[i], side.bytes.tail()));
      side.is_continued = side.at < side.end && side.bytes.IsInsideLine(side.at);
      first_[i] = side.at;
    }
  }

  LogBatch Run() {
    const auto has_news = [this](const LogIndexEntry& entry) {
      return entry.ends[0] > sides_[0].scanned || entry.ends[1] > sides_[1].scanned;
    };
    for (std::uint64_t i = index_.Search(has_news); i < index_.last() && IsOpen(); ++i) {
      LogIndexEntry entry{};
      if (!index_.ReadAhead(i, &entry)) continue;
      used_ += sizeof(entry);
      if (entry.ends[entry.stream] > sides_[entry.stream].scanned) Take(entry);
      if (IsUsedUp()) break;
    }
    batch_.has_more = IsOpen() && IsUsedUp();
    for (std::uint32_t i = 0; i < kLogStreams; ++i) cursor_->position[i] = sides_[i].at;
    return std::move(batch_);
  }

 private:
  struct Side {
    Side(const LogTable& table, std::uint32_t slot, std::uint32_t stream) : bytes(table, slot, stream) {}
    Bytes bytes;
    std::uint64_t at = 0;       // the next line begins here
    std::uint64_t scanned = 0;  // no '\n' between `at` and here
    std::uint64_t end = 0;
    bool is_continued = false;
  };

  bool IsOpen() const { return sides_[0].scanned < sides_[0].end || sides_[1].scanned < sides_[1].end; }
  // A call that begins before a long line passes it, however small its budget is.
  bool IsUsedUp() const {
    const bool has_moved = sides_[0].at != first_[0] || sides_[1].at != first_[1];
    return batch_.lines.size() >= budget_.lines || (used_ >= budget_.bytes && has_moved);
  }

  void MoveTo(Side& side, std::uint64_t asked, std::uint64_t at) {
    batch_.skipped += at - asked;
    side.at = side.scanned = at;
  }

  bool IsWanted(const LogIndexEntry& entry) const {
    return entry.wall >= filter_.since && entry.wall <= filter_.until &&
           (filter_.incarnation == 0 || filter_.incarnation == entry.incarnation);
  }

  // The number of the first line that ends at or behind `from` in this entry: counted from its end, for its
  // beginning may be gone, or passed.
  std::uint64_t FirstSeq(const LogIndexEntry& entry, Side& side, std::uint64_t from) const {
    const std::uint64_t end = entry.ends[entry.stream];
    if (end - from >= entry.length) return entry.lines + 1;
    if (end - from > kMostCount) return entry.lines + 1;
    const std::string_view text = side.bytes.Get(from, end, end);
    const auto left = static_cast<std::uint64_t>(std::count(text.begin(), text.end(), '\n'));
    return entry.lines + entry.newlines - std::min<std::uint64_t>(left, entry.newlines) + 1;
  }

  // All lines that end in it.
  void Take(const LogIndexEntry& entry) {
    Side& side = sides_[entry.stream];
    const std::uint64_t end = std::min(entry.ends[entry.stream], side.end);
    std::uint64_t seq = 0;
    while (side.scanned < end && !IsUsedUp()) {
      if (seq == 0) seq = FirstSeq(entry, side, side.scanned);
      const std::uint64_t step = std::min(end, side.scanned + kBlock);
      const std::uint64_t asked = side.at;
      const std::string_view text = side.bytes.Get(asked, step, side.end);
      if (text.size() == step - asked) {
        CutLines(entry, side, text, &seq);
        continue;
      }
      // The old end is gone, or all of it.
      MoveTo(side, asked, text.empty() ? std::max(step, side.bytes.tail()) : step - text.size());
      side.is_continued = side.bytes.IsInsideLine(side.at);
      seq = 0;
    }
  }

  // `text` begins at side.at.
  void CutLines(const LogIndexEntry& entry, Side& side, std::string_view text, std::uint64_t* seq) {
    std::size_t looked = side.scanned - side.at;
    while (looked < text.size() && !IsUsedUp()) {
      const std::size_t room = std::min(text.size(), kLogLineMost + 1);
      const auto* newline = static_cast<const char*>(std::memchr(text.data() + looked, '\n', room - looked));
      if (newline == nullptr && room <= kLogLineMost) {
        used_ += room - looked;
        side.scanned = side.at + room;
        return;
      }
      const bool is_cut = newline == nullptr;
      const std::size_t length = is_cut ? kLogLineMost : static_cast<std::size_t>(newline - text.data());
      const std::size_t taken = is_cut ? length : length + 1;
      if (IsWanted(entry)) Give(entry, side, text.substr(0, length), taken, *seq, is_cut);
      side.at += taken;
      side.scanned = side.at;
      side.is_continued = is_cut;
      if (!is_cut) ++*seq;
      used_ += taken - std::min(looked, taken);
      text.remove_prefix(taken);
      looked = 0;
    }
  }

  void Give(const LogIndexEntry& entry, const Side& side, std::string_view text, std::size_t taken,
            std::uint64_t seq, bool is_cut) {
    LogLine& line = batch_.lines.emplace_back();
    line.stream = entry.stream;
    line.seq = seq;
    line.wall = entry.wall;
    line.mono = entry.mono;
    line.incarnation = entry.incarnation;
    line.text.assign(text);
    line.is_continued = side.is_continued;
    line.is_cut = is_cut;
    line.begin = side.at;
    line.end = side.at + taken;
  }

  LogIndex index_;
  LogCursor* cursor_;
  const LogFilter& filter_;
  const LogBudget& budget_;
  std::array<Side, kLogStreams> sides_;
  LogReach first_{};  // where it began
  LogBatch batch_;
  std::size_t used_ = 0;
};

// Entries [begin, end) are those that the filter leaves.
struct Entries {
  std::uint64_t begin = 0;
  std::uint64_t end = 0;
};

Entries EntriesFor(const LogIndex& index, const LogFilter& filter) {
  Entries entries{index.first(), index.last()};
  const std::uint64_t life = filter.incarnation;
  if (filter.since != INT64_MIN)
    entries.begin = index.Search([&](const LogIndexEntry& entry) { return entry.wall >= filter.since; });
  if (filter.until != INT64_MAX)
    entries.end = index.Search([&](const LogIndexEntry& entry) { return entry.wall > filter.until; });
  if (life != 0) {
    entries.begin = std::max(
        entries.begin, index.Search([&](const LogIndexEntry& entry) { return entry.incarnation >= life; }));
    entries.end = std::min(
        entries.end, index.Search([&](const LogIndexEntry& entry) { return entry.incarnation > life; }));
  }
  entries.begin = std::min(entries.begin, entries.end);
  return entries;
}

std::uint64_t Sum(const LogReach& reach) { return reach[0] + reach[1]; }

// Where `lines` of the entry's lines, from its beginning, are passed.
std::uint64_t Pass(Bytes& bytes, const LogIndexEntry& entry, std::uint64_t lines) {
  const std::uint64_t end = entry.ends[entry.stream];
  std::uint64_t at = end - std::min<std::uint64_t>(entry.length, end);
  if (lines == 0) return LineStart(bytes, at);
  while (at < end) {
    const std::uint64_t to = std::min(end, at + kBlock);
    const std::string_view text = bytes.Get(at, to, to);
    for (std::size_t i = 0; i < text.size(); ++i)
      if (text[i] == '\n' && --lines == 0) return to - text.size() + i + 1;
    at = to;
  }
  return end;
}

}  // namespace

LogSpan FindLast(const LogTable& table, int slot, const LogFilter& filter, std::size_t count,
                 std::uint64_t max_bytes) {
  LogSpan span;
  span.begin.boot = BootOf(table);
  if (!IsSlot(table, slot)) return span;
  const auto number = static_cast<std::uint32_t>(slot);
  const LogIndex index(table, number);
  Entries entries = EntriesFor(index, filter);
  span.end = index.ReachBefore(entries.end);
  const std::uint64_t least = Sum(span.end) - std::min(Sum(span.end), max_bytes);
  entries.begin = std::max(entries.begin, index.Search([&](const LogIndexEntry& entry) {
    return entry.ends[0] + entry.ends[1] > least;
  }));
  entries.begin = std::min(entries.begin, entries.end);
  const bool takes_all = filter.takes[0] && filter.takes[1];
  const std::uint64_t lines = index.LinesBefore(entries.end);
  const std::uint64_t passed = lines - std::min<std::uint64_t>(lines, count);
  if (takes_all)
    entries.begin = std::max(entries.begin, index.Search([&](const LogIndexEntry& entry) {
      return entry.lines + entry.newlines > passed;
    }));
  entries.begin = std::min(entries.begin, entries.end);
  LogIndexEntry first{};
  const bool has_first = entries.begin < entries.end && index.Read(entries.begin, &first);
  const LogReach reach = index.ReachBefore(entries.begin);
  for (std::uint32_t i = 0; i < kLogStreams; ++i) {
    Bytes bytes(table, number, i);
    const std::uint64_t floor = LineStart(bytes, reach[i]);
    if (!filter.takes[i]) {
      span.begin.position[i] = span.end[i];
    } else if (!takes_all) {
      span.begin.position[i] = Back(bytes, span.end[i], count, floor);
    } else if (has_first && first.stream == i && passed > first.lines) {
      span.begin.position[i] = Pass(bytes, first, passed - first.lines);
    } else {
      span.begin.position[i] = floor;
    }
  }
  return span;
}

LogBatch ReadLines(const LogTable& table, int slot, LogCursor* cursor, const LogFilter& filter,
                   const LogBudget& budget, const LogReach* end) {
  if (!IsSlot(table, slot)) return {};
  return Scan(table, static_cast<std::uint32_t>(slot), cursor, filter, budget, end).Run();
}

std::vector<LogLine> ReadRests(const LogTable& table, int slot, const LogCursor& cursor,
                               const LogFilter& filter) {
  std::vector<LogLine> rests;
  if (!IsSlot(table, slot)) return rests;
  const auto number = static_cast<std::uint32_t>(slot);
  LogIndex index(table, number);
  for (std::uint32_t i = 0; i < kLogStreams; ++i) {
    Bytes bytes(table, number, i);
    const std::uint64_t from = std::max(cursor.position[i], bytes.tail());
    const std::uint64_t end = index.announced()[i];
    if (!filter.takes[i] || from >= end || end - from > kLogLineMost) continue;
    const std::uint64_t newest =
        index.Search([&](const LogIndexEntry& entry) { return entry.ends[i] >= end; });
    LogIndexEntry entry{};
    const std::string_view text = bytes.Get(from, end, end);
    if (newest >= index.last() || !index.Read(newest, &entry) || text.find('\n') != std::string::npos)
      continue;
    if (entry.wall < filter.since || entry.wall > filter.until ||
        (filter.incarnation != 0 && filter.incarnation != entry.incarnation))
      continue;
    LogLine& line = rests.emplace_back();
    line.stream = i;
    line.seq = index.LinesBefore(index.last()) + 1;
    line.wall = entry.wall;
    line.mono = entry.mono;
    line.incarnation = entry.incarnation;
    line.text.assign(text);
    line.is_continued = bytes.IsInsideLine(from);
    line.partial = true;
    line.begin = from;
    line.end = end;
  }
  std::stable_sort(rests.begin(), rests.end(),
                   [](const LogLine& a, const LogLine& b) { return a.mono < b.mono; });
  return rests;
}

std::vector<LogLine> TailLines(const LogTable& table, int slot, std::size_t count, LogCursor* cursor,
                               std::uint64_t max_bytes) {
  const LogFilter all;
  const LogSpan span = FindLast(table, slot, all, count, max_bytes);
  *cursor = span.begin;
  std::vector<LogLine> lines = ReadLines(table, slot, cursor, all, {}, &span.end).lines;
  for (LogLine& rest : ReadRests(table, slot, *cursor, all)) lines.push_back(std::move(rest));
  if (lines.size() > count) lines.erase(lines.begin(), lines.end() - static_cast<std::ptrdiff_t>(count));
  return lines;
}

std::vector<LogLine> LinesSince(const LogTable& table, int slot, LogCursor* cursor, std::size_t limit) {
  LogBudget budget;
  budget.lines = limit;
  return ReadLines(table, slot, cursor, LogFilter{}, budget).lines;
}

std::uint32_t BootOf(const LogTable& table) {
  const std::uint8_t* boot = table.header().boot;
  const std::uint32_t number = static_cast<std::uint32_t>(boot[0]) << 24 |
                               static_cast<std::uint32_t>(boot[1]) << 16 |
                               static_cast<std::uint32_t>(boot[2]) << 8 | boot[3];
  return std::max(number, 1u);
}

std::string ToText(const LogCursor& cursor) {
  char boot[16];
  (void)std::snprintf(boot, sizeof boot, "%08x", cursor.boot);
  return std::string(boot) + "." + std::to_string(cursor.position[0]) + "." +
         std::to_string(cursor.position[1]);
}

namespace {

template <class Number>
bool ParseNumber(std::string_view text, Number* number, int base = 10) {
  const auto result = std::from_chars(text.data(), text.data() + text.size(), *number, base);
  return result.ec == std::errc() && result.ptr == text.data() + text.size();
}

}  // namespace

bool FromText(std::string_view text, LogCursor* cursor) {
  LogCursor parsed;
  const std::size_t last = text.rfind('.');
  if (last == std::string_view::npos || !ParseNumber(text.substr(last + 1), &parsed.position[1]))
    return false;
  text = text.substr(0, last);
  if (const std::size_t first = text.find('.'); first != std::string_view::npos) {
    if (first != 8 || !ParseNumber(text.substr(0, first), &parsed.boot, 16)) return false;
    text = text.substr(first + 1);
  }
  if (!ParseNumber(text, &parsed.position[0])) return false;
  *cursor = parsed;
  return true;
}

}  // namespace foster
