// SPDX-License-Identifier: MIT
#include "logd/s6_processor.h"

#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>
#include <thread>

namespace foster {
namespace {

constexpr int kOldState = 4;
constexpr int kNewState = 5;
constexpr mode_t kFileMode = 0644;

class SpawnActions {
 public:
  SpawnActions() {
    posix_spawn_file_actions_init(&actions_);
    posix_spawnattr_init(&attributes_);
  }
  ~SpawnActions() {
    posix_spawn_file_actions_destroy(&actions_);
    posix_spawnattr_destroy(&attributes_);
  }
  SpawnActions(const SpawnActions&) = delete;
  SpawnActions& operator=(const SpawnActions&) = delete;

  int Prepare(const std::string& directory) {
    constexpr int kNew = O_WRONLY | O_CREAT | O_EXCL;
    int error = posix_spawn_file_actions_addchdir_np(&actions_, directory.c_str());
    if (error == 0) error = posix_spawn_file_actions_addopen(&actions_, 0, "previous", O_RDONLY, 0);
    if (error == 0) error = posix_spawn_file_actions_addopen(&actions_, 1, "processed", kNew, kFileMode);
    // logd's own memories and channel have these numbers.
    if (error == 0) error = posix_spawn_file_actions_addclosefrom_np(&actions_, 3);
    if (error == 0)
      error = posix_spawn_file_actions_addopen(&actions_, kOldState, "state", O_RDONLY | O_CREAT, kFileMode);
    if (error == 0)
      error = posix_spawn_file_actions_addopen(&actions_, kNewState, "newstate", kNew, kFileMode);
    return error == 0 ? PrepareSignals() : error;
  }
  const posix_spawn_file_actions_t* actions() const { return &actions_; }
  const posix_spawnattr_t* attributes() const { return &attributes_; }

 private:
  // This thread has every signal blocked, and logd ignores some.
  int PrepareSignals() {
    sigset_t none;
    sigset_t all;
    sigemptyset(&none);
    sigfillset(&all);
    posix_spawnattr_setsigmask(&attributes_, &none);
    posix_spawnattr_setsigdefault(&attributes_, &all);
    posix_spawnattr_setpgroup(&attributes_, 0);
    return posix_spawnattr_setflags(&attributes_,
                                    POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETPGROUP);
  }

  posix_spawn_file_actions_t actions_;
  posix_spawnattr_t attributes_;
};

Result<void> RemoveOutputs(const std::string& directory) {
  for (const char* name : {"/processed", "/newstate"}) {
    if (unlink((directory + name).c_str()) != 0 && errno != ENOENT)
      return Error::FromErrno("cannot remove an old " + std::string(name + 1));
  }
  return Ok();
}

}  // namespace

Result<std::shared_ptr<S6Processor>> S6Processor::Start(const std::string& directory,
                                                        const std::string& command, bool is_shell,
                                                        std::function<void()> on_end) {
  FOSTER_TRY(RemoveOutputs(directory));
  SpawnActions spawn;
  if (const int error = spawn.Prepare(directory); error != 0)
    return Error::FromErrno("cannot prepare the processor", error);
  std::string program = is_shell ? "/bin/sh" : "execlineb";
  std::string option = is_shell ? "-c" : "-Pc";
  std::string script = command;
  char* const argv[] = {program.data(), option.data(), script.data(), nullptr};
  auto processor = std::make_shared<S6Processor>();
  processor->on_end_ = std::move(on_end);
  const int error =
      posix_spawnp(&processor->pid_, program.c_str(), spawn.actions(), spawn.attributes(), argv, environ);
  if (error != 0) return Error::FromErrno("cannot run the processor with " + program, error);
  try {
    std::thread(&S6Processor::Reap, processor).detach();
  } catch (const std::system_error& refused) {
    Reap(processor);  // no thread to be had: it is waited for here
  }
  return processor;
}

S6Processor::State S6Processor::state() const {
  const std::lock_guard<std::mutex> lock(mutex_);
  return state_;
}

void S6Processor::Kill() {
  const std::lock_guard<std::mutex> lock(mutex_);
  if (pid_ > 0) kill(-pid_, SIGKILL);
}

void S6Processor::Reap(const std::shared_ptr<S6Processor>& self) {
  siginfo_t info{};
  while (waitid(P_PID, static_cast<id_t>(self->pid_), &info, WEXITED | WNOWAIT) != 0 && errno == EINTR) {
  }
  {
    const std::lock_guard<std::mutex> lock(self->mutex_);
    int status = -1;
    const bool is_reaped = waitpid(self->pid_, &status, 0) == self->pid_;
    self->pid_ = -1;
    const bool is_good = is_reaped && WIFEXITED(status) && WEXITSTATUS(status) == 0;
    self->state_ = is_good ? State::kDone : State::kFailed;
  }
  if (self->on_end_) self->on_end_();
}

}  // namespace foster
