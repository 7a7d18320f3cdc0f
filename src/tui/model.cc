// SPDX-License-Identifier: MIT
#include "tui/model.h"

#include <algorithm>

#include "base/ascii.h"

namespace foster::tui {
namespace {

constexpr std::int64_t kSecond = 1000;
constexpr std::int64_t kMinute = 60 * kSecond;
constexpr std::int64_t kHour = 60 * kMinute;
constexpr std::int64_t kDay = 24 * kHour;

// What wants attention comes first.
int Urgency(State state) {
  switch (state) {
    case State::kFailed:
      return 0;
    case State::kBackoff:
      return 1;
    case State::kKilling:
      return 2;
    case State::kStopping:
      return 3;
    case State::kFinishing:
      return 4;
    case State::kStarting:
      return 5;
    case State::kWaiting:
      return 6;
    case State::kRunning:
      return 7;
    case State::kExited:
      return 8;
    case State::kStopped:
      return 9;
  }
  return 10;
}

// Negative: `a` before `b`; 0: by name.
std::int64_t Order(const Service& a, const Service& b, SortKey key) {
  switch (key) {
    case SortKey::kName:
      return 0;
    case SortKey::kState:
      return Urgency(a.status.state) - Urgency(b.status.state);
    case SortKey::kAge:
      return (Age(a, b.received) - Age(b, b.received)).count();
    case SortKey::kRestarts:
      return std::int64_t{b.status.restarts} - std::int64_t{a.status.restarts};
    case SortKey::kPid:
      return std::int64_t{a.status.pid} - std::int64_t{b.status.pid};
  }
  return 0;
}

}  // namespace

const char* NameOf(SortKey key) {
  switch (key) {
    case SortKey::kName:
      return "name";
    case SortKey::kState:
      return "state";
    case SortKey::kAge:
      return "age";
    case SortKey::kRestarts:
      return "restarts";
    case SortKey::kPid:
      return "pid";
  }
  return "?";
}

Millis Age(const Service& service, MonoTime now) {
  // Bounded: a peer may send any number.
  Millis told(std::clamp<std::int64_t>(service.status.age_ms, 0, 100 * 365 * kDay));
  return told + (now - service.received);
}

std::string AgeText(Millis age) {
  std::int64_t ms = std::max<std::int64_t>(age.count(), 0);
  if (ms < kMinute) return std::to_string(ms / kSecond) + "s";
  if (ms < kHour) return std::to_string(ms / kMinute) + "m";
  if (ms < kDay) {
    std::string minutes = std::to_string(ms % kHour / kMinute);
    return std::to_string(ms / kHour) + "h" + (minutes.size() < 2 ? "0" : "") + minutes;
  }
  std::string days = std::to_string(ms / kDay) + "d";
  return ms < 100 * kDay ? days + std::to_string(ms % kDay / kHour) + "h" : days;
}

Millis AgeHolds(Millis age) {
  std::int64_t ms = std::max<std::int64_t>(age.count(), 0);
  std::int64_t step = ms < kMinute ? kSecond : ms < kDay ? kMinute : kHour;
  return Millis(step - ms % step);
}

void Model::SetSnapshot(std::vector<ServiceStatus> services, std::vector<WorkloadStatus> workloads,
                        MonoTime now) {
  services_.clear();
  for (auto& status : services) {
    if (services_.size() >= kMaxServices) break;
    std::string name = status.name;
    services_[std::move(name)] = Service{std::move(status), now};
  }
  workloads_ = std::move(workloads);
  stale_ = true;
}

void Model::Apply(const EventRecord& event, MonoTime now) {
  const std::string& name = event.service.name;
  if (event.kind == "state" && !name.empty()) {
    if (services_.size() >= kMaxServices && services_.count(name) == 0) return;
    services_[name] = Service{event.service, now};
  } else if (event.kind == "removed") {
    services_.erase(name);
  } else {
    return;
  }
  stale_ = true;
}

bool Model::Shows(const Service& service) const {
  if (service.status.internal && !internal_shown_) return false;
  return filter_.empty() || ToLower(service.status.name).find(ToLower(filter_)) != std::string::npos;
}

void Model::Refresh() const {
  if (!stale_) return;
  stale_ = false;
  shown_.clear();
  for (const auto& [name, service] : services_)
    if (Shows(service)) shown_.push_back(&service);
  // The map is sorted by name, and a stable sort keeps that within equal keys.
  std::stable_sort(shown_.begin(), shown_.end(),
                   [&](const Service* a, const Service* b) { return Order(*a, *b, sort_) < 0; });
  if (shown_.empty()) {
    row_ = -1;
    return;  // the name is kept: a cleared filter or the next snapshot may bring it back
  }
  auto it = std::find_if(shown_.begin(), shown_.end(),
                         [&](const Service* s) { return s->status.name == selected_; });
  if (it != shown_.end())
    row_ = static_cast<int>(it - shown_.begin());
  else
    row_ = std::clamp(row_, 0, static_cast<int>(shown_.size()) - 1);
  selected_ = shown_[static_cast<std::size_t>(row_)]->status.name;
}

const std::vector<const Service*>& Model::shown() const {
  Refresh();
  return shown_;
}

std::array<int, static_cast<std::size_t>(kLastState) + 1> Model::Counts() const {
  std::array<int, static_cast<std::size_t>(kLastState) + 1> counts{};
  for (const auto& [name, service] : services_)
    if (!service.status.internal) ++counts[static_cast<std::size_t>(service.status.state)];
  return counts;
}

std::vector<const WorkloadStatus*> Model::Fallbacks() const {
  std::vector<const WorkloadStatus*> out;
  for (const auto& workload : workloads_)
    if (workload.source == "seed" || workload.source == "none") out.push_back(&workload);
  return out;
}

const Service* Model::selected() const {
  Refresh();
  return row_ < 0 ? nullptr : shown_[static_cast<std::size_t>(row_)];
}

int Model::selected_row() const {
  Refresh();
  return row_;
}

void Model::SelectRow(int row) {
  Refresh();
  if (shown_.empty()) return;
  row_ = std::clamp(row, 0, static_cast<int>(shown_.size()) - 1);
  selected_ = shown_[static_cast<std::size_t>(row_)]->status.name;
}

int Model::Reveal(int rows) {
  Refresh();
  int count = static_cast<int>(shown_.size());
  top_ = std::clamp(top_, 0, std::max(0, count - rows));
  if (row_ >= 0 && rows > 0) top_ = std::clamp(top_, std::max(0, row_ - rows + 1), row_);
  return top_;
}

void Model::SetFilter(std::string filter) {
  filter_ = std::move(filter);
  stale_ = true;
}

void Model::ToggleInternal() {
  internal_shown_ = !internal_shown_;
  stale_ = true;
}

void Model::NextSort() {
  sort_ = sort_ == kLastSortKey ? SortKey::kName : static_cast<SortKey>(static_cast<int>(sort_) + 1);
  stale_ = true;
}

}  // namespace foster::tui
