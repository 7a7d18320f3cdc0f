// SPDX-License-Identifier: MIT
#include "supervise/internal_services.h"

#include <algorithm>

namespace foster {
namespace {

ServiceSpec Internal(std::string name, std::string description) {
  ServiceSpec spec;
  spec.name = std::move(name);
  spec.description = std::move(description);
  spec.internal = true;
  spec.restart.when = RestartWhen::kAlways;
  spec.restart.base = Millis(10);
  spec.restart.factor_percent = 200;
  spec.restart.cap = Millis(1'000);
  spec.restart.ending_delay = Millis(10);
  spec.restart.reset_after = Millis(10'000);
  spec.stop.grace = Millis(2'000);
  return spec;
}

ServiceSpec Logd(const InternalOptions& options) {
  ServiceSpec spec = Internal(std::string(kLogdName), "writes the logs");
  spec.run.argv = {options.self, "logd", options.print ? "--stdout=1" : "--stdout=0",
                   options.colour ? "--colour=1" : "--colour=0"};
  return spec;
}

// Brought up by the first question (probes.cc): who has no probe over the network and asks for no figures has
// no prober.
ServiceSpec Prober(const InternalOptions& options) {
  ServiceSpec spec = Internal(std::string(kProberName), "looks: network probes and figures");
  spec.run.argv = {options.self, "probe"};
  spec.autostart = false;
  spec.stop.scope = SignalScope::kProcess;
  spec.gates.push_back({std::string(kLogdName), GateKind::kStarted, {}});
  return spec;
}

// Its gate makes the stop order: gateways first, then the logs.
ServiceSpec Gateway(const Workload& workload, const InternalOptions& options) {
  ServiceSpec spec = Internal(std::string(kGatewayPrefix) + workload.name, "the gateway of " + workload.name);
  spec.run.argv = {options.self, "serve", workload.name};
  spec.environment = {"FOSTER_SOCKET=" + options.socket};
  spec.gates.push_back({std::string(kLogdName), GateKind::kStarted, {}});
  return spec;
}

}  // namespace

Plan WithInternalServices(const Plan& plan, const InternalOptions& options) {
  Plan whole = plan;
  whole.services.push_back(Logd(options));
  whole.services.push_back(Prober(options));
  for (const Workload& workload : plan.workloads)
    if (!workload.listeners.empty() && workload.source != WorkloadSource::kNone && workload.autostart)
      whole.services.push_back(Gateway(workload, options));
  std::sort(whole.services.begin(), whole.services.end(),
            [](const ServiceSpec& a, const ServiceSpec& b) { return a.name < b.name; });
  return whole;
}

}  // namespace foster
