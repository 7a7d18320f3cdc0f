// SPDX-License-Identifier: MIT
#include "prober/as_user.h"

#include <sys/fsuid.h>
#include <unistd.h>

#include <cstdlib>
#include <cstring>
#include <string>

#include "prober/process_files.h"

namespace foster {
namespace {

constexpr unsigned kNobody = static_cast<unsigned>(-1);

// The real id is the first of the four that "Uid:" and "Gid:" list.
unsigned IdOf(const std::string& status, const char* word) {
  const std::size_t at = status.find(word);
  if (at == std::string::npos) return kNobody;
  return static_cast<unsigned>(std::strtoul(status.c_str() + at + std::strlen(word), nullptr, 10));
}

}  // namespace

AsUser::AsUser(std::int32_t pid) : uid_(geteuid()), gid_(getegid()) {
  const auto status = ReadProcessFile(pid, "status");
  if (!status.ok() || uid_ != 0) return;
  const unsigned uid = IdOf(*status, "\nUid:");
  const unsigned gid = IdOf(*status, "\nGid:");
  if (uid == kNobody || gid == kNobody) return;
  is_changed_ = true;
  setfsgid(gid);
  setfsuid(uid);
}

AsUser::~AsUser() {
  if (!is_changed_) return;
  setfsuid(uid_);
  setfsgid(gid_);
}

}  // namespace foster
