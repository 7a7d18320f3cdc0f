// SPDX-License-Identifier: MIT
// Apply and Restore: plans in. Both change specs first, then the graph, and only then move machines, so that
// every machine sees the gates as the new plan has them.
#include <algorithm>

#include "core/engine_impl.h"

namespace foster {

bool NeedsRestart(const ServiceSpec& before, const ServiceSpec& after) {
  return before.type != after.type || before.broken != after.broken || before.run != after.run ||
         before.environment != after.environment || before.identity != after.identity ||
         before.isolation != after.isolation || before.sockets != after.sockets ||
         before.stdin_from != after.stdin_from || before.daemon != after.daemon ||
         before.readiness.notify_fd != after.readiness.notify_fd ||
         before.readiness.sd_notify != after.readiness.sd_notify ||
         before.readiness.Any() != after.readiness.Any() ||
         before.liveness.watchdog != after.liveness.watchdog || before.merge_stderr != after.merge_stderr ||
         before.secrets != after.secrets;
}

ServiceId Engine::Impl::Add(const ServiceSpec& spec) {
  ServiceId id = static_cast<ServiceId>(nodes.size());
  if (free_slots.empty()) {
    nodes.emplace_back();
  } else {
    id = free_slots.back();
    free_slots.pop_back();
    nodes[id] = Node{};
  }
  Service& service = nodes[id].service;
  service.id = id;
  service.exists = true;
  service.record.incarnation = incarnation_floor;
  service.record.since = now;
  service.spec = std::make_unique<ServiceSpec>(spec);
  by_name.emplace(spec.name, id);
  return id;
}

// Puts `spec` in its place; what is left to do for it once the graph is as the plan says.
std::optional<Engine::Impl::Task> Engine::Impl::Replace(ServiceId id, const ServiceSpec& spec) {
  Service& service = nodes[id].service;
  ServiceRecord& record = service.record;
  if (record.removing) {  // it is back before it had stopped
    record.removing = false;
    service.next = std::make_unique<ServiceSpec>(spec);
    return spec.autostart ? std::optional(Task::kRestart) : std::nullopt;
  }
  ServiceSpec& newest = service.next ? *service.next : *service.spec;
  if (newest == spec) {
    newest = spec;  // the origin may differ
    return std::nullopt;
  }
  if (newest.schedule != spec.schedule) Machine(id).ForgetTime();
  const bool must_restart = NeedsRestart(*service.spec, spec);
  if (service.next || must_restart) return TakeNextSpec(id, spec);
  const bool asks_readiness = newest.readiness.probe != spec.readiness.probe;
  const bool asks_liveness = newest.liveness.probe != spec.liveness.probe;
  newest = spec;
  if (asks_readiness) Machine(id).OnProbeChanged(ProbeUse::kReadiness);
  if (asks_liveness) Machine(id).OnProbeChanged(ProbeUse::kLiveness);
  return Task::kLookAgain;
}

Engine::Impl::Task Engine::Impl::TakeNextSpec(ServiceId id, const ServiceSpec& spec) {
  Service& service = nodes[id].service;
  const bool is_wanted = service.record.goal != Goal::kDown;
  const bool must_stop = ServiceMachine::HasProcess(service.record) || Machine(id).HasDownToRun();
  if (must_stop) {
    service.next = std::make_unique<ServiceSpec>(spec);
    return is_wanted ? Task::kRestart : Task::kStop;
  }
  *service.spec = spec;
  return is_wanted ? Task::kStartAnew : Task::kStop;
}

void Engine::Impl::Do(const Todo& todo, const Cause& cause) {
  Service& service = nodes[todo.id].service;
  ServiceRecord& record = service.record;
  ServiceMachine machine = Machine(todo.id);
  Changed(todo.id);
  switch (todo.task) {
    case Task::kBoot:
      // What is broken says so, wanted or not.
      if (service.spec->autostart || !service.spec->broken.empty())
        machine.Up(Trigger::kReload, Goal::kUp, cause);
      if (!service.spec->autostart) record.goal = Goal::kDown;
      break;
    case Task::kRemove:
      if (record.state == State::kStopped) {
        CameToRest(todo.id);
      } else {
        machine.Down(Trigger::kReload, cause);
      }
      break;
    case Task::kRestart:
      machine.Restart(Trigger::kReload, cause);
      break;
    case Task::kStop:
      machine.Down(Trigger::kReload, cause);
      break;
    case Task::kStartAnew:
      record.was_up = false;
      machine.Up(Trigger::kReload, record.goal, cause);
      break;
    case Task::kLookAgain:
      machine.SpecChanged(Cause(record.cause));
      break;
  }
}

// The graph is new: what a service waits for is looked up anew, and what that changes is done.
void Engine::Impl::LookAgain(ServiceId id) {
  const ServiceRecord& record = nodes[id].service.record;
  const bool waits = record.state == State::kWaiting;
  const bool failed = record.state == State::kFailed && record.cause.kind == CauseKind::kDependency;
  if (!nodes[id].service.exists || record.goal == Goal::kDown || (!waits && !failed)) return;
  const GatesVerdict gates = LookAtGates(id);
  const Verdict known = waits ? Verdict::kClosed : Verdict::kImpossible;
  if (gates.verdict != known || gates.other != record.cause.other) Machine(id).OnGateChanged();
}

void Engine::Impl::RebuildGraph() {
  order.clear();
  for (Node& node : nodes) {
    node.dependents.clear();
    node.targets.clear();
    node.blocked_on = 0;
    if (node.service.exists) order.push_back(node.service.id);
  }
  std::sort(order.begin(), order.end(), [this](ServiceId a, ServiceId b) {
    const ServiceSpec& x = Newest(nodes[a]);
    const ServiceSpec& y = Newest(nodes[b]);
    return x.priority != y.priority ? x.priority < y.priority : x.name < y.name;
  });
  for (const ServiceId id : order) {
    const std::vector<Gate>& gates = Newest(nodes[id]).gates;
    for (std::uint32_t i = 0; i < gates.size(); ++i) {
      const auto target = by_name.find(gates[i].service);
      const bool is_there = target != by_name.end() && target->second != id;
      nodes[id].targets.push_back(is_there ? target->second : kNoService);
      if (is_there) nodes[target->second].dependents.push_back({id, i});
    }
  }
}

// Everything that Step() appends to. One step brings a service at most through a stop and a start, with all
// its timers and probes.
void Engine::Impl::Reserve() {
  constexpr std::size_t kEffectsPerService = 20;
  effects.reserve(effects.size() + kEffectsPerService * nodes.size() + kEffectsPerService);
  changed.reserve(nodes.size() + 1);
  needs.reserve(nodes.size() + 1);
  dirty.Reserve(2 * nodes.size() + 2);
  opening.Reserve(2 * nodes.size() + 2);
  turns.Reserve(2 * nodes.size() + 2);
  endings.Reserve(2 * nodes.size() + 2);
}

void Engine::Apply(const Plan& plan, MonoTime now) {
  Impl& impl = *impl_;
  if (impl.shutting_down) return;
  impl.now = now;
  const Cause cause{.kind = impl.has_plan ? CauseKind::kReload : CauseKind::kBoot};
  impl.has_plan = true;

  std::vector<Impl::Task> tasks(impl.nodes.size() + plan.services.size(), Impl::Task::kRemove);
  std::vector<bool> has_task(tasks.size(), false);
  std::vector<bool> is_planned(tasks.size(), false);
  impl.free_slots.clear();
  for (const Node& node : impl.nodes) {
    if (!node.service.exists) impl.free_slots.push_back(node.service.id);
  }
  std::reverse(impl.free_slots.begin(), impl.free_slots.end());
  for (const ServiceSpec& spec : plan.services) {
    const ServiceId known = Find(spec.name);
    const auto task = known == kNoService ? std::optional(Impl::Task::kBoot) : impl.Replace(known, spec);
    const ServiceId id = known == kNoService ? impl.Add(spec) : known;
    is_planned[id] = true;
    has_task[id] = task.has_value();
    if (task) tasks[id] = *task;
  }
  for (Node& node : impl.nodes) {
    const ServiceId id = node.service.id;
    if (!node.service.exists || is_planned[id] || node.service.record.removing) continue;
    node.service.next.reset();
    node.service.record.removing = has_task[id] = true;
    node.service.record.pin = Pin::kNone;
  }
  impl.Reserve();
  impl.RebuildGraph();
  // What stops, stops before anything looks at its gates; and what is wanted is known before anything starts.
  const std::vector<ServiceId> order = impl.order;
  for (const ServiceId id : order) {
    const Impl::Task task = tasks[id];
    const bool stops =
        task == Impl::Task::kRemove || task == Impl::Task::kRestart || task == Impl::Task::kStop;
    if (has_task[id] && stops) impl.Do({id, task}, cause);
    has_task[id] = has_task[id] && !stops;
    const bool boots = has_task[id] && task == Impl::Task::kBoot;
    if (boots && impl.nodes[id].service.spec->autostart) impl.Machine(id).Want(Goal::kUp);
  }
  for (const ServiceId id : order) {
    if (has_task[id]) impl.Do({id, tasks[id]}, cause);
  }
  for (const ServiceId id : order) impl.LookAgain(id);
  impl.DrainGates();
  impl.Flush();
}

// All have been reconciled. What had ended with a consequence may have been saved before that was performed.
void Engine::Impl::ResumeAll() {
  const std::vector<ServiceId> all = order;
  for (const ServiceId id : all) Machine(id).Resume();
  for (const ServiceId id : all) {
    Release(id);
    const ServiceRecord& record = nodes[id].service.record;
    const bool has_ended = record.state == State::kExited || record.state == State::kFailed;
    if (has_ended) EndContainer(id);
  }
}

void Engine::Restore(const Plan& plan, std::span<const Saved> saved, std::span<const LiveChild> children,
                     MonoTime now) {
  Impl& impl = *impl_;
  impl.now = now;
  impl.has_plan = true;
  for (const ServiceSpec& spec : plan.services) impl.Add(spec);
  std::vector<const LiveChild*> main(impl.nodes.size(), nullptr);
  std::vector<const LiveChild*> extra(impl.nodes.size(), nullptr);
  std::vector<const LiveChild*> stop(impl.nodes.size(), nullptr);
  std::vector<bool> is_known(impl.nodes.size(), false);
  for (const Saved& one : saved) {
    const ServiceId id = Find(one.name);
    if (id == kNoService) continue;
    ServiceRecord& record = impl.nodes[id].service.record;
    record = one.record;
    record.removing = false;
    record.cause.other = record.stop_cause.other = kNoService;  // ids of a former engine say nothing here
    impl.launches = std::max(impl.launches, record.launch);
    is_known[id] = true;
  }
  for (const LiveChild& child : children) {
    if (child.service >= impl.nodes.size()) continue;
    auto& slots = child.role == Role::kMain ? main : child.role == Role::kStop ? stop : extra;
    auto& slot = slots[child.service];
    impl.incarnation_floor = std::max(impl.incarnation_floor, child.incarnation);
    if (slot == nullptr || child.incarnation > slot->incarnation) slot = &child;
  }
  impl.Reserve();
  impl.RebuildGraph();
  const std::vector<ServiceId> order = impl.order;
  for (const ServiceId id : order) {
    Service& service = impl.nodes[id].service;
    const bool has_child = main[id] != nullptr || extra[id] != nullptr || stop[id] != nullptr;
    if (!is_known[id] && !has_child) {
      impl.Do({id, Impl::Task::kBoot}, {.kind = CauseKind::kReload});
      continue;
    }
    if (!is_known[id]) service.record.goal = service.spec->autostart ? Goal::kUp : Goal::kDown;
    impl.Machine(id).Reconcile(main[id], extra[id], stop[id]);
  }
  impl.ResumeAll();
  impl.DrainGates();
  impl.Flush();
}

}  // namespace foster
