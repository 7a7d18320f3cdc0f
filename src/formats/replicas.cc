// SPDX-License-Identifier: MIT
#include "formats/replicas.h"

#include <algorithm>

namespace foster {

std::string ReplicaName(const std::string& name, std::int64_t number, std::int64_t count) {
  if (count <= 1) return name;
  std::string digits = std::to_string(number), widest = std::to_string(count);
  return name + "-" + std::string(widest.size() - std::min(widest.size(), digits.size()), '0') + digits;
}

std::optional<std::uint32_t> ScaleOf(const std::map<std::string, std::uint32_t>& scale,
                                     const std::string& workload, const std::string& name) {
  auto found = scale.find(workload.empty() ? name : workload + "/" + name);
  return found == scale.end() ? std::nullopt : std::optional<std::uint32_t>(found->second);
}

std::vector<ServiceSpec> Replicate(const ServiceSpec& spec, std::uint32_t count) {
  if (count <= 1) return {spec};
  std::vector<ServiceSpec> specs(count, spec);
  for (std::uint32_t index = 0; index < count; ++index) {
    specs[index].replica = {spec.name, index, count};
    specs[index].name = ReplicaName(spec.name, index, count);
    specs[index].environment.push_back("FOSTER_REPLICA=" + std::to_string(index));
  }
  return specs;
}

}  // namespace foster
