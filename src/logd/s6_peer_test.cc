// SPDX-License-Identifier: MIT
// With the real s6-log and execlineb: directories change hands in both directions, processors run, and a kill
// between any two system calls loses and doubles nothing.
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/eventfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <chrono>
#include <cstdio>

#include "logd/sink_thread.h"
#include "s6_rig.h"

namespace foster {
namespace {

// `lines` through the program that s6 has for it.
void ThroughS6Log(const std::string& script, const std::string& lines) {
  FILE* pipe = popen(("s6-log " + script).c_str(), "we");
  REQUIRE(pipe != nullptr);
  REQUIRE(fwrite(lines.data(), 1, lines.size(), pipe) == lines.size());
  REQUIRE(pclose(pipe) == 0);
}

// The sink on a thread as logd has it: processors wake it.
struct Served {
  explicit Served(S6Rig* rig)
      : rig(*rig), progress(eventfd(0, EFD_CLOEXEC)), thread(*new SinkThread(3, progress)) {
    thread.wants_progress().store(true);
    REQUIRE(thread.Start().ok());
    rig->Make();
    sink = std::shared_ptr<S6Sink>(std::move(rig->sink));
    thread.Add(sink);
  }
  // Waits for `is_there` after each piece of work.
  template <class F>
  bool Until(F is_there) {
    const auto limit = std::chrono::steady_clock::now() + std::chrono::seconds(60);
    while (!is_there()) {
      pollfd event{progress, POLLIN, 0};
      if (std::chrono::steady_clock::now() > limit) return false;
      if (poll(&event, 1, 1000) == 1) {
        std::uint64_t count = 0;
        REQUIRE(read(progress, &count, sizeof count) == sizeof count);
      }
    }
    return true;
  }
  void Wake() { thread.Wake(sink.get()); }
  ~Served() {
    thread.Remove(sink.get());
    Until([this] { return thread.IsGone(sink.get()); });
  }
  S6Rig& rig;
  int progress;
  SinkThread& thread;  // never ends
  std::shared_ptr<S6Sink> sink;
};

std::string Unzipped(const S6Rig& r, const std::string& name) {
  std::string all;
  for (const std::string& one : r.Archives(name, 's')) {
    const std::string path = (r.base / name / one).string();
    FILE* pipe = popen(("gzip -dc < " + path).c_str(), "re");
    char buffer[4096];
    for (std::size_t got; (got = fread(buffer, 1, sizeof buffer, pipe)) > 0;) all.append(buffer, got);
    REQUIRE(pclose(pipe) == 0);
  }
  return all;
}

TEST_CASE("s6-log goes on where foster was, and back") {
  S6Rig r("n100 s4096 %/a");
  const std::string script = "n100 s4096 " + (r.base / "a").string();
  r.Make();
  r.Write(Numbered(0, 500));
  r.Work(true);
  r.sink.reset();
  ThroughS6Log(script, Numbered(500, 1000));
  r.Write(Numbered(1000, 1500));
  r.Make();
  r.Work(true);
  ThroughS6Log(script, Numbered(1500, 2000));
  CHECK(r.All("a") == Numbered(0, 2000));
  CHECK(r.Archives("a", 'u').empty());
  CHECK(r.Archives("a", 's').size() > 4);
}

TEST_CASE("s6-log and foster take a directory from one that was killed") {
  S6Rig r("n100 s4096 %/a");
  const std::string script = "n100 s4096 " + (r.base / "a").string();
  const pid_t child = fork();
  if (child == 0) {
    r.Make();
    r.Write(Numbered(0, 300));
    r.Work();
    raise(SIGKILL);
  }
  int status = 0;
  REQUIRE(waitpid(child, &status, 0) == child);
  ThroughS6Log(script, Numbered(300, 600));
  CHECK(r.Archives("a", 'u').size() == 1);
  CHECK(r.All("a") == Numbered(0, 300) + Numbered(300, 600));
  // The positions of the killed one are in the table; its lines are all there.
  r.state().flags.store(0);
  r.Write(Numbered(600, 900));
  r.Make();
  r.Work(true);
  CHECK(r.All("a") == Numbered(0, 900));
}

TEST_CASE("one directory is not written by foster and s6-log at once") {
  S6Rig r("%/a");
  r.Make();
  r.Write("x\n");
  r.Work();
  FILE* pipe = popen(("s6-log " + (r.base / "a").string() + " 2>/dev/null").c_str(), "we");
  CHECK(WEXITSTATUS(pclose(pipe)) == 111);
  r.sink.reset();
  int ends[2];
  REQUIRE(pipe2(ends, O_CLOEXEC) == 0);
  const pid_t child = fork();
  if (child == 0) {
    dup2(ends[0], 0);
    execlp("s6-log", "s6-log", "--", (r.base / "a").c_str(), nullptr);
    _exit(127);
  }
  close(ends[0]);
  REQUIRE(write(ends[1], "y\n", 2) == 2);
  while (Slurp(r.base / "a/current") != "x\ny\n") REQUIRE(waitpid(child, nullptr, WNOHANG) == 0);
  r.Make();
  r.Write("z\n");
  const MonoTime due = r.Work();
  CHECK(r.state().last_error.load() == EBUSY);
  close(ends[1]);
  REQUIRE(waitpid(child, nullptr, 0) == child);
  r.Work(false, false, due);
  CHECK(r.All("a") == "x\ny\nz\n");
}

TEST_CASE("processors make archives of what was written") {
  S6Rig r("");
  r.spec.target = "n100 s4096 '!gzip -9' " + (r.base / "a").string() +
                  " '?n=$(cat <&4); echo $((n+1)) >&5; exec tr a-z A-Z' " + (r.base / "b").string();
  Served served(&r);
  const std::string lines = Numbered(0, 600);
  r.Write(lines);
  served.Wake();
  REQUIRE(served.Until([&] {
    return Unzipped(r, "a").size() + Slurp(r.base / "a/current").size() == lines.size() &&
           r.All("b").size() == lines.size() && !fs::exists(r.base / "b/previous") &&
           !fs::exists(r.base / "a/previous");
  }));
  CHECK(Unzipped(r, "a") + Slurp(r.base / "a/current") == lines);
  std::string upper = lines.substr(0, lines.size() - Slurp(r.base / "b/current").size());
  for (char& c : upper) c = static_cast<char>(c >= 'a' && c <= 'z' ? c - 32 : c);
  CHECK(r.All("b") == upper + Slurp(r.base / "b/current"));
  CHECK(Slurp(r.base / "b/state") == std::to_string(r.Archives("b", 's').size()) + "\n");
}

TEST_CASE("a processor that fails holds up nothing for long, and is tried again by the next one") {
  S6Rig r("n100 s4096 r100 '!false' %/a");
  const std::string lines = Numbered(0, 600);
  {
    Served served(&r);
    r.Write(lines);
    served.Wake();
    REQUIRE(served.Until(
        [&] { return r.state().position[0].load() == lines.size() && r.Archives("a", 'u').size() >= 3; }));
  }
  CHECK(r.All("a") == lines);
  CHECK(r.Archives("a", 's').empty());
  r.spec.target = "n100 s4096 r100 '!cat' " + (r.base / "a").string();
  Served served(&r);
  served.Wake();
  REQUIRE(served.Until([&] { return r.Archives("a", 'u').empty() && !fs::exists(r.base / "a/previous"); }));
  CHECK(r.All("a") == lines);
}

TEST_CASE("a processor that hangs is ended with the sink") {
  S6Rig r("n100 s4096 '!sleep 100000' %/a");
  const std::string lines = Numbered(0, 600);
  {
    Served served(&r);
    r.Write(lines);
    served.Wake();
    // It takes what one more file may have, and waits.
    REQUIRE(served.Until(
        [&] { return r.state().health.load() == static_cast<std::uint32_t>(LogSinkHealth::kBehind); }));
    CHECK(Slurp(r.base / "a/current").size() <= 4096 + 2000);
    CHECK(r.state().position[0].load() < lines.size());
    served.thread.SetEnding();
    REQUIRE(served.Until([&] {
      return r.state().position[0].load() == lines.size() && ModeOf(r.base / "a/current") == 0744;
    }));
  }
  CHECK(r.All("a") == lines);
}

}  // namespace
}  // namespace foster
