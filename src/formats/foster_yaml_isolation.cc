// SPDX-License-Identifier: MIT
#include <algorithm>

#include "base/ascii.h"
#include "formats/foster_values.h"
#include "formats/foster_yaml_parts.h"
#include "formats/scalar_values.h"
#include "formats/suggest.h"

namespace foster {
namespace {

// setrlimit(2), without RLIMIT_LOCKS: that has no effect on Linux and carries foster's mark of a tree.
const std::vector<std::string_view> kResources = {"as",      "core",     "cpu",    "data",       "fsize",
                                                  "memlock", "msgqueue", "nice",   "nofile",     "nproc",
                                                  "rss",     "rtprio",   "rttime", "sigpending", "stack"};
constexpr std::uint64_t kNoLimit = UINT64_MAX;

const std::vector<std::string_view> kCapabilities = {"audit_control",   "audit_read",   "audit_write",
                                                     "block_suspend",   "bpf",          "checkpoint_restore",
                                                     "chown",           "dac_override", "dac_read_search",
                                                     "fowner",          "fsetid",       "ipc_lock",
                                                     "ipc_owner",       "kill",         "lease",
                                                     "linux_immutable", "mac_admin",    "mac_override",
                                                     "mknod",           "net_admin",    "net_bind_service",
                                                     "net_broadcast",   "net_raw",      "perfmon",
                                                     "setfcap",         "setgid",       "setpcap",
                                                     "setuid",          "sys_admin",    "sys_boot",
                                                     "sys_chroot",      "sys_module",   "sys_nice",
                                                     "sys_pacct",       "sys_ptrace",   "sys_rawio",
                                                     "sys_resource",    "sys_time",     "sys_tty_config",
                                                     "syslog",          "wake_alarm"};

bool IsKnown(std::string_view word, const std::vector<std::string_view>& known) {
  return std::find(known.begin(), known.end(), word) != known.end();
}

// ---- limits

Result<std::uint64_t> ParseLimit(std::string_view text) {
  if (text == "unlimited") return kNoLimit;
  return ParseSize(text);
}

Result<ResourceLimit> ParseLimits(std::string_view text) {
  ResourceLimit limit;
  std::size_t colon = text.find(':');
  FOSTER_ASSIGN(limit.soft, ParseLimit(text.substr(0, colon)));
  limit.hard = limit.soft;
  if (colon != std::string_view::npos) {
    FOSTER_ASSIGN(limit.hard, ParseLimit(text.substr(colon + 1)));
  }
  if (limit.soft > limit.hard) return Error("the soft limit is over the hard one: " + Quote(text));
  return limit;
}

void ReadLimits(const FosterNode& value, Isolation& isolation) {
  if (!value.Map()) return;
  isolation.limits.clear();
  for (const YamlNode::Pair& pair : value.yaml().pairs) {
    FosterNode each = value.Below(pair.key, *pair.value);
    ResourceLimit limit;
    if (!IsKnown(pair.key, kResources)) {
      value.UnknownKey(pair, kResources);
    } else if (each.Value<ResourceLimit>(&limit, ParseLimits, "like 1024, 64M, unlimited, or soft:hard")) {
      limit.resource = pair.key;
      isolation.limits.push_back(std::move(limit));
    }
  }
}

// ---- capabilities

std::string BareCapability(const std::string& text) {
  std::string name = ToLower(text);
  return name.rfind("cap_", 0) == 0 ? name.substr(4) : name;
}

bool ReadCapabilityList(const FosterNode& value, std::vector<std::string>* out) {
  std::vector<std::string> names;
  if (!value.TextList(&names)) return false;
  for (std::size_t i = 0; i < names.size(); ++i) {
    names[i] = BareCapability(names[i]);
    if (!IsKnown(names[i], kCapabilities))
      value.At(i).Error("there is no capability " + Quote(names[i]), DidYouMean(names[i], kCapabilities));
  }
  *out = std::move(names);
  return true;
}

void ReadCapabilities(const FosterNode& value, Isolation& isolation) {
  std::vector<std::string> names;
  if (ReadCapabilityList(value, &names)) isolation.capabilities = std::move(names);
}

// ---- cgroup

template <std::optional<std::uint64_t> CgroupLimits::*member>
void ReadBytes(const FosterNode& value, CgroupLimits& limits) {
  std::uint64_t size = 0;
  if (!value.Value<std::uint64_t>(&size, ParseSize, "like 512M or 2G")) return;
  if (size == 0) return value.Error("nothing can run in 0 bytes", "like 512M or 2G");
  limits.*member = size;
}

Result<std::uint32_t> ParseCpu(std::string_view text) {
  bool is_percent = !text.empty() && text.back() == '%';
  if (!is_percent) {
    auto cores = ParseHundredths(text);
    if (cores.ok() && *cores == 0) return Error("no cpu at all: " + Quote(text));
    return cores;
  }
  auto percent = ParseNumber(text.substr(0, text.size() - 1), 1, 1'000'000);
  if (!percent.ok()) return percent.error();
  return static_cast<std::uint32_t>(*percent);
}

void ReadCpu(const FosterNode& value, CgroupLimits& limits) {
  std::uint32_t percent = 0;
  if (value.Value<std::uint32_t>(&percent, ParseCpu, "cores like 1.5, or percent of one like 150%"))
    limits.cpu_percent = percent;
}

template <std::optional<std::uint32_t> CgroupLimits::*member, int most>
void ReadSmall(const FosterNode& value, CgroupLimits& limits) {
  std::uint32_t number = 0;
  if (value.Number(&number, 1, most)) limits.*member = number;
}

const std::vector<FosterKey<CgroupLimits>> kCgroupKeys = {
    {"memory_max", ReadBytes<&CgroupLimits::memory_max>},
    {"memory_high", ReadBytes<&CgroupLimits::memory_high>},
    {"cpu", ReadCpu},
    {"cpu_weight", ReadSmall<&CgroupLimits::cpu_weight, 10'000>},
    {"pids_max", ReadSmall<&CgroupLimits::pids_max, 4'194'304>},
};

// ---- the rest

template <std::optional<int> Isolation::*member, int least, int most>
void ReadRange(const FosterNode& value, Isolation& isolation) {
  int number = 0;
  if (value.Number(&number, least, most)) isolation.*member = number;
}

void ReadMayDegrade(const FosterNode& value, Isolation& isolation) {
  constexpr std::uint32_t kAll = (1u << kDegradables) - 1;
  isolation.may_degrade = 0;
  if (value.yaml().is_scalar() && value.yaml().scalar == "all") {
    isolation.may_degrade = kAll;
    return;
  }
  if (!value.List()) return;
  for (std::size_t i = 0; i < value.yaml().items.size(); ++i) {
    Degradable part{};
    if (value.At(i).Word(&part, static_cast<Degradable>(kDegradables - 1)))
      isolation.may_degrade |= 1u << static_cast<unsigned>(part);
  }
}

void ReadUmask(const FosterNode& value, ServiceSpec& spec) {
  auto parse = [](std::string_view text) -> Result<std::uint32_t> {
    auto mask = ParseOctal(text);
    if (mask.ok() && *mask > 0777) return Error("out of range: " + Quote(text));
    return mask;
  };
  std::uint32_t mask = 0;
  if (value.Value<std::uint32_t>(&mask, parse, "octal, like 022")) spec.identity.umask = mask;
}

void ReadGroups(const FosterNode& value, ServiceSpec& spec) {
  std::vector<std::string> groups;
  if (value.TextList(&groups)) spec.isolation.groups = std::move(groups);
}

// A row of the table for a member that is filled by `read`.
template <void (*read)(const FosterNode&, Isolation&)>
void Of(const FosterNode& value, ServiceSpec& spec) {
  read(value, spec.isolation);
}

template <bool Isolation::*member>
void ReadFlag(const FosterNode& value, ServiceSpec& spec) {
  value.Bool(&(spec.isolation.*member));
}

const std::vector<FosterKey<ServiceSpec>> kIsolationKeys = {
    {"user", [](const FosterNode& value, ServiceSpec& spec) { value.Text(&spec.identity.user); }},
    {"group", [](const FosterNode& value, ServiceSpec& spec) { value.Text(&spec.identity.group); }},
    {"umask", ReadUmask},
    {"groups", ReadGroups},
    {"cwd", [](const FosterNode& value, ServiceSpec& spec) { value.Path(&spec.run.cwd); }},
    {"chroot", [](const FosterNode& value, ServiceSpec& spec) { value.Path(&spec.isolation.chroot); }},
    {"limits", Of<ReadLimits>},
    {"nice", Of<ReadRange<&Isolation::nice, -20, 19>>},
    {"io_class", [](const FosterNode& value,
                    ServiceSpec& spec) { value.Word(&spec.isolation.io_class, IoClass::kIdle); }},
    {"io_priority",
     [](const FosterNode& value, ServiceSpec& spec) { value.Number(&spec.isolation.io_priority, 0, 7); }},
    {"oom_score_adj", Of<ReadRange<&Isolation::oom_score_adj, -1000, 1000>>},
    {"capabilities", Of<ReadCapabilities>},
    {"ambient_capabilities",
     [](const FosterNode& value, ServiceSpec& spec) {
       ReadCapabilityList(value, &spec.isolation.ambient_capabilities);
     }},
    {"no_new_privs", ReadFlag<&Isolation::no_new_privs>},
    {"private_tmp", ReadFlag<&Isolation::private_tmp>},
    {"private_pids", ReadFlag<&Isolation::private_pids>},
    {"cgroup",
     [](const FosterNode& value, ServiceSpec& spec) { ReadKeys(value, kCgroupKeys, spec.isolation.cgroup); }},
    {"may_degrade", Of<ReadMayDegrade>},
};

}  // namespace

void ReadFosterIsolation(const FosterNode& value, ServiceSpec& spec) {
  ReadKeys(value, kIsolationKeys, spec);
}

}  // namespace foster
