// SPDX-License-Identifier: MIT
// Cursors and queries that a client sends: "CURSOR\nBYTES", the bytes choose the filter and the budget. From
// any cursor, with any filter, reading ends after a bounded number of calls, goes forward, gives no line
// twice and none that the filter leaves out; a cursor that is read is written the same way.
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <cstring>

#include "sys/log_reader.h"

namespace {

using foster::LogFilter;

// Twelve entries of both streams, of three lives, with a clock that was set back once.
struct Service {
  foster::LogTable table = std::move(foster::LogTable::Create().value());
  int slot = table.Allocate("web");

  Service() {
    for (std::uint32_t i = 0; i < 12; ++i)
      Write(i % 3 == 1 ? 1 : 0,
            i == 5 ? std::string(70'000, 'x') + "\nrest" : "a\n\nbc" + std::string(i, '\n'), i);
  }
  void Write(std::uint32_t stream, const std::string& text, std::uint32_t i) {
    foster::LogSlot& s = table.header().slots[slot];
    if (pwrite(table.arena_fd(), text.data(), text.size(), s.streams[stream].write_at) < 0) std::abort();
    s.streams[stream].write_at += static_cast<std::int64_t>(text.size());
    foster::LogIndexEntry entry{};
    for (std::uint32_t each = 0; each < foster::kLogStreams; ++each)
      entry.ends[each] = foster::Written(s.streams[each], 0, each);
    entry.wall = i < 8 ? 100 + i : 90 + i;
    entry.mono = 1000 + i;
    entry.incarnation = 1 + i / 4;
    entry.lines = s.lines.load();
    entry.stream = stream;
    entry.length = static_cast<std::uint32_t>(text.size());
    entry.newlines = static_cast<std::uint32_t>(std::count(text.begin(), text.end(), '\n'));
    const auto offset =
        foster::ArenaBase(0, foster::kIndexStream) + static_cast<std::int64_t>(i * sizeof(entry));
    if (pwrite(table.arena_fd(), &entry, sizeof(entry), offset) < 0) std::abort();
    s.index_end.store(i + 1);
    s.lines.store(entry.lines + entry.newlines);
    s.streams[stream].indexed.store(entry.ends[stream]);
  }
};

LogFilter FilterOf(std::uint8_t first, std::uint8_t second) {
  LogFilter filter;
  filter.takes = {(first & 1) == 0, (first & 2) == 0};
  if ((first & 4) != 0) filter.incarnation = second % 5;
  if ((first & 8) != 0) filter.since = 90 + second % 24;
  if ((first & 16) != 0) filter.until = 90 + second % 24;
  return filter;
}

void CheckLine(const foster::LogLine& line, const LogFilter& filter) {
  const bool passes = filter.takes[line.stream] && line.wall >= filter.since && line.wall <= filter.until &&
                      (filter.incarnation == 0 || filter.incarnation == line.incarnation);
  if (!passes || line.seq == 0 || line.begin > line.end || line.text.size() > foster::kLogLineMost)
    std::abort();
}

void ReadAll(const Service& service, foster::LogCursor cursor, const LogFilter& filter,
             const foster::LogBudget& budget) {
  foster::LogReach reached{};
  for (int calls = 0;; ++calls) {
    const auto before = cursor.position;
    const auto batch = foster::ReadLines(service.table, service.slot, &cursor, filter, budget);
    if (calls == 0) reached = {0, 0};
    for (const foster::LogLine& line : batch.lines) {
      CheckLine(line, filter);
      if (line.begin < reached[line.stream]) std::abort();
      reached[line.stream] = line.end;
    }
    if (calls > 0 && (cursor.position[0] < before[0] || cursor.position[1] < before[1])) std::abort();
    if (!batch.has_more) break;
    if (calls > 100'000) std::abort();
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const Service service;
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  const std::size_t newline = std::min(bytes.find('\n'), bytes.size());
  foster::LogCursor cursor;
  if (foster::FromText(bytes.substr(0, newline), &cursor)) {
    foster::LogCursor again;
    if (!foster::FromText(ToText(cursor), &again) || !(again == cursor)) std::abort();
  }
  const std::size_t rest = std::min(newline + 1, size);
  const auto byte = [&](std::size_t i) { return rest + i < size ? data[rest + i] : std::uint8_t{0}; };
  const LogFilter filter = FilterOf(byte(0), byte(1));
  foster::LogBudget budget;
  budget.lines = 1 + byte(2) % 20;
  budget.bytes = 1 + std::size_t{byte(3)} * 300;
  ReadAll(service, cursor, filter, budget);
  const auto span =
      foster::FindLast(service.table, service.slot, filter, byte(4), std::size_t{byte(5)} * 300);
  ReadAll(service, span.begin, filter, budget);
  for (const auto& line : foster::ReadRests(service.table, service.slot, span.begin, filter))
    CheckLine(line, filter);
  return 0;
}
