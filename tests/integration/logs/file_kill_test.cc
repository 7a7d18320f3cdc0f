// SPDX-License-Identifier: MIT
// The writer of a log file is killed at its n-th system call, on the way in and on the way out, for every n,
// while it writes, rotates, drops and compresses. Then another one goes on from the same memories, and every
// line must be there once and in order.
#include <fcntl.h>
#include <signal.h>
#include <sys/eventfd.h>
#include <sys/ptrace.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <cstdlib>
#include <filesystem>

#include "logd/file_sink.h"
#include "logd/sink_thread.h"
#include "logd/stream.h"
#include "logfile/archive_name.h"
#include "logfile/compress.h"

namespace foster {
namespace {

constexpr int kLines = 64;
constexpr std::uint64_t kMaxBytes = 600;
constexpr std::uint64_t kLongestLine = 120;
constexpr std::uint32_t kBackups = 3;
constexpr unsigned kLimitSeconds = 60;

std::string Line(int i) {
  std::string line = "line " + std::to_string(i) + ' ';
  return line + std::string(static_cast<std::size_t>(20 + i * 37 % 50), static_cast<char>('a' + i % 26));
}

struct Case {
  LogNaming naming;
  LogCompression compression;
  LogFormat format;
  bool drops;  // old archives
};

// What init would hold: the memories, with all lines in them; and the directory.
class World {
 public:
  explicit World(const Case& c) : table_(std::move(*LogTable::Create())) {
    char name[] = "/tmp/foster-file-kill-XXXXXX";
    directory_ = mkdtemp(name);
    spec_.takes_err = c.format != LogFormat::kRaw;
    spec_.target = directory_ + "/logs/web.log";
    spec_.format = c.format;
    spec_.rotation.max_bytes = kMaxBytes;
    spec_.rotation.backups = c.drops ? kBackups : UINT32_MAX;
    spec_.rotation.naming = c.naming;
    spec_.rotation.compression = c.compression;
    slot_ = static_cast<std::uint32_t>(table_.Allocate("web"));
    Fill();
  }
  ~World() { std::filesystem::remove_all(directory_); }
  World(const World&) = delete;
  World& operator=(const World&) = delete;

  const LogSink& spec() const { return spec_; }
  // Writes everything and leaves the process.
  [[noreturn]] void Serve() {
    SinkPlace place;
    place.table = &table_;
    place.slot = slot_;
    place.service = "web";
    place.spec = spec_;
    auto sink = std::make_shared<FileSink>(place);
    const int bell = eventfd(0, EFD_CLOEXEC);
    auto* thread = new SinkThread(0, bell);
    thread->wants_progress().store(true);
    if (!thread->Start().ok()) _exit(2);
    thread->Add(sink);
    std::uint64_t count = 0;
    while (read(bell, &count, sizeof(count)) > 0)
      if (IsWritten() && sink->IsAtRest()) _exit(0);
    _exit(3);
  }

 private:
  bool IsWritten() {
    const LogSlot& slot = table_.header().slots[slot_];
    return slot.sinks[0].position[0].load() == Written(slot.streams[0], slot_, 0);
  }
  // In pieces, as a service would write.
  void Fill() {
    int ends[2];
    if (pipe2(ends, O_CLOEXEC | O_NONBLOCK) != 0) abort();
    Stream stream;
    stream.slot = slot_;
    stream.pipe.Reset(ends[0]);
    const UniqueFd writer(ends[1]);
    TakeUp(table_, stream);
    for (int i = 0; i < kLines; ++i) {
      const std::string line = Line(i) + '\n';
      if (write(writer.get(), line.data(), line.size()) != static_cast<ssize_t>(line.size())) abort();
      if (i % 5 == 4 || i + 1 == kLines)
        while (FillFromPipe(table_, stream, 1 << 16) == Fill::kMoved) continue;
    }
  }

  LogTable table_;
  std::string directory_;
  LogSink spec_;
  std::uint32_t slot_ = 0;
};

pid_t ForkWriter(World& world, bool is_traced) {
  const pid_t child = fork();
  if (child != 0) return child;
  alarm(kLimitSeconds);
  if (is_traced) {
    ptrace(PTRACE_TRACEME, 0, nullptr, nullptr);
    raise(SIGSTOP);
  }
  world.Serve();
}

// Until no thread of it is left.
int ReapAll(pid_t child) {
  int result = -1;
  int status = 0;
  for (pid_t pid = 0; (pid = waitpid(-1, &status, __WALL)) > 0 || errno == EINTR;)
    if (pid == child && (WIFEXITED(status) || WIFSIGNALED(status))) result = status;
  return result;
}

// True: it ended by itself, all done, before its `n`-th stop at a system call's beginning or end.
bool RunKilledAt(World& world, int n) {
  const pid_t child = ForkWriter(world, true);
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

void RunToTheEnd(World& world) {
  const pid_t child = ForkWriter(world, false);
  const int status = ReapAll(child);
  REQUIRE(WIFEXITED(status));
  REQUIRE(WEXITSTATUS(status) == 0);
}

std::string ReadAll(const std::string& path) {
  auto reader = ArchiveReader::Open(UniqueFd(open(path.c_str(), O_RDONLY | O_CLOEXEC)));
  REQUIRE(reader.ok());
  std::string bytes;
  char piece[4096];
  for (;;) {
    const auto got = reader->Read(piece, sizeof(piece));
    REQUIRE(got.ok());
    if (*got == 0) return bytes;
    bytes.append(piece, *got);
  }
}

// Which lines a file's bytes are; "" when they are `*next` and what follows it.
std::string CheckLines(const std::string& bytes, bool has_stamp, int* next) {
  if (!bytes.empty() && bytes.back() != '\n')
    return "torn: ..." + bytes.substr(bytes.size() - std::min<std::size_t>(bytes.size(), 60));
  for (std::size_t at = 0; at < bytes.size();) {
    const std::size_t end = bytes.find('\n', at);
    std::string line = bytes.substr(at, end - at);
    if (has_stamp) line.erase(0, line.find(' ') + 1);
    if (*next < 0) *next = std::atoi(line.c_str() + std::string("line ").size());
    if (line != Line(*next)) return "expected line " + std::to_string(*next) + ", found: " + line;
    ++*next;
    at = end + 1;
  }
  return "";
}

void Check(const World& world, const Case& c) {
  const std::string& file = world.spec().target;
  const auto archives = ListArchives(file, {std::nullopt, true, true});
  REQUIRE(archives.ok());
  int next = c.drops ? -1 : 0;
  for (const Archive& archive : *archives) {
    INFO(archive.path);
    REQUIRE_FALSE(archive.name.is_unfinished);
    REQUIRE(archive.name.naming == c.naming);
    REQUIRE(archive.name.compression == c.compression);
    const std::string bytes = ReadAll(archive.path);
    REQUIRE(bytes.size() >= kMaxBytes);
    REQUIRE(bytes.size() < kMaxBytes + kLongestLine);
    REQUIRE(CheckLines(bytes, c.format != LogFormat::kRaw, &next) == "");
  }
  const std::string bytes = ReadAll(file);
  REQUIRE(bytes.size() < kMaxBytes);
  REQUIRE(CheckLines(bytes, c.format != LogFormat::kRaw, &next) == "");
  REQUIRE(next == kLines);
  if (c.drops) REQUIRE(archives->size() == kBackups);
  // Nothing else was left in the directory.
  std::size_t entries = 0;
  for (const auto& entry : std::filesystem::directory_iterator(std::string(DirectoryOf(file))))
    entries += entry.is_regular_file() ? 1 : 0;
  REQUIRE(entries == archives->size() + 1);
}

// Each n, or, where the day is too short, every stride-th, beginning elsewhere for each case.
int Stride() {
  const char* wanted = std::getenv("FOSTER_KILL_STRIDE");
  return wanted != nullptr ? std::max(1, std::atoi(wanted)) : 41;
}

void KillEverywhere(Case c, int first) {
  const int stride = Stride();
  int kills = 0;
  for (int n = 1 + first % stride;; n += stride) {
    c.drops = (n / stride) % 2 == 1;
    INFO("naming " << NameOf(c.naming) << ", compression " << NameOf(c.compression) << ", format "
                   << NameOf(c.format) << ", drops " << c.drops << ", killed at stop " << n);
    World world(c);
    const bool has_ended = RunKilledAt(world, n);
    // The next one is killed, too: while it repairs, or later.
    if (!has_ended && n % 3 == 0) (void)RunKilledAt(world, 60 + n * 31 % 240);
    RunToTheEnd(world);
    Check(world, c);
    if (has_ended) break;
    ++kills;
  }
  CHECK(kills > 300 / stride);  // else it was no test
}

TEST_CASE("a file's writer may be killed at any system call") {
  int first = 0;
  for (LogNaming naming : {LogNaming::kNumbered, LogNaming::kDated, LogNaming::kTai64n})
    for (LogCompression how : {LogCompression::kNone, LogCompression::kGzip, LogCompression::kZstd})
      for (LogFormat format : {LogFormat::kRaw, LogFormat::kTai64n})
        KillEverywhere({naming, how, format, false}, first += 5);
}

}  // namespace
}  // namespace foster
