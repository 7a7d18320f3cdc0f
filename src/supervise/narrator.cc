// SPDX-License-Identifier: MIT
#include "supervise/narrator.h"

#include <algorithm>

namespace foster {
namespace {

bool IsWorthALine(const ServiceRecord& record, const ServiceSpec& spec, bool after_boot) {
  switch (record.state) {
    case State::kFailed:
    case State::kBackoff:
    case State::kKilling:
      return true;
    case State::kRunning:
      return !spec.internal && after_boot;
    case State::kExited:
      return record.has_exited && (record.last_exit.signal != 0 || record.last_exit.code != 0);
    case State::kStopped:
      return !spec.internal && after_boot && record.cause.kind != CauseKind::kShutdown;
    case State::kWaiting:
    case State::kStarting:
    case State::kStopping:
    case State::kFinishing:
      return false;
  }
  return false;
}

}  // namespace

void Narrator::Changed(ServiceId id, bool after_boot) {
  if (id >= last_.size()) last_.resize(id + 1, State::kStopped);
  const ServiceRecord& record = driver_.engine().record(id);
  if (record.state == last_[id]) return;
  last_[id] = record.state;
  const ServiceSpec& spec = driver_.engine().spec(id);
  if (!IsWorthALine(record, spec, after_boot)) return;
  std::string line = spec.name + ": " + std::string(NameOf(record.state));
  if (record.state == State::kRunning && record.pid > 0) {
    line += ", pid " + std::to_string(record.pid);
  } else if (std::string cause = publisher_.CauseOf(id); !cause.empty()) {
    line += ", " + cause;
  }
  voice_.Say(line);
}

void Narrator::Learn() {
  const Engine& engine = driver_.engine();
  last_.assign(engine.capacity(), State::kStopped);
  for (ServiceId id = 0; id < last_.size(); ++id)
    if (engine.Exists(id)) last_[id] = engine.record(id).state;
}

std::string Narrator::Summary() const {
  const Engine& engine = driver_.engine();
  std::vector<int> counts(static_cast<std::size_t>(kLastState) + 1);
  int total = 0;
  for (ServiceId id = 0; id < engine.capacity(); ++id) {
    if (!engine.Exists(id) || engine.spec(id).internal) continue;
    ++total;
    ++counts[static_cast<std::size_t>(engine.record(id).state)];
  }
  std::string text = std::to_string(total) + (total == 1 ? " service" : " services");
  const char* separator = ": ";
  for (std::size_t i = 0; i < counts.size(); ++i) {
    if (counts[i] == 0) continue;
    text += separator + std::to_string(counts[i]) + " " + std::string(NameOf(static_cast<State>(i)));
    separator = ", ";
  }
  return text;
}

}  // namespace foster
