// SPDX-License-Identifier: MIT
// Resolver: what a name in a gate or a bundle means, given all services, bundles and workloads. Pure.
// Not: choosing files (assemble.h). Called by: assemble.cc. Invariant: holds pointers into what it was built
// from.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "model/fragment.h"

namespace foster {

struct Resolution {
  std::vector<std::string> services;  // full names; empty with found = an empty bundle
  bool found = false;
  bool whole_workload = false;  // the name was a workload's: its autostart services, gate kind kStarted
  std::string ambiguous;        // full names, when a bare name stands for several
};

class Resolver {
 public:
  Resolver(const std::vector<ServiceSpec>& services, const std::vector<Bundle>& bundles,
           const std::vector<Workload>& workloads);

  // `workload`: of the service whose gate it is; "" for service directories and bundles.
  Resolution Resolve(std::string_view workload, const std::string& name) const;

  // All atomic services of bundle `name`, nested ones resolved; workloads it contains go to
  // `reached_workloads`. Undefined members and cycles are reported.
  std::vector<std::string> Members(const std::string& name, std::vector<std::string>* reached_workloads,
                                   std::vector<Diagnostic>* diagnostics) const;

  // "defined are: a, b, c ..." for hints.
  std::string KnownNames() const;

 private:
  void Collect(const Bundle& bundle, std::vector<std::string>* path, std::vector<std::string>* members,
               std::vector<std::string>* reached_workloads, std::vector<Diagnostic>* diagnostics) const;

  void AddName(const std::string& full_name, const ServiceSpec& service);
  // The service, or all replicas of the declared one; null: neither.
  const std::vector<std::string>* Named(const std::string& full_name) const;

  std::map<std::string, std::vector<std::string>, std::less<>> named_;  // full name -> the services
  std::map<std::string, std::vector<std::string>, std::less<>>
      bare_names_;  // -> full names of what is declared
  std::map<std::string, const Bundle*, std::less<>> bundles_;
  std::map<std::string, std::vector<std::string>, std::less<>> workloads_;  // name -> its autostart services
};

// "code-server" of "supervisord/code-server".
std::string_view BareName(std::string_view full_name);

}  // namespace foster
