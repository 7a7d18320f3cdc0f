// SPDX-License-Identifier: MIT
#include "model/cycles.h"

#include <algorithm>
#include <map>

namespace foster {
namespace {

enum class Mark : unsigned char { kNew, kOnPath, kDone };

struct Node {
  const ServiceSpec* spec;
  Mark mark = Mark::kNew;
  std::size_t next_gate = 0;
};

}  // namespace

std::vector<std::vector<std::string>> FindCycles(const std::vector<ServiceSpec>& services) {
  std::map<std::string_view, Node> nodes;
  for (const auto& spec : services)
    if (spec.broken.empty()) nodes.emplace(spec.name, Node{&spec});
  std::vector<std::vector<std::string>> cycles;
  // Depth first with a path of our own: the depth is bounded by the number of services, not by the stack.
  for (auto& [root, root_node] : nodes) {
    if (root_node.mark != Mark::kNew) continue;
    std::vector<Node*> path{&root_node};
    root_node.mark = Mark::kOnPath;
    while (!path.empty()) {
      Node& top = *path.back();
      if (top.next_gate == top.spec->gates.size()) {
        top.mark = Mark::kDone;
        path.pop_back();
        continue;
      }
      const Gate& gate = top.spec->gates[top.next_gate++];
      if (gate.kind == GateKind::kStopped) continue;
      auto found = nodes.find(gate.service);
      if (found == nodes.end() || found->second.mark == Mark::kDone) continue;
      Node& next = found->second;
      if (next.mark == Mark::kNew) {
        next.mark = Mark::kOnPath;
        path.push_back(&next);
        continue;
      }
      auto start = std::find(path.begin(), path.end(), &next);
      std::vector<std::string> cycle;
      for (auto at = start; at != path.end(); ++at) cycle.push_back((*at)->spec->name);
      cycles.push_back(std::move(cycle));
    }
  }
  return cycles;
}

}  // namespace foster
