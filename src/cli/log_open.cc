// SPDX-License-Identifier: MIT
#include "cli/log_open.h"

#include <algorithm>
#include <set>

#include "cli/log_record.h"
#include "sys/log_reader.h"
#include "wire/status_codec.h"

namespace foster::cli {
namespace {

constexpr std::string_view kFosterItself = "foster";
constexpr std::int64_t kEveryLine = 1ll << 40;

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

std::string BootOfCursor(const LogCursor& cursor) {
  const std::string text = ToText(cursor);
  return cursor.boot == 0 ? "" : text.substr(0, text.find('.'));
}

// Where the range begins that a cursor means. False: it has none for this service.
bool SetAfter(const LogQuery& query, const std::string& service, const std::vector<std::string>& boots,
              FileRange* range) {
  if (!query.after) return true;
  auto found = query.after->find(service);
  if (found == query.after->end()) found = query.after->find("");
  LogCursor cursor;
  if (found == query.after->end() || !FromText(found->second, &cursor)) return false;
  const std::string boot = BootOfCursor(cursor);
  // Of a boot that no file tells of any more, everything that came after it is new.
  const bool is_there = std::any_of(boots.begin(), boots.end(),
                                    [&](const std::string& each) { return each.starts_with(boot); });
  if (boot.empty() || !is_there) return true;
  range->after_boot = boot;
  range->after[0] = cursor.position[0];
  range->after[1] = cursor.position[1];
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

Json NamesParams(const std::vector<std::string>& names) {
  Json params{Json::Object{}};
  Json list{Json::Array{}};
  for (const std::string& name : names) list.Push(name);
  params.Set("names", std::move(list));
  return params;
}

// What foster is asked to leave out. Not where files come before the rings: there every line's number is
// looked at.
void AddFilter(const LogQuery& query, Json* params) {
  if (query.choice.since > 0) params->Set("since", query.choice.since);
  if (query.choice.until != INT64_MAX) params->Set("until", query.choice.until);
  if (query.choice.takes[0] != query.choice.takes[1])
    params->Set("streams", Json(Json::Array{query.choice.takes[0] ? "stdout" : "stderr"}));
}

// Whether foster can be asked for the last lines themselves; else all of them come, and are counted here.
bool IsCountedByFoster(const LogQuery& query) {
  return query.lines != LogQuery::kAll && !query.choice.searches && !query.choice.least && !query.life;
}

Json RingParams(const LogQuery& query, const std::vector<std::string>& names, bool has_files) {
  Json params = NamesParams(names);
  const bool is_last =
      IsCountedByFoster(query) && !(has_files && query.choice.takes[0] != query.choice.takes[1]);
  params.Set("lines", is_last ? static_cast<std::int64_t>(query.lines) : kEveryLine);
  params.Set("oldest_first", true);
  if (!has_files) AddFilter(query, &params);
  if (!query.after) return params;
  Json after{Json::Object{}};
  for (const auto& [name, cursor] : *query.after)
    if (std::find(names.begin(), names.end(), name) != names.end()) after.Set(name, cursor);
  return params.Set("after", std::move(after));
}

struct Oldest {
  std::uint64_t seq = 0;  // 0: the ring has no line
  bool is_continued = false;
  std::string boot;
};

// nullopt: the session failed and told so.
std::optional<Oldest> OldestInRing(Session& session, const std::string& name) {
  Json params = NamesParams({name});
  params.Set("lines", kEveryLine).Set("oldest_first", true).Set("max_bytes", 1);
  auto reply = session.Ask("logs", params);
  if (!reply) return std::nullopt;
  Oldest oldest;
  LogCursor cursor;
  if (FromText((*reply)["cursors"][name].AsString(), &cursor)) oldest.boot = BootOfCursor(cursor);
  if (!(*reply)["lines"].AsArray().empty()) {
    const LogEntry entry = EntryOf(LogRecordFromJson((*reply)["lines"].AsArray()[0]));
    oldest.seq = entry.seq;
    oldest.is_continued = entry.is_continued;
  }
  return oldest;
}

// A cursor without a name is that of the only service.
Result<void> NameCursor(LogQuery& query, const std::vector<std::string>& names) {
  if (!query.after || !query.after->contains("")) return Ok();
  if (names.size() != 1) return Error("--after: of which service? NAME=CURSOR,...");
  (*query.after)[names[0]] = (*query.after)[""];
  query.after->erase("");
  return Ok();
}

// Lines of earlier boots are only shown to those who look at a span of time, or go on.
bool CrossesBoots(const LogQuery& query) { return query.choice.since > 0 || query.after.has_value(); }

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
  std::vector<LogFiles> found;
  if (!directory.empty())
    if (auto files = FindLogFiles(directory)) found = std::move(*files);
  std::erase_if(found, [&](const LogFiles& files) {
    return std::find(names.begin(), names.end(), files.service) == names.end();
  });
  const std::vector<std::string> boots = found.empty() ? std::vector<std::string>() : ListBoots(found);
  std::vector<std::unique_ptr<LogStream>> streams;
  std::vector<FileStream*> readers;
  std::map<std::string, std::uint64_t> skip_to;
  for (LogFiles& files : found) {
    const std::string service = files.service;
    auto oldest = OldestInRing(session, service);
    if (!oldest) return OpenedLogs{};
    FileRange range;
    range.last_boot = oldest->boot;
    // A line whose beginning is not in the ring any more is taken from the file, whole.
    if (oldest->seq > 0) range.before_seq = oldest->seq + (oldest->is_continued ? 1 : 0);
    if (oldest->is_continued) skip_to[service] = oldest->seq;
    if (!SetAfter(query, service, boots, &range)) continue;
    for (const std::string& boot : boots)
      if (!CrossesBoots(query) && !oldest->boot.empty() && boot.starts_with(oldest->boot)) range.boot = boot;
    if (range.boot.empty() && !CrossesBoots(query)) continue;
    auto stream = std::make_unique<FileStream>(std::move(files), range, query, false);
    readers.push_back(stream.get());
    streams.push_back(std::move(stream));
  }
  auto ring = std::make_unique<RingStream>(session, RingParams(query, names, !readers.empty()), skip_to);
  RingStream* pointer = ring.get();
  streams.push_back(std::move(ring));
  return Merged(names, std::move(streams), std::move(readers), pointer);
}

}  // namespace foster::cli
