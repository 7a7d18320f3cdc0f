// SPDX-License-Identifier: MIT
#include "logd/compressor.h"

#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>
#include <thread>

#include "logfile/compress.h"

namespace foster {
namespace {

constexpr int kLeastNice = 19;
constexpr int kIoPrioWhoProcess = 1;
constexpr int kIoPrioIdle = 3 << 13;

// Mode, owner and times of the archive: who may read it, and how old its lines are.
void TakeOver(int from, int to) {
  struct stat status {};
  if (fstat(from, &status) != 0) return;
  (void)!fchown(to, status.st_uid, status.st_gid);  // as far as we may
  (void)fchmod(to, status.st_mode & 07777);
  const timespec times[2] = {status.st_atim, status.st_mtim};
  (void)futimens(to, times);
}

Result<void> Make(const CompressJob& job) {
  const UniqueFd to(open(job.to.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600));
  if (!to) return Error::FromErrno("cannot create " + job.to);
  FOSTER_TRY(Compress(job.from.get(), to.get(), job.how, [&job] { return !job.is_unwanted.load(); }));
  TakeOver(job.from.get(), to.get());
  if (fsync(to.get()) != 0) return Error::FromErrno("cannot save " + job.to);
  return Ok();
}

void Run(CompressJob& job) {
  const Result<void> made = Make(job);
  const bool is_good = made.ok() && !job.is_unwanted.load();
  if (!is_good) (void)unlink(job.to.c_str());
  if (!made.ok()) job.error = made.error().code();
  job.stage.store(is_good ? CompressJob::Stage::kDone : CompressJob::Stage::kFailed,
                  std::memory_order_release);
  if (job.on_end) job.on_end();
}

void GoToTheBack() {
  const auto self = static_cast<id_t>(syscall(SYS_gettid));
  (void)setpriority(PRIO_PROCESS, self, kLeastNice);
  (void)syscall(SYS_ioprio_set, kIoPrioWhoProcess, self, kIoPrioIdle);
  prctl(PR_SET_NAME, "logd-compress");
}

}  // namespace

Compressor& Compressor::Shared() {
  static auto* shared =
      new Compressor;  // outlives every sink: the thread may be at work when the process ends
  return *shared;
}

void Compressor::Add(std::shared_ptr<CompressJob> job) {
  std::lock_guard<std::mutex> lock(mutex_);
  if (!is_running_) {
    sigset_t all;
    sigset_t before;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    try {
      std::thread([this] { Serve(); }).detach();
      is_running_ = true;
    } catch (const std::system_error& error) {
      job->error = error.code().value();
    }
    pthread_sigmask(SIG_SETMASK, &before, nullptr);
  }
  if (!is_running_) {
    job->stage.store(CompressJob::Stage::kFailed, std::memory_order_release);
    return;
  }
  jobs_.push_back(std::move(job));
  wake_.notify_one();
}

void Compressor::Serve() {
  GoToTheBack();
  for (;;) {
    std::shared_ptr<CompressJob> job;
    {
      std::unique_lock<std::mutex> lock(mutex_);
      wake_.wait(lock, [this] { return !jobs_.empty(); });
      job = std::move(jobs_.front());
      jobs_.pop_front();
    }
    Run(*job);
  }
}

}  // namespace foster
