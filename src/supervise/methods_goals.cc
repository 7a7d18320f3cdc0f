// SPDX-License-Identifier: MIT
#include <algorithm>
#include <set>
#include <string_view>

#include "supervise/methods.h"
#include "wire/status_codec.h"

namespace foster {
namespace {

Json ResultOf(const MethodParts& parts, const WaitItem& item, bool timed_out) {
  Json one;
  bool ok = item.decided && item.ok;
  one.Set("name", item.name).Set("ok", ok);
  ServiceId id = parts.driver.engine().Find(item.name);
  if (!ok) {
    std::string error = item.error;
    if (!item.decided && timed_out) error = "timeout";
    if (error.empty() && id != kNoService) error = parts.publisher.CauseOf(id);
    one.Set("error", error).Set("log", LastLines(parts.logs, item.name, 10));
  }
  ServiceStatus gone;
  gone.name = item.name;
  one.Set("service", ToJson(id == kNoService ? gone : parts.publisher.StatusOf(id)));
  return one;
}

Json ToJsonArray(const std::vector<std::string>& names) {
  Json array{Json::Array{}};
  for (const std::string& name : names) array.Push(name);
  return array;
}

// What a `down` takes along beyond the names that it was given, in the order in which they stop.
std::vector<std::string> AlsoDown(const Engine& engine, const std::vector<std::string>& names, Verb verb,
                                  const Json& params) {
  std::vector<std::string> also;
  if (verb != Verb::kDown || params["alone"].AsBool(false)) return also;
  std::set<std::string_view> known(names.begin(), names.end());
  for (const std::string& name : names) {
    for (const ServiceId id : engine.DownWith(engine.Find(name))) {
      const std::string& other = engine.spec(id).name;
      if (known.insert(other).second) also.push_back(other);
    }
  }
  return also;
}

void Act(const MethodParts& parts, const CallPointer& call, Verb verb) {
  if (parts.ending.begun() && verb != Verb::kDown) {
    call->Fail(kRpcBusy, "the container is being stopped");
    return;
  }
  const Json& limit = call->params["timeout_ms"];
  if (!limit.is_null() && (!limit.is_int() || limit.AsInt() < 0)) {
    call->Fail(kRpcInvalidParams, "'timeout_ms' must be a number of milliseconds");
    return;
  }
  auto names = ResolveNames(parts, call, true);
  if (!names) return;
  const Engine& engine = parts.driver.engine();
  const std::vector<std::string> also = AlsoDown(engine, *names, verb, call->params);
  if (call->params["look"].AsBool(false)) {
    call->Succeed(Json(Json::Object{{"also", ToJsonArray(also)}}));
    return;
  }
  std::vector<WaitItem> items;
  for (const std::string& name : *names) {
    WaitItem item;
    item.name = name;
    item.incarnation_before = engine.record(engine.Find(name)).incarnation;
    items.push_back(std::move(item));
  }
  for (const std::string& name : *names) {
    Event event{};
    event.kind = EventOf(verb);
    event.service = engine.Find(name);
    event.alone = call->params["alone"].AsBool(false);
    if (event.service != kNoService) parts.driver.Post(event);
  }
  bool waits = call->params["wait"].AsBool(true);
  auto answer = [parts, call, waits, also](const std::vector<WaitItem>& done, bool timed_out) {
    Json results{Json::Array{}};
    for (WaitItem item : done) {
      if (!waits) item.decided = item.ok = true;  // it was asked for; that is all that was wanted
      results.Push(ResultOf(parts, item, timed_out));
    }
    Json result;
    result.Set("results", std::move(results));
    if (!also.empty()) result.Set("also", ToJsonArray(also));
    call->Succeed(result);
  };
  if (!waits) {
    answer(items, false);
    return;
  }
  Millis patience = limit.is_null() ? kForever : Millis(std::min<std::int64_t>(limit.AsInt(), 86'400'000));
  parts.waiters.Add(call->connection_id, verb, std::move(items), patience, answer);
}

}  // namespace

void AddGoalMethods(MethodParts parts) {
  for (const char* name : {"up", "down", "restart", "once"})
    parts.server.Add(name, Access::kFull, [parts, verb = *VerbFromName(name)](const CallPointer& call) {
      Act(parts, call, verb);
    });
}

}  // namespace foster
