// SPDX-License-Identifier: MIT
// logd under load: a stdout that stands still, a flood beside a quiet service, a thousand services, dropping,
// draining.
#include <fcntl.h>
#include <poll.h>
#include <pty.h>
#include <sched.h>
#include <signal.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <catch2/catch.hpp>
#include <cstdio>
#include <filesystem>

#include "rig.h"
#include "sys/log_reader.h"

namespace foster {
namespace {

std::uint64_t Rendered(Rig& rig, int slot, std::uint32_t stream) {
  return rig.table().header().slots[slot].streams[stream].rendered.load();
}

// Reads until `is_all` of the bytes; silence for 60 s ends it too.
template <class Condition>
std::string ReadWhileNot(int fd, const Condition& is_all) {
  std::string bytes;
  char buffer[65536];
  pollfd in{fd, POLLIN, 0};
  while (!is_all(bytes) && poll(&in, 1, 60000) == 1) {
    const ssize_t got = read(fd, buffer, sizeof(buffer));
    if (got <= 0) break;
    bytes.append(buffer, static_cast<std::size_t>(got));
  }
  return bytes;
}

std::string ReadUntil(int fd, const std::string& end) {
  return ReadWhileNot(fd, [&](const std::string& bytes) { return bytes.ends_with(end); });
}

void Flood(int fd, int lines) {
  std::string batch;
  for (int i = 0; i < lines; ++i) {
    std::string line = std::to_string(i);
    batch += line + std::string(99 - line.size(), '.') + '\n';
    if (batch.size() < 32000 && i + 1 < lines) continue;
    if (!WriteAll(fd, batch)) _exit(1);
    batch.clear();
  }
}

TEST_CASE("partial lines come after a second, marked when they go on; a dropped slot is emptied first") {
  Rig rig;
  const int slot = rig.AddService("web");
  RigPipe out = MakePipe();
  rig.StartLogd(out.write.get());
  REQUIRE(WriteAll(rig.pipe(slot, 0).write.get(), "one\npro"));
  CHECK(ReadUntil(out.read.get(), "pro\n") == "web    | one\nweb    | pro\n");
  REQUIRE(WriteAll(rig.pipe(slot, 0).write.get(), "mpt\nlast"));
  REQUIRE(WriteAll(rig.pipe(slot, 1).write.get(), std::string("\0\xff\r\n", 4)));
  REQUIRE(rig.Tell({kLogdDropSlot, static_cast<std::uint32_t>(slot), 0, 0}));
  REQUIRE(rig.Await(kLogdDropped));
  // The two streams come in either order.
  const std::string of_stdout = "web    + mpt\nweb    | last\n";
  const std::string of_stderr("web    | \0\xff\r\n", 13);
  const std::string rest = ReadWhileNot(out.read.get(), [&](const std::string& bytes) {
    return bytes.size() >= of_stdout.size() + of_stderr.size();
  });
  CHECK((rest == of_stdout + of_stderr || rest == of_stderr + of_stdout ||
         rest == "web    + mpt\n" + of_stderr + "web    | last\n"));
  CHECK(Rendered(rig, slot, 0) == 15);
  CHECK(rig.EndLogd() == 0);
}

TEST_CASE("drain answers when all is out, and SIGTERM prints what is left") {
  Rig rig;
  const int slot = rig.AddService("a/very/long/name/of/a/service");
  RigPipe out = MakePipe();
  REQUIRE(WriteAll(rig.pipe(slot, 0).write.get(), "x\nhalf"));
  rig.StartLogd(out.write.get());
  REQUIRE(rig.Tell({kLogdDrain, 0, 0, 0}));
  REQUIRE(rig.Await(kLogdDrained));
  CHECK(ReadUntil(out.read.get(), "half\n") ==
        "a/very/long..f/a/service | x\na/very/long..f/a/service | half\n");
  REQUIRE(WriteAll(rig.pipe(slot, 1).write.get(), "no end"));
  CHECK(rig.EndLogd() == 0);
  CHECK(ReadUntil(out.read.get(), "no end\n") == "a/very/long..f/a/service | no end\n");
}

TEST_CASE("without stdout lines are kept and nothing is printed; the bell rings for followers") {
  Rig rig;
  const int slot = rig.AddService("web");
  RigPipe out = MakePipe();
  rig.StartLogd(out.write.get(), false);
  rig.table().header().followers.store(1);
  Flood(rig.pipe(slot, 0).write.get(), 50000);
  REQUIRE(rig.Until([&] { return Rendered(rig, slot, 0) == 5000000; }));
  LogCursor cursor;
  const auto lines = TailLines(rig.table(), slot, 1000, &cursor);
  REQUIRE(lines.size() == 1000);
  CHECK(lines.front().text.starts_with("49000."));
  CHECK(lines.back().text.starts_with("49999."));
  CHECK(rig.table().header().slots[slot].streams[0].tail.load() >= 5000000 - kDefaultRingBytes);
  CHECK(rig.EndLogd() == 0);
  pollfd in{out.read.get(), POLLIN, 0};
  CHECK(poll(&in, 1, 0) == 0);
  pollfd bell{rig.bell(), POLLIN, 0};
  CHECK(poll(&bell, 1, 0) == 1);
}

TEST_CASE("a stdout that stands still stops no service; what was skipped is told") {
  Rig rig;
  const int slot = rig.AddService("web");
  RigPipe out = MakePipe();
  rig.StartLogd(out.write.get());
  const double began = Seconds();
  Flood(rig.pipe(slot, 0).write.get(), 400000);  // 40 MB; returns although nobody reads stdout
  const double took = Seconds() - began;
  std::printf("40 MB into a stalled stdout: %.1f s\n", took);
  CHECK(took > 4);
  CHECK(took < 20);
  // The reader is back: lines in order, one gap, which is told of.
  REQUIRE(WriteAll(rig.pipe(slot, 0).write.get(), "the end\n"));
  const std::string all = ReadUntil(out.read.get(), "the end\n");
  REQUIRE(all.ends_with("web    | the end\n"));
  CHECK(all.starts_with("web    | 0."));
  std::size_t told = 0;
  std::uint64_t printed = 0;
  int last = -1;
  for (std::size_t at = 0; at < all.size();) {
    const std::size_t newline = all.find('\n', at);
    const std::string line = all.substr(at, newline - at);
    at = newline + 1;
    unsigned long long skipped = 0;
    int number = 0;
    if (std::sscanf(line.c_str(), "foster | web: %llu bytes skipped: stdout stood still", &skipped) == 1) {
      told += skipped;
    } else if (std::sscanf(line.c_str(), "web    | %d.", &number) == 1) {
      CHECK(number > last);
      last = number;
      printed += 100;
    }
  }
  CHECK(last == 399999);
  CHECK(told > 20000000);
  CHECK(told + printed == 40000000);
  CHECK(rig.EndLogd() == 0);
}

TEST_CASE("a flood does not keep another service's line waiting") {
  Rig rig;
  const int flood = rig.AddService("flood");
  const int quiet = rig.AddService("quiet");
  RigPipe out = MakePipe();
  rig.StartLogd(out.write.get());
  constexpr int kFloodLines = 3000000;
  constexpr int kQuietLines = 100;
  const double began = Seconds();
  const pid_t writer = rig.Fork([&] { Flood(rig.pipe(flood, 0).write.get(), kFloodLines); });
  const pid_t other = rig.Fork([&] {
    for (int i = 0; i < kQuietLines; ++i) {
      char line[64];
      std::snprintf(line, sizeof(line), "at %.6f\n", Seconds());
      WriteAll(rig.pipe(quiet, 0).write.get(), line);
      Pause(10000);
    }
  });
  std::vector<double> waits;
  std::string rest;
  std::string buffer(1 << 16, '\0');
  std::uint64_t newlines = 0;
  while (newlines < kFloodLines + kQuietLines) {
    const ssize_t got = read(out.read.get(), buffer.data(), buffer.size());
    REQUIRE(got > 0);
    rest.append(buffer.data(), static_cast<std::size_t>(got));
    const std::size_t whole = rest.rfind('\n') + 1;
    newlines +=
        static_cast<std::uint64_t>(std::count(rest.begin(), rest.begin() + static_cast<long>(whole), '\n'));
    for (std::size_t at = rest.find("quiet  | at "); at < whole; at = rest.find("quiet  | at ", at + 1))
      waits.push_back(Seconds() - std::strtod(rest.c_str() + at + 12, nullptr));
    rest.erase(0, whole);
  }
  const double took = Seconds() - began;
  REQUIRE(waits.size() == kQuietLines);
  std::sort(waits.begin(), waits.end());
  std::printf("flood: %.0f MB/s in; a quiet line beside it: median %.1f ms, worst %.1f ms\n",
              kFloodLines * 1e-4 / took, waits[kQuietLines / 2] * 1e3, waits.back() * 1e3);
  CHECK(waits[kQuietLines / 2] < 1);
  CHECK(rig.Join(writer));
  CHECK(rig.Join(other));
  CHECK(rig.EndLogd() == 0);
}

std::uint64_t SumOf(pid_t pid, const char* field) {
  std::uint64_t sum = 0;
  for (const auto& task : std::filesystem::directory_iterator("/proc/" + std::to_string(pid) + "/task")) {
    const std::string status = ReadFile(task.path().string() + "/status");
    const std::size_t at = status.find(field);
    if (at != std::string::npos)
      sum += std::strtoull(status.c_str() + at + std::string(field).size(), nullptr, 10);
  }
  return sum;
}

TEST_CASE("a thousand services cost little and nothing wakes up") {
  Rig rig;
  constexpr int kCount = 1000;
  for (int i = 0; i < kCount; ++i) rig.AddService("s" + std::to_string(i));
  const UniqueFd out(open("/dev/null", O_WRONLY | O_CLOEXEC));
  rig.StartLogd(out.get());
  for (int i = 0; i < kCount; ++i)
    for (std::uint32_t stream : {0u, 1u}) REQUIRE(WriteAll(rig.pipe(i, stream).write.get(), "hello\n"));
  const auto is_idle = [&] {
    for (int i = 0; i < kCount; ++i)
      if (Rendered(rig, i, 0) != 6 || Rendered(rig, i, 1) != 6) return false;
    LogHeader& header = rig.table().header();
    return header.drained.load() == 1 &&
           __atomic_load_n(&header.console_sent, __ATOMIC_ACQUIRE) - ConsoleBase() ==
               static_cast<std::int64_t>(header.console_end.load());
  };
  REQUIRE(rig.Until(is_idle));
  Pause(100000);  // both threads go to sleep
  const std::uint64_t before = SumOf(rig.logd(), "voluntary_ctxt_switches:");
  Pause(2000000);
  const std::uint64_t wakes = SumOf(rig.logd(), "voluntary_ctxt_switches:") - before;
  const std::string status = ReadFile("/proc/" + std::to_string(rig.logd()) + "/status");
  const auto anon = std::strtoull(status.c_str() + status.find("RssAnon:") + 8, nullptr, 10);
  const auto shared = std::strtoull(status.c_str() + status.find("RssShmem:") + 9, nullptr, 10);
  std::printf("1,000 services: %llu KB of its own, %llu KB of the table, %llu wake-ups in 2 s\n", anon,
              shared, static_cast<unsigned long long>(wakes));
  CHECK(wakes == 0);
#ifndef FOSTER_SANITIZED  // AddressSanitizer keeps freed memory and a shadow of all
  CHECK(anon < 8000);
#endif
  CHECK(rig.EndLogd() == 0);
}

bool WriteMap(const char* path, const std::string& text) {
  const UniqueFd file(open(path, O_WRONLY | O_CLOEXEC));
  return file && WriteAll(file.get(), text);
}

// A mount namespace for this program: root's, or one in a user namespace in which it is root.
bool EnterMountNamespace() {
  const std::string user = std::to_string(getuid());
  const std::string group = std::to_string(getgid());
  if (unshare(CLONE_NEWNS) == 0) return true;
  return unshare(CLONE_NEWUSER | CLONE_NEWNS) == 0 && WriteMap("/proc/self/setgroups", "deny") &&
         WriteMap("/proc/self/uid_map", "0 " + user + " 1") &&
         WriteMap("/proc/self/gid_map", "0 " + group + " 1");
}

TEST_CASE("without memory for more, old lines go and new ones come through") {
  if (!EnterMountNamespace()) {
    WARN("SKIP: a small memory takes root or user namespaces, and there is neither");
    return;
  }
  Rig rig;
  const std::string small = rig.directory() + "/small";
  std::filesystem::create_directory(small);
  REQUIRE(mount(nullptr, "/", nullptr, MS_REC | MS_PRIVATE, nullptr) == 0);
  REQUIRE(mount("none", small.c_str(), "tmpfs", 0, "size=8m") == 0);
  rig.UseArena(small + "/arena");
  constexpr int kCount = 16;
  for (int i = 0; i < kCount; ++i) rig.AddService("s" + std::to_string(i));
  RigPipe out = MakePipe();
  rig.StartLogd(out.write.get());
  // Lines of 2 KB, so that each service would keep a whole megabyte.
  const std::string line = std::string(2047, 'x') + "\n";
  const pid_t writer = rig.Fork([&] {
    for (int n = 0; n < 1000; ++n)
      for (int i = 0; i < kCount; ++i)
        if (!WriteAll(rig.pipe(i, 0).write.get(), line)) _exit(1);
    WriteAll(rig.pipe(0, 1).write.get(), "the end\n");
  });
  std::size_t newlines = 0;
  char buffer[65536];
  pollfd in{out.read.get(), POLLIN, 0};
  while (newlines < 1000 * kCount + 1 && poll(&in, 1, 60000) == 1) {
    const ssize_t got = read(out.read.get(), buffer, sizeof(buffer));
    newlines += static_cast<std::size_t>(std::count(buffer, buffer + got, '\n'));
  }
  CHECK(newlines == 1000 * kCount + 1);
  CHECK(rig.Join(writer));
  CHECK(rig.EndLogd() == 0);
  CHECK(umount2(small.c_str(), MNT_DETACH) == 0);
}

LogSpec SmallRing() {
  LogSpec spec;
  spec.ring_bytes = kLeastRingBytes;
  return spec;
}

TEST_CASE("a slot without a config is kept until it has one; one without the console is never shown") {
  Rig rig;
  const int quiet = rig.AddService("quiet");
  const int late = rig.AddService("late", false);
  LogSpec unshown;
  unshown.console = false;
  rig.Configure(quiet, unshown);
  RigPipe out = MakePipe();
  rig.StartLogd(out.write.get());
  REQUIRE(WriteAll(rig.pipe(quiet, 0).write.get(), "in the ring\n"));
  Flood(rig.pipe(late, 0).write.get(), 3000);
  const LogStream& stream = rig.table().header().slots[late].streams[0];
  REQUIRE(rig.Until([&] { return stream.indexed.load() == 300000; }));
  REQUIRE(rig.Until([&] { return Rendered(rig, quiet, 0) == 12; }));
  CHECK(stream.rendered.load() == 0);
  CHECK(stream.tail.load() == 0);
  rig.Configure(late, SmallRing());
  const std::string end = "2999" + std::string(95, '.') + "\n";
  const std::string all = ReadUntil(out.read.get(), end);
  CHECK(std::count(all.begin(), all.end(), '\n') == 3000);
  CHECK(all.find("quiet |") == std::string::npos);
  LogCursor cursor;
  CHECK(TailLines(rig.table(), quiet, 10, &cursor).size() == 1);
  REQUIRE(rig.Until([&] { return stream.tail.load() > 0; }));
  CHECK(rig.EndLogd() == 0);
}

TEST_CASE("lines on stdout can be JSON objects, without secrets") {
  Rig rig;
  const int slot = rig.AddService("web");
  rig.Configure(slot, {}, {"hunter22"});
  RigPipe out = MakePipe();
  rig.StartLogd(out.write.get(), true, true);
  REQUIRE(WriteAll(rig.pipe(slot, 0).write.get(), "one \"hunter22\"\nprompt"));
  std::string all = ReadUntil(out.read.get(), "\"partial\":true}\n");
  const std::string shape = "\"service\":\"web\",\"stream\":\"stdout\",\"incarnation\":0,\"seq\":";
  CHECK(all.find("{\"time\":\"20") == 0);
  CHECK(all.find(shape + "1,\"text\":\"one \\\"[redacted]\\\"\"}\n") != std::string::npos);
  CHECK(all.find(shape + "2,\"text\":\"prompt\",\"partial\":true}\n") != std::string::npos);
  REQUIRE(WriteAll(rig.pipe(slot, 0).write.get(), "\n last\n"));
  all = ReadUntil(out.read.get(), "}\n");
  CHECK(all.find(shape + "3,\"text\":\" last\"}\n") != std::string::npos);
  CHECK(std::count(all.begin(), all.end(), '\n') == 1);
  CHECK(rig.EndLogd() == 0);
}

TEST_CASE("what a logging script says on stdout has the service's prefix, or is a JSON object") {
  for (bool is_json : {false, true}) {
    Rig rig;
    const int slot = rig.AddService("web");
    LogSpec spec;
    spec.console = false;
    LogSink script;
    script.kind = LogSinkKind::kS6;
    script.target = "- +ERR 1 + " + rig.directory() + "/all";
    spec.sinks.push_back(script);
    rig.Configure(slot, spec, {"hunter22"});
    const UniqueFd out(
        open((rig.directory() + "/out").c_str(), O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC, 0600));
    rig.StartLogd(out.get(), true, is_json);
    REQUIRE(WriteAll(rig.pipe(slot, 0).write.get(), "one\nERR hunter22\n"));
    const LogSinkState& state = rig.table().header().slots[slot].sinks[0];
    REQUIRE(rig.Until(
        [&] { return state.position[0].load() == 17 && !ReadFile(rig.directory() + "/out").empty(); }));
    // Killed, and asked to end: what was said is not said again, what came last is said first.
    rig.KillLogd();
    rig.StartLogd(out.get(), true, is_json);
    REQUIRE(WriteAll(rig.pipe(slot, 1).write.get(), "ERR two\n"));
    CHECK(rig.EndLogd() == 0);
    const std::string all = ReadFile(rig.directory() + "/out");
    if (!is_json) {
      CHECK(all == "web    | ERR [redacted]\nweb    | ERR two\n");
    } else {
      CHECK(std::count(all.begin(), all.end(), '\n') == 2);
      CHECK(all.find("\"service\":\"web\",\"stream\":\"stdout\"") != std::string::npos);
      CHECK(all.find("\"text\":\"ERR [redacted]\"}\n") != std::string::npos);
      CHECK(all.ends_with("\"text\":\"ERR two\"}\n"));
    }
    CHECK(ReadFile(rig.directory() + "/all/current") == "one\nERR [redacted]\nERR two\n");
  }
}

TEST_CASE("who may drop never waits, and the gap is told") {
  Rig rig;
  const int slot = rig.AddService("web");
  LogSpec spec;
  spec.overflow = LogOverflow::kDropOldest;
  rig.Configure(slot, spec);
  RigPipe out = MakePipe();
  rig.StartLogd(out.write.get());
  const double began = Seconds();
  Flood(rig.pipe(slot, 0).write.get(), 100000);  // 10 MB, and nobody reads stdout
  CHECK(Seconds() - began < 4);                  // it would wait for five seconds
  const std::string all = ReadUntil(out.read.get(), "web    | 99999" + std::string(94, '.') + "\n");
  const std::size_t told = all.find("foster | web: ");
  REQUIRE(told != std::string::npos);
  unsigned long long skipped = 0;
  REQUIRE(std::sscanf(all.c_str() + told, "foster | web: %llu bytes skipped: stdout is too slow", &skipped) ==
          1);
  CHECK(skipped > 5000000);
  CHECK(rig.EndLogd() == 0);
}

TEST_CASE("a ring is emptied on request, behind what was printed") {
  Rig rig;
  const int slot = rig.AddService("web");
  RigPipe out = MakePipe();
  rig.StartLogd(out.write.get());
  REQUIRE(WriteAll(rig.pipe(slot, 0).write.get(), "one\ntwo"));
  REQUIRE(rig.Tell({kLogdEmptySlot, static_cast<std::uint32_t>(slot), 0, 0}));
  REQUIRE(rig.Await(kLogdEmptied));
  LogCursor cursor;
  CHECK(TailLines(rig.table(), slot, 10, &cursor).empty());
  CHECK(ReadUntil(out.read.get(), "two\n") == "web    | one\nweb    | two\n");
  REQUIRE(WriteAll(rig.pipe(slot, 0).write.get(), "three\n"));
  CHECK(ReadUntil(out.read.get(), "three\n") == "web    + three\n");
  CHECK(TailLines(rig.table(), slot, 10, &cursor).size() == 1);
  CHECK(rig.EndLogd() == 0);
}

std::uint64_t ArenaBytes(Rig& rig) {
  struct stat status {};
  REQUIRE(fstat(rig.table().arena_fd(), &status) == 0);
  return static_cast<std::uint64_t>(status.st_blocks) * 512;
}

TEST_CASE("a hundred floods into a stalled stdout keep no more than their rings and four megabytes") {
  Rig rig;
  constexpr int kCount = 100;
  for (int i = 0; i < kCount; ++i) {
    rig.AddService("s" + std::to_string(i));
    rig.Configure(i, SmallRing());
  }
  RigPipe out = MakePipe();
  rig.StartLogd(out.write.get());
  std::vector<pid_t> writers;
  for (int w = 0; w < 4; ++w)
    writers.push_back(rig.Fork([&] {
      const std::string text = std::string(99, 'x') + "\n";
      for (int n = 0; n < 2000; ++n)
        for (int i = w; i < kCount; i += 4)
          if (!WriteAll(rig.pipe(i, static_cast<std::uint32_t>(n % 2)).write.get(), text)) _exit(1);
    }));
  std::uint64_t most = 0;
  REQUIRE(rig.Until([&] {
    most = std::max(most, ArenaBytes(rig));
    return std::all_of(writers.begin(), writers.end(), [&](pid_t writer) { return rig.HasEnded(writer); });
  }));
  for (pid_t writer : writers) CHECK(rig.Join(writer));
  const std::string status = ReadFile("/proc/" + std::to_string(rig.logd()) + "/status");
  const std::uint64_t anon = std::strtoull(status.c_str() + status.find("RssAnon:") + 8, nullptr, 10) * 1024;
  const std::uint64_t rings = 2ull * kCount * kLeastRingBytes;
  std::printf("100 floods: %.1f MB in the arena (rings: %.1f MB), %.1f MB of its own\n",
              static_cast<double>(most) / 1e6, static_cast<double>(rings) / 1e6,
              static_cast<double>(anon) / 1e6);
#ifndef FOSTER_SANITIZED
  CHECK(most + anon <= rings + (4u << 20));
#endif
  rig.KillLogd();
}

TEST_CASE("a terminal gets everything") {
  Rig rig;
  const int slot = rig.AddService("web");
  int controller = -1;
  int terminal = -1;
  REQUIRE(openpty(&controller, &terminal, nullptr, nullptr, nullptr) == 0);
  const UniqueFd ours(controller);
  const UniqueFd theirs(terminal);
  rig.StartLogd(theirs.get());
  const pid_t writer = rig.Fork([&] { Flood(rig.pipe(slot, 0).write.get(), 5000); });
  const std::string all =
      ReadUntil(ours.get(), "\n" + std::string("web    | 4999") + std::string(95, '.') + "\r\n");
  CHECK(std::count(all.begin(), all.end(), '\n') == 5000);
  CHECK(rig.Join(writer));
  CHECK(rig.EndLogd() == 0);
}

}  // namespace
}  // namespace foster
