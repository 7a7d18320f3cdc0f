// SPDX-License-Identifier: MIT
#include "supervise/store.h"

namespace foster {

void Store::Put(std::string_view name, InitChannel::Prepare make) {
  Message message = MessageOf(kMsgStorePut);
  SetName(message.store_name, name);
  names_.insert(std::string(name));
  init_.Send(message, [this, make = std::move(make), key = std::string(name)](InitChannel::Fds* fds) {
    if (make(fds)) return true;
    names_.erase(key);
    return false;
  });
}

void Store::Get(std::string_view name, Got got) {
  Message message = MessageOf(kMsgStoreGet);
  SetName(message.store_name, name);
  waiting_.emplace(std::string(name), std::move(got));
  init_.Send(message);
}

void Store::Drop(std::string_view name) {
  Message message = MessageOf(kMsgStoreDrop);
  SetName(message.store_name, name);
  names_.erase(std::string(name));
  init_.Send(message);
}

void Store::OnSnapshotEntry(const Message& message) {
  names_.insert(std::string(NameIn(message.store_name)));
}

void Store::OnEntry(const Message& message, InitChannel::Fds fds) {
  auto found = waiting_.find(std::string(NameIn(message.store_name)));
  if (found == waiting_.end()) return;
  Got got = std::move(found->second);
  waiting_.erase(found);
  got(std::move(fds));
}

}  // namespace foster
