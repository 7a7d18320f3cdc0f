// SPDX-License-Identifier: MIT
// logd is killed with SIGKILL again and again under load; every line must come out once and in order.
#include <fcntl.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <cstdio>
#include <random>

#include "rig.h"
#include "sys/log_reader.h"

namespace foster {
namespace {

constexpr int kServices = 4;
constexpr int kStreams = kServices * 2;

// Line `i` of stream `id`: most are short, some are longer than a pipe's page, few longer than a pipe.
std::string Line(int id, int i) {
  std::size_t padding = static_cast<std::size_t>((i * 7919 + id * 31) % 90);
  if (i % 997 == 0) padding = 5000;
  if (i % 49999 == 77) padding = 65000;
  return "<" + std::to_string(id) + ":" + std::to_string(i) + ">" + std::string(padding, 'x');
}

// Writes `count` lines in pieces that end anywhere; odd streams end without '\n'.
void WriteLines(int fd, int id, int count) {
  std::string batch;
  for (int i = 0; i < count; ++i) {
    batch += Line(id, i);
    if (i + 1 < count || id % 2 == 0) batch += '\n';
    if (batch.size() < 3000 && i + 1 < count) continue;
    if (!WriteAll(fd, batch)) _exit(1);
    batch.clear();
  }
}

// Next expected line number per stream; -1 after a line that is not the expected one.
struct Checker {
  int next[kStreams] = {};
  std::string complaint;
  void Take(const std::string& line) {
    const std::size_t open = line.find('<');
    int id = -1;
    int number = -1;
    if (open == std::string::npos || std::sscanf(line.c_str() + open, "<%d:%d>", &id, &number) != 2 ||
        id < 0 || id >= kStreams) {
      Complain("odd line: " + line.substr(0, 100));
      return;
    }
    if (number != next[id] || line.substr(open) != Line(id, number) ||
        line.substr(0, open) != "svc" + std::to_string(id / 2) + "   | ")
      Complain("expected " + std::to_string(next[id]) + ", got: " + line.substr(0, 100));
    next[id] = number + 1;
  }
  void Complain(const std::string& text) {
    if (complaint.empty()) complaint = text;
  }
};

// Kills until every writer has ended and `least` kills were done; returns how many there were before that.
int KillAtRandom(Rig& rig, const std::vector<pid_t>& writers, int out, int least) {
  std::mt19937 random(20240229);
  int kills = 0;
  int kills_under_load = 0;
  for (;;) {
    bool are_writing = false;
    for (pid_t writer : writers) are_writing = are_writing || !rig.HasEnded(writer);
    if (!are_writing && kills >= least) return kills_under_load;
    Pause(static_cast<long>(random() % 1500));
    rig.KillLogd();
    rig.StartLogd(out);
    ++kills;
    kills_under_load += are_writing ? 1 : 0;
  }
}

void CheckOutput(const std::string& output, int lines_per_stream) {
  Checker checker;
  for (std::size_t at = 0; at < output.size();) {
    const std::size_t newline = output.find('\n', at);
    REQUIRE(newline != std::string::npos);
    checker.Take(output.substr(at, newline - at));
    at = newline + 1;
  }
  CHECK(checker.complaint == "");
  for (int next : checker.next) CHECK(next == lines_per_stream);
}

void CheckRetained(Rig& rig, int slot, int lines_per_stream) {
  LogCursor cursor;
  const auto lines = TailLines(rig.table(), slot, 1000, &cursor);
  CHECK(lines.size() >= 200);
  int last[2] = {-1, -1};
  for (const LogLine& line : lines) {
    const int id = slot * 2 + static_cast<int>(line.stream);
    int number = -1;
    REQUIRE(std::sscanf(line.text.c_str(), ("<" + std::to_string(id) + ":%d>").c_str(), &number) == 1);
    CHECK(line.text == Line(id, number));
    if (last[line.stream] >= 0) CHECK(number == last[line.stream] + 1);
    last[line.stream] = number;
  }
  for (int number : last)
    if (number >= 0) CHECK(number == lines_per_stream - 1);
}

void RunWith(int flags, bool through_pipe, int lines_per_stream, int least_kills) {
  Rig rig;
  for (int i = 0; i < kServices; ++i) {
    rig.AddService("svc" + std::to_string(i));
    fcntl(rig.pipe(i, 1).write.get(), F_SETPIPE_SZ, 4096);  // slow enough to be killed often while writing
  }
  const std::string path = rig.directory() + "/out";
  UniqueFd file(open(path.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC | flags, 0600));
  RigPipe out = MakePipe();
  const pid_t reader = rig.Fork([&] {
    out.write.Reset();
    char buffer[65536];
    ssize_t got = 0;
    while ((got = read(out.read.get(), buffer, sizeof(buffer))) > 0)
      if (write(file.get(), buffer, static_cast<std::size_t>(got)) != got) _exit(1);
  });
  const int fd = through_pipe ? out.write.get() : file.get();
  rig.StartLogd(fd);
  std::vector<pid_t> writers;
  for (int id = 0; id < kStreams; ++id)
    writers.push_back(rig.Fork([&] {
      const UniqueFd pipe(dup(rig.pipe(id / 2, static_cast<std::uint32_t>(id % 2)).write.get()));
      WriteLines(pipe.get(), id, lines_per_stream);
    }));
  const double began = Seconds();
  const int kills = KillAtRandom(rig, writers, fd, least_kills);
  for (pid_t writer : writers) CHECK(rig.Join(writer));
  CHECK(rig.EndLogd() == 0);
  out.write.Reset();
  CHECK(rig.Join(reader));
  std::printf("%s%s: %d kills under load, %.1f s\n", through_pipe ? "pipe" : "file",
              (flags & O_APPEND) != 0 ? " (append)" : "", kills, Seconds() - began);
  CHECK(kills >= least_kills / 4);
  CheckOutput(ReadFile(path), lines_per_stream);
  for (int slot = 0; slot < kServices; ++slot) CheckRetained(rig, slot, lines_per_stream);
}

TEST_CASE("a million lines through a pipe survive kills of logd") { RunWith(0, true, 125000, 200); }
TEST_CASE("a million lines into a file survive kills of logd") { RunWith(0, false, 125000, 200); }
TEST_CASE("lines into a file opened for appending survive kills of logd") {
  RunWith(O_APPEND, false, 40000, 100);
}

}  // namespace
}  // namespace foster
