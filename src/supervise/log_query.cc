// SPDX-License-Identifier: MIT
#include "supervise/log_query.h"

#include <algorithm>

#include "formats/foster_values.h"

namespace foster {
namespace {

// A number of at least `least`; null leaves `*value` as it is.
template <class Number>
Result<void> Read(const Json& params, const char* name, std::int64_t least, Number* value) {
  const Json& json = params[name];
  if (json.is_null()) return Ok();
  if (!json.is_int() || json.AsInt() < least)
    return Error("'" + std::string(name) + "' must be a number" + (least > 0 ? " above 0" : ""));
  *value = static_cast<Number>(json.AsInt());
  return Ok();
}

Result<void> ReadFlag(const Json& params, const char* name, bool* value) {
  if (!params[name].is_null() && !params[name].is_bool())
    return Error("'" + std::string(name) + "' must be true or false");
  *value = params[name].AsBool(*value);
  return Ok();
}

Result<void> ReadMoment(const Json& params, const char* name, WallNanos* value) {
  if (params[name].is_null()) return Ok();
  auto moment = MomentFrom(params[name]);
  if (!moment.ok()) return Error("'" + std::string(name) + "' must be RFC 3339 or nanoseconds since 1970");
  *value = *moment;
  return Ok();
}

Result<void> ReadStreams(const Json& streams, std::array<bool, kLogStreams>* takes) {
  if (streams.is_null()) return Ok();
  const Error fault("'streams' must be an array of \"stdout\" and \"stderr\"");
  if (!streams.is_array() || streams.AsArray().empty()) return fault;
  *takes = {false, false};
  for (const Json& stream : streams.AsArray()) {
    if (stream.AsString() != "stdout" && stream.AsString() != "stderr") return fault;
    (*takes)[stream.AsString() == "stdout" ? 0 : 1] = true;
  }
  return Ok();
}

Result<void> ReadAfter(const Json& after, std::map<std::string, LogCursor>* cursors) {
  if (!after.is_null() && !after.is_object()) return Error("'after' must be an object of cursors");
  for (const auto& [name, cursor] : after.AsObject())
    if (!FromText(cursor.AsString(), &(*cursors)[name]))
      return Error("'after': no cursor: '" + cursor.AsString().substr(0, 100) + "'");
  return Ok();
}

}  // namespace

Result<WallNanos> MomentFrom(const Json& json) {
  if (json.is_int()) return json.AsInt();
  std::string text = json.AsString();
  const std::size_t dot = text.find('.');
  WallNanos fraction = 0;
  if (dot != std::string::npos) {
    const std::size_t end = std::min(text.find_first_not_of("0123456789", dot + 1), text.size());
    if (end == dot + 1 || end - dot > 10) return Error("no such fraction of a second");
    std::string digits = text.substr(dot + 1, end - dot - 1);
    digits.resize(9, '0');
    fraction = std::stoll(digits);
    text.erase(dot, end - dot);
  }
  FOSTER_ASSIGN(const WallNanos whole, ParseWallTime(text));
  return whole + fraction;
}

Result<LogQuery> LogQueryFrom(const Json& params) {
  LogQuery query;
  FOSTER_TRY(Read(params, "lines", 0, &query.lines));
  FOSTER_TRY(Read(params, "incarnation", 1, &query.filter.incarnation));
  FOSTER_TRY(Read(params, "max_bytes", 1, &query.max_bytes));
  FOSTER_TRY(ReadMoment(params, "since", &query.filter.since));
  FOSTER_TRY(ReadMoment(params, "until", &query.filter.until));
  FOSTER_TRY(ReadStreams(params["streams"], &query.filter.takes));
  FOSTER_TRY(ReadAfter(params["after"], &query.after));
  FOSTER_TRY(ReadFlag(params, "oldest_first", &query.oldest_first));
  FOSTER_TRY(ReadFlag(params, "follow", &query.follow));
  query.max_bytes = std::min(query.max_bytes, kMostLogBytes);
  return query;
}

}  // namespace foster
