// SPDX-License-Identifier: MIT
#include "supervise/sources.h"

#include <algorithm>

#include "wire/plan_codec.h"

namespace foster {
namespace {

const WorkloadFragments* FindIn(const Sources& sources, std::string_view name) {
  for (const WorkloadFragments& workload : sources.workloads)
    if (workload.name == name) return &workload;
  return nullptr;
}

const Workload* FindIn(const Plan& plan, std::string_view name) {
  for (const Workload& workload : plan.workloads)
    if (workload.name == name) return &workload;
  return nullptr;
}

void Replace(Sources* sources, const WorkloadFragments& workload) {
  for (WorkloadFragments& each : sources->workloads)
    if (each.name == workload.name) each = workload;
}

Diagnostic WholeError(std::string text) {
  Diagnostic diagnostic;
  diagnostic.text = std::move(text);
  return diagnostic;
}

Plan Put(const Sources& sources, bool seeds_only) {
  AssembleOptions options;
  options.seeds_only = seeds_only;
  Plan plan = Assemble(sources.services_d, sources.workloads, options);
  if (!sources.services_d_failure.empty())
    plan.diagnostics.push_back(
        WholeError("cannot read the service directories: " + sources.services_d_failure));
  if (plan.services.size() > kMaxServices) {
    plan.diagnostics.push_back(
        WholeError("more than " + std::to_string(kMaxServices) +
                   " services: " + std::to_string(plan.services.size() - kMaxServices) + " are left out"));
    plan.services.resize(kMaxServices);
  }
  return plan;
}

// A seed in use is the choice of that time: it goes on, also if the project's text of then would read well
// now.
bool Asked(const std::string& only, const std::string& name) { return only.empty() || only == name; }

Json OptionalFragment(const std::optional<Fragment>& fragment) {
  return fragment ? ToJson(*fragment) : Json();
}

Result<std::optional<Fragment>> OptionalFragmentFrom(const Json& json) {
  if (json.is_null()) return std::optional<Fragment>();
  FOSTER_ASSIGN(Fragment fragment, FragmentFromJson(json));
  return std::optional<Fragment>(std::move(fragment));
}

}  // namespace

Outcome FirstPlan(Sources read, bool seeds_only) {
  Outcome outcome;
  outcome.sources = std::move(read);
  outcome.plan = Put(outcome.sources, seeds_only);
  return outcome;
}

Result<Outcome> NextPlan(const Sources& before, const Plan& plan_before, const Sources& read,
                         const std::string& only) {
  Outcome outcome;
  if (!read.services_d_failure.empty())
    return Error("cannot read the service directories: " + read.services_d_failure);
  outcome.sources = read;
  if (!only.empty()) {
    const WorkloadFragments* fresh = FindIn(read, only);
    if (fresh == nullptr) return Error("no workload '" + only + "'", ENOENT);
    if (FindIn(before, only) != nullptr) {
      outcome.sources = before;
      outcome.sources.scale = read.scale;
      Replace(&outcome.sources, *fresh);
    }
  }
  Plan candidate = Put(outcome.sources, false);
  for (const Workload& workload : candidate.workloads) {
    const WorkloadFragments* old = FindIn(before, workload.name);
    const Workload* used = FindIn(plan_before, workload.name);
    if (workload.source == WorkloadSource::kProject || old == nullptr || used == nullptr) continue;
    if (!Asked(only, workload.name)) continue;
    WorkloadFragments kept = *old;
    const WorkloadFragments* fresh = FindIn(read, workload.name);
    const bool is_scaled_seed = read.scale != before.scale && used->source == WorkloadSource::kSeed &&
                                fresh != nullptr && fresh->seed;
    if (is_scaled_seed) {
      kept.seed = fresh->seed;
    } else {
      outcome.refused.push_back({workload.name, workload.diagnostics});
    }
    if (used->source != WorkloadSource::kProject) {
      kept.project.reset();
      if (kept.project_failure.empty())
        kept.project_failure = "the project file was not valid when it was last read";
    }
    Replace(&outcome.sources, kept);
  }
  outcome.plan = Put(outcome.sources, false);
  // The workload keeps its own diagnostics of the time when it was read, not the ones of our book-keeping.
  for (Workload& workload : outcome.plan.workloads)
    for (const Refusal& refusal : outcome.refused)
      if (const Workload* used = FindIn(plan_before, workload.name);
          used && refusal.workload == workload.name)
        workload.diagnostics = used->diagnostics;
  return outcome;
}

Json ToJson(const Sources& sources) {
  Json workloads{Json::Array{}};
  for (const WorkloadFragments& each : sources.workloads) {
    Json one;
    one.Set("name", each.name)
        .Set("project", OptionalFragment(each.project))
        .Set("seed", OptionalFragment(each.seed))
        .Set("project_failure", each.project_failure)
        .Set("seed_failure", each.seed_failure);
    workloads.Push(std::move(one));
  }
  Json scale = Json::Object{};
  for (const auto& [name, count] : sources.scale) scale.Set(name, count);
  Json json;
  json.Set("scale", std::move(scale));
  json.Set("services_d", ToJson(sources.services_d))
      .Set("services_d_failure", sources.services_d_failure)
      .Set("workloads", std::move(workloads));
  return json;
}

Result<Sources> SourcesFromJson(const Json& json) {
  Sources sources;
  FOSTER_ASSIGN(sources.services_d, FragmentFromJson(json["services_d"]));
  sources.services_d_failure = json["services_d_failure"].AsString();
  for (const auto& [name, count] : json["scale"].AsObject())
    sources.scale[name] =
        static_cast<std::uint32_t>(std::clamp<std::int64_t>(count.AsInt(), 1, kMaxReplicasAsked));
  for (const Json& each : json["workloads"].AsArray()) {
    WorkloadFragments workload;
    workload.name = each["name"].AsString();
    FOSTER_ASSIGN(workload.project, OptionalFragmentFrom(each["project"]));
    FOSTER_ASSIGN(workload.seed, OptionalFragmentFrom(each["seed"]));
    workload.project_failure = each["project_failure"].AsString();
    workload.seed_failure = each["seed_failure"].AsString();
    sources.workloads.push_back(std::move(workload));
  }
  return sources;
}

}  // namespace foster
