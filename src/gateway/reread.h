// SPDX-License-Identifier: MIT
// Reread: what the last reloadConfig told a client, so that the calls by which `supervisorctl update` carries
// it out are each answered as that client expects, although one reload does all of it at once. Thread-safe.
// Not: a config. Lost with the gateway, which costs no more than one wrong word of a running `update`.
#pragma once

#include <mutex>
#include <set>
#include <string>
#include <vector>

namespace foster {

struct GroupChanges {
  std::vector<std::string> added;
  std::vector<std::string> changed;
  std::vector<std::string> removed;
};

class Reread {
 public:
  void Remember(const GroupChanges& changes);
  // True once for each group that the last reread named as added or changed, or as removed or changed.
  bool TakeAddable(const std::string& group);
  bool TakeRemovable(const std::string& group);

 private:
  std::mutex mutex_;
  std::set<std::string> addable_;
  std::set<std::string> removable_;
};

}  // namespace foster
