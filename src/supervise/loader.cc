// SPDX-License-Identifier: MIT
#include "supervise/loader.h"

#include <sys/resource.h>
#include <sys/wait.h>

#include <csignal>

#include "core/cause.h"
#include "supervise/internal_services.h"
#include "supervise/spawn.h"
#include "sys/clock.h"
#include "sys/memfd.h"
#include "wire/plan_codec.h"

namespace foster {
namespace {

constexpr Millis kTimeLimit{15'000};

std::string HowItEnded(int status) {
  ExitStatus exit;
  if (WIFSIGNALED(status)) {
    exit.signal = WTERMSIG(status);
  } else {
    exit.code = WEXITSTATUS(status);
  }
  return "the reader was ended: " + ExitText(exit);
}

Result<Fragment> FragmentIn(int output, std::uint64_t limit) {
  FOSTER_ASSIGN(std::string text, ReadWholeFd(output, limit));
  FOSTER_ASSIGN(Json json, ParseJson(text));
  return FragmentFromJson(json);
}

SpawnWish WishFor(const LoadRequest& request) {
  SpawnWish wish;
  wish.file = SelfPath();
  wish.argv = LoadArguments(request);
  wish.environment = OwnEnvironment();
  wish.stdio[2] = {kFdInherit, 2, "", 2};
  wish.fds = {{kFdMessage, 0, "", request.output_fd}};
  wish.rlimits = {{RLIMIT_CPU, 0, 15, 15}, {RLIMIT_CORE, 0, 0, 0}};
  return wish;
}

}  // namespace

void Loader::Load(const std::string& services_directory, const ScaleMap& scale, Done done) {
  done_ = std::move(done);
  read_ = Sources{};
  read_.scale = scale;
  LoadRequest request;
  request.directory = services_directory;
  Start(std::move(request), [this](std::optional<Fragment> fragment, std::string failure) {
    if (fragment) read_.services_d = std::move(*fragment);
    read_.services_d_failure = std::move(failure);
    LoadWorkloads();
  });
}

void Loader::LoadWorkloads() {
  for (const Workload& workload : read_.services_d.workloads) {
    read_.workloads.emplace_back();
    read_.workloads.back().name = workload.name;
  }
  for (std::size_t i = 0; i < read_.services_d.workloads.size(); ++i) {
    Workload workload = read_.services_d.workloads[i];
    for (bool is_seed : {false, true}) {
      const std::string& file = is_seed ? workload.seed : workload.project;
      if (file.empty()) continue;
      LoadRequest request;
      request.is_workload = true;
      request.workload = workload.name;
      request.format = workload.format;
      request.file = file;
      Start(std::move(request), [this, i, is_seed](std::optional<Fragment> fragment, std::string failure) {
        WorkloadFragments& target = read_.workloads[i];
        (is_seed ? target.seed : target.project) = std::move(fragment);
        (is_seed ? target.seed_failure : target.project_failure) = std::move(failure);
      });
    }
  }
}

void Loader::Start(LoadRequest request, std::function<void(std::optional<Fragment>, std::string)> done) {
  request.scale = read_.scale;
  auto job = std::make_shared<Job>();
  job->request = std::move(request);
  job->done = std::move(done);
  ++open_jobs_;
  Try(job);
}

void Loader::Try(const JobPointer& job) {
  ++job->tries;
  std::uint64_t number = ++savepoint_->header().load_generation;
  std::string name = std::string(kLoadPrefix) + std::to_string(number);
  job->key = KeyOf(name, kRoleLoad, number);
  job->out_of_time = false;
  running_[name] = job;
  job->limit = timers_.In(kTimeLimit, [this, job] {
    job->out_of_time = true;
    Message kill = MessageOf(kMsgSignal);
    kill.key = job->key;
    kill.signal = SIGKILL;
    kill.scope = kScopeTree;
    init_.Send(kill);
  });
  Message spawn = MessageOf(kMsgSpawn);
  spawn.key = job->key;
  init_.Send(spawn, [this, job](InitChannel::Fds* fds) { return Prepare(job, fds); });
}

bool Loader::Prepare(const JobPointer& job, InitChannel::Fds* fds) {
  auto plan = BuildSpawnPlan(WishFor(job->request));
  auto output = CreateMemfd("foster-load");
  auto copy = output.ok() ? Duplicate(output->get()) : Result<UniqueFd>(output.error());
  if (plan.ok() && copy.ok()) {
    job->output = std::move(*output);
    fds->push_back(std::move(*plan));
    fds->push_back(std::move(*copy));
    return true;
  }
  // Not from inside the channel's own flush: the next try sends again.
  std::string why = plan.ok() ? copy.error().message() : plan.error().message();
  timers_.In(Millis(0), [this, job, why] {
    running_.erase(std::string(NameIn(job->key.name)));
    RetrySpawn(job, why);
  });
  return false;
}

void Loader::OnSpawned(const Message& message) {
  if (running_.count(std::string(NameIn(message.key.name))) > 0) return;
  Message kill = MessageOf(kMsgSignal);  // of a former supervise: nobody waits for it
  kill.key = message.key;
  kill.signal = SIGKILL;
  kill.scope = kScopeTree;
  init_.Send(kill);
}

void Loader::OnSpawnFailed(const Message& message) {
  JobPointer job = Take(message);
  if (job) RetrySpawn(job, SpawnFailureText(static_cast<SpawnStageNumber>(message.stage), message.error));
}

void Loader::OnExited(const Message& message) {
  JobPointer job = Take(message);
  if (job) Judge(job, message.status);
}

Loader::JobPointer Loader::Take(const Message& message) {
  Forget(message.key);
  auto found = running_.find(std::string(NameIn(message.key.name)));
  if (found == running_.end()) return nullptr;
  JobPointer job = found->second;
  running_.erase(found);
  timers_.Cancel(job->limit);
  return job;
}

void Loader::Forget(const ChildKey& key) {
  Message forget = MessageOf(kMsgForget);
  forget.key = key;
  init_.Send(forget);
}

void Loader::RetrySpawn(const JobPointer& job, const std::string& why) {
  timers_.Cancel(job->limit);
  if (++job->spawn_failures >= kMaxSpawnTries) {
    End(job, std::nullopt, "the reader cannot be started: " + why);
    return;
  }
  --job->tries;
  timers_.In(Millis(50 << job->spawn_failures), [this, job] { Try(job); });
}

void Loader::Judge(const JobPointer& job, int status) {
  bool killed = WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL;
  if (job->out_of_time) {
    End(job, std::nullopt, "the reader did not end within 15 s");
  } else if (killed && job->tries < kMaxTries) {
    Try(job);
  } else if (!WIFEXITED(status) || WEXITSTATUS(status) != 0) {
    End(job, std::nullopt, HowItEnded(status));
  } else if (auto fragment = FragmentIn(job->output.get(), kMaxOutput); fragment.ok()) {
    End(job, std::move(*fragment), "");
  } else {
    End(job, std::nullopt, "the reader's answer cannot be used: " + fragment.error().message());
  }
}

void Loader::End(const JobPointer& job, std::optional<Fragment> fragment, std::string failure) {
  job->done(std::move(fragment), std::move(failure));  // may start further jobs
  if (--open_jobs_ > 0) return;
  Done done = std::move(done_);
  done_ = nullptr;
  done(std::move(read_));
}

}  // namespace foster
