// SPDX-License-Identifier: MIT
// Plan: everything that should exist: all services of services.d and of all workloads, resolved and checked.
// What `load` writes, supervise keeps and `svc plan` compares. Plain values with ==.
// Not: run-time state. Invariant (after Assemble, src/model/assemble.h): service names are unique, every gate
// names a service of the plan, the gates have no cycle among services that are not `broken`.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "foster/diagnostic.h"
#include "foster/service_spec.h"

namespace foster {

// Where a workload's gateway listens, as its own config says it.
struct Listener {
  std::string protocol;  // "xml-rpc" or "rest"
  std::string host;      // "" = all addresses; for TCP
  std::uint16_t port = 0;
  std::string path;  // AF_UNIX socket; then host and port are unused
  std::uint32_t mode = 0700;
  std::string owner;     // "user[:group]" for the socket; may be empty
  std::string username;  // both empty = no authentication
  std::string password;  // plain, or "{SHA}" + hex
  Origin origin;
  bool operator==(const Listener&) const = default;
};

enum class WorkloadFormat : std::uint8_t { kSupervisord, kProcessCompose };
enum class WorkloadSource : std::uint8_t { kProject, kSeed, kNone };

// One config file's set of services.
struct Workload {
  std::string name;
  WorkloadFormat format = WorkloadFormat::kSupervisord;
  std::string project;                               // path, ${...} expanded
  std::string seed;                                  // path, ${...} expanded
  WorkloadSource source = WorkloadSource::kProject;  // what is in use; kNone: neither could be read
  bool autostart = true;
  std::string identifier;  // supervisord: [supervisord] identifier; process-compose: project name
  std::vector<Listener> listeners;
  std::vector<Gate> gates;  // of the workload as a whole: added to each of its services by Assemble
  std::vector<Diagnostic> diagnostics;  // of the file in use and, when it fell back, of the project file
  Origin origin;                        // its service directory
  bool operator==(const Workload&) const = default;
};

struct Bundle {
  std::string name;
  std::vector<std::string> members;  // atomic services, nested bundles resolved
  Origin origin;
  bool operator==(const Bundle&) const = default;
};

struct Plan {
  std::vector<ServiceSpec> services;  // sorted by name
  std::vector<Workload> workloads;
  std::vector<Bundle> bundles;
  std::vector<Diagnostic> diagnostics;  // of services.d and of the whole
  bool operator==(const Plan&) const = default;

  const ServiceSpec* Find(std::string_view name) const;
};

std::string_view NameOf(WorkloadFormat format);  // "supervisord", "process-compose"
std::string_view NameOf(WorkloadSource source);  // "project", "seed", "none"
std::optional<WorkloadFormat> WorkloadFormatFromName(std::string_view name);
std::optional<WorkloadSource> WorkloadSourceFromName(std::string_view name);

}  // namespace foster
