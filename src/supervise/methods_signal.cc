// SPDX-License-Identifier: MIT
#include "base/signal_names.h"
#include "supervise/methods.h"
#include "wire/status_codec.h"

namespace foster {
namespace {

// "TERM", "SIGTERM", "15" or 15. Signal 0 would only ask whether there is a process, which status tells.
std::optional<int> SignalIn(const Json& signal) {
  auto number = SignalNumber(signal.is_int() ? std::to_string(signal.AsInt()) : signal.AsString());
  return number == 0 ? std::nullopt : number;
}

std::optional<std::uint32_t> ScopeIn(const Json& params) {
  const Json& scope = params["scope"];
  if (scope.is_null()) return kScopeProcess;
  auto known = SignalScopeFromName(scope.AsString());
  if (!known) return std::nullopt;
  return *known == SignalScope::kProcess ? kScopeProcess
         : *known == SignalScope::kGroup ? kScopeGroup
                                         : kScopeTree;
}

Json SendOne(const MethodParts& parts, const std::string& name, int signal, std::uint32_t scope) {
  const Engine& engine = parts.driver.engine();
  ServiceId id = engine.Find(name);
  const ServiceRecord& record = engine.record(id);
  Json one;
  one.Set("name", name).Set("ok", record.pid > 0);
  if (record.pid > 0) {
    Message message = MessageOf(kMsgSignal);
    message.key = KeyOf(name, kRoleMain, record.incarnation);
    message.signal = signal;
    message.scope = scope;
    parts.init.Send(message);
  } else {
    one.Set("error", "it has no process");
  }
  one.Set("service", ToJson(parts.publisher.StatusOf(id)));
  return one;
}

void Signal(const MethodParts& parts, const CallPointer& call) {
  auto signal = SignalIn(call->params["signal"]);
  auto scope = ScopeIn(call->params);
  if (!signal || !scope) {
    call->Fail(kRpcInvalidParams, !signal ? "'signal' must be a signal's name or number"
                                          : "'scope' must be process, group or tree");
    return;
  }
  auto names = ResolveNames(parts, call, true);
  if (!names) return;
  Json results{Json::Array{}};
  for (const std::string& name : *names) results.Push(SendOne(parts, name, *signal, *scope));
  Json result;
  result.Set("results", std::move(results));
  call->Succeed(result);
}

void Shutdown(const MethodParts& parts, const CallPointer& call) {
  const Json& code = call->params["exit_code"];
  if (!code.is_null() && (!code.is_int() || code.AsInt() < 0 || code.AsInt() > 255)) {
    call->Fail(kRpcInvalidParams, "'exit_code' must be 0 to 255");
    return;
  }
  call->Succeed(Json(Json::Object{}));
  parts.ending.Begin("asked for by a client", static_cast<int>(code.AsInt()));
}

}  // namespace

void AddSignalMethods(MethodParts parts) {
  parts.server.Add("signal", Access::kFull, [parts](const CallPointer& call) { Signal(parts, call); });
  parts.server.Add("shutdown", Access::kFull, [parts](const CallPointer& call) { Shutdown(parts, call); });
}

}  // namespace foster
