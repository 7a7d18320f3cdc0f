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
  // `client` has read them; the update is its own until it asks for something else.
  void Remember(const GroupChanges& changes, const std::string& client);
  void EndUpdate(const std::string& client);
  // A reload has carried all of them out.
  void Applied();
  // True once for each group that the last reread named as added or changed, or as removed or changed.
  bool TakeAddable(const std::string& group);
  bool TakeRemovable(const std::string& group);
  // In the update of `client`: are there changed groups that it has not removed yet? The reload can wait for
  // them.
  bool HasMoreChanged(const std::string& client);
  // In the update of `client`: has the reload restarted `group` already, so that its stop is behind it? Once.
  bool TakeRestarted(const std::string& group, const std::string& client);

 private:
  std::mutex mutex_;
  std::string updating_;  // the client in whose update we are, or ""
  bool applied_ = false;
  std::set<std::string> changed_;
  std::set<std::string> addable_;
  std::set<std::string> removable_;
};

}  // namespace foster
