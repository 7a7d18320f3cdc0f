// SPDX-License-Identifier: MIT
#include "supervise/scale.h"

#include <cerrno>
#include <set>

namespace foster {
namespace {

std::string DeclaredName(const ServiceSpec& spec) {
  return spec.replica.of.empty() ? spec.name : spec.replica.of;
}

std::string_view Bare(std::string_view name) {
  const std::size_t slash = name.rfind('/');
  return slash == std::string_view::npos ? name : name.substr(slash + 1);
}

bool Fits(const ServiceSpec& spec, std::string_view word) {
  const std::string declared = DeclaredName(spec);
  return word == declared || word == spec.name || word == Bare(declared) || word == Bare(spec.name);
}

// The declared service that `word` means.
Result<std::string> Resolve(const Plan& plan, const std::string& word) {
  std::set<std::string> found;
  for (const ServiceSpec& spec : plan.services) {
    if (word == spec.name || word == DeclaredName(spec)) return DeclaredName(spec);
    if (Fits(spec, word)) found.insert(DeclaredName(spec));
  }
  if (found.size() == 1) return *found.begin();
  if (found.empty()) return Error("no such service '" + word + "'", ENOENT);
  std::string names;
  for (const std::string& name : found) names += (names.empty() ? "" : ", ") + name;
  return Error("'" + word + "' is not unique: " + names, ENOENT);
}

}  // namespace

Result<ScaleMap> ParseScale(const Json& params, const Plan& plan) {
  const Json& scale = params["scale"];
  if (!scale.is_object() || scale.AsObject().empty())
    return Error("'scale' must be an object of names and counts", EINVAL);
  ScaleMap result;
  for (const auto& [word, count] : scale.AsObject()) {
    if (!count.is_int() || count.AsInt() < 1 || count.AsInt() > kMaxReplicasAsked)
      return Error("the count of '" + word + "' must be 1 to " + std::to_string(kMaxReplicasAsked), EINVAL);
    FOSTER_ASSIGN(std::string name, Resolve(plan, word));
    result[name] = static_cast<std::uint32_t>(count.AsInt());
  }
  return result;
}

std::string WorkloadOf(const ScaleMap& scale) {
  std::set<std::string> workloads;
  for (const auto& [name, count] : scale) {
    const std::size_t slash = name.find('/');
    workloads.insert(slash == std::string::npos ? "" : name.substr(0, slash));
  }
  return workloads.size() == 1 ? *workloads.begin() : "";
}

}  // namespace foster
