// SPDX-License-Identifier: MIT
#include "gateway/log_text.h"

#include <algorithm>

#include "gateway/text_codec.h"
#include "wire/status_codec.h"

namespace foster {

Result<std::vector<LogRecord>> RecentLog(Control& control, const std::string& service, int lines) {
  Json params;
  params.Set("names", Json().Push(service)).Set("lines", lines);
  FOSTER_ASSIGN(Json reply, control.Call("logs", params));
  std::vector<LogRecord> records;
  for (const auto& entry : reply["lines"].AsArray()) {
    records.push_back(LogRecordFromJson(entry));
    records.back().text = MakeUtf8(records.back().text);
  }
  return records;
}

std::string TextOf(const LogRecord& record) { return record.partial ? record.text : record.text + "\n"; }

std::string TextOf(const std::vector<LogRecord>& records, std::string_view stream) {
  std::string text;
  for (const auto& record : records)
    if (stream.empty() || record.stream == stream) text += TextOf(record);
  return text;
}

Result<std::string> ReadSlice(std::string_view text, std::int64_t offset, std::int64_t length) {
  if (length < 0 || (offset < 0 && length != 0)) return Error("cannot read a log: bad offset or length");
  if (offset < 0) {
    auto bytes = offset == INT64_MIN ? text.size() : static_cast<std::size_t>(-offset);
    return std::string(LastBytes(text, bytes));
  }
  auto start = std::min(static_cast<std::size_t>(offset), text.size());
  return std::string(
      text.substr(start, length == 0 ? std::string_view::npos : static_cast<std::size_t>(length)));
}

TailSlice ReadTail(std::string_view text, std::int64_t offset, std::int64_t length) {
  auto size = static_cast<std::int64_t>(text.size());
  offset = std::clamp<std::int64_t>(offset, 0, size);
  length = std::max<std::int64_t>(length, 0);
  if (size - offset > length)
    return {std::string(LastBytes(text, static_cast<std::size_t>(length))), size, true};
  return {std::string(text.substr(static_cast<std::size_t>(offset))), size, false};
}

}  // namespace foster
