// SPDX-License-Identifier: MIT
// Doctor: what this container lets foster do, feature by feature, and which option of the container engine
// would give the rest. Not: trying anything out on services (a service that asks for more is told at its
// start). Called by: methods_doctor.cc. Invariant: looking changes nothing.
#pragma once

#include <string>
#include <vector>

#include "supervise/cgroups.h"

namespace foster {

struct DoctorFacts {
  bool pid1 = false;
  bool root = false;
  bool proc = false;  // /proc is readable
  bool run_writable = false;
  bool pss = false;         // smaps_rollup of our own is there
  std::string cgroup;       // why there is none; "" = there is
  std::string controllers;  // that limits can use: "cpu memory pids"
  bool sys_nice = false;    // capabilities
  bool sys_resource = false;
  bool sys_admin = false;
  bool sys_ptrace = false;
  bool set_ids = false;
  bool set_pcap = false;
};

struct Feature {
  std::string feature;
  bool ok = false;
  std::string text;
  std::string fix;  // "" when ok
  bool operator==(const Feature&) const = default;
};

DoctorFacts LookAround(bool pid1, const Cgroups& cgroups);
std::vector<Feature> Diagnose(const DoctorFacts& facts);

}  // namespace foster
