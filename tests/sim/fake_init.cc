// SPDX-License-Identifier: MIT
#include "sim/fake_init.h"

#include <algorithm>
#include <csignal>

namespace foster::sim {
namespace {

bool IsLater(const Happening& a, const Happening& b) {
  return a.at != b.at ? a.at > b.at : a.sequence > b.sequence;
}

std::string Named(std::uint32_t number, Role role, std::uint64_t incarnation) {
  return "s" + std::to_string(number) + " " + std::string(NameOf(role)) + " #" + std::to_string(incarnation);
}

}  // namespace

void Agenda::Add(Happening happening) {
  happening.sequence = ++sequence_;
  heap_.push_back(happening);
  std::push_heap(heap_.begin(), heap_.end(), IsLater);
}

Happening Agenda::Take() {
  std::pop_heap(heap_.begin(), heap_.end(), IsLater);
  const Happening next = heap_.back();
  heap_.pop_back();
  return next;
}

// All by the same: their order stays.
void Agenda::Delay(Millis gap) {
  for (Happening& happening : heap_) happening.at += gap;
}

FakeInit::FakeInit(Random& random, Agenda& agenda, std::uint32_t universe)
    : random_(random), agenda_(agenda), of_service_(universe) {}

void FakeInit::Spawn(std::uint32_t number, const ServiceSpec& spec, const Effect& effect, MonoTime now) {
  for (const std::uint32_t index : of_service_[number]) {
    const Process& other = processes_[index];
    const bool is_there = other.state == ProcessState::kLive || other.incarnation == effect.incarnation;
    if (other.role == effect.role && is_there) {
      throw Violation("spawned twice: " + Named(number, effect.role, effect.incarnation));
    }
  }
  Process process{.number = number,
                  .role = effect.role,
                  .incarnation = effect.incarnation,
                  .pid = ++next_pid_,
                  .spawned_at = now};
  const auto index = static_cast<std::uint32_t>(processes_.size());
  of_service_[number].push_back(index);
  if (random_.Percent(8)) {
    process.state = ProcessState::kFailed;
    process.pid = 0;
    processes_.push_back(process);
    Tell(process, {.kind = EventKind::kSpawnFailed, .stage = 4, .error = 11}, now);
    return;
  }
  processes_.push_back(process);
  Tell(process, {.kind = EventKind::kSpawned, .pid = process.pid}, now);
  PlanLife(processes_.back(), index, spec, now);
}

void FakeInit::PlanLife(Process& process, std::uint32_t index, const ServiceSpec& spec, MonoTime now) {
  const bool is_longrun = process.role == Role::kMain && spec.type == ServiceType::kLongrun;
  process.ignores_term = random_.Percent(15);
  process.leaves_tree = random_.Percent(12);
  process.term_delay = Millis{random_.Percent(80) ? random_.Below(100) : random_.Below(12000)};
  process.tree_life = random_.Percent(50) ? Millis{random_.Below(5000)} : Millis{3'600'000};
  Millis life{random_.Below(3000)};
  if (random_.Percent(30)) life = Millis{random_.Below(5)};
  if (random_.Percent(is_longrun ? 65 : 5)) life = Millis{3'600'000};
  constexpr int kCodes[] = {0, 0, 0, 1, 2, 125};
  ExitStatus status{.code = kCodes[random_.Below(6)], .signal = 0};
  if (random_.Percent(10)) status = {.code = 0, .signal = SIGSEGV};
  if (life < Millis{3'000'000}) ExitLater(index, now + life, status);
  if (is_longrun && spec.daemon.follow != foster::Follow::kNone && random_.Percent(80)) {
    process.leaves_tree = random_.Percent(90);
    ExitLater(index, now + Millis{random_.Below(800)}, {});
  }
  const bool speaks = spec.readiness.notify_fd >= 0 || spec.readiness.sd_notify;
  if (is_longrun && speaks && random_.Percent(85)) {
    agenda_.Add({.at = now + Millis{random_.Below(1500)}, .kind = HappeningKind::kReady, .process = index});
  }
}

void FakeInit::ExitLater(std::uint32_t index, MonoTime at, ExitStatus status) {
  agenda_.Add({.at = at, .kind = HappeningKind::kExit, .process = index, .status = status});
}

void FakeInit::Signal(std::uint32_t number, const Effect& effect, MonoTime now) {
  for (const std::uint32_t index : of_service_[number]) {
    const Process& process = processes_[index];
    if (process.role != effect.role || process.incarnation != effect.incarnation) continue;
    if (effect.signal == SIGKILL) {
      const Millis delay{random_.Percent(95) ? random_.Below(20) : random_.Below(12000)};
      if (process.state == ProcessState::kLive) ExitLater(index, now + delay, {.code = 0, .signal = SIGKILL});
      if (effect.scope != SignalScope::kTree) return;
      agenda_.Add({.at = now + delay, .kind = HappeningKind::kTreeEnds, .process = index});
    } else if (process.state == ProcessState::kLive && !process.ignores_term) {
      const bool is_polite = random_.Percent(50);
      ExitLater(index, now + process.term_delay,
                is_polite ? ExitStatus{} : ExitStatus{.code = 0, .signal = effect.signal});
    }
    return;
  }
  // Forgotten means that its end was reported. It may have been spawned by nobody if a crash lost the spawn.
  for (const Process& process : processes_) {
    if (process.number != number || process.role != effect.role) continue;
    if (process.incarnation == effect.incarnation && process.forgotten) {
      throw Violation("signalled after its end: " + Named(number, effect.role, effect.incarnation));
    }
  }
}

void FakeInit::Happens(const Happening& happening, MonoTime now) {
  Process& process = processes_[happening.process];
  switch (happening.kind) {
    case HappeningKind::kExit:
      if (process.state == ProcessState::kLive) Exit(happening.process, happening.status, now);
      break;
    case HappeningKind::kReady:
      if (process.state != ProcessState::kLive) break;
      process.was_ready = true;
      // By another road than init's messages: may come before kSpawned.
      agenda_.Add({.at = now + Millis{random_.Below(20)},
                   .kind = HappeningKind::kDeliver,
                   .number = process.number,
                   .life = life_,
                   .event = {.kind = EventKind::kReady, .incarnation = process.incarnation}});
      break;
    case HappeningKind::kTreeEnds:
      EndTree(happening.process, now);
      break;
    case HappeningKind::kDeliver:
    case HappeningKind::kTimer:
    case HappeningKind::kRequest:
    case HappeningKind::kReload:
    case HappeningKind::kCrash:
    case HappeningKind::kComeBack:
    case HappeningKind::kShutdown:
    case HappeningKind::kReplay:
    case HappeningKind::kTalk:
    case HappeningKind::kGap:
      break;
  }
}

void FakeInit::Follow(std::uint32_t number, const Effect& effect, MonoTime now) {
  for (const std::uint32_t index : of_service_[number]) {
    Process& process = processes_[index];
    if (process.role != Role::kMain || process.incarnation != effect.incarnation) continue;
    std::int32_t pid = 0;
    if (process.state == ProcessState::kLingering && random_.Percent(50)) {
      process.state = ProcessState::kLive;
      pid = process.pid = ++next_pid_;
      process.leaves_tree = random_.Percent(30);
      if (random_.Percent(50)) ExitLater(index, now + Millis{random_.Below(6000)}, {.code = 1, .signal = 0});
    }
    Tell(process, {.kind = EventKind::kFollowed, .pid = pid}, now);
    return;
  }
  Process nobody{.number = number, .incarnation = effect.incarnation};
  Tell(nobody, {.kind = EventKind::kFollowed}, now);
}

void FakeInit::EndMain(std::uint32_t number, std::uint64_t incarnation, MonoTime now) {
  for (const std::uint32_t index : of_service_[number]) {
    const Process& process = processes_[index];
    const bool is_main = process.role == Role::kMain && process.incarnation == incarnation;
    if (is_main && process.state == ProcessState::kLive && !process.ignores_term)
      ExitLater(index, now + process.term_delay, {});
  }
}

void FakeInit::Press(std::uint32_t number, const Effect& effect, MonoTime now) {
  EndMain(number, effect.incarnation, now);
}

void FakeInit::Exit(std::uint32_t index, ExitStatus status, MonoTime now) {
  Process& process = processes_[index];
  if (process.role == Role::kStop && random_.Percent(60)) EndMain(process.number, process.incarnation, now);
  process.status = status;
  process.state = process.leaves_tree ? ProcessState::kLingering : ProcessState::kGone;
  if (process.leaves_tree) {
    agenda_.Add({.at = now + process.tree_life, .kind = HappeningKind::kTreeEnds, .process = index});
  }
  Tell(process,
       {.kind = EventKind::kExited, .pid = process.pid, .status = status, .lingering = process.leaves_tree},
       now);
}

void FakeInit::EndTree(std::uint32_t index, MonoTime now) {
  Process& process = processes_[index];
  if (process.state == ProcessState::kLive) process.leaves_tree = false;
  if (process.state != ProcessState::kLingering) return;
  process.state = ProcessState::kGone;
  Tell(process, {.kind = EventKind::kTreeGone}, now);
}

// Messages keep their order and take their time.
void FakeInit::Tell(const Process& process, Event event, MonoTime now) {
  event.role = process.role;
  event.incarnation = process.incarnation;
  const Millis delay{random_.Percent(90) ? random_.Below(5) : random_.Below(800)};
  last_message_ = std::max(last_message_, now + delay);
  agenda_.Add({.at = last_message_,
               .kind = HappeningKind::kDeliver,
               .number = process.number,
               .life = life_,
               .event = event});
}

void FakeInit::Delivered(std::uint32_t number, const Event& event) {
  const bool is_end = event.kind == EventKind::kSpawnFailed || event.kind == EventKind::kTreeGone ||
                      (event.kind == EventKind::kExited && !event.lingering);
  if (!is_end) return;
  std::erase_if(of_service_[number], [&](std::uint32_t index) {
    Process& process = processes_[index];
    const bool is_it = process.role == event.role && process.incarnation == event.incarnation;
    if (is_it) process.forgotten = true;
    return is_it;
  });
}

bool FakeInit::HasLive(std::uint32_t number) const {
  return std::any_of(of_service_[number].begin(), of_service_[number].end(),
                     [&](std::uint32_t index) { return processes_[index].state == ProcessState::kLive; });
}

const Process* FakeInit::Find(std::uint32_t number, Role role, std::uint64_t incarnation) const {
  for (const std::uint32_t index : of_service_[number]) {
    const Process& process = processes_[index];
    if (process.role == role && process.incarnation == incarnation) return &process;
  }
  return nullptr;
}

bool FakeInit::IsLive(std::uint32_t number, Role role, std::uint64_t incarnation) const {
  const Process* process = Find(number, role, incarnation);
  return process != nullptr && process->state == ProcessState::kLive;
}

std::vector<FakeInit::Entry> FakeInit::Table() const {
  std::vector<Entry> table;
  for (std::uint32_t number = 0; number < of_service_.size(); ++number) {
    for (const std::uint32_t index : of_service_[number]) {
      const Process& process = processes_[index];
      table.push_back({number,
                       {.role = process.role,
                        .incarnation = process.incarnation,
                        .pid = process.pid,
                        .lingering = process.state != ProcessState::kLive}});
    }
  }
  return table;
}

void FakeInit::Abandon(std::uint32_t number) {
  for (const std::uint32_t index : of_service_[number]) {
    processes_[index].state = ProcessState::kGone;
    processes_[index].forgotten = true;
  }
  of_service_[number].clear();
}

void FakeInit::TellHeld(std::uint32_t life, MonoTime now) {
  life_ = life;
  last_message_ = now;
  for (const auto& indices : of_service_) {
    for (const std::uint32_t index : indices) {
      const Process& process = processes_[index];
      switch (process.state) {
        case ProcessState::kLive:
          if (process.was_ready) Tell(process, {.kind = EventKind::kReady}, now);
          break;
        case ProcessState::kLingering:
        case ProcessState::kGone:
          Tell(process,
               {.kind = EventKind::kExited,
                .pid = process.pid,
                .status = process.status,
                .lingering = process.state == ProcessState::kLingering},
               now);
          break;
        case ProcessState::kFailed:
          Tell(process, {.kind = EventKind::kSpawnFailed, .stage = 4, .error = 11}, now);
          break;
      }
    }
  }
}

}  // namespace foster::sim
