// SPDX-License-Identifier: MIT
#include "supervise/publisher.h"

#include "core/cause.h"
#include "supervise/next_due.h"
#include "sys/clock.h"
#include "sys/listen_sockets.h"

namespace foster {
namespace {

std::string GateText(const Gate& gate) { return gate.service + " (" + std::string(NameOf(gate.kind)) + ")"; }

std::string OriginText(const Origin& origin) {
  if (origin.file.empty()) return "";
  return origin.line == 0 ? origin.file : origin.file + ":" + std::to_string(origin.line);
}

// Of the life that it has now.
std::optional<bool> Alive(const ServiceSpec& spec, const ServiceRecord& record) {
  const Probe& probe = spec.liveness.probe;
  const ProbeRecord& verdict = ProbeOf(record, ProbeUse::kLiveness);
  if (probe.kind == ProbeKind::kNone || record.state != State::kRunning) return std::nullopt;
  if (verdict.passes) return true;
  if (verdict.has_passed || verdict.failures >= probe.failure_threshold) return false;
  return std::nullopt;
}

}  // namespace

void Publisher::Publish(EventRecord event) {
  event.sequence = ++savepoint_->header().event_sequence;
  if (!listener_) return;
  event.time = ToRfc3339(WallNow());
  listener_(event);
}

void Publisher::Changed(ServiceId id) {
  EventRecord event;
  event.kind = "state";
  if (listener_) {
    event.service = StatusOf(id);
    event.text = event.service.name + ": " + std::string(NameOf(event.service.state));
    if (!event.service.cause.empty()) event.text += ", " + event.service.cause;
  }
  Publish(std::move(event));
}

void Publisher::Removed(const std::string& name) {
  EventRecord event;
  event.kind = "removed";
  event.text = name + ": removed";
  event.service.name = name;
  Publish(std::move(event));
}

void Publisher::Workload(const std::string& text) {
  EventRecord event;
  event.kind = "workload";
  event.text = text;
  Publish(std::move(event));
}

void Publisher::Message(const std::string& text) {
  EventRecord event;
  event.kind = "message";
  event.text = text;
  Publish(std::move(event));
}

void Publisher::Shutdown(const std::string& text) {
  EventRecord event;
  event.kind = "shutdown";
  event.text = text;
  Publish(std::move(event));
}

std::string Publisher::SourceOf(const ServiceSpec& spec) const {
  if (spec.internal) return "foster";
  if (spec.workload.empty()) return "services.d";
  for (const foster::Workload& workload : plan_.workloads)
    if (workload.name == spec.workload) return std::string(NameOf(workload.source));
  return "";
}

std::string Publisher::CauseOf(ServiceId id) const {
  const Engine& engine = driver_.engine();
  const ServiceRecord& record = engine.record(id);
  const ServiceSpec& spec = engine.spec(id);
  const bool cause_is_spawn = record.cause.kind == CauseKind::kSpawnFailed;
  if (record.cause.kind == CauseKind::kBroken && !spec.broken.empty()) return spec.broken;
  if (cause_is_spawn) {
    const ServiceNotes* notes = notes_ != nullptr ? notes_->Of(spec.name, record.incarnation) : nullptr;
    if (notes != nullptr && !notes->spawn_problem.empty())
      return SpawnFailureText(record.cause.stage, 0) + ": " + notes->spawn_problem;
  }
  auto names = [&engine](ServiceId other) -> std::string_view {
    return other < engine.capacity() && engine.Exists(other) ? std::string_view(engine.spec(other).name) : "";
  };
  return CauseText(record, names, record.state == State::kWaiting ? engine.ClosedGate(id) : nullptr);
}

void Publisher::FillTimes(ServiceId id, ServiceStatus* status) const {
  const ServiceRecord& record = driver_.engine().record(id);
  MonoTime now = MonoNow();
  status->since = ToRfc3339(driver_.since_wall(id));
  status->age_ms = (now - record.since).count();
  if (record.spawned_at == MonoTime{}) return;
  status->started = ToRfc3339(driver_.started_wall(id));
  status->started_age_ms = (now - record.spawned_at).count();
}

// By what it is started besides its gates.
void Publisher::FillStart(const ServiceSpec& spec, const ServiceRecord& record, ServiceStatus* status) const {
  status->schedule = ScheduleText(spec.schedule);
  status->missed = record.missed;
  bool is_due = TimerOf(record, TimerKind::kSchedule).deadline != kNoDeadline;
  if (is_due && next_due_) status->next_due = ToRfc3339(next_due_(spec.name));
  for (const SocketSpec& socket : spec.sockets) status->sockets.push_back(SocketText(socket));
  status->replica_of = spec.replica.of;
  status->replica = spec.replica.index;
  status->replicas = spec.replica.count;
}

// For people and programs that look for a file; `svc logs` needs none.
void Publisher::FillFiles(const ServiceSpec& spec, ServiceStatus* status) {
  for (const LogSink& sink : spec.log.sinks) {
    if (sink.kind != LogSinkKind::kFile) continue;
    if (sink.takes_out && status->stdout_file.empty()) status->stdout_file = sink.target;
    if (sink.takes_err && !spec.merge_stderr && status->stderr_file.empty())
      status->stderr_file = sink.target;
  }
}

ServiceStatus Publisher::StatusOf(ServiceId id) const {
  const Engine& engine = driver_.engine();
  const ServiceRecord& record = engine.record(id);
  const ServiceSpec& spec = engine.spec(id);
  ServiceStatus status;
  status.name = spec.name;
  status.workload = spec.workload;
  status.group = spec.group;
  status.type = std::string(NameOf(spec.type));
  status.description = spec.description;
  status.goal = record.goal;
  status.state = record.state;
  status.ready = record.ready;
  status.internal = spec.internal;
  status.autostart = spec.autostart;
  status.priority = spec.priority;
  status.pid = record.pid;
  status.incarnation = record.incarnation;
  status.restarts = record.restarts;
  FillTimes(id, &status);
  FillStart(spec, record, &status);
  FillFiles(spec, &status);
  status.cause = CauseOf(id);
  if (record.has_exited && record.last_exit.signal != 0) status.exit_signal = record.last_exit.signal;
  if (record.has_exited && record.last_exit.signal == 0) status.exit_code = record.last_exit.code;
  status.pin = record.pin;
  status.alive = Alive(spec, record);
  status.reloading = record.reloading;
  if (probe_text_) status.probe_text = probe_text_(spec.name);
  if (const ServiceNotes* notes = notes_ != nullptr ? notes_->Of(spec.name, record.incarnation) : nullptr) {
    status.status_text = notes->status_text;
    status.degraded = notes->degraded;
  }
  if (hide_)
    for (std::string* text : {&status.status_text, &status.probe_text}) hide_(spec.name, text);
  status.source = SourceOf(spec);
  status.origin = OriginText(spec.origin);
  status.directory = spec.directory;
  if (record.state == State::kWaiting)
    if (const Gate* gate = engine.ClosedGate(id)) status.waits_for.push_back(GateText(*gate));
  return status;
}

std::vector<WorkloadStatus> Publisher::Workloads() const {
  std::vector<WorkloadStatus> result;
  for (const foster::Workload& workload : plan_.workloads)
    result.push_back({workload.name, std::string(NameOf(workload.format)),
                      std::string(NameOf(workload.source)), workload.project, workload.seed,
                      workload.diagnostics});
  return result;
}

}  // namespace foster
