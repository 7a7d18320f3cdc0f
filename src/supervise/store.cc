// SPDX-License-Identifier: MIT
#include "supervise/store.h"

namespace foster {

std::string HashText(std::string_view text) {
  std::uint64_t hash = 0xcbf29ce484222325;
  for (char c : text) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3;
  std::string digits;
  for (int shift = 60; shift >= 0; shift -= 4) digits += "0123456789abcdef"[hash >> shift & 15];
  return digits;
}

std::string StoreNameOf(std::string_view prefix, const std::string& service) {
  std::string name = std::string(prefix) + service;
  if (name.size() < kMaxNameLength) return name;
  return name.substr(0, kMaxNameLength - 18) + "#" + HashText(service);
}

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
