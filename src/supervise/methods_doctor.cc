// SPDX-License-Identifier: MIT
#include "supervise/doctor.h"
#include "supervise/methods.h"
#include "supervise/outfit.h"

namespace foster {

void AddDoctorMethod(MethodParts parts) {
  parts.server.Add("doctor", Access::kRead, [parts](const CallPointer& call) {
    Json features{Json::Array{}};
    for (const Feature& each : Diagnose(LookAround(parts.surroundings.pid1, parts.outfit.cgroups()))) {
      Json one;
      one.Set("feature", each.feature).Set("ok", each.ok).Set("text", each.text).Set("fix", each.fix);
      features.Push(std::move(one));
    }
    Json result;
    result.Set("features", std::move(features));
    call->Succeed(result);
  });
}

}  // namespace foster
