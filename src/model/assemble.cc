// SPDX-License-Identifier: MIT
#include "model/assemble.h"

#include <algorithm>
#include <map>
#include <set>

#include "model/cycles.h"
#include "model/resolver.h"

namespace foster {
namespace {

// One workload while it is decided which of its files is used.
struct Candidate {
  Workload workload;
  const WorkloadFragments* fragments = nullptr;
  bool project_rejected = false;
  std::vector<Diagnostic> rejections;  // found here, about the project file

  const Fragment* InUse() const {
    if (workload.source == WorkloadSource::kProject) return &*fragments->project;
    if (workload.source == WorkloadSource::kSeed) return &*fragments->seed;
    return nullptr;
  }
};

bool Usable(const std::optional<Fragment>& fragment) { return fragment && fragment->valid; }

void Choose(Candidate* candidate, bool seeds_only) {
  const WorkloadFragments* fragments = candidate->fragments;
  Workload& workload = candidate->workload;
  workload.source = WorkloadSource::kNone;
  if (!fragments) return;
  if (Usable(fragments->project) && !seeds_only && !candidate->project_rejected) {
    workload.source = WorkloadSource::kProject;
  } else if (Usable(fragments->seed)) {
    workload.source = WorkloadSource::kSeed;
  }
}

void AddReaderFailure(const std::string& file, const std::string& failure, std::vector<Diagnostic>* out) {
  if (failure.empty()) return;
  out->push_back(
      {Severity::kError, Origin{file, 0, 0}, failure, "the file is too large, too deep or hostile", ""});
}

// What a person is told about this workload's files: why the project was not used, then what the file in use
// says.
void CollectDiagnostics(Candidate* candidate) {
  std::vector<Diagnostic>& out = candidate->workload.diagnostics;
  const WorkloadFragments* fragments = candidate->fragments;
  if (!fragments) return;
  auto append = [&](const std::vector<Diagnostic>& more) { out.insert(out.end(), more.begin(), more.end()); };
  AddReaderFailure(candidate->workload.project, fragments->project_failure, &out);
  if (fragments->project) append(fragments->project->diagnostics);
  append(candidate->rejections);
  if (candidate->workload.source == WorkloadSource::kProject) return;
  AddReaderFailure(candidate->workload.seed, fragments->seed_failure, &out);
  if (fragments->seed) append(fragments->seed->diagnostics);
}

// All services of services.d and of the files in use; two of one name: the first stays, both places are
// named.
std::vector<ServiceSpec> Gather(const Fragment& services_d, const std::vector<Candidate>& candidates,
                                std::vector<Diagnostic>* diagnostics) {
  std::vector<ServiceSpec> services;
  std::map<std::string, Origin> places;
  auto add = [&](const std::vector<ServiceSpec>& more) {
    for (const auto& spec : more) {
      auto [place, is_new] = places.emplace(spec.name, spec.origin);
      if (is_new) {
        services.push_back(spec);
        continue;
      }
      const Origin& first = place->second;
      diagnostics->push_back({Severity::kError, spec.origin, "service '" + spec.name + "' is defined twice",
                              "first defined at " + first.file + ":" + std::to_string(first.line), ""});
    }
  };
  add(services_d.services);
  for (const auto& candidate : candidates)
    if (const Fragment* fragment = candidate.InUse()) add(fragment->services);
  return services;
}

// A fault that makes one service unable to run.
struct Fault {
  std::string service;
  Diagnostic diagnostic;
};

Diagnostic UndefinedGate(const ServiceSpec& spec, const Gate& gate, const Resolution& resolution,
                         const Resolver& resolver) {
  Diagnostic diagnostic;
  diagnostic.origin = gate.origin.file.empty() ? spec.origin : gate.origin;
  if (resolution.ambiguous.empty()) {
    diagnostic.text = "'" + spec.name + "' depends on the undefined service '" + gate.service + "'";
    diagnostic.hint = resolver.KnownNames();
  } else {
    diagnostic.text =
        "'" + spec.name + "' depends on '" + gate.service + "', which stands for several services";
    diagnostic.hint = "write one of: " + resolution.ambiguous;
  }
  return diagnostic;
}

// Services that a gate names one by one: what a bundle or a group says of them as well does not count.
std::set<std::string> NamedDirectly(const ServiceSpec& spec, const Resolver& resolver) {
  std::set<std::string> names;
  for (const auto& gate : spec.gates) {
    Resolution resolution = resolver.Resolve(spec.workload, gate.service);
    if (resolution.services.size() == 1 && !resolution.whole_workload) names.insert(resolution.services[0]);
  }
  return names;
}

void ResolveGates(ServiceSpec* spec, const Resolver& resolver, std::vector<Fault>* faults) {
  std::vector<Gate> resolved;
  const std::set<std::string> direct = NamedDirectly(*spec, resolver);
  for (const auto& gate : spec->gates) {
    Resolution resolution = resolver.Resolve(spec->workload, gate.service);
    if (!resolution.found) {
      faults->push_back({spec->name, UndefinedGate(*spec, gate, resolution, resolver)});
      continue;
    }
    const bool is_one = resolution.services.size() == 1;
    for (const auto& name : resolution.services) {
      Gate target = gate;
      target.service = name;
      if (resolution.whole_workload) target.kind = GateKind::kStarted;
      bool known = std::find(resolved.begin(), resolved.end(), target) != resolved.end();
      bool said_elsewhere = (!is_one || resolution.whole_workload) && direct.count(name) > 0;
      if (!known && !said_elsewhere && name != spec->name) resolved.push_back(std::move(target));
    }
    // `a depends on a` is a cycle, not a bundle that happens to contain its user.
    if (is_one && resolution.services[0] == spec->name) {
      resolved.push_back(gate);
      resolved.back().service = spec->name;
    }
  }
  spec->gates = std::move(resolved);
}

// The gates of a workload as a whole. An undefined one is reported and left out: a workload never pays for
// it.
std::vector<Gate> ResolveWorkloadGates(const Workload& workload, const Resolver& resolver,
                                       std::vector<Diagnostic>* diagnostics) {
  ServiceSpec as_service;
  as_service.name = workload.name;
  as_service.gates = workload.gates;
  std::vector<Fault> faults;
  ResolveGates(&as_service, resolver, &faults);
  for (auto& fault : faults) diagnostics->push_back(std::move(fault.diagnostic));
  return as_service.gates;
}

void AddWorkloadGates(const std::vector<Candidate>& candidates, const Resolver& resolver,
                      std::vector<ServiceSpec>* services, std::vector<Diagnostic>* diagnostics) {
  for (const auto& candidate : candidates) {
    auto gates = ResolveWorkloadGates(candidate.workload, resolver, diagnostics);
    for (auto& spec : *services) {
      if (spec.workload != candidate.workload.name) continue;
      for (const auto& gate : gates)
        if (std::find(spec.gates.begin(), spec.gates.end(), gate) == spec.gates.end())
          spec.gates.push_back(gate);
    }
  }
}

void AddCycleFaults(const std::vector<ServiceSpec>& services, std::vector<Fault>* faults) {
  for (const auto& cycle : FindCycles(services)) {
    std::string path;
    for (const auto& name : cycle) path += name + " -> ";
    path += cycle.front();
    for (const auto& name : cycle) {
      auto spec =
          std::find_if(services.begin(), services.end(), [&](const auto& s) { return s.name == name; });
      faults->push_back({name,
                         {Severity::kError, spec->origin, "dependency cycle: " + path,
                          "take one of these dependencies out", ""}});
    }
  }
}

struct Attempt {
  Plan plan;
  bool settled = true;  // false: a project file was rejected; try again with its seed
};

// Faults of a project file reject it; all others break the one service they are about.
void PlaceFaults(std::vector<Fault> faults, std::vector<Candidate>* candidates, Attempt* attempt) {
  for (auto& fault : faults) {
    auto spec = std::find_if(attempt->plan.services.begin(), attempt->plan.services.end(),
                             [&](const auto& s) { return s.name == fault.service; });
    auto owner = std::find_if(candidates->begin(), candidates->end(), [&](const auto& c) {
      return !spec->workload.empty() && c.workload.name == spec->workload;
    });
    if (owner != candidates->end() && owner->workload.source == WorkloadSource::kProject) {
      owner->project_rejected = true;
      owner->rejections.push_back(std::move(fault.diagnostic));
      attempt->settled = false;
      continue;
    }
    if (spec->broken.empty()) spec->broken = fault.diagnostic.text;
    auto& list = owner != candidates->end() ? owner->rejections : attempt->plan.diagnostics;
    if (std::find(list.begin(), list.end(), fault.diagnostic) == list.end())
      list.push_back(std::move(fault.diagnostic));
  }
}

Attempt TryOnce(const Fragment& services_d, std::vector<Candidate>* candidates, bool seeds_only) {
  for (auto& candidate : *candidates) Choose(&candidate, seeds_only);
  Attempt attempt;
  Plan& plan = attempt.plan;
  plan.diagnostics = services_d.diagnostics;
  plan.services = Gather(services_d, *candidates, &plan.diagnostics);
  std::vector<Workload> workloads;
  for (const auto& candidate : *candidates) workloads.push_back(candidate.workload);
  std::vector<ServiceSpec> unresolved = plan.services;  // the resolver looks at these
  Resolver resolver(unresolved, services_d.bundles, workloads);
  std::vector<Fault> faults;
  for (auto& spec : plan.services) ResolveGates(&spec, resolver, &faults);
  AddWorkloadGates(*candidates, resolver, &plan.services, &plan.diagnostics);
  AddCycleFaults(plan.services, &faults);
  PlaceFaults(std::move(faults), candidates, &attempt);
  return attempt;
}

// Marks what `user` reaches, with everything that is needed for it; nothing else starts by itself.
void ApplyUserBundle(const Fragment& services_d, const std::vector<Workload>& workloads, Plan* plan) {
  Resolver resolver(plan->services, services_d.bundles, workloads);
  for (const auto& bundle : services_d.bundles) {
    std::vector<std::string> reached;
    Bundle resolved{bundle.name, resolver.Members(bundle.name, &reached, &plan->diagnostics), bundle.origin};
    for (const auto& spec : plan->services)
      if (std::find(reached.begin(), reached.end(), spec.workload) != reached.end())
        resolved.members.push_back(spec.name);
    if (bundle.name == "user") {
      std::set<std::string> members(resolved.members.begin(), resolved.members.end());
      for (auto& spec : plan->services) spec.autostart = spec.autostart && members.count(spec.name) > 0;
      for (auto& workload : plan->workloads)
        workload.autostart = std::find(reached.begin(), reached.end(), workload.name) != reached.end();
    }
    plan->bundles.push_back(std::move(resolved));
  }
}

bool BringsUp(const Gate& gate) {
  return gate.strength != GateStrength::kOrder && gate.kind != GateKind::kStopped;
}

// What an autostart service needs starts too.
void SpreadAutostart(Plan* plan) {
  std::map<std::string_view, ServiceSpec*> by_name;
  std::vector<ServiceSpec*> work;
  for (auto& spec : plan->services) {
    by_name.emplace(spec.name, &spec);
    if (spec.autostart) work.push_back(&spec);
  }
  while (!work.empty()) {
    ServiceSpec* spec = work.back();
    work.pop_back();
    for (const auto& gate : spec->gates) {
      if (!BringsUp(gate)) continue;
      auto needed = by_name.find(gate.service);
      if (needed == by_name.end() || needed->second->autostart) continue;
      needed->second->autostart = true;
      work.push_back(needed->second);
    }
  }
}

std::string DescribePlace(const ServiceSpec& spec) {
  return spec.name + " (" + spec.origin.file + ":" + std::to_string(spec.origin.line) + ")";
}

}  // namespace

Plan Assemble(const Fragment& services_d, const std::vector<WorkloadFragments>& workloads,
              const AssembleOptions& options) {
  std::vector<Candidate> candidates;
  for (const auto& declared : services_d.workloads) {
    Candidate candidate;
    candidate.workload = declared;
    for (const auto& fragments : workloads)
      if (fragments.name == declared.name) candidate.fragments = &fragments;
    candidates.push_back(std::move(candidate));
  }
  // Each round rejects at least one project file, so there are at most as many rounds as workloads, and one.
  Attempt attempt = TryOnce(services_d, &candidates, options.seeds_only);
  while (!attempt.settled) attempt = TryOnce(services_d, &candidates, options.seeds_only);

  Plan plan = std::move(attempt.plan);
  for (auto& candidate : candidates) {
    CollectDiagnostics(&candidate);
    if (const Fragment* fragment = candidate.InUse()) {
      candidate.workload.identifier = fragment->identifier;
      candidate.workload.listeners = fragment->listeners;
    }
    plan.workloads.push_back(candidate.workload);
  }
  ApplyUserBundle(services_d, plan.workloads, &plan);
  SpreadAutostart(&plan);
  std::sort(plan.services.begin(), plan.services.end(),
            [](const auto& a, const auto& b) { return a.name < b.name; });
  return plan;
}

std::vector<Diagnostic> FindDoubleDefinitions(const Plan& plan) {
  std::vector<Diagnostic> found;
  for (std::size_t i = 0; i < plan.services.size(); ++i) {
    const ServiceSpec& one = plan.services[i];
    if (one.workload.empty() || one.internal) continue;
    for (std::size_t j = i + 1; j < plan.services.size(); ++j) {
      const ServiceSpec& other = plan.services[j];
      if (other.workload.empty() || other.internal || other.workload == one.workload) continue;
      bool same_name = BareName(one.name) == BareName(other.name);
      bool same_command = !one.run.argv.empty() && one.run.argv == other.run.argv;
      if (!same_name && !same_command) continue;
      found.push_back({Severity::kWarning, other.origin,
                       std::string("the same ") + (same_name ? "name" : "command") +
                           " is defined in two workloads: " + DescribePlace(one) + " and " +
                           DescribePlace(other),
                       "keep it in one of the two", ""});
    }
  }
  return found;
}

}  // namespace foster
