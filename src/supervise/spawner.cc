// SPDX-License-Identifier: MIT
#include "supervise/spawner.h"

#include <algorithm>
#include <cstring>
#include <utility>

#include "supervise/degrade.h"
#include "supervise/internal_services.h"
#include "supervise/prober_link.h"
#include "supervise/sockets.h"

namespace foster {
namespace {

static_assert(static_cast<std::uint32_t>(Role::kMain) == kRoleMain);
static_assert(static_cast<std::uint32_t>(Role::kFinish) == kRoleFinish);
static_assert(static_cast<std::uint32_t>(Role::kDown) == kRoleDown);
static_assert(static_cast<std::uint32_t>(Role::kStop) == kRoleStop);

// logd reads the pipes of all others: its own output goes to foster's.
void AddLogdFds(SpawnWish* wish) {
  wish->stdio[1] = {kFdInherit, 1, "", 1};
  wish->stdio[2] = {kFdInherit, 2, "", 2};
  wish->fds = {{kFdStore, 0, std::string(kStoreLogTable), 3},
               {kFdStore, 1, std::string(kStoreLogTable), 4},
               {kFdStore, 0, std::string(kStoreLogBell), 5},
               {kFdStore, 1, std::string(kStoreLogdChannel), 6}};
}

// It looks into the logs, where there are any.
void AddProberFds(bool has_logs, SpawnWish* wish) {
  wish->fds = {{kFdStore, 1, std::string(kStoreProberChannel), 3}};
  if (!has_logs) return;
  wish->fds.push_back({kFdStore, 0, std::string(kStoreLogTable), 4});
  wish->fds.push_back({kFdStore, 1, std::string(kStoreLogTable), 5});
}

}  // namespace

Spawner::Spawner(Parts parts) : parts_(parts), environment_(OwnEnvironment()) {}

void Spawner::Spawn(const Effect& effect, const std::string& name) {
  attempts_[{name, effect.role}] = {effect, 0, {}};
  if (MustEmpty(effect)) return EmptyThenSend(effect, name);
  Send(effect, name);
}

// At a start that somebody asked for, not at one that follows from its end.
bool Spawner::MustEmpty(const Effect& effect) const {
  const Engine& engine = parts_.driver.engine();
  if (effect.role != Role::kMain || !engine.Exists(effect.service)) return false;
  const auto& sinks = engine.spec(effect.service).log.sinks;
  return engine.record(effect.service).restarts_since_up == 0 &&
         std::any_of(sinks.begin(), sinks.end(), [](const LogSink& sink) { return sink.truncate_at_start; });
}

// What the life before has left comes first; a logd that does not answer is not waited for long.
void Spawner::EmptyThenSend(const Effect& effect, const std::string& name) {
  constexpr Millis kPatience{2'000};
  auto is_sent = std::make_shared<bool>(false);
  auto send = [this, effect, name, is_sent] {
    if (!std::exchange(*is_sent, true)) Send(effect, name);
  };
  if (!parts_.logs.Empty(name, send)) return send();
  parts_.timers.In(kPatience, send);
}

void Spawner::Send(const Effect& effect, const std::string& name) {
  if (!parts_.driver.engine().Exists(effect.service)) return;
  Openings openings;
  openings.spec = parts_.driver.engine().spec(effect.service);
  openings.request.role = effect.role;
  openings.request.status = effect.status;
  openings.request.main_pid = effect.pid;
  if (effect.role == Role::kStop && effect.pid <= 0)
    openings.request.main_pid = parts_.driver.engine().record(effect.service).pid;
  if (effect.role == Role::kMain && open_sockets_)
    if (auto problem = open_sockets_(openings.spec)) return Fail(effect, name, *problem);
  if (name != kLogdName && parts_.logs.Ensure(name))
    parts_.log_configs.Apply(name, openings.spec.log, openings.spec.internal);
  if (effect.role == Role::kMain) OpenForMain(effect, &openings);
  Message message = MessageOf(kMsgSpawn);
  message.key = KeyOf(name, static_cast<std::uint32_t>(effect.role), effect.incarnation);
  parts_.init.Send(message, [this, effect, openings = std::move(openings)](InitChannel::Fds* fds) {
    return Prepare(effect, openings, fds);
  });
}

void Spawner::OpenForMain(const Effect& effect, Openings* openings) {
  const ServiceSpec& spec = openings->spec;
  bool is_read = spec.readiness.probe.kind == ProbeKind::kLogLine;
  parts_.logs.SetIncarnation(spec.name, effect.incarnation, is_read);
  if (spec.readiness.notify_fd >= 0) {
    parts_.notify.Close(spec.name);
    openings->notify_end = std::make_shared<UniqueFd>();
    parts_.notify.Open(spec.name, openings->notify_end);
    openings->request.has_notify = true;
  }
  if (SdNotify::Wants(spec)) {
    openings->request.environment = parts_.sd_notify.Open(spec, effect.incarnation);
  } else {
    parts_.sd_notify.Close(spec.name);
  }
  if (StdinEnds::Wants(spec)) {
    parts_.stdin_ends.Open(spec);
    openings->request.has_stdin = true;
  }
}

// Runs when the message's turn has come.
bool Spawner::Prepare(const Effect& effect, const Openings& openings, InitChannel::Fds* fds) {
  UniqueFd cgroup;
  auto made = Make(effect, openings, &cgroup);
  auto* problem = std::get_if<SpawnProblem>(&made);
  if (problem != nullptr) {
    Fail(effect, openings.spec.name, *problem);
    return false;
  }
  auto plan = BuildSpawnPlan(std::get<SpawnWish>(made));
  if (!plan.ok()) {
    Fail(effect, openings.spec.name, {kStagePlan, plan.error().code(), plan.error().message()});
    return false;
  }
  fds->push_back(std::move(*plan));
  if (openings.notify_end) fds->push_back(std::move(*openings.notify_end));
  if (cgroup) fds->push_back(std::move(cgroup));
  return true;
}

// With all that is asked, or with less where that is allowed.
std::variant<SpawnWish, SpawnProblem> Spawner::Make(const Effect& effect, const Openings& openings,
                                                    UniqueFd* cgroup) {
  for (;;) {
    auto made = MakeWhole(effect, openings, cgroup);
    auto* problem = std::get_if<SpawnProblem>(&made);
    if (problem == nullptr || !LeaveOut(effect, openings.spec, problem->stage, problem->text)) return made;
  }
}

std::variant<SpawnWish, SpawnProblem> Spawner::MakeWhole(const Effect& effect, const Openings& openings,
                                                         UniqueFd* cgroup) {
  ServiceSpec spec = openings.spec;
  spec.isolation = Without(spec.isolation, attempts_[{spec.name, effect.role}].left_out);
  SpawnRequest request = openings.request;
  request.spec = &spec;
  request.has_out_pipe = request.has_err_pipe = spec.name != kLogdName && parts_.logs.HasPipes(spec.name);
  bool is_main = effect.role == Role::kMain;
  if (openings.notify_end && !*openings.notify_end)
    return SpawnProblem{kStagePlan, EMFILE, "no pipe for readiness"};
  if (is_main && SdNotify::Wants(spec) && !parts_.sd_notify.IsOpen(spec.name, effect.incarnation))
    return SpawnProblem{kStagePlan, EMFILE, "no socket for notifications"};
  if (request.has_stdin && !parts_.stdin_ends.IsOpen(spec.name))
    return SpawnProblem{kStageTerminal, EMFILE, "no " + std::string(NameOf(spec.stdin_from)) + " for stdin"};
  if (!spec.internal) {
    auto entered = parts_.cgroups.Enter(spec.name, spec.isolation.cgroup);
    if (!entered.ok()) return SpawnProblem{kStageCgroup, entered.error().code(), entered.error().message()};
    *cgroup = std::move(*entered);
    if (*cgroup) request.cgroup_fd = openings.notify_end ? 1 : 0;
  }
  if (auto problem = AddSecrets(spec, &request)) return *problem;
  if (is_main) request.listen_fds = Sockets::FdsOf(spec);
  if (is_main)
    for (HeldFd& held : HeldFdsOf(parts_.store, spec.name)) request.listen_fds.push_back(std::move(held));
  auto made = MakeSpawnWish(request, environment_);
  if (auto on_stdin = Sockets::StdinOf(spec); on_stdin && is_main && std::holds_alternative<SpawnWish>(made))
    std::get<SpawnWish>(made).stdio[0] = {kFdStore, 0, on_stdin->store_name, 0};
  if (auto* wish = std::get_if<SpawnWish>(&made)) {
    if (spec.name == kLogdName) AddLogdFds(wish);
    if (spec.name == kProberName) AddProberFds(parts_.logs.usable(), wish);
  }
  return made;
}

// Hidden before the process that gets them can say them.
std::optional<SpawnProblem> Spawner::AddSecrets(const ServiceSpec& spec, SpawnRequest* request) {
  auto values = ReadSecrets(spec.secrets);
  if (!values.ok()) return SpawnProblem{kStagePlan, values.error().code(), values.error().message()};
  parts_.log_configs.Hide(spec.name, *values);
  for (const SecretValue& value : *values)
    if (!value.name.empty()) request->environment.push_back(value.name + "=" + value.value);
  return std::nullopt;
}

bool Spawner::LeaveOut(const Effect& effect, const ServiceSpec& spec, SpawnStage stage,
                       const std::string& why) {
  Attempt& attempt = attempts_[{spec.name, effect.role}];
  auto part = PartToLeaveOut(spec.isolation, attempt.left_out, stage);
  if (!part) return false;
  attempt.left_out |= 1u << static_cast<unsigned>(*part);
  attempt.degraded.push_back(DegradedText(spec.isolation, *part, why));
  parts_.voice.Say(spec.name + ": runs without " + attempt.degraded.back());
  if (effect.role == Role::kMain) parts_.notes.SetDegraded(spec.name, effect.incarnation, attempt.degraded);
  return true;
}

bool Spawner::TryWithLess(const Message& failed) {
  std::string name(NameIn(failed.key.name));
  const Engine& engine = parts_.driver.engine();
  ServiceId id = engine.Find(name);
  if (id == kNoService || failed.key.role > kRoleStop) return false;
  const ServiceRecord& record = engine.record(id);
  bool is_awaited = record.spawn_pending && record.incarnation == failed.key.incarnation;
  bool is_wanted = record.state == State::kStarting || failed.key.role != kRoleMain;
  auto role = static_cast<Role>(failed.key.role);
  if (!is_awaited || !is_wanted || record.role != role) return false;
  Attempt& attempt = attempts_[{name, role}];
  if (attempt.effect.incarnation != failed.key.incarnation) {  // a former supervise sent it
    attempt = {};
    attempt.effect.kind = EffectKind::kSpawn;
    attempt.effect.role = role;
    attempt.effect.incarnation = failed.key.incarnation;
  }
  attempt.effect.service = id;
  Effect effect = attempt.effect;
  auto stage = static_cast<SpawnStage>(failed.stage);
  if (!LeaveOut(effect, engine.spec(id), stage, std::strerror(failed.error))) return false;
  Message forget = MessageOf(kMsgForget);
  forget.key = failed.key;
  parts_.init.Send(forget);
  Send(effect, name);
  return true;
}

void Spawner::Settled(const Message& message) {
  if (message.key.role <= kRoleStop)
    attempts_.erase({std::string(NameIn(message.key.name)), static_cast<Role>(message.key.role)});
}

void Spawner::Remove(const std::string& name) {
  for (Role role : {Role::kMain, Role::kFinish, Role::kDown, Role::kStop}) attempts_.erase({name, role});
}

void Spawner::Fail(const Effect& effect, const std::string& name, const SpawnProblem& problem) {
  parts_.voice.Say(name + ": cannot start: " + problem.text);
  attempts_.erase({name, effect.role});
  if (effect.role == Role::kMain) parts_.notes.SetSpawnProblem(name, effect.incarnation, problem.text);
  Event event{};
  event.kind = EventKind::kSpawnFailed;
  event.service = effect.service;
  event.role = effect.role;
  event.incarnation = effect.incarnation;
  event.stage = static_cast<SpawnStageNumber>(problem.stage);
  event.error = problem.error;
  parts_.driver.Post(event);
}

}  // namespace foster
