// SPDX-License-Identifier: MIT
#include "supervise/exec_probes.h"

#include <sys/wait.h>

#include <algorithm>
#include <csignal>

#include "core/cause.h"
#include "supervise/degrade.h"
#include "supervise/spawn.h"
#include "sys/clock.h"

namespace foster {
namespace {

constexpr Millis kLongest{86'400'000};

std::string EndText(int status) {
  if (WIFEXITED(status)) return "exit code " + std::to_string(WEXITSTATUS(status));
  return ExitText({0, WTERMSIG(status)});
}

// As the service itself, in its directory unless the probe names one, and heard by nobody. Not in its cgroup,
// nor in namespaces of its own, which would be other ones than the service's.
std::variant<SpawnWish, SpawnProblem> WishFor(const ServiceSpec& of, const Probe& probe,
                                              std::uint32_t left_out,
                                              const std::vector<std::string>& environment) {
  ServiceSpec spec = of;
  spec.isolation = Without(of.isolation, left_out);
  spec.isolation.cgroup = {};
  spec.isolation.private_tmp = spec.isolation.private_pids = false;
  Command command = probe.command;
  if (command.cwd.empty()) command.cwd = spec.run.cwd;
  SpawnRequest request;
  request.spec = &spec;
  request.command = &command;
  auto made = MakeSpawnWish(request, environment);
  if (auto* wish = std::get_if<SpawnWish>(&made)) {
    wish->stdio = {};
    wish->fds.clear();
    wish->session = true;
  }
  return made;
}

}  // namespace

ExecProbes::ExecProbes(InitChannel& init, Timers& timers, std::function<Number()> next)
    : init_(init), timers_(timers), next_(std::move(next)), environment_(OwnEnvironment()) {}

ExecProbes::~ExecProbes() {
  for (const auto& [number, job] : jobs_) timers_.Cancel(job->limit);
}

void ExecProbes::Limit(Job* job, Millis span, std::function<void()> out) {
  timers_.Cancel(job->limit);
  job->limit = timers_.In(span, std::move(out));
}

ExecProbes::Number ExecProbes::Run(const ServiceSpec& spec, std::uint32_t role, const Probe& probe,
                                   Millis waits, Done done) {
  auto job = std::make_shared<Job>();
  Number number = next_();
  job->number = number;
  job->place = {spec.name, role};
  job->spec = spec;
  job->probe = probe;
  job->probe.timeout = std::min(probe.timeout, kLongest);
  job->latest = After(MonoNow(), job->probe.timeout + waits);
  job->done = std::move(done);
  jobs_[number] = job;
  Slot& slot = slots_[job->place];
  if (slot.child == 0) {
    Start(job);
  } else if (slot.waiting.size() >= kMaxWaiting) {
    Limit(job.get(), Millis(0), [this, number] { End(number, false, "too many probes of it wait"); });
  } else {
    slot.waiting.push_back(number);
    Limit(job.get(), job->probe.timeout + waits,
          [this, number] { End(number, false, "the probe before it has not ended"); });
  }
  return number;
}

void ExecProbes::Start(const JobPointer& job) {
  Number child = job->children++ == 0 ? job->number : next_();
  Slot& slot = slots_[job->place];
  slot.child = child;
  slot.job = job->number;
  Millis span = std::clamp(job->latest - MonoNow(), Millis(0), job->probe.timeout);
  Message spawn = MessageOf(kMsgSpawn);
  spawn.key = KeyOf(job->place.first, job->place.second, child);
  Limit(job.get(), span, [this, key = spawn.key, number = job->number, span] {
    Kill(key);
    End(number, false, "did not end within " + std::to_string(span.count()) + " ms");
  });
  init_.Send(spawn, [this, job, key = spawn.key](InitChannel::Fds* fds) { return Prepare(job, key, fds); });
}

// Runs when the message's turn has come. What fails is told later: not from inside the channel's own flush.
bool ExecProbes::Prepare(const JobPointer& job, const ChildKey& key, InitChannel::Fds* fds) {
  std::string why;
  Message never = MessageOf(kMsgSpawnFailed);
  never.key = key;
  auto made = WishFor(job->spec, job->probe, PartsLeftOut(job->spec), environment_);
  if (jobs_.count(job->number) == 0) {
    why = "nobody waits for it";
  } else if (auto* problem = std::get_if<SpawnProblem>(&made)) {
    never.stage = problem->stage;
    why = problem->text;
  } else {
    auto plan = BuildSpawnPlan(std::get<SpawnWish>(made));
    if (plan.ok()) {
      fds->push_back(std::move(*plan));
      return true;
    }
    why = plan.error().message();
  }
  timers_.In(Millis(0), [this, never, why] { OnSpawnFailed(never, "cannot start: " + why); });
  return false;
}

ExecProbes::Number ExecProbes::JobOf(const Message& message) const {
  auto found = slots_.find({std::string(NameIn(message.key.name)), message.key.role});
  if (found == slots_.end() || found->second.child != message.key.incarnation) return 0;
  return found->second.job;
}

std::uint32_t& ExecProbes::PartsLeftOut(const ServiceSpec& spec) {
  LeftOut& left_out = left_out_[spec.name];
  if (!(left_out.of == spec.isolation)) left_out = {spec.isolation, 0};
  return left_out.parts;
}

// What the service runs without, its probes run without too.
bool ExecProbes::TryWithLess(const Message& message) {
  auto found = jobs_.find(JobOf(message));
  if (found == jobs_.end()) return false;
  JobPointer job = found->second;
  std::uint32_t& left_out = PartsLeftOut(job->spec);
  auto part = PartToLeaveOut(job->spec.isolation, left_out, static_cast<SpawnStage>(message.stage));
  if (!part) return false;
  left_out |= 1u << static_cast<unsigned>(*part);
  slots_[job->place].waiting.push_front(job->number);
  Free(message);
  return true;
}

void ExecProbes::OnSpawnFailed(const Message& message, const std::string& why) {
  if (TryWithLess(message)) return;
  Number job = JobOf(message);
  Free(message);
  End(job, false, why);
}

void ExecProbes::End(Number number, bool ok, const std::string& text) {
  auto found = jobs_.find(number);
  if (found == jobs_.end()) return;
  JobPointer job = found->second;
  jobs_.erase(found);
  timers_.Cancel(job->limit);
  Slot& slot = slots_[job->place];
  std::erase(slot.waiting, number);
  if (slot.job == number) slot.job = 0;
  StartNext(job->place);
  if (job->done) job->done(ok, text);
}

void ExecProbes::Cancel(Number number) {
  auto found = jobs_.find(number);
  if (found == jobs_.end()) return;
  const Place& place = found->second->place;
  const Slot& slot = slots_[place];
  if (slot.job == number) Kill(KeyOf(place.first, place.second, slot.child));
  found->second->done = nullptr;
  End(number, false, "");
}

void ExecProbes::OnMessage(const Message& message) {
  switch (message.type) {
    case kMsgChild:
      Left(message);
      return;
    case kMsgSpawned:
      if (JobOf(message) == 0) Kill(message.key);
      return;
    case kMsgSpawnFailed:
      OnSpawnFailed(message, SpawnFailureText(static_cast<SpawnStageNumber>(message.stage), message.error));
      return;
    case kMsgExited:
      OnExited(message);
      return;
    case kMsgTreeGone:
      Free(message);
      return;
    default:
      return;
  }
}

void ExecProbes::OnExited(const Message& message) {
  Number job = JobOf(message);
  if (message.value != 0) {
    Kill(message.key);  // what it left behind
  } else {
    Free(message);
  }
  bool ok = WIFEXITED(message.status) && WEXITSTATUS(message.status) == 0;
  End(job, ok, EndText(message.status));
}

// Nobody waits for the answer of a former supervise's probe: the engine asks again by itself.
void ExecProbes::Left(const Message& message) {
  if (message.child_state == kChildExited || message.child_state == kChildFailed) {
    Free(message);
    return;
  }
  slots_[{std::string(NameIn(message.key.name)), message.key.role}].child = message.key.incarnation;
  Kill(message.key);
}

void ExecProbes::Free(const Message& message) {
  Message forget = MessageOf(kMsgForget);
  forget.key = message.key;
  init_.Send(forget);
  Place place{std::string(NameIn(message.key.name)), message.key.role};
  auto found = slots_.find(place);
  if (found == slots_.end() || found->second.child != message.key.incarnation) return;
  found->second.child = found->second.job = 0;
  StartNext(place);
}

void ExecProbes::StartNext(const Place& place) {
  auto found = slots_.find(place);
  if (found == slots_.end() || found->second.child != 0) return;
  if (found->second.waiting.empty()) {
    slots_.erase(found);
    return;
  }
  Number next = found->second.waiting.front();
  found->second.waiting.pop_front();
  if (auto job = jobs_.find(next); job != jobs_.end()) Start(job->second);
}

void ExecProbes::Kill(const ChildKey& key) {
  Message kill = MessageOf(kMsgSignal);
  kill.key = key;
  kill.signal = SIGKILL;
  kill.scope = kScopeTree;
  init_.Send(kill);
}

}  // namespace foster
