// SPDX-License-Identifier: MIT
#include <cerrno>

#include "supervise/methods.h"
#include "wire/plan_codec.h"
#include "wire/status_codec.h"

namespace foster {
namespace {

Json ToJson(const std::vector<Diagnostic>& diagnostics) {
  Json json{Json::Array{}};
  for (const Diagnostic& diagnostic : diagnostics) json.Push(foster::ToJson(diagnostic));
  return json;
}

Json ToJson(const std::vector<ServiceChange>& changes) {
  Json json{Json::Array{}};
  for (const ServiceChange& change : changes) {
    Json fields{Json::Array{}};
    for (const std::string& field : change.fields) fields.Push(field);
    Json one;
    one.Set("name", change.name).Set("change", NameOf(change.change)).Set("fields", std::move(fields));
    json.Push(std::move(one));
  }
  return json;
}

Json Workloads(const Plan& plan) {
  Json json{Json::Array{}};
  for (const Workload& workload : plan.workloads) {
    WorkloadStatus status{workload.name,
                          std::string(NameOf(workload.format)),
                          std::string(NameOf(workload.source)),
                          workload.project,
                          workload.seed,
                          workload.diagnostics};
    json.Push(foster::ToJson(status));
  }
  return json;
}

std::vector<Diagnostic> Everything(const Plan& plan) {
  std::vector<Diagnostic> all = plan.diagnostics;
  for (const Diagnostic& diagnostic : FindDoubleDefinitions(plan)) all.push_back(diagnostic);
  return all;
}

bool AllRefused(const ReloadReport& report, const std::string& only) {
  if (report.outcome.refused.empty()) return false;
  return !only.empty() || report.changed == 0;
}

void Report(const CallPointer& call, const ReloadReport& report, Planner::Mode mode,
            const std::string& only) {
  if (!report.ok) {
    call->Fail(report.no_such_workload ? kRpcNoSuchService : kRpcRefused, report.error);
    return;
  }
  const Outcome& outcome = report.outcome;
  Json refused{Json::Array{}};
  std::vector<Diagnostic> all_refused;
  for (const Refusal& refusal : outcome.refused) {
    Json one;
    one.Set("workload", refusal.workload).Set("diagnostics", ToJson(refusal.diagnostics));
    refused.Push(std::move(one));
    all_refused.insert(all_refused.end(), refusal.diagnostics.begin(), refusal.diagnostics.end());
  }
  Json result;
  result.Set("changes", ToJson(report.changes))
      .Set("workloads", Workloads(outcome.plan))
      .Set("diagnostics", ToJson(Everything(outcome.plan)))
      .Set("refused", refused);
  if (mode == Planner::Mode::kApply && AllRefused(report, only)) {
    Json data;
    data.Set("diagnostics", ToJson(all_refused)).Set("refused", std::move(refused));
    call->Fail(kRpcRefused, "the config is not valid: nothing was changed", std::move(data));
    return;
  }
  call->Succeed(result);
}

void Reload(const MethodParts& parts, const CallPointer& call, Planner::Mode mode) {
  const Json& only = call->params["workload"];
  if (!only.is_null() && !only.is_string()) {
    call->Fail(kRpcInvalidParams, "'workload' must be a workload's name");
    return;
  }
  if (parts.planner.busy() || parts.ending.begun() || !parts.surroundings.booted) {
    call->Fail(kRpcBusy,
               parts.ending.begun() ? "the container is being stopped" : "the files are being read already");
    return;
  }
  std::string name = only.AsString();
  parts.planner.Reload(mode, name,
                       [call, mode, name](const ReloadReport& report) { Report(call, report, mode, name); });
}

// As a reload of the workloads that are concerned, with the new counts.
void Scale(const MethodParts& parts, const CallPointer& call) {
  if (parts.planner.busy() || parts.ending.begun() || !parts.surroundings.booted) {
    call->Fail(kRpcBusy,
               parts.ending.begun() ? "the container is being stopped" : "the files are being read already");
    return;
  }
  auto scale = ParseScale(call->params, parts.planner.plan());
  if (!scale.ok()) {
    call->Fail(scale.error().code() == ENOENT ? kRpcNoSuchService : kRpcInvalidParams,
               scale.error().message());
    return;
  }
  const std::string only = WorkloadOf(*scale);
  parts.planner.Scale(*scale, [call, only](const ReloadReport& report) {
    Report(call, report, Planner::Mode::kApply, only);
  });
}

}  // namespace

void AddPlanMethods(MethodParts parts) {
  parts.server.Add("plan", Access::kRead,
                   [parts](const CallPointer& call) { Reload(parts, call, Planner::Mode::kLook); });
  parts.server.Add("scale", Access::kFull, [parts](const CallPointer& call) { Scale(parts, call); });
  parts.server.Add("reload", Access::kFull,
                   [parts](const CallPointer& call) { Reload(parts, call, Planner::Mode::kApply); });
}

}  // namespace foster
