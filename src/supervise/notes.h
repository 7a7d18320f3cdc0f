// SPDX-License-Identifier: MIT
// Notes: what is known of a service's incarnation only as text: what it said of itself (STATUS=...), and what
// isolation it runs without. Not: anything that decides. Called by: SdNotify, Degrade (write), Publisher
// (reads). Invariant: init's store holds them ("notes:NAME"), so they outlive supervise; they end with the
// incarnation.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <unordered_map>
#include <vector>

#include "supervise/store.h"

namespace foster {

struct ServiceNotes {
  std::uint64_t incarnation = 0;
  std::string status_text;
  std::vector<std::string> degraded;
  std::string spawn_problem;  // why it could not be spawned, where supervise knows more than an errno
  bool operator==(const ServiceNotes&) const = default;
};

class Notes {
 public:
  explicit Notes(Store& store) : store_(store) {}

  // nullptr: nothing is noted about this incarnation.
  const ServiceNotes* Of(const std::string& service, std::uint64_t incarnation) const;
  // False: that is what it has said already.
  bool SetStatusText(const std::string& service, std::uint64_t incarnation, const std::string& text);
  void SetDegraded(const std::string& service, std::uint64_t incarnation, std::vector<std::string> degraded);
  void SetSpawnProblem(const std::string& service, std::uint64_t incarnation, const std::string& text);
  void Remove(const std::string& service);
  // After a restart of supervise; unknown: nothing.
  void Resume(const std::string& service);

 private:
  ServiceNotes& At(const std::string& service, std::uint64_t incarnation);
  void Keep(const std::string& service);

  Store& store_;
  std::unordered_map<std::string, ServiceNotes> notes_;
};

std::string EncodeNotes(const ServiceNotes& notes);
ServiceNotes DecodeNotes(std::string_view text);

}  // namespace foster
