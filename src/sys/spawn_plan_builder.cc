// SPDX-License-Identifier: MIT
#include "sys/spawn_plan_builder.h"

#include <cstring>

#include "sys/memfd.h"

namespace foster {
namespace {

// Grows the plan; every Put gives the offset of what it put. The header lies at 0, so 0 is no offset of a
// string.
class Writer {
 public:
  Writer() : bytes_(sizeof(SpawnPlan), '\0') {}

  std::uint32_t PutString(std::string_view text) {
    std::uint32_t at = Here();
    bytes_.append(text);
    bytes_.push_back('\0');
    return at;
  }

  template <class T>
  std::uint32_t PutArray(const std::vector<T>& values) {
    while (bytes_.size() % 8 != 0) bytes_.push_back('\0');
    std::uint32_t at = Here();
    bytes_.append(reinterpret_cast<const char*>(values.data()), values.size() * sizeof(T));
    return at;
  }

  std::uint32_t PutStrings(const std::vector<std::string>& texts) {
    std::vector<std::uint32_t> offsets;
    offsets.reserve(texts.size() + 1);
    for (const std::string& text : texts) offsets.push_back(PutString(text));
    offsets.push_back(0);
    return PutArray(offsets);
  }

  FdSource PutFd(const FdWish& wish) {
    std::uint32_t name = wish.kind == kFdStore ? PutString(wish.store_name) : 0;
    return {wish.kind, wish.value, name, wish.target};
  }

  std::uint32_t Here() const { return static_cast<std::uint32_t>(bytes_.size()); }

  std::string Finish(const SpawnPlan& plan) {
    std::memcpy(bytes_.data(), &plan, sizeof plan);
    return std::move(bytes_);
  }

 private:
  std::string bytes_;
};

bool HasNul(const std::vector<std::string>& texts) {
  for (const std::string& text : texts)
    if (text.find('\0') != std::string::npos) return true;
  return false;
}

std::size_t SizeOf(const std::vector<std::string>& texts) {
  std::size_t size = 0;
  for (const std::string& text : texts) size += text.size() + 1 + sizeof(std::uint32_t);
  return size;
}

Result<void> Check(const SpawnWish& wish) {
  if (HasNul(wish.argv) || HasNul(wish.environment) || wish.file.find('\0') != std::string::npos ||
      wish.cwd.find('\0') != std::string::npos || wish.chroot.find('\0') != std::string::npos)
    return Error("a NUL byte in the command, its directory or its environment", EINVAL);
  if (!wish.chroot.empty() && wish.chroot.front() != '/')
    return Error("the root directory '" + wish.chroot + "' is not absolute", EINVAL);
  if (wish.fds.size() > kMaxExtraFds) return Error("too many fds", E2BIG);
  if (SizeOf(wish.argv) + SizeOf(wish.environment) > kMaxSpawnPlanBytes - 65536)
    return Error("the command and its environment are larger than 4 MiB", E2BIG);
  return Ok();
}

void SetIdentity(const SpawnWish& wish, Writer* writer, SpawnPlan* plan) {
  if (wish.uid) plan->flags |= kSpawnSetUid;
  if (wish.gid) plan->flags |= kSpawnSetGid;
  if (wish.umask) plan->flags |= kSpawnSetUmask;
  plan->uid = wish.uid.value_or(0);
  plan->gid = wish.gid.value_or(0);
  plan->umask = wish.umask.value_or(0);
  if (wish.groups) {
    plan->flags |= kSpawnSetGroups;
    plan->groups = writer->PutArray(*wish.groups);
    plan->group_count = static_cast<std::uint32_t>(wish.groups->size());
  }
}

template <class T>
void SetIf(const std::optional<T>& wish, SpawnFlags flag, SpawnPlan* plan, T* field) {
  if (!wish) return;
  plan->flags |= flag;
  *field = *wish;
}

void SetIsolation(const SpawnWish& wish, Writer* writer, SpawnPlan* plan) {
  if (wish.terminal) plan->flags |= kSpawnTerminal;
  if (wish.no_new_privs) plan->flags |= kSpawnNoNewPrivs;
  if (wish.private_tmp) plan->flags |= kSpawnPrivateTmp;
  if (wish.private_pids) plan->flags |= kSpawnPrivatePids;
  SetIf(wish.nice, kSpawnSetNice, plan, &plan->nice);
  SetIf(wish.io_priority, kSpawnSetIoPriority, plan, &plan->io_priority);
  SetIf(wish.oom_score_adj, kSpawnSetOomScore, plan, &plan->oom_score_adj);
  SetIf(wish.bounding_set, kSpawnBoundingSet, plan, &plan->bounding_set);
  SetIf(wish.ambient_set, kSpawnAmbientSet, plan, &plan->ambient_set);
  SetIf(wish.cgroup_fd, kSpawnCgroup, plan, &plan->cgroup_fd);
  if (!wish.chroot.empty()) plan->chroot = writer->PutString(wish.chroot);
}

}  // namespace

Result<std::string> EncodeSpawnPlan(const SpawnWish& wish) {
  FOSTER_TRY(Check(wish));
  Writer writer;
  SpawnPlan plan{};
  plan.magic = kSpawnPlanMagic;
  plan.version = kInitProtocolVersion;
  if (wish.session) plan.flags |= kSpawnSession;
  plan.file = writer.PutString(wish.file);
  plan.argv = writer.PutStrings(wish.argv);
  plan.argc = static_cast<std::uint32_t>(wish.argv.size());
  plan.envp = writer.PutStrings(wish.environment);
  plan.envc = static_cast<std::uint32_t>(wish.environment.size());
  if (!wish.cwd.empty()) plan.cwd = writer.PutString(wish.cwd);
  for (int i = 0; i < 3; ++i) {
    plan.stdio[i] = writer.PutFd(wish.stdio[static_cast<std::size_t>(i)]);
    plan.stdio[i].target = i;
  }
  std::vector<FdSource> fds;
  for (const FdWish& fd : wish.fds) fds.push_back(writer.PutFd(fd));
  plan.fds = writer.PutArray(fds);
  plan.fd_count = static_cast<std::uint32_t>(fds.size());
  plan.rlimits = writer.PutArray(wish.rlimits);
  plan.rlimit_count = static_cast<std::uint32_t>(wish.rlimits.size());
  SetIdentity(wish, &writer, &plan);
  SetIsolation(wish, &writer, &plan);
  writer.PutString("");  // no array ends exactly at the end of the memory
  plan.size = writer.Here();
  return writer.Finish(plan);
}

Result<UniqueFd> BuildSpawnPlan(const SpawnWish& wish) {
  FOSTER_ASSIGN(std::string bytes, EncodeSpawnPlan(wish));
  return SealedMemfd("foster-spawn-plan", bytes);
}

}  // namespace foster
