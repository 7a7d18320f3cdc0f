// SPDX-License-Identifier: MIT
#include "gateway/reread.h"

namespace foster {

void Reread::Remember(const GroupChanges& changes, const std::string& client) {
  std::lock_guard lock(mutex_);
  updating_ = client;
  applied_ = false;
  changed_ = {changes.changed.begin(), changes.changed.end()};
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

void Reread::EndUpdate(const std::string& client) {
  std::lock_guard lock(mutex_);
  if (updating_ == client) updating_.clear();
}

void Reread::Applied() {
  std::lock_guard lock(mutex_);
  applied_ = true;
}

bool Reread::HasMoreChanged(const std::string& client) {
  std::lock_guard lock(mutex_);
  return !client.empty() && updating_ == client && !changed_.empty();
}

bool Reread::TakeRestarted(const std::string& group, const std::string& client) {
  std::lock_guard lock(mutex_);
  return !client.empty() && updating_ == client && applied_ && changed_.erase(group) > 0;
}

bool Reread::TakeRemovable(const std::string& group) {
  std::lock_guard lock(mutex_);
  changed_.erase(group);
  return removable_.erase(group) > 0;
}

}  // namespace foster
