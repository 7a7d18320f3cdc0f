// SPDX-License-Identifier: MIT
#include <algorithm>

#include "supervise/internal_services.h"
#include "supervise/log_reply.h"
#include "supervise/methods.h"
#include "wire/status_codec.h"

namespace foster {
namespace {

void Follow(const MethodParts& parts, const CallPointer& call, const LogReply& reply) {
  Connection* connection = parts.server.Find(call->connection_id);
  if (!reply.query().follow || connection == nullptr) return;
  LogFollow follow;
  auto patterns = PatternsIn(call->params);
  if (patterns.ok()) follow.patterns = *patterns;
  follow.filter = reply.query().filter;
  follow.cursors = reply.cursors();
  parts.followers.Begin(*connection, std::move(follow));
}

// What one slice does not do the next one does, after others had their turn.
void Go(const MethodParts& parts, const CallPointer& call, const std::shared_ptr<LogReply>& reply) {
  if (parts.server.Find(call->connection_id) == nullptr) return;
  if (!reply->Step()) {
    parts.timers.In(Millis(1), [parts, call, reply] { Go(parts, call, reply); });
    return;
  }
  call->SucceedText(reply->text());
  Follow(parts, call, *reply);
}

void ReadLogs(const MethodParts& parts, const CallPointer& call) {
  auto query = LogQueryFrom(call->params);
  if (!query.ok()) {
    call->Fail(kRpcInvalidParams, query.error().message());
    return;
  }
  auto names = LogNames(parts, call);
  if (!names) return;
  if (!parts.logs.usable()) {
    call->Fail(kRpcFailed, "there are no logs: their memory could not be made");
    return;
  }
  Go(parts, call,
     std::make_shared<LogReply>(parts.logs.table(), parts.followers.redactors(), std::move(*query),
                                std::move(*names)));
}

}  // namespace

std::optional<std::vector<std::string>> LogNames(const MethodParts& parts, const CallPointer& call) {
  const Json& names = call->params["names"];
  bool only_own = names.AsArray().size() == 1 && names.AsArray()[0].AsString() == kOwnLogName;
  if (only_own) return std::vector<std::string>{std::string(kOwnLogName)};
  return ResolveNames(parts, call, false);
}

Json LastLines(const Logs& logs, const std::string& name, std::size_t count) {
  constexpr std::uint64_t kMostBytes = 64 * 1024;
  Json lines{Json::Array{}};
  const int slot = logs.usable() ? logs.table().Find(name) : -1;
  if (slot < 0) return lines;
  LogCursor behind;
  LogRedactors redactors;
  const Redactor& redactor = redactors.Of(logs.table(), slot);
  const LogSpan span = FindLast(logs.table(), slot, LogFilter{}, count, kMostBytes);
  LogCursor cursor = span.begin;
  for (const LogLine& line : TailLines(logs.table(), slot, count, &behind, kMostBytes))
    lines.Push(ToJson(RecordOf(name, line, redactor, &cursor)));
  return lines;
}

void AddLogMethods(MethodParts parts) {
  parts.server.Add("logs", Access::kRead, [parts](const CallPointer& call) { ReadLogs(parts, call); });
}

}  // namespace foster
