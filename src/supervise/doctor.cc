// SPDX-License-Identifier: MIT
#include "supervise/doctor.h"

#include <unistd.h>

#include "sys/capabilities.h"

namespace foster {
namespace {

constexpr const char* kCgroupFix =
    "--privileged, or --cgroupns=host with -v /sys/fs/cgroup:/sys/fs/cgroup:rw";
constexpr const char* kControllersFix = "a machine that leaves its controllers to cgroup v2";

Feature One(const char* name, bool ok, const std::string& good, const std::string& bad, const char* fix) {
  return {name, ok, ok ? good : bad, ok ? "" : fix};
}

Feature CgroupFeature(const DoctorFacts& facts) {
  return One("cgroup", facts.cgroup.empty(), "every service has a cgroup of its own",
             facts.cgroup + ": processes are found by session, group and tag", kCgroupFix);
}

Feature LimitFeature(const DoctorFacts& facts) {
  bool is_whole = facts.controllers == "cpu memory pids";
  std::string has = facts.controllers.empty() ? "no controller" : "only " + facts.controllers;
  return One("cgroup limits", facts.cgroup.empty() && is_whole, "cpu, memory and pids",
             has + " can be used: a service with other limits fails, or gets the nearest rlimit",
             facts.cgroup.empty() ? kControllersFix : kCgroupFix);
}

}  // namespace

DoctorFacts LookAround(bool pid1, const Cgroups& cgroups) {
  DoctorFacts facts;
  facts.pid1 = pid1;
  facts.root = geteuid() == 0;
  facts.proc = access("/proc/self/stat", R_OK) == 0;
  facts.run_writable = access("/run", W_OK | X_OK) == 0;
  facts.pss = access("/proc/self/smaps_rollup", R_OK) == 0;
  if (!cgroups.usable()) facts.cgroup = cgroups.why_not();
  facts.controllers = cgroups.Controllers();
  facts.sys_nice = HasCapability("sys_nice");
  facts.sys_resource = HasCapability("sys_resource");
  facts.sys_admin = HasCapability("sys_admin");
  facts.sys_ptrace = HasCapability("sys_ptrace");
  facts.set_ids = HasCapability("setuid") && HasCapability("setgid");
  facts.set_pcap = HasCapability("setpcap");
  return facts;
}

std::vector<Feature> Diagnose(const DoctorFacts& facts) {
  return {
      One("pid 1", facts.pid1, "foster is PID 1", "foster is a subreaper below another init",
          "no --init, and foster-init as the entrypoint"),
      One("other users", facts.root && facts.set_ids, "services can run as any user",
          "services run as foster's own user", "start the container as root"),
      One("/proc", facts.proc, "it is there", "there is none: trees are known by session and group alone",
          "mount /proc"),
      One("/run", facts.run_writable, "it can be written", "it cannot be written: sockets lie elsewhere",
          "--tmpfs /run"),
      CgroupFeature(facts),
      LimitFeature(facts),
      One("nice", facts.sys_nice, "priorities can be raised", "nice below 0 and realtime io are not allowed",
          "--cap-add SYS_NICE"),
      One("oom score", facts.sys_resource, "oom_score_adj can be lowered", "oom_score_adj can only be raised",
          "--cap-add SYS_RESOURCE"),
      One("limits", facts.sys_resource, "hard limits can be raised", "hard limits can only be lowered",
          "--cap-add SYS_RESOURCE, or --ulimit"),
      One("capabilities", facts.set_pcap, "they can be taken from services",
          "the bounding set of services cannot be changed", "--cap-add SETPCAP"),
      One("namespaces", facts.sys_admin, "private /tmp and private pids, unless seccomp forbids them",
          "no private /tmp, no private pids", "--cap-add SYS_ADMIN"),
      One("memory figures", facts.pss && facts.sys_ptrace, "proportional (PSS) for every service",
          "resident (RSS) only, for services of other users", "--cap-add SYS_PTRACE"),
  };
}

}  // namespace foster
