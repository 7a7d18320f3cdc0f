// SPDX-License-Identifier: MIT
#include "prober/prober.h"

#include <fcntl.h>
#include <signal.h>

#include <cstdio>
#include <memory>

#include "prober/channel.h"
#include "prober/deadlines.h"
#include "prober/requests.h"
#include "prober/workers.h"
#include "sys/clock.h"
#include "sys/log_table.h"

namespace foster {
namespace {

bool IsOpen(int fd) { return fd >= 0 && fcntl(fd, F_GETFD) >= 0; }

std::shared_ptr<const LogTable> OpenLogs(const ProberOptions& options) {
  if (!IsOpen(options.table) || !IsOpen(options.arena)) return nullptr;
  auto logs = LogTable::Open(UniqueFd(options.table), UniqueFd(options.arena));
  if (logs.ok()) return std::make_shared<const LogTable>(std::move(*logs));
  std::fprintf(stderr, "foster probe: %s\n", logs.error().message().c_str());
  return nullptr;
}

class Prober {
 public:
  Prober(const ProberOptions& options, std::shared_ptr<const LogTable> logs)
      : deadlines_(loop_),
        workers_(loop_, options.threads, options.stuck_after),
        requests_(loop_, deadlines_, workers_, std::move(logs),
                  [this](ProberAnswer answer) { channel_.Send(std::move(answer)); }),
        channel_(
            loop_, options.channel, [this](ProberRequest request) { OnRequest(std::move(request)); },
            [this] { loop_.Stop(); }) {}

  Result<void> Run() {
    FOSTER_TRY(channel_.Open());
    loop_.Run();
    return result_;
  }

 private:
  void OnRequest(ProberRequest request) {
    requests_.On(std::move(request));
    if (!is_watching_) WatchThreads();
  }

  // Only while all threads are busy and somebody waits: an idle prober sleeps.
  void WatchThreads() {
    const MonoTime stuck_at = workers_.StuckAt();
    is_watching_ = stuck_at != kNoDeadline;
    if (stuck_at <= MonoNow()) {
      result_ = Error("all threads stand still in the kernel or the resolver; another prober is needed");
      loop_.Stop();
    } else if (is_watching_) {
      deadlines_.Add(stuck_at, [this] { WatchThreads(); });
    }
  }

  Loop loop_;
  Deadlines deadlines_;
  Workers workers_;
  ProberRequests requests_;
  ProberChannel channel_;
  bool is_watching_ = false;
  Result<void> result_ = Ok();
};

}  // namespace

Result<void> RunProber(const ProberOptions& options) {
  signal(SIGPIPE, SIG_IGN);  // OpenSSL writes with write(2)
  if (!IsOpen(options.channel)) return Error("cannot find the channel to supervise (fd 3)");
  for (int fd : {options.channel, options.table, options.arena})
    if (IsOpen(fd)) (void)fcntl(fd, F_SETFD, FD_CLOEXEC);
  (void)fcntl(options.channel, F_SETFL, O_NONBLOCK);
  Prober prober(options, OpenLogs(options));
  return prober.Run();
}

}  // namespace foster
