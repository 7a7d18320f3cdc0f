// SPDX-License-Identifier: MIT
#include "model/resolver.h"

#include <algorithm>

namespace foster {
namespace {

std::string Join(const std::vector<std::string>& parts, std::string_view separator) {
  std::string out;
  for (const auto& part : parts) {
    if (!out.empty()) out += separator;
    out += part;
  }
  return out;
}

Resolution Found(std::vector<std::string> services) {
  Resolution resolution;
  resolution.services = std::move(services);
  resolution.found = true;
  return resolution;
}

}  // namespace

std::string_view BareName(std::string_view full_name) {
  auto slash = full_name.find('/');
  return slash == std::string_view::npos ? full_name : full_name.substr(slash + 1);
}

Resolver::Resolver(const std::vector<ServiceSpec>& services, const std::vector<Bundle>& bundles,
                   const std::vector<Workload>& workloads) {
  for (const auto& workload : workloads) workloads_[workload.name];
  for (const auto& service : services) {
    AddName(service.name, service);
    if (!service.replica.of.empty()) AddName(service.replica.of, service);
    if (service.workload.empty()) continue;
    if (service.autostart) workloads_[service.workload].push_back(service.name);
  }
  for (const auto& bundle : bundles) bundles_.emplace(bundle.name, &bundle);
}

void Resolver::AddName(const std::string& full_name, const ServiceSpec& service) {
  std::vector<std::string>& services = named_[full_name];
  services.push_back(service.name);
  bool is_bare_too = !service.workload.empty() && services.size() == 1;
  if (is_bare_too) bare_names_[std::string(BareName(full_name))].push_back(full_name);
}

const std::vector<std::string>* Resolver::Named(const std::string& full_name) const {
  auto found = named_.find(full_name);
  return found == named_.end() ? nullptr : &found->second;
}

Resolution Resolver::Resolve(std::string_view workload, const std::string& name) const {
  if (!workload.empty()) {
    if (auto own = Named(std::string(workload) + "/" + name)) return Found(*own);
  }
  if (auto services = Named(name)) return Found(*services);
  if (auto bare = bare_names_.find(name); bare != bare_names_.end()) {
    if (bare->second.size() == 1) return Found(*Named(bare->second.front()));
    Resolution resolution;
    resolution.ambiguous = Join(bare->second, ", ");
    return resolution;
  }
  if (bundles_.count(name)) {
    std::vector<Diagnostic> already_reported;
    std::vector<std::string> reached;
    auto members = Members(name, &reached, &already_reported);
    for (const auto& each : reached) {
      const auto& services = workloads_.find(each)->second;
      members.insert(members.end(), services.begin(), services.end());
    }
    return Found(std::move(members));
  }
  if (auto found = workloads_.find(name); found != workloads_.end()) {
    Resolution resolution = Found(found->second);
    resolution.whole_workload = true;
    return resolution;
  }
  return {};
}

std::vector<std::string> Resolver::Members(const std::string& name,
                                           std::vector<std::string>* reached_workloads,
                                           std::vector<Diagnostic>* diagnostics) const {
  std::vector<std::string> members;
  auto found = bundles_.find(name);
  if (found == bundles_.end()) return members;
  std::vector<std::string> path;
  Collect(*found->second, &path, &members, reached_workloads, diagnostics);
  std::sort(members.begin(), members.end());
  members.erase(std::unique(members.begin(), members.end()), members.end());
  return members;
}

void Resolver::Collect(const Bundle& bundle, std::vector<std::string>* path,
                       std::vector<std::string>* members, std::vector<std::string>* reached_workloads,
                       std::vector<Diagnostic>* diagnostics) const {
  if (std::find(path->begin(), path->end(), bundle.name) != path->end()) {
    path->push_back(bundle.name);
    diagnostics->push_back({Severity::kError, bundle.origin,
                            "a bundle contains itself: " + Join(*path, " -> "),
                            "take one of these names out of a contents.d", ""});
    path->pop_back();
    return;
  }
  path->push_back(bundle.name);
  for (const auto& member : bundle.members) {
    if (auto services = Named(member)) {
      members->insert(members->end(), services->begin(), services->end());
    } else if (auto nested = bundles_.find(member); nested != bundles_.end()) {
      Collect(*nested->second, path, members, reached_workloads, diagnostics);
    } else if (workloads_.count(member)) {
      reached_workloads->push_back(member);
    } else {
      Origin origin = bundle.origin;
      origin.file += "/contents.d/" + member;
      diagnostics->push_back({Severity::kError, origin,
                              "bundle '" + bundle.name + "' contains the undefined service '" + member + "'",
                              KnownNames(), ""});
    }
  }
  path->pop_back();
}

std::string Resolver::KnownNames() const {
  constexpr std::size_t kMost = 12;
  std::vector<std::string> names;
  for (const auto& [name, services] : named_) names.push_back(name);
  for (const auto& [name, bundle] : bundles_) names.push_back(name);
  for (const auto& [name, services] : workloads_) names.push_back(name);
  if (names.empty()) return "no services are defined";
  bool cut = names.size() > kMost;
  if (cut) names.resize(kMost);
  return "defined are: " + Join(names, ", ") + (cut ? ", ..." : "");
}

}  // namespace foster
