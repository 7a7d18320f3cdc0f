// SPDX-License-Identifier: MIT
#include "gateway/reread.h"

namespace foster {

void Reread::Remember(const GroupChanges& changes) {
  std::lock_guard lock(mutex_);
  addable_ = {changes.added.begin(), changes.added.end()};
  removable_ = {changes.removed.begin(), changes.removed.end()};
  for (const auto& group : changes.changed) {
    addable_.insert(group);
    removable_.insert(group);
  }
}

bool Reread::TakeAddable(const std::string& group) {
  std::lock_guard lock(mutex_);
  return addable_.erase(group) > 0;
}

bool Reread::TakeRemovable(const std::string& group) {
  std::lock_guard lock(mutex_);
  return removable_.erase(group) > 0;
}

}  // namespace foster
