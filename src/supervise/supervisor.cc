// SPDX-License-Identifier: MIT
#include "supervise/supervisor.h"

#include <sys/wait.h>

#include <csignal>

#include "core/cause.h"
#include "sys/clock.h"

namespace foster {
namespace {

ExitStatus StatusOf(int status) {
  ExitStatus exit;
  if (WIFSIGNALED(status)) {
    exit.signal = WTERMSIG(status);
  } else {
    exit.code = WEXITSTATUS(status);
  }
  return exit;
}

ClockReading Clocks() { return {MonoNow(), AsleepSoFar()}; }

std::string SignalText(int signal) {
  const char* name = sigabbrev_np(signal);
  return name != nullptr ? std::string("SIG") + name : "signal " + std::to_string(signal);
}

}  // namespace

Supervisor::Supervisor(UniqueFd init_socket)
    : init_(loop_, std::move(init_socket)),
      notify_(loop_, store_,
              [this](const std::string& name, std::function<void()> saved) {
                Event event{};
                event.kind = EventKind::kReady;
                event.service = driver_.engine().Find(name);
                if (event.service == kNoService) return;
                event.incarnation = driver_.engine().record(event.service).incarnation;
                driver_.Post(event, std::move(saved));
              }),
      clock_gap_(Clocks()),
      effects_(init_, driver_, timers_, logs_, notify_, outfit_, publisher_),
      ending_(init_, driver_, timers_, logs_, publisher_, voice_),
      server_(loop_, timers_, store_, voice_) {}

int Supervisor::Run() {
  SetUp();
  auto started = init_.Start(
      [this](const Message& message, InitChannel::Fds fds) { OnMessage(message, std::move(fds)); },
      [this] { loop_.Stop(); });
  if (!started.ok()) return 1;
  loop_.Run();
  return 0;
}

void Supervisor::SetUp() {
  Effects::Hooks hooks;
  hooks.changed = [this](ServiceId id) { OnChanged(id); };
  hooks.removed = [this](const std::string& name) {
    sockets_.Removed(name);
    log_configs_.Removed(name);
    scheduler_.Removed(name);
    probes_.Removed(name);
    waiters_.Changed(name);
  };
  hooks.all_stopped = [this] {
    outfit_.cgroups().LeaveAll();
    ending_.AllStopped();
  };
  hooks.end_container = [this](const Effect& effect, const std::string& name) {
    const ExitStatus& status = effect.status;
    ending_.Begin(name + " " + ExitText(status), status.signal != 0 ? 128 + status.signal : status.code);
  };
  hooks.await_demand = [this](const Effect& effect, const std::string& name) { AwaitDemand(effect, name); };
  hooks.schedule = [this](const Effect& effect, const std::string& name) { scheduler_.Ask(effect, name); };
  hooks.probe = [this](const Effect& effect, const std::string& name) { probes_.Ask(effect, name); };
  hooks.hold_signal = [this](const Effect& effect, std::function<void()> send) {
    return ending_.HoldSignal(effect, std::move(send));
  };
  effects_.SetHooks(std::move(hooks));
  logs_.OnBell([this] {
    followers_.OnBell();
    probes_.OnBell();
  });
  outfit_.spawner().SetSockets([this](const ServiceSpec& spec) { return sockets_.Open(spec); });
  planner_.OnPlan([this] {
    sockets_.Use(planner_.plan());
    ConfigureLogs();
    followers_.Renew();
  });
  logs_.OnHealth([this](std::uint32_t slot, std::uint32_t sink, bool is_trouble) {
    const std::string text = log_health_.Changed(logs_.table(), slot, sink, is_trouble);
    if (text.empty()) return;
    voice_.Say(text);
    if (savepoint_ != nullptr) publisher_.Message(text);
  });
  logs_.OnSlots([this] { followers_.Renew(); });
  publisher_.SetNextDue([this](const std::string& name) { return scheduler_.NextDueOf(name); });
  loop_.OnTurn([this] { LookAtClock(); });
  publisher_.SetNotes(&outfit_.notes());
  outfit_.OnText([this](ServiceId id) { publisher_.Changed(id); });
  publisher_.SetHide([this](const std::string& name, std::string* text) {
    const int slot = logs_.usable() ? logs_.table().Find(name) : -1;
    if (slot >= 0 && !text->empty()) (void)followers_.redactors().Of(logs_.table(), slot).Redact(*text, text);
  });
  publisher_.SetProbeText([this](const std::string& name) { return probes_.TextOf(name); });
  server_.OnConnectionEnd([this](Connection::Id id) {
    waiters_.Drop(id);
    followers_.Renew();
    if (!server_.anyone_follows_events()) publisher_.Listen(nullptr);
  });
  AddMethods();
}

void Supervisor::AddMethods() {
  MethodParts parts{server_, driver_, planner_, publisher_, logs_,   followers_,   waiters_,
                    ending_, init_,   probes_,  outfit_,    timers_, surroundings_};
  AddReadMethods(parts);
  AddGoalMethods(parts);
  AddPinMethods(parts);
  AddSignalMethods(parts);
  AddLogMethods(parts);
  AddLogManageMethods(parts);
  AddPlanMethods(parts);
  AddCheckMethod(parts);
  AddFiguresMethod(parts);
  AddDoctorMethod(parts);
}

void Supervisor::OnMessage(const Message& message, InitChannel::Fds fds) {
  bool is_news = message.type >= kMsgSpawned;
  if (is_news && !has_engine_) {  // an exit, say, while the boot still waits for an answer of the store
    early_.push_back(message);
    return;
  }
  switch (message.type) {
    case kMsgHello:
      surroundings_.init_pid = message.pid;
      surroundings_.pid1 = (message.value & kHelloPid1) != 0;
      surroundings_.safe = (message.value & kHelloSafe) != 0;
      has_command_ = (message.value & kHelloHasCommand) != 0;
      command_asked_ = (message.value & kHelloCommandRunning) != 0;
      was_stopping_ = (message.value & kHelloStopping) != 0;
      break;
    case kMsgChild:
      children_.push_back(message);
      (void)probes_.OnMessage(message);  // the engine is told of all of them later
      break;
    case kMsgStoreEntry:
      if (store_.awaits(message)) {
        store_.OnEntry(message, std::move(fds));
      } else if (!has_snapshot_) {
        store_.OnSnapshotEntry(message);
      }
      break;
    case kMsgSnapshotEnd:
      has_snapshot_ = true;
      OnSnapshotEnd();
      break;
    case kMsgContainerSignal:
      OnContainerSignal(message.signal);
      break;
    case kMsgCommandExited:
      ending_.Begin("the command " + ExitText(StatusOf(message.status)), 0);
      break;
    default:
      OnChildMessage(message);
      break;
  }
  RetryWhenStuck();
}

void Supervisor::EngineIsThere() {
  has_engine_ = true;
  for (const Message& message : std::exchange(early_, {})) OnMessage(message, {});
}

void Supervisor::OnChildMessage(const Message& message) {
  if (probes_.OnMessage(message)) return;
  std::string name(NameIn(message.key.name));
  if (message.key.role == kRoleLoad) {
    if (message.type == kMsgSpawned) loader_.OnSpawned(message);
    if (message.type == kMsgSpawnFailed) loader_.OnSpawnFailed(message);
    if (message.type == kMsgExited && message.value == 0) loader_.OnExited(message);
    if (message.type == kMsgTreeGone) loader_.OnExited(message);
    return;
  }
  if (message.key.role > kRoleStop) return;  // the command and supervise itself are init's own
  if (outfit_.OnMessage(message)) return;
  Event event{};
  event.service = driver_.engine().Find(name);
  event.role = static_cast<Role>(message.key.role);
  event.incarnation = message.key.incarnation;
  event.pid = message.pid;
  bool is_last = true;  // nothing more comes of this child
  switch (message.type) {
    case kMsgSpawned:
      event.kind = EventKind::kSpawned;
      is_last = false;
      if (name == kLogdName) logs_.LogdSpawned();
      break;
    case kMsgSpawnFailed:
      event.kind = EventKind::kSpawnFailed;
      event.stage = static_cast<SpawnStageNumber>(message.stage);
      event.error = message.error;
      break;
    case kMsgExited:
      event.kind = EventKind::kExited;
      event.status = StatusOf(message.status);
      event.lingering = message.value != 0;
      is_last = !event.lingering;
      if (event.role == Role::kMain) notify_.Look(name);
      break;
    case kMsgTreeGone:
      event.kind = EventKind::kTreeGone;
      break;
    default:
      return;
  }
  if (event.service == kNoService) {
    if (is_last) Forget(message);
    return;
  }
  driver_.Post(event, [this, message, is_last] {
    if (message.type == kMsgExited && message.key.role == kRoleMain)
      notify_.Close(std::string(NameIn(message.key.name)));
    if (is_last) Forget(message);
  });
  if (message.type == kMsgSpawned) outfit_.Spawned(message);
}

void Supervisor::Forget(const Message& message) {
  Message forget = MessageOf(kMsgForget);
  forget.key = message.key;
  init_.Send(forget);
}

void Supervisor::KillUnknown(const Message& message) {
  Message kill = MessageOf(kMsgSignal);
  kill.key = message.key;
  kill.signal = SIGKILL;
  kill.scope = kScopeTree;
  init_.Send(kill);
}

void Supervisor::OnContainerSignal(int signal) {
  if (signal == SIGHUP) {
    if (planner_.busy() || !surroundings_.booted || ending_.begun()) return;
    planner_.Reload(Planner::Mode::kApply, "", [this](const ReloadReport& report) {
      if (!report.ok) voice_.Say("reload: " + report.error);
    });
    return;
  }
  if (signal == SIGUSR2) logs_.Reopen();
  if (signal == SIGUSR1 || signal == SIGUSR2 || signal == SIGWINCH) return;
  ending_.Begin(SignalText(signal), 0);
}

void Supervisor::OnChanged(ServiceId id) {
  sockets_.Changed(id);
  scheduler_.Changed(id);
  probes_.Changed(id, driver_.NameOf(id));
  if (surroundings_.booted) narrator_.Changed(id, savepoint_->header().settled_told != 0);
  waiters_.Changed(driver_.NameOf(id));
}

void Supervisor::AfterSteps() {
  RetryWhenStuck();
  if (!surroundings_.booted || ending_.begun() || !driver_.engine().Settled()) return;
  if (savepoint_->header().settled_told == 0) {
    savepoint_->header().settled_told = 1;
    voice_.Say("up: " + narrator_.Summary());
  }
  if (!has_command_ || command_asked_) return;
  command_asked_ = true;
  init_.Send(MessageOf(kMsgRunCommand));
}

// What has no slot yet gets its config with its first start.
void Supervisor::ConfigureLogs() {
  for (const ServiceSpec& spec : planner_.WholePlan().services)
    if (spec.name != kLogdName && logs_.usable() && logs_.table().Find(spec.name) >= 0)
      log_configs_.Apply(spec.name, spec.log, spec.internal);
}

void Supervisor::AwaitDemand(const Effect& effect, const std::string& name) {
  if (!driver_.engine().Exists(effect.service)) return;
  auto problem = sockets_.Await(driver_.engine().spec(effect.service));
  if (problem) outfit_.spawner().Fail(effect, name, *problem);
}

void Supervisor::LookAtClock() {
  if (auto gap = clock_gap_.Look(Clocks(), timers_.ticking())) StoodStill(*gap);
}

// Before anything that has come meanwhile is judged.
void Supervisor::StoodStill(const Gap& gap) {
  timers_.Move(gap.counted);
  if (savepoint_ != nullptr) ending_.MoveTime(gap.counted);
  if (!has_engine_) return;
  std::string text =
      "time: stood still for " + std::to_string(gap.whole.count() / 1000) + " s; every deadline moved";
  voice_.Say(text);
  publisher_.Message(text);
  driver_.MoveTime(std::max(gap.counted, Millis(1)));  // also after a sleep: what was probed is asked anew
  scheduler_.ComputeAnew();
}

void Supervisor::RetryWhenStuck() {
  if (!init_.stuck() || stuck_armed_) return;
  stuck_armed_ = true;
  timers_.In(Millis(50), [this] {
    stuck_armed_ = false;
    init_.Flush();
    RetryWhenStuck();
  });
}

}  // namespace foster
