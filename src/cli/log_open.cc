// SPDX-License-Identifier: MIT
#include "cli/log_open.h"

#include <algorithm>
#include <set>

#include "cli/log_reach.h"

namespace foster::cli {
namespace {

constexpr std::string_view kFosterItself = "foster";

std::vector<std::string> NamesOfFiles(const std::vector<LogFiles>& files) {
  std::set<std::string> names;
  for (const LogFiles& family : files) names.insert(family.service);
  return {names.begin(), names.end()};
}

// The incarnation of the last line.
std::uint64_t LastLife(const LogFiles& files, const std::string& boot) {
  LogFilesReader reader(files);
  auto wanted = [&](const LogEntry& entry) {
    return entry.incarnation > 0 && (boot.empty() || entry.boot == boot);
  };
  reader.Seek(reader.FindLast(1, wanted));
  std::uint64_t life = 0;
  for (LogEntry entry; reader.Next(&entry);)
    if (wanted(entry)) life = entry.incarnation;
  return life;
}

std::uint64_t LifeOf(std::int64_t asked, std::uint64_t last) {
  if (asked > 0) return static_cast<std::uint64_t>(asked);
  const auto back = static_cast<std::uint64_t>(-asked);
  // No line has the life 0 of a service that has had one; of one that tells no lives all lines do.
  return last > back ? last - back : last == 0 ? 0 : UINT64_MAX;
}

// Where the range begins that a cursor means. False: it has none for this service.
bool SetAfter(const LogQuery& query, const std::string& service, const std::vector<std::string>& boots,
              FileRange* range) {
  if (!query.after) return true;
  const auto cursor = CursorOf(query, service);
  if (!cursor) return false;
  const std::string boot = BootOfCursor(*cursor);
  // Of a boot that no file tells of any more, everything that came after it is new.
  const bool is_there = std::any_of(boots.begin(), boots.end(),
                                    [&](const std::string& each) { return each.starts_with(boot); });
  if (boot.empty() || !is_there) return true;
  range->after_boot = boot;
  range->after[0] = cursor->position[0];
  range->after[1] = cursor->position[1];
  return true;
}

bool NeedsExactCursors(const LogQuery& query) { return query.show_cursor || query.max_bytes.has_value(); }

OpenedLogs Merged(std::vector<std::string> names, std::vector<std::unique_ptr<LogStream>> streams,
                  std::vector<FileStream*> files, RingStream* ring) {
  OpenedLogs opened;
  opened.names = std::move(names);
  opened.files = std::move(files);
  opened.ring = ring;
  opened.stream = std::make_unique<MergedStream>(std::move(streams));
  return opened;
}

Json RingParams(const LogQuery& query, const std::vector<std::string>& names, bool has_files) {
  Json params = NamesParams(names);
  // Who follows is told what is missing behind the last line, so its number is looked at.
  const std::size_t least = std::max<std::size_t>(query.lines, query.follow ? 1 : 0);
  const bool is_last =
      IsCountedByFoster(query) && !(has_files && query.choice.takes[0] != query.choice.takes[1]);
  params.Set("lines", is_last ? static_cast<std::int64_t>(least) : kEveryLine);
  params.Set("oldest_first", true);
  if (!has_files) AddFilter(query, &params);
  if (!query.after) return params;
  Json after{Json::Object{}};
  for (const auto& [name, cursor] : *query.after)
    if (std::find(names.begin(), names.end(), name) != names.end()) after.Set(name, cursor);
  return params.Set("after", std::move(after));
}

// A cursor without a name is that of the only service.
Result<void> NameCursor(LogQuery& query, const std::vector<std::string>& names) {
  if (!query.after || !query.after->contains("")) return Ok();
  if (names.size() != 1) return Error("--after: of which service? NAME=CURSOR,...");
  (*query.after)[names[0]] = (*query.after)[""];
  query.after->erase("");
  return Ok();
}

// Of which of the files' lines a service's ring does not know any more. nullopt: none is wanted. `*boots` is
// only looked for when a cursor is of another boot: that reads every file.
std::optional<FileRange> RangeBefore(const LogQuery& query, const std::string& service,
                                     const RingOldest& oldest, const std::vector<LogFiles>& found,
                                     std::optional<std::vector<std::string>>* boots) {
  FileRange range;
  range.last_boot = oldest.boot;
  // A line whose beginning is not in the ring any more is taken from the file, whole.
  if (oldest.seq > 0) range.before_seq = oldest.seq + (oldest.is_continued ? 1 : 0);
  if (!CrossesBoots(query)) range.boot = oldest.boot;
  if (!query.after) return range;
  const auto cursor = CursorOf(query, service);
  if (!cursor) return std::nullopt;
  if (BootOfCursor(*cursor) == oldest.boot) {
    (void)SetAfter(query, service, {oldest.boot}, &range);
    return range;
  }
  if (!*boots) *boots = ListBoots(found);
  (void)SetAfter(query, service, **boots, &range);
  return range;
}

// The files that are needed beside the rings: mostly none, and then none is looked for.
std::vector<LogFiles> FilesOf(const std::map<std::string, RingOldest>& short_ones,
                              const std::string& directory) {
  std::vector<LogFiles> found;
  if (short_ones.empty()) return found;
  if (auto files = FindLogFiles(directory)) found = std::move(*files);
  std::erase_if(found, [&](const LogFiles& files) { return !short_ones.contains(files.service); });
  return found;
}

}  // namespace

Result<OpenedLogs> OpenDirectory(LogQuery& query) {
  FOSTER_ASSIGN(std::vector<LogFiles> found, FindLogFiles(query.directory));
  std::erase_if(found, [&](const LogFiles& files) { return !IsNamed(query.names, files.service); });
  if (found.empty()) return Error("no logs of such a service in " + query.directory, kExitNoService);
  const std::vector<std::string> names = NamesOfFiles(found);
  FOSTER_TRY(NameCursor(query, names));
  FileRange range;
  std::vector<std::string> boots;
  if (!query.boot.empty() || query.after) boots = ListBoots(found);
  if (!query.boot.empty()) {
    FOSTER_ASSIGN(range.boot, ChooseBoot(boots, query.boot));
  }
  std::vector<std::unique_ptr<LogStream>> streams;
  std::vector<FileStream*> readers;
  for (LogFiles& files : found) {
    if (query.life)
      query.choice.lives[files.service] =
          LifeOf(*query.life, *query.life > 0 ? 0 : LastLife(files, range.boot));
    FileRange own = range;
    (void)SetAfter(query, files.service, boots, &own);  // without a cursor: all of it
    auto stream = std::make_unique<FileStream>(std::move(files), own, query, NeedsExactCursors(query));
    readers.push_back(stream.get());
    streams.push_back(std::move(stream));
  }
  return Merged(names, std::move(streams), std::move(readers), nullptr);
}

Result<OpenedLogs> OpenRunning(LogQuery& query, const std::string& directory, Session& session) {
  std::vector<std::string> names;
  if (query.names == std::vector<std::string>{std::string(kFosterItself)}) {
    names = query.names;
  } else {
    auto status = session.Ask("status", query.names.empty() ? Json() : NamesOf(query.names));
    if (!status) return OpenedLogs{};
    for (const auto& service : (*status)["services"].AsArray()) {
      names.push_back(service["name"].AsString());
      if (query.life)
        query.choice.lives[names.back()] =
            LifeOf(*query.life, static_cast<std::uint64_t>(service["incarnation"].AsInt()));
    }
  }
  FOSTER_TRY(NameCursor(query, names));
  std::map<std::string, RingOldest> short_ones;
  for (const std::string& name : directory.empty() ? std::vector<std::string>() : names) {
    auto oldest = OldestInRing(session, query, name);
    if (!oldest) return OpenedLogs{};
    if (!oldest->suffices && (!oldest->boot.empty() || CrossesBoots(query))) short_ones[name] = *oldest;
  }
  std::vector<LogFiles> found = FilesOf(short_ones, directory);
  std::vector<std::unique_ptr<LogStream>> streams;
  std::vector<FileStream*> readers;
  std::map<std::string, std::uint64_t> skip_to;
  std::vector<std::optional<FileRange>> ranges;
  std::optional<std::vector<std::string>> boots;
  for (const LogFiles& files : found) {
    const RingOldest& oldest = short_ones[files.service];
    if (oldest.is_continued) skip_to[files.service] = oldest.seq;
    ranges.push_back(RangeBefore(query, files.service, oldest, found, &boots));
  }
  for (std::size_t i = 0; i < found.size(); ++i) {
    if (!ranges[i]) continue;
    auto stream = std::make_unique<FileStream>(std::move(found[i]), std::move(*ranges[i]), query, false);
    readers.push_back(stream.get());
    streams.push_back(std::move(stream));
  }
  auto ring = std::make_unique<RingStream>(session, RingParams(query, names, !readers.empty()), skip_to);
  RingStream* pointer = ring.get();
  streams.push_back(std::move(ring));
  return Merged(names, std::move(streams), std::move(readers), pointer);
}

}  // namespace foster::cli
