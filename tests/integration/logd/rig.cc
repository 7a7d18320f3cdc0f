// SPDX-License-Identifier: MIT
#include "rig.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/eventfd.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <stdexcept>

#include "logd/channel.h"
#include "logd/logd.h"
#include "wire/log_codec.h"

namespace foster {
namespace {

void Require(bool condition, const char* what) {
  if (!condition) throw std::runtime_error(what);
}

}  // namespace

Rig::Rig() : table_(std::move(LogTable::Create().value())), bell_(eventfd(0, EFD_CLOEXEC)) {
  rlimit limit{};
  getrlimit(RLIMIT_NOFILE, &limit);
  limit.rlim_cur = limit.rlim_max;
  setrlimit(RLIMIT_NOFILE, &limit);
  int pair[2];
  Require(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) == 0, "socketpair");
  ours_.Reset(pair[0]);
  theirs_.Reset(pair[1]);
  char name[] = "/tmp/foster-logd-XXXXXX";
  Require(mkdtemp(name) != nullptr, "mkdtemp");
  directory_ = name;
}

Rig::~Rig() {
  if (logd_ > 0) KillLogd();
  std::error_code ignored;
  std::filesystem::remove_all(directory_, ignored);
}

void Rig::UseArena(const std::string& path) {
  UniqueFd arena(open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600));
  Require(arena && ftruncate(arena.get(), ArenaBase(kLogSlots + 1, 0)) == 0, "arena");
  table_ = std::move(LogTable::Open(UniqueFd(dup(table_.table_fd())), std::move(arena)).value());
}

int Rig::AddService(const std::string& name, bool has_config) {
  const int slot = table_.Allocate(name);
  Require(slot >= 0 && static_cast<std::size_t>(slot) * 2 == pipes_.size(), "slot");
  pipes_.push_back(MakePipe());
  pipes_.push_back(MakePipe());
  if (has_config) Configure(slot, {});
  return slot;
}

void Rig::Configure(int slot, const LogSpec& spec, std::vector<std::string> secrets) {
  const LogSlotConfig config{table_.header().slots[slot].name, spec, std::move(secrets)};
  Require(table_.Configure(slot, EncodeSlotConfig(config)), "config");
  if (logd_ > 0) Require(Tell({kLogdConfigure, static_cast<std::uint32_t>(slot), 0, 0}), "configure");
}

void Rig::StartLogd(int out, bool print, bool json) {
  logd_ = Fork([&] {
    LogdOptions options{dup(table_.table_fd()),
                        dup(table_.arena_fd()),
                        dup(bell_.get()),
                        dup(theirs_.get()),
                        out,
                        print,
                        false,
                        json};
    _exit(RunLogd(options).ok() ? 0 : 1);
  });
  AddStreams();
}

void Rig::AddStreams() {
  for (std::size_t i = 0; i < pipes_.size(); ++i) {
    const LogdMessage message{kLogdAddStream, static_cast<std::uint32_t>(i / 2),
                              static_cast<std::uint32_t>(i % 2), 0};
    pollfd channel{ours_.get(), POLLOUT, 0};
    while (!SendMessage(ours_.get(), message, pipes_[i].read.get()))
      Require(poll(&channel, 1, 10000) == 1, "channel");
  }
}

void Rig::KillLogd() {
  kill(logd_, SIGKILL);
  Join(logd_);
  logd_ = -1;
}

int Rig::EndLogd() {
  kill(logd_, SIGTERM);
  int status = 0;
  waitpid(logd_, &status, 0);
  logd_ = -1;
  return status;
}

pid_t Rig::Fork(const std::function<void()>& body) {
  // SIGTERM waits until the child is ready for it; the test program's own handlers are not for children.
  sigset_t terminate;
  sigset_t before;
  sigemptyset(&terminate);
  sigaddset(&terminate, SIGTERM);
  sigprocmask(SIG_BLOCK, &terminate, &before);
  const pid_t child = fork();
  Require(child >= 0, "fork");
  if (child != 0) {
    sigprocmask(SIG_SETMASK, &before, nullptr);
    return child;
  }
  for (int number : {SIGTERM, SIGSEGV, SIGABRT, SIGFPE, SIGILL, SIGINT}) signal(number, SIG_DFL);
  body();
  _exit(0);
}

bool Rig::Join(pid_t child) {
  int status = 0;
  return waitpid(child, &status, 0) == child && status == 0;
}

bool Rig::HasEnded(pid_t child) {
  siginfo_t info{};
  return waitid(P_PID, static_cast<id_t>(child), &info, WEXITED | WNOHANG | WNOWAIT) == 0 &&
         info.si_pid == child;
}

bool Rig::Until(const std::function<bool()>& done) {
  for (const double deadline = Seconds() + 60; Seconds() < deadline; Pause(1000))
    if (done()) return true;
  return false;
}

bool Rig::Tell(const LogdMessage& message) { return SendMessage(ours_.get(), message); }

bool Rig::Await(std::uint32_t kind) {
  LogdMessage message{};
  UniqueFd fd;
  return Until([&] {
    return ReceiveMessage(ours_.get(), &message, &fd) == Received::kMessage && message.kind == kind;
  });
}

RigPipe MakePipe() {
  int fds[2];
  Require(pipe2(fds, O_CLOEXEC) == 0, "pipe");
  return {UniqueFd(fds[0]), UniqueFd(fds[1])};
}

bool WriteAll(int fd, const std::string& bytes) {
  for (std::size_t at = 0; at < bytes.size();) {
    const ssize_t wrote = write(fd, bytes.data() + at, bytes.size() - at);
    if (wrote <= 0) return false;
    at += static_cast<std::size_t>(wrote);
  }
  return true;
}

std::string ReadFile(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

void Pause(long microseconds) {
  timespec time{microseconds / 1000000, microseconds % 1000000 * 1000};
  nanosleep(&time, nullptr);
}

double Seconds() {
  timespec now{};
  clock_gettime(CLOCK_MONOTONIC, &now);
  return static_cast<double>(now.tv_sec) + static_cast<double>(now.tv_nsec) * 1e-9;
}

}  // namespace foster
