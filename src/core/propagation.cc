// SPDX-License-Identifier: MIT
// What a gate carries on from the service that it names to the one that has it: a stop, or a new life.
// Without either flag a service is left alone by what happens to those it depends on.
#include "core/engine_impl.h"
#include "core/gates.h"

namespace foster {
namespace {

// Also one that waits for gates of its own: it has been stopped along itself, or waits before a restart.
bool HasComeToRest(const ServiceRecord& record) {
  const bool rests = record.state == State::kStopped || record.state == State::kExited ||
                     record.state == State::kFailed ||
                     (record.state == State::kWaiting && record.cause.kind == CauseKind::kGate);
  return rests && !ServiceMachine::HasProcess(record);
}

// A completed oneshot is as alive as a process.
bool HasLife(const ServiceRecord& record) {
  return record.state == State::kStarting || record.state == State::kRunning ||
         (record.state == State::kExited && record.was_up);
}

}  // namespace

void Engine::Impl::CarryAlong(ServiceId dependency, const Edge& edge) {
  const Node& node = nodes[edge.service];
  const ServiceRecord& record = node.service.record;
  const ServiceRecord& other = nodes[dependency].service.record;
  const Gate& gate = Newest(node).gates[edge.gate];
  if (shutting_down || record.goal == Goal::kDown || !HasLife(record)) return;
  if (gate.restart_along && other.launch > record.launch) {
    Machine(edge.service).RestartAlong(dependency);
  } else if (gate.stop_along && HasComeToRest(other) && JudgeGate(node, edge.gate) != Verdict::kOpen) {
    Machine(edge.service).StopAlong(dependency);
  }
}

}  // namespace foster
