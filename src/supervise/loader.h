// SPDX-License-Identifier: MIT
// Loader: runs `foster load` once for services.d and then, side by side, for each workload's project and
// seed, as children of init, and collects what they read. Not: parsing, nor choosing (sources.h). Called by:
// Planner. Invariants: one Load() at a time; a reader gets 15 s and 16 MiB of output, then it counts as
// failed; a reader that somebody else killed with SIGKILL is tried again, at most kMaxTries times; every
// Load() ends with one `done`.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "formats/load_command.h"
#include "supervise/savepoint.h"
#include "supervise/sources.h"
#include "supervise/timers.h"
#include "sys/init_channel.h"

namespace foster {

class Loader {
 public:
  using Done = std::function<void(Sources read)>;

  Loader(InitChannel& init, Timers& timers) : init_(init), timers_(timers) {}
  void SetSavepoint(Savepoint* savepoint) { savepoint_ = savepoint; }

  bool busy() const { return done_ != nullptr; }
  void Load(const std::string& services_directory, const ScaleMap& scale, Done done);

  // News of children whose names begin with "foster/load-". Those of a former supervise are put away.
  void OnSpawned(const Message& message);
  void OnSpawnFailed(const Message& message);
  void OnExited(const Message& message);

 private:
  static constexpr int kMaxTries = 4;
  static constexpr int kMaxSpawnTries = 8;
  static constexpr std::uint64_t kMaxOutput = 16u << 20;

  struct Job {
    LoadRequest request;
    std::function<void(std::optional<Fragment>, std::string failure)> done;
    ChildKey key{};
    UniqueFd output;
    Timers::Id limit = 0;
    int tries = 0;
    int spawn_failures = 0;
    bool out_of_time = false;
  };
  using JobPointer = std::shared_ptr<Job>;

  void Start(LoadRequest request, std::function<void(std::optional<Fragment>, std::string)> done);
  void Try(const JobPointer& job);
  bool Prepare(const JobPointer& job, InitChannel::Fds* fds);
  void RetrySpawn(const JobPointer& job, const std::string& why);
  void End(const JobPointer& job, std::optional<Fragment> fragment, std::string failure);
  void Judge(const JobPointer& job, int status);
  void LoadWorkloads();
  JobPointer Take(const Message& message);
  void Forget(const ChildKey& key);

  InitChannel& init_;
  Timers& timers_;
  Savepoint* savepoint_ = nullptr;
  std::map<std::string, JobPointer> running_;  // by child name
  Sources read_;
  std::size_t open_jobs_ = 0;
  Done done_;
};

}  // namespace foster
