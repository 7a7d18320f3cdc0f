// SPDX-License-Identifier: MIT
#include "cli/log_reach.h"

#include "cli/log_record.h"
#include "wire/status_codec.h"

namespace foster::cli {
namespace {

struct First {
  std::optional<LogEntry> line;
  LogCursor cursor;  // behind it; without one: where the ring ends
};

// The first of the last `lines` lines.
std::optional<First> Ask(Session& session, const std::string& name, Json params, std::int64_t lines) {
  params.Set("lines", lines).Set("oldest_first", true).Set("max_bytes", 1);
  auto reply = session.Ask("logs", params);
  if (!reply) return std::nullopt;
  First first;
  if (!FromText((*reply)["cursors"][name].AsString(), &first.cursor)) first.cursor = {};
  const auto& found = (*reply)["lines"].AsArray();
  if (!found.empty()) first.line = EntryOf(LogRecordFromJson(found[0]));
  return first;
}

// Of a ring that has never lost anything, a cursor of its boot, or of one without a line at all.
bool HasAllOfBoot(const First& oldest) {
  if (!oldest.line) return oldest.cursor.position == LogReach{};
  return oldest.line->seq == 1 && !oldest.line->is_continued;
}

// Nothing but what comes behind the oldest line is asked for.
bool IsBehind(const LogQuery& query, const std::string& name, const First& oldest) {
  if (query.after) {
    const auto cursor = CursorOf(query, name);
    if (!cursor) return true;  // its files are left alone
    if (cursor->boot != oldest.cursor.boot) return false;
    return HasAllOfBoot(oldest) || (cursor->position[0] >= oldest.cursor.position[0] &&
                                    cursor->position[1] >= oldest.cursor.position[1]);
  }
  if (oldest.line && query.choice.since > 0 && oldest.line->wall < query.choice.since) return true;
  const auto life = query.choice.lives.find(name);
  if (oldest.line && life != query.choice.lives.end() && oldest.line->incarnation > 0 &&
      oldest.line->incarnation < life->second)
    return true;
  return !CrossesBoots(query) && HasAllOfBoot(oldest);
}

// Whether a line that passes the filter stands before the last ones.
std::optional<bool> HasMoreThanAsked(Session& session, const LogQuery& query, const std::string& name) {
  if (query.lines == 0) return true;
  Json params = NamesParams({name});
  AddFilter(query, &params);
  const auto oldest = Ask(session, name, params, kEveryLine);
  if (!oldest) return std::nullopt;
  const auto first = Ask(session, name, std::move(params), static_cast<std::int64_t>(query.lines));
  if (!first) return std::nullopt;
  return oldest->line && first->line && first->line->seq > oldest->line->seq;
}

}  // namespace

std::optional<RingOldest> OldestInRing(Session& session, const LogQuery& query, const std::string& name) {
  const auto first = Ask(session, name, NamesParams({name}), kEveryLine);
  if (!first) return std::nullopt;
  RingOldest oldest;
  oldest.boot = BootOfCursor(first->cursor);
  oldest.suffices = IsBehind(query, name, *first);
  if (!first->line) return oldest;
  oldest.seq = first->line->seq;
  oldest.is_continued = first->line->is_continued;
  if (oldest.suffices || query.after || !IsCountedByFoster(query)) return oldest;
  const auto enough = HasMoreThanAsked(session, query, name);
  if (!enough) return std::nullopt;
  oldest.suffices = *enough;
  return oldest;
}

bool CrossesBoots(const LogQuery& query) { return query.choice.since > 0 || query.after.has_value(); }

bool IsCountedByFoster(const LogQuery& query) {
  return query.lines != LogQuery::kAll && !query.choice.searches && !query.choice.least && !query.life;
}

void AddFilter(const LogQuery& query, Json* params) {
  if (query.choice.since > 0) params->Set("since", query.choice.since);
  if (query.choice.until != INT64_MAX) params->Set("until", query.choice.until);
  if (query.choice.takes[0] != query.choice.takes[1])
    params->Set("streams", Json(Json::Array{query.choice.takes[0] ? "stdout" : "stderr"}));
}

Json NamesParams(const std::vector<std::string>& names) {
  Json params{Json::Object{}};
  Json list{Json::Array{}};
  for (const std::string& name : names) list.Push(name);
  params.Set("names", std::move(list));
  return params;
}

std::string BootOfCursor(const LogCursor& cursor) {
  const std::string text = ToText(cursor);
  return cursor.boot == 0 ? "" : text.substr(0, text.find('.'));
}

std::optional<LogCursor> CursorOf(const LogQuery& query, const std::string& service) {
  auto found = query.after->find(service);
  if (found == query.after->end()) found = query.after->find("");
  LogCursor cursor;
  if (found == query.after->end() || !FromText(found->second, &cursor)) return std::nullopt;
  return cursor;
}

}  // namespace foster::cli
