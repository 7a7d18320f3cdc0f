// SPDX-License-Identifier: MIT
// pin: a person's word that is stronger than every request, gate, schedule and reload. Answered at once: what
// follows from it is told as events.
#include "supervise/methods.h"
#include "wire/status_codec.h"

namespace foster {
namespace {

void DoPin(const MethodParts& parts, const CallPointer& call) {
  const std::optional<Pin> pin = PinFromName(call->params["pin"].AsString());
  if (!pin) {
    call->Fail(kRpcInvalidParams, "'pin' must be \"down\", \"up\" or \"none\"");
    return;
  }
  auto names = ResolveNames(parts, call, true);
  if (!names) return;
  const Engine& engine = parts.driver.engine();
  Json results{Json::Array{}};
  for (const std::string& name : *names) {
    Event event{};
    event.kind = EventKind::kPin;
    event.service = engine.Find(name);
    event.pin = *pin;
    if (event.service == kNoService) continue;
    parts.driver.Post(event);
    Json one;
    one.Set("name", name).Set("ok", true).Set("service", ToJson(parts.publisher.StatusOf(event.service)));
    results.Push(std::move(one));
  }
  call->Succeed(Json(Json::Object{{"results", std::move(results)}}));
}

}  // namespace

void AddPinMethods(MethodParts parts) {
  parts.server.Add("pin", Access::kFull, [parts](const CallPointer& call) { DoPin(parts, call); });
}

}  // namespace foster
