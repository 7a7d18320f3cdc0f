// SPDX-License-Identifier: MIT
// Plan, Fragment and their parts <-> JSON. What `load` hands to supervise, what the savepoint keeps, and the
// form that `svc plan --json` shows. Invariant (tested field by field): FromJson(ToJson(x)) == x, origins
// included.
#pragma once

#include "base/result.h"
#include "model/fragment.h"
#include "wire/json.h"

namespace foster {

Json ToJson(const Probe& probe);
Json ToJson(const SocketSpec& socket);
Json ToJson(const LogSpec& log);
Json ToJson(const ServiceSpec& spec);
Json ToJson(const Workload& workload);
Json ToJson(const Diagnostic& diagnostic);
Json ToJson(const Plan& plan);
Json ToJson(const Fragment& fragment);
// A string; bytes that are no UTF-8 as {"hex": "..."}.
Json TextToJson(const std::string& text);

// Errors: a member of the wrong kind or an unknown enum name ("services[3].stop.scope: unknown scope 'x'").
Result<Probe> ProbeFromJson(const Json& json);
Result<SocketSpec> SocketSpecFromJson(const Json& json);
Result<LogSpec> LogSpecFromJson(const Json& json);
Result<ServiceSpec> ServiceSpecFromJson(const Json& json);
Result<Diagnostic> DiagnosticFromJson(const Json& json);
Result<Plan> PlanFromJson(const Json& json);
Result<Fragment> FragmentFromJson(const Json& json);
Result<std::string> TextFromJson(const Json& json);

}  // namespace foster
