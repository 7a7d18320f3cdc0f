// SPDX-License-Identifier: MIT
#include "supervise/trees.h"

#include "sys/init_channel.h"

namespace foster {
namespace {

// A table entry of the snapshot that has, or had at its end, processes.
bool HasProcesses(const Message& child) {
  return child.child_state == kChildLive || child.child_state == kChildLingering;
}

}  // namespace

void Trees::Learn(const Message& message) {
  TreeId& tree = trees_[std::string(NameIn(message.key.name))];
  if (tree.incarnation > message.key.incarnation) return;
  if (tree.incarnation < message.key.incarnation) tree = TreeId{};
  tree.name = NameIn(message.key.name);
  tree.incarnation = message.key.incarnation;
  if (message.pid > 0) tree.pid = message.pid;
  if (message.tree_tag != 0) tree.tag = message.tree_tag;
}

void Trees::OnMessage(const Message& message) {
  if (message.key.role != kRoleMain) return;
  bool is_last = message.type == kMsgTreeGone || (message.type == kMsgExited && message.value == 0);
  if (message.type == kMsgSpawned || (message.type == kMsgChild && HasProcesses(message))) {
    Learn(message);
    return;
  }
  auto found = trees_.find(std::string(NameIn(message.key.name)));
  if (found == trees_.end() || found->second.incarnation != message.key.incarnation) return;
  if (message.type == kMsgAdopted && message.pid > 0) Learn(message);
  if (is_last) trees_.erase(found);
}

std::optional<TreeId> Trees::Of(const std::string& name) const {
  auto found = trees_.find(name);
  if (found == trees_.end()) return std::nullopt;
  return found->second;
}

}  // namespace foster
