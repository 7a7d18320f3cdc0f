// SPDX-License-Identifier: MIT
// Isolation: what a service may do and use, beside its user (Identity). Plain values with ==. Not: doing it
// (supervise/spawn.h looks names up, init's child_setup.cc carries it out). Invariant: a service that cannot
// be isolated as asked does not start (Failed, with the step and the error), unless `may_degrade` lists the
// part.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace foster {

struct ResourceLimit {
  std::string
      resource;  // "nofile", "nproc", "core", "as", "memlock", ... (setrlimit(2) without RLIMIT_, lower case)
  std::uint64_t soft = 0;  // UINT64_MAX = unlimited
  std::uint64_t hard = 0;
  bool operator==(const ResourceLimit&) const = default;
};

enum class IoClass : std::uint8_t { kNone, kRealtime, kBestEffort, kIdle };

struct CgroupLimits {
  std::optional<std::uint64_t> memory_max;   // bytes
  std::optional<std::uint64_t> memory_high;  // bytes
  std::optional<std::uint32_t> cpu_percent;  // of one core: 150 = one and a half
  std::optional<std::uint32_t> cpu_weight;   // 1..10000
  std::optional<std::uint32_t> pids_max;
  bool operator==(const CgroupLimits&) const = default;
  bool any() const { return memory_max || memory_high || cpu_percent || cpu_weight || pids_max; }
};

// Parts that may be left out where this container does not allow them.
enum class Degradable : std::uint8_t {
  kCgroup,  // the nearest rlimit instead: memory_max -> as, pids_max -> nproc; the others are left out
  kNice,
  kIoPriority,
  kOomScore,
  kLimits,
  kCapabilities,
  kPrivateTmp,
  kPrivatePids,
};
inline constexpr std::uint32_t kDegradables = 8;

struct Isolation {
  std::optional<std::vector<std::string>>
      groups;          // supplementary, names or numbers; nullopt = the user's own
  std::string chroot;  // absolute; empty = none. cwd and program are inside
  std::vector<ResourceLimit> limits;
  std::optional<int> nice;  // -20..19
  IoClass io_class = IoClass::kNone;
  std::uint8_t io_priority = 4;      // 0..7
  std::optional<int> oom_score_adj;  // -1000..1000
  std::optional<std::vector<std::string>>
      capabilities;                               // kept in the bounding set: "net_bind_service"; {} = none
  std::vector<std::string> ambient_capabilities;  // given to a service that is not root
  bool no_new_privs = false;
  bool private_tmp = false;
  bool private_pids = false;  // the main process is 1 of a pid namespace, with a /proc of its own
  CgroupLimits cgroup;
  std::uint32_t may_degrade = 0;  // one bit per Degradable
  bool operator==(const Isolation&) const = default;
  bool MayDegrade(Degradable part) const { return (may_degrade >> static_cast<unsigned>(part) & 1) != 0; }
};

std::string_view NameOf(IoClass io_class);  // "none", "realtime", "best_effort", "idle"
std::string_view NameOf(Degradable part);   // "cgroup", "nice", "io_priority", "oom_score", "limits", ...
std::optional<IoClass> IoClassFromName(std::string_view name);
std::optional<Degradable> DegradableFromName(std::string_view name);

}  // namespace foster
