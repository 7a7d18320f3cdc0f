// SPDX-License-Identifier: MIT
// Model: the services as supervise told them, and which of them are shown, in which order, which one is
// selected. Not: drawing, keys, connections. Called by: app, render. Invariants: pure; the selection is a
// name and outlives a new snapshot; it names a shown service whenever one is shown; 0 <= top() <= selected
// row.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "foster/service_status.h"
#include "foster/time.h"

namespace foster::tui {

enum class SortKey : std::uint8_t { kName, kState, kAge, kRestarts, kPid };
inline constexpr SortKey kLastSortKey = SortKey::kPid;
const char* NameOf(SortKey key);

struct Service {
  ServiceStatus status;
  MonoTime received;  // when status.age_ms was true
};

Millis Age(const Service& service, MonoTime now);
// "42s", "12m", "3h07", "5d2h", "213d".
std::string AgeText(Millis age);
// How long AgeText stays the same.
Millis AgeHolds(Millis age);

class Model {
 public:
  static constexpr std::size_t kMaxServices = 20000;

  void SetSnapshot(std::vector<ServiceStatus> services, std::vector<WorkloadStatus> workloads, MonoTime now);
  void SetWorkloads(std::vector<WorkloadStatus> workloads) { workloads_ = std::move(workloads); }
  void Apply(const EventRecord& event, MonoTime now);

  // Shown services in order. Valid until the next change.
  const std::vector<const Service*>& shown() const;
  std::size_t total() const { return services_.size(); }
  // How many (internal ones not counted) are in each state.
  std::array<int, static_cast<std::size_t>(kLastState) + 1> Counts() const;
  const std::vector<WorkloadStatus>& workloads() const { return workloads_; }
  std::vector<const WorkloadStatus*> Fallbacks() const;

  const Service* selected() const;  // nullptr when nothing is shown
  int selected_row() const;         // -1 when nothing is shown
  void SelectRow(int row);          // clamped
  void Move(int rows) { SelectRow(selected_row() + rows); }
  // The first row on the screen, so that the selection is among `rows`.
  int Reveal(int rows);
  int top() const { return top_; }
  void ScrollTo(int top) { top_ = top; }

  const std::string& filter() const { return filter_; }
  void SetFilter(std::string filter);
  bool internal_shown() const { return internal_shown_; }
  void ToggleInternal();
  SortKey sort() const { return sort_; }
  void NextSort();

 private:
  void Refresh() const;
  bool Shows(const Service& service) const;

  std::map<std::string, Service> services_;
  std::vector<WorkloadStatus> workloads_;
  std::string filter_;
  bool internal_shown_ = false;
  SortKey sort_ = SortKey::kName;
  int top_ = 0;

  // Made anew when something changed and somebody asks.
  mutable bool stale_ = true;
  mutable std::vector<const Service*> shown_;
  mutable std::string selected_;
  mutable int row_ = -1;
};

}  // namespace foster::tui
