// SPDX-License-Identifier: MIT
#include "sys/identity.h"

#include <grp.h>
#include <pwd.h>
#include <unistd.h>

#include <algorithm>
#include <charconv>

namespace foster {
namespace {

constexpr std::size_t kMaxEntry = 1u << 20;
constexpr int kMaxGroups = 4096;

struct User {
  std::uint32_t uid = 0;
  std::uint32_t gid = 0;
  std::string name;  // empty: a bare number without an entry
  std::string home;
};

std::optional<std::uint32_t> Number(const std::string& text) {
  std::uint32_t value = 0;
  auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size() || value == UINT32_MAX) return std::nullopt;
  return value;
}

// Calls `look_up(buffer, size)`, which returns an errno, with a growing buffer.
template <class LookUp>
int WithBuffer(LookUp look_up) {
  std::string buffer(1024, '\0');
  int error;
  while ((error = look_up(buffer.data(), buffer.size())) == ERANGE && buffer.size() < kMaxEntry)
    buffer.resize(buffer.size() * 4);
  return error;
}

std::optional<User> FindUser(const std::string& text) {
  std::optional<User> user;
  auto number = Number(text);
  WithBuffer([&](char* buffer, std::size_t size) {
    passwd entry{};
    passwd* found = nullptr;
    int error = getpwnam_r(text.c_str(), &entry, buffer, size, &found);
    if (error == 0 && found == nullptr && number) error = getpwuid_r(*number, &entry, buffer, size, &found);
    if (error == 0 && found != nullptr)
      user = User{found->pw_uid, found->pw_gid, found->pw_name, found->pw_dir};
    return error;
  });
  if (!user && number) user = User{*number, *number, "", ""};
  return user;
}

std::optional<std::uint32_t> FindGroup(const std::string& text) {
  std::optional<std::uint32_t> gid;
  WithBuffer([&](char* buffer, std::size_t size) {
    group entry{};
    group* found = nullptr;
    int error = getgrnam_r(text.c_str(), &entry, buffer, size, &found);
    if (error == 0 && found != nullptr) gid = found->gr_gid;
    return error;
  });
  return gid ? gid : Number(text);
}

std::vector<std::uint32_t> GroupsOf(const User& user, std::uint32_t gid) {
  if (user.name.empty()) return {gid};
  std::vector<gid_t> groups(64);
  int count = static_cast<int>(groups.size());
  while (getgrouplist(user.name.c_str(), gid, groups.data(), &count) < 0 && groups.size() < kMaxGroups) {
    groups.resize(std::max(static_cast<std::size_t>(count), groups.size() * 2));
    count = static_cast<int>(groups.size());
  }
  groups.resize(static_cast<std::size_t>(std::clamp(count, 0, static_cast<int>(groups.size()))));
  return {groups.begin(), groups.end()};
}

Error NotPermitted(const std::string& what) {
  return Error("cannot run as " + what + ": foster itself runs as uid " + std::to_string(geteuid()), EPERM);
}

Result<std::vector<std::uint32_t>> FindGroups(const std::vector<std::string>& names) {
  std::vector<std::uint32_t> gids;
  for (const std::string& name : names) {
    auto gid = FindGroup(name);
    if (!gid) return Error("no such group '" + name + "'", ENOENT);
    gids.push_back(*gid);
  }
  return gids;
}

Result<NumericIdentity> ResolveUserAndGroup(const std::string& user, const std::string& group) {
  NumericIdentity result;
  if (user.empty() && group.empty()) return result;
  std::uint32_t gid = getegid();
  std::optional<User> found;
  if (!user.empty()) {
    found = FindUser(user);
    if (!found) return Error("no such user '" + user + "'", ENOENT);
    gid = found->gid;
    result.home = found->home;
  }
  if (!group.empty()) {
    auto named = FindGroup(group);
    if (!named) return Error("no such group '" + group + "'", ENOENT);
    gid = *named;
  }
  if (geteuid() != 0) {
    if (found && found->uid != geteuid()) return NotPermitted("user '" + user + "'");
    if (!group.empty() && gid != getegid()) return NotPermitted("group '" + group + "'");
    return result;  // it is what we are; setting it again would need privileges
  }
  result.gid = gid;
  if (found) {
    result.uid = found->uid;
    result.groups = GroupsOf(*found, gid);
  }
  return result;
}

}  // namespace

Result<NumericIdentity> ResolveIdentity(const std::string& user, const std::string& group,
                                        const std::optional<std::vector<std::string>>& groups) {
  FOSTER_ASSIGN(NumericIdentity result, ResolveUserAndGroup(user, group));
  if (!groups) return result;
  if (geteuid() != 0) return NotPermitted("a member of other groups");
  FOSTER_ASSIGN(result.groups, FindGroups(*groups));
  return result;
}

}  // namespace foster
