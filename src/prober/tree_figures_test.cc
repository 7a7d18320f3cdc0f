// SPDX-License-Identifier: MIT
// Trees are real: children of this test that left session, group and environment behind, each in another way.
// All of them end with this process: they wait at a pipe whose other end it alone holds.
#include "prober/tree_figures.h"

#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/un.h>
#include <sys/wait.h>

#include <catch2/catch.hpp>
#include <cstring>

#include "prober/cpu_share.h"
#include "prober/process_files.h"
#include "prober/process_list.h"
#include "prober/socket_list.h"
#include "prober_rig.h"

namespace foster {
namespace {

// Nobody else's on this machine: FOSTER_SERVICE makes processes of the same name part of a tree.
const std::string kWeb = "web-" + std::to_string(getpid());

struct Leash {
  Leash() { REQUIRE(pipe(ends) == 0); }
  ~Leash() {
    close(ends[0]);
    close(ends[1]);
  }
  int ends[2];
};

// What children write their pids and ports into.
struct Board {
  std::atomic<std::int32_t> pid;
  std::atomic<std::uint32_t> port;
};

struct Tree {
  Board* board = static_cast<Board*>(
      mmap(nullptr, sizeof(Board), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0));
  std::vector<pid_t> pids;
  Leash leash;

  pid_t Fork(const std::function<void(Board*)>& child) {
    const pid_t pid = fork();
    REQUIRE(pid >= 0);
    if (pid == 0) {
      prctl(PR_SET_PDEATHSIG, SIGKILL);
      close(leash.ends[1]);
      child(board);
      Rest();
    }
    pids.push_back(pid);
    return pid;
  }
  // In a child.
  [[noreturn]] void Rest() const {
    char none = 0;
    while (read(leash.ends[0], &none, 1) < 0) continue;
    _exit(0);
  }
  std::int32_t Told() const {
    while (board->pid == 0) std::this_thread::yield();
    return board->pid;
  }
  ~Tree() {
    for (pid_t pid : pids) kill(pid, SIGKILL);
    if (board->pid > 0) kill(board->pid, SIGKILL);
    for (pid_t pid : pids) waitpid(pid, nullptr, 0);
    munmap(board, sizeof(Board));
  }
};

std::uint32_t Listen() {
  const int fd = socket(AF_INET, SOCK_STREAM, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  if (bind(fd, reinterpret_cast<sockaddr*>(&address), size) != 0 || listen(fd, 1) != 0) _exit(1);
  getsockname(fd, reinterpret_cast<sockaddr*>(&address), &size);
  return ntohs(address.sin_port);
}

// A grandchild whose parent is gone, in a session of its own.
[[noreturn]] void Escape(const Tree& tree, const std::function<void(Board*)>& before = nullptr) {
  if (fork() != 0) _exit(0);
  setsid();
  if (before) before(tree.board);
  tree.board->pid = getpid();
  tree.Rest();
}

std::vector<std::int32_t> PidsOf(const TreeId& tree) {
  const ProcessList list = ProcessList::Read();
  std::vector<std::int32_t> pids;
  const auto members = list.Members({tree});
  for (const ProcessEntry* process : members[0]) pids.push_back(process->pid);
  return pids;
}

TEST_CASE("one line of stat is read, whatever the program is called") {
  ProcessEntry entry;
  const std::string stat =
      "42 (a ) R 1 (b) S 7 8 9 0 -1 4194560 1 2 3 4 10 20 30 40 20 0 5 0 1234 999424 77 184467";
  REQUIRE(ParseStat(stat, &entry));
  CHECK(entry.pid == 42);
  CHECK(entry.parent == 7);
  CHECK(entry.group == 8);
  CHECK(entry.session == 9);
  CHECK(entry.run_state == 'S');
  CHECK(entry.cpu_ticks == 100);
  CHECK(entry.threads == 5);
  CHECK(entry.rss_pages == 77);
  CHECK_FALSE(ParseStat("42 (x) S 7", &entry));
  CHECK_FALSE(ParseStat("", &entry));
}

TEST_CASE("a tree is its leader, and what descends from it in other sessions") {
  Tree tree;
  const pid_t leader = tree.Fork([](Board* board) {
    setsid();
    if (fork() == 0) {
      setsid();
      board->pid = getpid();
    }
  });
  const std::int32_t child = tree.Told();
  CHECK(PidsOf({kWeb, 1, leader, 0}) == std::vector<std::int32_t>{leader, child});
  CHECK(PidsOf({kWeb, 1, 0, 0}).empty());
}

TEST_CASE("the tag finds what shed session, group, parent and environment") {
  Tree tree;
  constexpr std::uint64_t kTag = 0x123456789;
  const pid_t parent = tree.Fork([&tree](Board*) {
    const rlimit limit{kTag, RLIM_INFINITY};
    setrlimit(RLIMIT_LOCKS, &limit);
    clearenv();
    Escape(tree);
  });
  const std::int32_t child = tree.Told();
  waitpid(parent, nullptr, 0);
  CHECK(PidsOf({kWeb, 1, parent, kTag}) == std::vector<std::int32_t>{child});
  CHECK(PidsOf({kWeb, 1, parent, kTag + 1}).empty());
}

TEST_CASE("FOSTER_SERVICE finds it where there is no tag, of this very incarnation") {
  Tree tree;
  const std::string name = "w/" + kWeb;
  const std::string entry = "FOSTER_SERVICE=" + name + "/7";
  const pid_t parent = tree.Fork([&](Board* board) {
    const char* environment[] = {"A=1", entry.c_str(), nullptr};
    if (fork() != 0) _exit(0);
    setsid();
    board->pid = getpid();
    dup2(tree.leash.ends[0], 0);
    execle("/bin/cat", "cat", nullptr, environment);
    _exit(1);
  });
  const std::int32_t child = tree.Told();
  waitpid(parent, nullptr, 0);
  const MonoTime end = MonoNow() + Millis(20'000);  // its pid is told a moment before its exec
  while (PidsOf({name, 7, 0, 0}).empty() && MonoNow() < end) std::this_thread::yield();
  CHECK(PidsOf({name, 7, 0, 0}) == std::vector<std::int32_t>{child});
  CHECK(PidsOf({name, 70, 0, 0}).empty());
  CHECK(PidsOf({kWeb, 7, 0, 0}).empty());
}

TEST_CASE("the first listening socket of a tree is found, and only of that tree") {
  Tree tree;
  const pid_t parent = tree.Fork([&tree](Board*) {
    const rlimit limit{4711, RLIM_INFINITY};
    setrlimit(RLIMIT_LOCKS, &limit);
    clearenv();
    Escape(tree, [](Board* board) { board->port = Listen(); });
  });
  tree.Told();
  waitpid(parent, nullptr, 0);
  ProberRig rig;
  Probe probe;
  probe.kind = ProbeKind::kListen;
  probe.timeout = Millis(10'000);
  const auto found = rig.AnswerTo(probe, {kWeb, 1, parent, 4711});
  CHECK(found.ok);
  const std::string address = "127.0.0.1:" + std::to_string(tree.board->port);
  CHECK(found.text == "listens on " + address);
  CHECK(rig.AnswerTo(probe, {kWeb, 1, parent, 4712}).text == "no process of " + kWeb + " is there");
  Tree mute;
  const pid_t other = mute.Fork([](Board*) { setsid(); });
  CHECK(rig.AnswerTo(probe, {kWeb, 2, other, 0}).text == "no TCP socket listens in 1 process");
  ProberRequest ports;
  ports.verb = ProberVerb::kPorts;
  ports.tree = {kWeb, 1, parent, 4711};
  const auto listed = rig.AnswerTo(ports);
  REQUIRE(listed.figures.size() == 1);
  CHECK(listed.figures[0].ports == std::vector<PortFigure>{{"tcp", address, tree.board->pid}});
}

TEST_CASE("figures are of the whole tree, and cpu_percent is since the figure before") {
  Tree tree;
  const pid_t leader = tree.Fork([](Board* board) {
    setsid();
    std::thread([] { pause(); }).detach();
    if (fork() != 0) return;
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    auto* memory = new std::vector<char>(32u << 20, 'x');
    board->pid = getpid();
    for (volatile char* each = memory->data();;) each[0] = static_cast<char>(each[0] + 1);
  });
  tree.Told();
  ProberRig rig;
  ProberRequest request;
  request.verb = ProberVerb::kFigures;
  request.trees = {{kWeb, 1, leader, 0}, {"gone", 1, 0, 0}};
  const auto first = rig.AnswerTo(request);
  REQUIRE(first.figures.size() == 2);
  const ServiceFigures& web = first.figures[0];
  CHECK(web.name == kWeb);
  CHECK(web.processes == 2);
  CHECK(web.threads == 3);
  CHECK(web.cpu_percent == 0);
  CHECK(web.rss_bytes > 32u << 20);
  REQUIRE(web.pss_bytes);
  CHECK(*web.pss_bytes > 32u << 20);
  CHECK(*web.pss_bytes < web.rss_bytes + 4096);
  CHECK(web.read_bytes);
  CHECK(web.written_bytes);
  CHECK(first.figures[1].processes == 0);
  ServiceFigures later = web;
  for (int i = 0; i < 500 && later.cpu_ms < web.cpu_ms + 50; ++i) {
    rig.Run(rig.answers.size() + 1, Millis(20));
    later = rig.AnswerTo(request).figures[0];
  }
  CHECK(later.cpu_ms >= web.cpu_ms + 50);
  CHECK(later.cpu_percent > 1);
  CHECK(later.cpu_percent < 400);
}

TEST_CASE("processes that come and go meanwhile do no harm") {
  Tree tree;
  const pid_t leader = tree.Fork([](Board*) {
    setsid();
    for (;;) {
      if (fork() == 0) _exit(0);
      waitpid(-1, nullptr, 0);
    }
  });
  for (int i = 0; i < 50; ++i) {
    const auto figures = FiguresOf({{kWeb, 1, leader, 0}});
    CHECK(figures[0].processes >= 1);
    CHECK(figures[0].pss_bytes);
    CHECK(figures[0].read_bytes);
  }
}

// read(2) calls of this process so far.
std::uint64_t ReadsDone() {
  return NumberBehind(ReadProcessFile(getpid(), "io").value(), "\nsyscr:").value();
}

TEST_CASE("a thousand processes in 32 trees cost a few reads each, and the sockets are read once") {
  Tree tree;
  std::vector<TreeId> trees;
  for (int i = 0; i < 32; ++i) {
    const pid_t leader = tree.Fork([](Board*) {
      setsid();
      Listen();
      for (int n = 0; n < 31; ++n)
        if (fork() == 0) break;
    });
    trees.push_back({kWeb + std::to_string(i), 1, leader, 0});
  }
  const auto end = MonoNow() + Millis(60'000);
  const auto count = [&trees] {
    std::size_t all = 0;
    const ProcessList list = ProcessList::Read();
    const auto each_tree = list.Members(trees);
    for (const auto& members : each_tree) all += members.size();
    return all;
  };
  while (count() < 32 * 32 && MonoNow() < end) std::this_thread::yield();
  std::uint64_t before = ReadsDone();
  SocketList::Read(0);
  const std::uint64_t for_sockets = ReadsDone() - before;
  before = ReadsDone();
  const std::size_t all = ProcessList::Read().size();
  const std::uint64_t for_list = ReadsDone() - before;
  before = ReadsDone();
  const auto figures = FiguresOf(trees);
  const std::uint64_t reads = ReadsDone() - before;
  for (const auto& each : figures) {
    CHECK(each.processes == 32);
    CHECK(each.ports.size() == 1);
  }
  INFO(reads << " reads, of these " << for_list << " for " << all << " processes, " << for_sockets
             << " for sockets");
  CHECK(for_list <= 16 * all);
  CHECK(reads <= 2 * for_list + 2 * for_sockets + 6 * 32 * 32);
}

TEST_CASE("a tag is read out of the limits, too") {
  Tree tree;
  const pid_t child = tree.Fork([](Board* board) {
    const rlimit limit{0x123456789, RLIM_INFINITY};
    setrlimit(RLIMIT_LOCKS, &limit);
    board->pid = getpid();
  });
  tree.Told();
  CHECK(TagInLimits(ReadProcessFile(child, "limits").value()) == 0x123456789);
  CHECK(TreeTag(child) == 0x123456789);
  CHECK(TagInLimits("Max file locks            unlimited            unlimited            locks\n") == 0);
  CHECK_FALSE(TagInLimits("Max file size             unlimited            unlimited            bytes\n"));
}

TEST_CASE("ports are TCP, UDP and unix sockets, and only a TCP one is listening") {
  Tree tree;
  const std::string path = "@foster-" + kWeb;
  const pid_t child = tree.Fork([&path](Board* board) {
    setsid();
    sockaddr_in inet{};
    inet.sin_family = AF_INET;
    inet.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof inet;
    const int udp = socket(AF_INET, SOCK_DGRAM, 0);
    if (bind(udp, reinterpret_cast<sockaddr*>(&inet), size) != 0) _exit(1);
    getsockname(udp, reinterpret_cast<sockaddr*>(&inet), &size);
    board->port = ntohs(inet.sin_port);
    sockaddr_un local{};
    local.sun_family = AF_UNIX;
    std::memcpy(local.sun_path + 1, path.data() + 1, path.size() - 1);
    size = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + path.size());
    const int named = socket(AF_UNIX, SOCK_STREAM, 0);
    if (bind(named, reinterpret_cast<sockaddr*>(&local), size) != 0 || listen(named, 1) != 0) _exit(1);
    board->pid = getpid();
  });
  tree.Told();
  const TreeId id{kWeb, 1, child, 0};
  const std::string udp = "127.0.0.1:" + std::to_string(tree.board->port);
  CHECK(PortsOf(id).ports == std::vector<PortFigure>{{"udp", udp, child}, {"unix", path, child}});
  CHECK(LookForListener(id).text == "no TCP socket listens in 1 process");
}

TEST_CASE("shares of the cpu are bounded and never negative") {
  CpuShare shares;
  const MonoTime start{Millis(1'000)};
  CHECK(shares.Since("web", 1, 500, start) == 0);
  CHECK(shares.Since("web", 1, 1'000, start + Millis(1'000)) == 50);
  CHECK(shares.Since("web", 1, 1'000, start + Millis(1'000)) == 50);
  CHECK(shares.Since("web", 1, 10, start + Millis(2'000)) == 0);
  CHECK(shares.Since("web", 2, 10, start + Millis(2'000)) == 0);
  for (std::uint64_t i = 0; i < CpuShare::kMost + 100; ++i)
    shares.Since("x", i, 0, start + Millis(static_cast<std::int64_t>(3'000 + i)));
  CHECK(shares.size() == CpuShare::kMost);
}

}  // namespace
}  // namespace foster
