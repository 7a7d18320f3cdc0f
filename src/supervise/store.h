// SPDX-License-Identifier: MIT
// Store: the fd store of init, from here: put, get, drop, and which names are in it. Not: what is in it.
// Called by: logs, notify, planner, boot. Invariant: names() is what init has or will have once the queue is
// sent.
#pragma once

#include <functional>
#include <map>
#include <set>
#include <string>
#include <string_view>

#include "sys/init_channel.h"

namespace foster {

// 16 hexadecimal digits that stand for `text` (FNV-1a).
std::string HashText(std::string_view text);
// `prefix` + `service`, or where init's bound would cut it a name with a hash of the whole.
std::string StoreNameOf(std::string_view prefix, const std::string& service);

class Store {
 public:
  using Got = std::function<void(InitChannel::Fds fds)>;  // empty: init does not know the name

  explicit Store(InitChannel& init) : init_(init) {}

  // `make` gives the one or two fds when the message's turn has come; false: nothing is put.
  void Put(std::string_view name, InitChannel::Prepare make);
  void Get(std::string_view name, Got got);
  void Drop(std::string_view name);

  bool Has(std::string_view name) const { return names_.count(std::string(name)) > 0; }
  const std::set<std::string>& names() const { return names_; }

  // From init: a name of the snapshot, or the answer to Get.
  bool awaits(const Message& message) const {
    return waiting_.count(std::string(NameIn(message.store_name))) > 0;
  }
  void OnSnapshotEntry(const Message& message);
  void OnEntry(const Message& message, InitChannel::Fds fds);

 private:
  InitChannel& init_;
  std::set<std::string> names_;
  std::multimap<std::string, Got> waiting_;
};

}  // namespace foster
