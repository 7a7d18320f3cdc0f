// SPDX-License-Identifier: MIT
// The role as a whole, over a packet pair as supervise has one, in a thread of this test.
#include "prober/prober.h"

#include <poll.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include <catch2/catch.hpp>

#include "prober/channel.h"
#include "prober_rig.h"
#include "sys/unix_socket.h"

namespace foster {
namespace {

struct Supervise {
  UniqueFd fd;
  std::thread thread;
  Result<void> result = Ok();

  explicit Supervise(ProberOptions options = {}) {
    auto pair = std::move(PacketPair().value());
    fd = std::move(pair.first);
    options.channel = pair.second.Release();
    thread = std::thread([this, options] { result = RunProber(options); });
  }
  ~Supervise() { End(); }
  void End() {
    fd.Reset();
    if (thread.joinable()) thread.join();
  }
  void Say(std::string_view packet) { REQUIRE(SendPacket(fd.get(), packet, {}).ok()); }
  void Ask(const ProberRequest& request) { Say(ToJson(request).Dump()); }
  ProberAnswer Hear() {
    pollfd wait{fd.get(), POLLIN, 0};
    REQUIRE(poll(&wait, 1, 20'000) == 1);
    std::string buffer(kMaxProberPacket, '\0');
    std::vector<UniqueFd> none;
    auto size = ReceivePacket(fd.get(), buffer.data(), buffer.size(), &none);
    REQUIRE(size.ok());
    auto answer = ProberAnswerFromJson(*ParseJson(std::string_view(buffer).substr(0, *size)));
    REQUIRE(answer.ok());
    return *answer;
  }
};

ProberOptions WithoutLogs() {
  ProberOptions options;
  options.table = options.arena = -1;
  return options;
}

ProberRequest FileProbe(std::uint64_t id, const std::string& path) {
  ProberRequest request;
  request.id = id;
  request.probe.kind = ProbeKind::kFile;
  request.probe.file = path;
  return request;
}

TEST_CASE("requests are answered until the channel is closed") {
  Supervise supervise(WithoutLogs());
  supervise.Ask(FileProbe(UINT64_MAX, "/proc/self/stat"));
  CHECK(supervise.Hear() == ProberAnswer{UINT64_MAX, true, "/proc/self/stat exists", {}});
  supervise.Ask(FileProbe(2, "/no/such"));
  CHECK(supervise.Hear() == ProberAnswer{2, false, "/no/such: No such file or directory", {}});
  ProberRequest exec;
  exec.id = 3;
  exec.probe.kind = ProbeKind::kExec;
  supervise.Ask(exec);
  CHECK(supervise.Hear().text == "the prober does not run probes of kind exec");
  supervise.End();
  CHECK(supervise.result.ok());
}

TEST_CASE("what is no request is refused by its id, and the next one is answered") {
  Supervise supervise(WithoutLogs());
  supervise.Say("not json");
  supervise.Say(R"({"id":7,"verb":"dance"})");
  const auto refused = supervise.Hear();
  CHECK(refused.id == 7);
  CHECK(refused.text == "cannot read the request: unknown verb 'dance'");
  supervise.Say(std::string(kMaxProberPacket + 10, ' '));
  supervise.Ask(FileProbe(8, "/"));
  CHECK(supervise.Hear().id == 8);
}

TEST_CASE("thousands of requests at once are all answered, though nobody listens meanwhile") {
  Supervise supervise(WithoutLogs());
  constexpr std::uint64_t kCount = 5'000;
  std::uint64_t sent = 0;
  std::vector<bool> heard(kCount + 1);
  std::uint64_t count = 0;
  while (count < kCount) {
    while (sent < kCount && SendPacket(supervise.fd.get(), ToJson(FileProbe(sent + 1, "/")).Dump(), {}).ok())
      ++sent;
    heard[supervise.Hear().id] = true;
    ++count;
  }
  CHECK(std::count(heard.begin() + 1, heard.end(), true) == kCount);
}

TEST_CASE("the logs come as two fds and are followed") {
  LogWriter log;
  ProberOptions options;
  options.table = dup(log.table->table_fd());
  options.arena = dup(log.table->arena_fd());
  Supervise supervise(options);
  ProberRequest request;
  request.id = 1;
  request.probe.kind = ProbeKind::kLogLine;
  request.probe.pattern = "ready";
  request.tree = {"web", 1, 0, 0};
  supervise.Ask(request);
  supervise.Ask(FileProbe(2, "/"));
  CHECK(supervise.Hear().id == 2);
  log.Write(0, "ready\n");
  ProberRequest grew;
  grew.verb = ProberVerb::kLogGrew;
  supervise.Ask(grew);
  CHECK(supervise.Hear() == ProberAnswer{1, true, "wrote 'ready'", {}});
}

// In a process of its own: the thread that stands still never comes back.
TEST_CASE("when every thread stands still the prober ends, and says why") {
  LogWriter log;
  log.Write(0, std::string(20'000, 'a') + "\n");  // with the pattern below: hours
  auto pair = std::move(PacketPair().value());
  const pid_t child = fork();
  REQUIRE(child >= 0);
  if (child == 0) {
    pair.first.Reset();
    const auto result =
        RunProber({pair.second.Release(), log.table->table_fd(), log.table->arena_fd(), 1, Millis(100)});
    const bool is_right = !result.ok() && result.error().message() ==
                                              "all threads stand still in the kernel or the resolver; "
                                              "another prober is needed";
    _exit(is_right ? 7 : 1);
  }
  pair.second.Reset();
  ProberRequest request;
  request.id = 1;
  request.probe.kind = ProbeKind::kLogLine;
  request.probe.is_regex = true;
  request.probe.pattern = "^(a*)*\\1(a|aa)*(b*)\\3c$";
  request.tree = {"web", 1, 0, 0};
  REQUIRE(SendPacket(pair.first.get(), ToJson(request).Dump(), {}).ok());
  ProberRequest file = FileProbe(2, "/");
  file.probe.timeout = Millis(60'000);
  REQUIRE(SendPacket(pair.first.get(), ToJson(file).Dump(), {}).ok());
  int status = 0;
  REQUIRE(waitpid(child, &status, 0) == child);
  CHECK(WIFEXITED(status));
  CHECK(WEXITSTATUS(status) == 7);
}

TEST_CASE("answers are one line and fit a packet") {
  CHECK(OneLine("a\r\nb\x1b[1mc") == "a  b [1mc");
  const std::string cut = OneLine(std::string(kMaxAnswerText - 4, 'x') + "\xe2\x82\xac\xe2\x82\xac");
  CHECK(cut == std::string(kMaxAnswerText - 4, 'x') + "...");
  ProberAnswer answer{1, true, "", {}};
  for (std::size_t i = 0; i < kMaxFiguresPerPacket; ++i) {
    ServiceFigures figures;
    figures.name = std::string(119, 'n');
    for (int n = 0; n < 256; ++n) figures.ports.push_back({"unix", std::string(107, '/'), n});
    answer.figures.push_back(figures);
  }
  const std::string packet = PacketOf(answer);
  CHECK(packet.size() <= kMaxProberPacket);
  auto back = ProberAnswerFromJson(*ParseJson(packet));
  REQUIRE(back.ok());
  CHECK(back->figures.size() == kMaxFiguresPerPacket);
  CHECK_FALSE(back->figures[0].ports.empty());
}

}  // namespace
}  // namespace foster
