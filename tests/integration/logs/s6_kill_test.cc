// SPDX-License-Identifier: MIT
// The writer of s6-log's directories is killed at its n-th system call, on the way in and on the way out,
// while it writes, rotates, drops, runs processors and closes. Then another one goes on from the same
// memories, and every line must be there once and in order, in each directory that selects it.
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/eventfd.h>
#include <sys/ptrace.h>
#include <sys/wait.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <cstdlib>

#include "logd/sink_thread.h"
#include "s6_rig.h"

namespace foster {
namespace {

constexpr int kLines = 420;
constexpr unsigned kLimitSeconds = 60;

// The lines of `all` that end in one of `digits`; empty: all of them.
std::string Chosen(const std::string& all, std::string_view digits) {
  std::string chosen;
  for (std::size_t at = 0; at < all.size();) {
    const std::size_t end = all.find('\n', at) + 1;
    const char last = all[end - sizeof(" of the test\n")];
    if (digits.empty() || digits.find(last) != std::string_view::npos) chosen += all.substr(at, end - at);
    at = end;
  }
  return chosen;
}

// Writes everything, closes in order, and leaves the process.
[[noreturn]] void Serve(S6Rig& r, bool has_processor) {
  const int said = open((r.base / "said").c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
  if (dup2(said, STDERR_FILENO) < 0) _exit(4);
  r.Make();
  const auto is_written = [&r] { return r.state().position[0].load() == Numbered(0, kLines).size(); };
  if (!has_processor) {
    r.Work();
    r.Work(true);
    _exit(is_written() && ModeOf(r.base / "a/current") == 0744 ? 0 : 5);
  }
  const std::shared_ptr<S6Sink> sink(std::move(r.sink));
  const int bell = eventfd(0, EFD_CLOEXEC);
  auto* thread = new SinkThread(0, bell);
  thread->wants_progress().store(true);
  if (!thread->Start().ok()) _exit(2);
  thread->Add(sink);
  std::uint64_t count = 0;
  const auto is_done = [&] {
    return is_written() && !fs::exists(r.base / "a/previous") && !fs::exists(r.base / "a/processed") &&
           r.Archives("a", 'u').empty();
  };
  while (read(bell, &count, sizeof(count)) > 0) {
    if (!is_done()) continue;
    // Looked at again while nothing moves.
    thread->Remove(sink.get());
    while (!thread->IsGone(sink.get()) && read(bell, &count, sizeof(count)) > 0) continue;
    if (is_done()) _exit(0);
    thread->Add(sink);
  }
  _exit(3);
}

pid_t ForkWriter(S6Rig& r, bool has_processor, bool is_traced) {
  const pid_t child = fork();
  if (child != 0) return child;
  alarm(kLimitSeconds);
  if (is_traced) {
    ptrace(PTRACE_TRACEME, 0, nullptr, nullptr);
    raise(SIGSTOP);
  }
  Serve(r, has_processor);
}

int ReapAll(pid_t child) {
  int result = -1;
  int status = 0;
  for (pid_t pid = 0; (pid = waitpid(-1, &status, __WALL)) > 0 || errno == EINTR;)
    if (pid == child && (WIFEXITED(status) || WIFSIGNALED(status))) result = status;
  return result;
}

// True: it ended by itself before its `n`-th stop.
bool RunKilledAt(S6Rig& r, bool has_processor, int n) {
  const pid_t child = ForkWriter(r, has_processor, true);
  int status = 0;
  REQUIRE(waitpid(child, &status, 0) == child);
  ptrace(PTRACE_SETOPTIONS, child, nullptr, PTRACE_O_TRACESYSGOOD | PTRACE_O_TRACECLONE | PTRACE_O_EXITKILL);
  ptrace(PTRACE_SYSCALL, child, nullptr, nullptr);
  for (int stops = 0;;) {
    const pid_t pid = waitpid(-1, &status, __WALL);
    if (pid < 0 && errno == EINTR) continue;
    REQUIRE(pid > 0);
    if (WIFEXITED(status) || WIFSIGNALED(status)) {
      if (pid != child) continue;
      CHECK(WIFEXITED(status));
      CHECK(WEXITSTATUS(status) == 0);
      (void)ReapAll(child);
      return true;
    }
    const int signal = WSTOPSIG(status);
    if (signal == (SIGTRAP | 0x80) && ++stops == n) {
      kill(child, SIGKILL);
      (void)ReapAll(child);
      return false;
    }
    const bool is_own = signal == (SIGTRAP | 0x80) || signal == SIGTRAP || signal == SIGSTOP;
    ptrace(PTRACE_SYSCALL, pid, nullptr, is_own ? 0 : signal);
  }
}

void RunToTheEnd(S6Rig& r, bool has_processor) {
  const int status = ReapAll(ForkWriter(r, has_processor, false));
  REQUIRE(WIFEXITED(status));
  REQUIRE(WEXITSTATUS(status) == 0);
}

constexpr std::string_view kAlert = "foster: alert: ";

// Every line that was to be said was, in order, and none twice but where a kill hit.
void CheckSaid(const std::string& said, int kills) {
  const std::string wanted = Chosen(Numbered(0, kLines), "0");
  int twice = 0;
  std::size_t at = 0;
  std::string last;
  for (std::size_t i = 0; i < said.size();) {
    REQUIRE(said.compare(i, kAlert.size(), kAlert) == 0);
    i += kAlert.size();
    const std::string line = said.substr(i, said.find('\n', i) + 1 - i);
    i += line.size();
    if (line == last) {
      ++twice;
      continue;
    }
    REQUIRE(wanted.substr(at, line.size()) == line);
    at += line.size();
    last = line;
  }
  CHECK(at == wanted.size());
  CHECK(twice <= kills);
}

int Stride(int usual) {
  const char* wanted = std::getenv("FOSTER_KILL_STRIDE");
  return wanted != nullptr ? std::max(1, std::atoi(wanted)) : usual;
}

void KillEverywhere(const std::string& script, bool has_processor, int stride) {
  int kills = 0;
  const std::string lines = Numbered(0, kLines);
  for (int n = 1;; n += stride) {
    INFO(script << " killed at stop " << n);
    S6Rig r(script);
    r.Write(lines.substr(0, lines.size() / 3));
    r.Write(lines.substr(lines.size() / 3));
    const bool has_ended = RunKilledAt(r, has_processor, n);
    const bool has_second = !has_ended && n % 3 == 0;
    if (has_second) (void)RunKilledAt(r, has_processor, 40 + n * 31 % 150);
    RunToTheEnd(r, has_processor);
    REQUIRE(r.All("a") == lines);
    REQUIRE(r.Archives("a", 'u').empty());
    REQUIRE(r.Archives("a", 's').size() >= 2);
    REQUIRE_FALSE(fs::exists(r.base / "a/previous"));
    REQUIRE_FALSE(fs::exists(r.base / "a/processed"));
    if (!has_processor) {
      REQUIRE(r.All("b") == Chosen(lines, "05"));
      REQUIRE(Slurp(r.base / "status").substr(0, 8) == "line 419");
      CheckSaid(Slurp(r.base / "said"), has_ended ? 0 : 1 + (has_second ? 1 : 0));
    }
    if (has_ended) break;
    ++kills;
  }
  CHECK(kills > 200 / stride);  // else it was no test
}

TEST_CASE("the writer of several directories may be killed at any system call") {
  KillEverywhere("n1000 s4096 l0 %/a ^0 =%/status - '+[05] of' %/b - '+0 of' 2", false, Stride(7));
}

TEST_CASE("the writer of processed archives may be killed at any system call") {
  KillEverywhere("n1000 s4096 l100 r100 '?cat <&4 >&5; exec cat' %/a", true, Stride(23));
}

}  // namespace
}  // namespace foster
