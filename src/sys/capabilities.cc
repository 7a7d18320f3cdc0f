// SPDX-License-Identifier: MIT
#include "sys/capabilities.h"

#include <linux/capability.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <iterator>

#include "base/ascii.h"

namespace foster {
namespace {

// The place is the number.
constexpr std::string_view kNames[] = {
    "chown",
    "dac_override",
    "dac_read_search",
    "fowner",
    "fsetid",
    "kill",
    "setgid",
    "setuid",
    "setpcap",
    "linux_immutable",
    "net_bind_service",
    "net_broadcast",
    "net_admin",
    "net_raw",
    "ipc_lock",
    "ipc_owner",
    "sys_module",
    "sys_rawio",
    "sys_chroot",
    "sys_ptrace",
    "sys_pacct",
    "sys_admin",
    "sys_boot",
    "sys_nice",
    "sys_resource",
    "sys_time",
    "sys_tty_config",
    "mknod",
    "lease",
    "audit_write",
    "audit_control",
    "setfcap",
    "mac_override",
    "mac_admin",
    "syslog",
    "wake_alarm",
    "block_suspend",
    "audit_read",
    "perfmon",
    "bpf",
    "checkpoint_restore",
};
static_assert(std::size(kNames) == CAP_CHECKPOINT_RESTORE + 1);
static_assert(std::size(kNames) <= 64);

}  // namespace

std::optional<int> CapabilityNumber(std::string_view name) {
  std::string bare = ToLower(name);
  if (bare.starts_with("cap_")) bare.erase(0, 4);
  for (std::size_t i = 0; i < std::size(kNames); ++i)
    if (kNames[i] == bare) return static_cast<int>(i);
  return std::nullopt;
}

Result<std::uint64_t> CapabilitySet(const std::vector<std::string>& names) {
  std::uint64_t set = 0;
  for (const std::string& name : names) {
    auto number = CapabilityNumber(name);
    if (!number) return Error("there is no capability '" + name + "'", EINVAL);
    set |= std::uint64_t{1} << *number;
  }
  return set;
}

bool HasCapability(std::string_view name) {
  auto number = CapabilityNumber(name);
  __user_cap_header_struct header{_LINUX_CAPABILITY_VERSION_3, 0};
  __user_cap_data_struct data[2] = {};
  if (!number || syscall(SYS_capget, &header, data) != 0) return false;
  return (data[*number / 32].effective >> (*number % 32) & 1) != 0;
}

}  // namespace foster
