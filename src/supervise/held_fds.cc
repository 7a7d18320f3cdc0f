// SPDX-License-Identifier: MIT
#include "supervise/held_fds.h"

#include <algorithm>
#include <memory>

namespace foster {
namespace {

constexpr int kFirstListenFd = 3;
constexpr std::size_t kDigits = 10;  // of the running number: all that an unsigned has

// "fd:HASH:NUMBER:NAME": the service's name may hold anything, so its hash stands for it.
std::string PrefixOf(const std::string& service) { return "fd:" + HashText(service) + ":"; }

std::string Digits(unsigned number) {
  std::string text = std::to_string(number);
  return std::string(kDigits - std::min(kDigits, text.size()), '0') + text;
}

}  // namespace

std::vector<HeldFd> HeldFdsOf(const Store& store, const std::string& service) {
  std::vector<HeldFd> held;
  std::string prefix = PrefixOf(service);
  const auto& names = store.names();
  for (auto each = names.lower_bound(prefix); each != names.end() && each->starts_with(prefix); ++each)
    if (each->size() > prefix.size() + kDigits)
      held.push_back({*each, 0, each->substr(prefix.size() + kDigits + 1)});
  return held;
}

bool HoldFd(Store& store, const std::string& service, const std::string& name, UniqueFd fd) {
  auto held = HeldFdsOf(store, service);
  if (held.size() >= kMaxHeldFds) return false;
  std::string prefix = PrefixOf(service);
  unsigned number = 0;
  if (!held.empty())
    number = static_cast<unsigned>(std::stoul(held.back().store_name.substr(prefix.size(), kDigits))) + 1;
  auto shared = std::make_shared<UniqueFd>(std::move(fd));
  store.Put(prefix + Digits(number) + ":" + name, [shared](InitChannel::Fds* fds) {
    fds->push_back(std::move(*shared));
    return true;
  });
  return true;
}

void DropHeldFd(Store& store, const std::string& service, const std::string& name) {
  for (const HeldFd& held : HeldFdsOf(store, service))
    if (held.name == name) store.Drop(held.store_name);
}

void DropHeldFds(Store& store, const std::string& service) {
  for (const HeldFd& held : HeldFdsOf(store, service)) store.Drop(held.store_name);
}

bool AddListenFds(const std::vector<HeldFd>& held, SpawnWish* wish) {
  if (held.empty()) return true;
  int end = kFirstListenFd + static_cast<int>(held.size());
  for (const FdWish& fd : wish->fds)
    if (fd.target >= kFirstListenFd && fd.target < end) return false;
  if (wish->fds.size() + held.size() > kMaxExtraFds) return false;
  std::string names;
  int target = kFirstListenFd;
  for (const HeldFd& each : held) {
    wish->fds.push_back({kFdStore, each.index, each.store_name, target++});
    names += (names.empty() ? "" : ":") + each.name;
  }
  auto is_old = [](const std::string& entry) {
    return entry.starts_with("LISTEN_FDS=") || entry.starts_with("LISTEN_FDNAMES=") ||
           entry.starts_with("LISTEN_PID=");
  };
  wish->environment.erase(std::remove_if(wish->environment.begin(), wish->environment.end(), is_old),
                          wish->environment.end());
  wish->environment.push_back("LISTEN_FDS=" + std::to_string(held.size()));
  wish->environment.push_back("LISTEN_FDNAMES=" + names);
  wish->environment.push_back("LISTEN_PID=");  // init puts the number in
  return true;
}

}  // namespace foster
