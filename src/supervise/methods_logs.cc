// SPDX-License-Identifier: MIT
#include <algorithm>

#include "supervise/internal_services.h"
#include "supervise/methods.h"
#include "wire/status_codec.h"

namespace foster {
namespace {

constexpr std::size_t kMaxAnswer = 900'000;  // bytes of lines in one answer; the oldest give way

struct Tail {
  std::vector<std::pair<WallNanos, LogRecord>> lines;
  std::map<std::string, LogCursor> cursors;
};

// The names that have logs: services, and foster itself when it is named.
std::optional<std::vector<std::string>> LogNames(const MethodParts& parts, const CallPointer& call) {
  const Json& names = call->params["names"];
  bool only_own = names.AsArray().size() == 1 && names.AsArray()[0].AsString() == kOwnLogName;
  if (only_own) return std::vector<std::string>{std::string(kOwnLogName)};
  return ResolveNames(parts, call, false);
}

void AddTail(const Logs& logs, const std::string& name, std::size_t count, const Json& after, Tail* tail) {
  int slot = logs.table().Find(name);
  if (slot < 0) return;
  LogCursor cursor;
  std::vector<LogLine> lines;
  if (after.is_string() && FromText(after.AsString(), &cursor)) {
    lines = LinesSince(logs.table(), slot, &cursor, kRetainLines);
  } else {
    lines = TailLines(logs.table(), slot, count, &cursor);
  }
  auto records = RecordsOf(name, lines, cursor);
  for (std::size_t i = 0; i < lines.size(); ++i)
    tail->lines.emplace_back(lines[i].wall, std::move(records[i]));
  tail->cursors[name] = cursor;
}

Json LinesOf(Tail* tail) {
  std::stable_sort(tail->lines.begin(), tail->lines.end(),
                   [](const auto& a, const auto& b) { return a.first < b.first; });
  std::size_t bytes = 0;
  auto first = tail->lines.end();
  while (first != tail->lines.begin()) {
    // Bytes that are no text become six characters each at worst.
    std::size_t size = 200 + std::prev(first)->second.name.size();
    for (char c : std::prev(first)->second.text) size += c < 0x20 || c > 0x7e ? 6 : 1;
    if (bytes + size > kMaxAnswer) break;
    bytes += size;
    --first;
  }
  Json lines{Json::Array{}};
  for (; first != tail->lines.end(); ++first) lines.Push(ToJson(first->second));
  return lines;
}

void ReadLogs(const MethodParts& parts, const CallPointer& call) {
  const Json& count = call->params["lines"];
  if (!count.is_null() && (!count.is_int() || count.AsInt() < 0)) {
    call->Fail(kRpcInvalidParams, "'lines' must be a number");
    return;
  }
  auto names = LogNames(parts, call);
  if (!names) return;
  if (!parts.logs.usable()) {
    call->Fail(kRpcFailed, "there are no logs: their memory could not be made");
    return;
  }
  Tail tail;
  auto limit = static_cast<std::size_t>(std::min<std::int64_t>(count.AsInt(100), kRetainLines));
  for (const std::string& name : *names) AddTail(parts.logs, name, limit, call->params["after"][name], &tail);
  Json result;
  result.Set("lines", LinesOf(&tail));
  call->Succeed(result);
  Connection* connection = parts.server.Find(call->connection_id);
  if (!call->params["follow"].AsBool() || connection == nullptr) return;
  connection->follow.active = true;
  auto patterns = PatternsIn(call->params);
  connection->follow.patterns = patterns.ok() ? *patterns : std::vector<std::string>();
  connection->follow.cursors = std::move(tail.cursors);
  parts.followers.Count();
  parts.followers.OnBell();  // what came before the bell was hung up
}

}  // namespace

Json LastLines(const Logs& logs, const std::string& name, std::size_t count) {
  if (!logs.usable()) return Json(Json::Array{});
  Tail tail;
  AddTail(logs, name, count, Json(), &tail);
  return LinesOf(&tail);
}

void AddLogMethods(MethodParts parts) {
  parts.server.Add("logs", Access::kRead, [parts](const CallPointer& call) { ReadLogs(parts, call); });
}

}  // namespace foster
