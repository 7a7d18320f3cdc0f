// SPDX-License-Identifier: MIT
// LogReach: what the rings still have of a service, and whether that answers a query without any file. Not:
// reading lines (log_source.h). Called by: log_open. Invariants: "suffices" is only said when no older line
// could be asked for, as long as the wall clock was not set back; it costs one or two short questions,
// however big the rings are.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "cli/log_query.h"
#include "cli/session.h"
#include "sys/log_reader.h"

namespace foster::cli {

inline constexpr std::int64_t kEveryLine = 1ll << 40;  // of a service, for `lines`

struct RingOldest {
  std::uint64_t seq = 0;  // 0: the ring has no line
  bool is_continued = false;
  std::string boot;       // as a cursor says it
  bool suffices = false;  // whatever the query asks for is in the ring
};

// nullopt: the session failed and told so.
std::optional<RingOldest> OldestInRing(Session& session, const LogQuery& query, const std::string& name);

// Lines of earlier boots are only shown to those who look at a span of time, or go on.
bool CrossesBoots(const LogQuery& query);
// Whether foster can be asked for the last lines themselves; else all of them come, and are counted here.
bool IsCountedByFoster(const LogQuery& query);
// What foster is asked to leave out.
void AddFilter(const LogQuery& query, Json* params);
Json NamesParams(const std::vector<std::string>& names);
// The beginning of the boot's id; "": of no particular boot.
std::string BootOfCursor(const LogCursor& cursor);
// Behind which line of `service` to go on; nullopt: nothing, or no cursor, was given for it.
std::optional<LogCursor> CursorOf(const LogQuery& query, const std::string& service);

}  // namespace foster::cli
