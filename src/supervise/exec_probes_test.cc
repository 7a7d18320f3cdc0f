// SPDX-License-Identifier: MIT
// With a real channel whose other end is played by the test: what init would be asked.
#include "supervise/exec_probes.h"

#include <csignal>

#include <catch2/catch.hpp>

#include "sys/memfd.h"
#include "sys/unix_socket.h"

namespace foster {
namespace {

struct Rig {
  Rig() : ends(PacketPair()), init(loop, std::move(ends->first)), there(loop, std::move(ends->second)) {
    REQUIRE(init.Start([](const Message&, InitChannel::Fds) {}, [] {}).ok());
    REQUIRE(there
                .Start(
                    [this](const Message& message, InitChannel::Fds fds) {
                      seen.push_back(message);
                      if (!fds.empty()) plan = std::move(fds[0]);
                    },
                    [] {})
                .ok());
    spec.name = "web";
    spec.run = {{"/bin/sleep", "9"}, "/usr"};
    probe.kind = ProbeKind::kExec;
    probe.command.argv = {"/bin/true"};
    probe.timeout = Millis(5'000);
  }

  ExecProbes::Done Answer() {
    return [this](bool ok, const std::string& text) { answers.emplace_back(ok, text); };
  }
  ExecProbes::Number Run() { return probes.Run(spec, kRoleReadiness, probe, Millis(900), Answer()); }

  // Lets the loop run until `condition` holds; fails after a while.
  template <class Condition>
  void Until(Condition condition) {
    bool out = false;
    Timers::Id limit = timers.In(Millis(10'000), [&] { out = true; });
    while (!condition() && !out) {
      timers.In(Millis(1), [this] { loop.Stop(); });
      loop.Run();
    }
    timers.Cancel(limit);
    REQUIRE_FALSE(out);
  }
  void UntilSeen(std::size_t count) {
    Until([&] { return seen.size() >= count; });
    REQUIRE(seen.size() == count);
  }
  void Tell(MessageType type, ExecProbes::Number number, int status = 0, std::uint32_t value = 0) {
    Message message = MessageOf(type);
    message.key = KeyOf("web", kRoleReadiness, number);
    message.status = status;
    message.value = value;
    probes.OnMessage(message);
  }
  std::uint32_t Seen(std::size_t i) const { return seen[i].type; }

  Loop loop;
  Timers timers{loop};
  Result<std::pair<UniqueFd, UniqueFd>> ends;
  InitChannel init;
  InitChannel there;
  ExecProbes::Number last = 40;
  ExecProbes probes{init, timers, [this] { return ++last; }};
  ServiceSpec spec;
  Probe probe;
  std::vector<Message> seen;
  UniqueFd plan;
  std::vector<std::pair<bool, std::string>> answers;
};

}  // namespace

TEST_CASE("a probe is a child of init with a number of its own, heard by nobody") {
  Rig rig;
  CHECK(rig.Run() == 41);
  rig.UntilSeen(1);
  CHECK(rig.Seen(0) == kMsgSpawn);
  CHECK(rig.seen[0].key.incarnation == 41);
  CHECK(rig.seen[0].key.role == kRoleReadiness);
  auto bytes = ReadWholeFd(rig.plan.get(), 1u << 20);
  REQUIRE(bytes.ok());
  const auto* plan = reinterpret_cast<const SpawnPlan*>(bytes->data());
  CHECK(std::string(bytes->data() + plan->file) == "/bin/true");
  CHECK(std::string(bytes->data() + plan->cwd) == "/usr");
  for (const FdSource& stdio : plan->stdio) CHECK(stdio.kind == kFdNull);
  CHECK(plan->fd_count == 0);
  rig.Tell(kMsgExited, 41, 0);
  CHECK(rig.answers == std::vector<std::pair<bool, std::string>>{{true, "exit code 0"}});
  rig.UntilSeen(2);
  CHECK(rig.Seen(1) == kMsgForget);
}

TEST_CASE("what is not exit code 0 has failed") {
  Rig rig;
  rig.Run();
  rig.Tell(kMsgExited, 41, 3 << 8);
  rig.Run();
  rig.Tell(kMsgExited, 42, SIGSEGV);
  rig.Run();
  Message failed = MessageOf(kMsgSpawnFailed);
  failed.key = KeyOf("web", kRoleReadiness, 43);
  failed.stage = kStageExec;
  failed.error = ENOENT;
  rig.probes.OnMessage(failed);
  rig.probe.command.argv = {"no-such-program-here"};
  rig.Run();
  rig.Until([&] { return rig.answers.size() == 4; });
  CHECK(rig.answers[0] == std::pair<bool, std::string>{false, "exit code 3"});
  CHECK(rig.answers[1] == std::pair<bool, std::string>{false, "killed by SIGSEGV"});
  CHECK_FALSE(rig.answers[2].first);
  CHECK_FALSE(rig.answers[3].first);
  CHECK(rig.answers[3].second.find("no-such-program-here") != std::string::npos);
}

TEST_CASE("a probe runs without what its service may run without") {
  Rig rig;
  rig.spec.isolation.nice = -5;
  rig.spec.isolation.may_degrade = 1u << static_cast<unsigned>(Degradable::kNice);
  auto number = rig.Run();
  rig.UntilSeen(1);
  Message failed = MessageOf(kMsgSpawnFailed);
  failed.key = rig.seen[0].key;
  failed.stage = kStageNice;
  failed.error = EPERM;
  rig.probes.OnMessage(failed);
  rig.UntilSeen(3);
  CHECK(rig.Seen(1) == kMsgForget);
  CHECK(rig.Seen(2) == kMsgSpawn);
  CHECK(rig.seen[2].key.incarnation != number);
  auto bytes = ReadWholeFd(rig.plan.get(), 1u << 20);
  CHECK((reinterpret_cast<const SpawnPlan*>(bytes->data())->flags & kSpawnSetNice) == 0);
  rig.Tell(kMsgExited, rig.seen[2].key.incarnation);
  CHECK(rig.answers == std::vector<std::pair<bool, std::string>>{{true, "exit code 0"}});
  rig.Run();  // the part is known by now: a failure there is one
  rig.UntilSeen(5);
  failed.key = rig.seen[4].key;
  rig.probes.OnMessage(failed);
  REQUIRE(rig.answers.size() == 2);
  CHECK_FALSE(rig.answers[1].first);
}

TEST_CASE("a hanging probe is killed with its tree, and the next one waits for its end") {
  Rig rig;
  rig.probe.timeout = Millis(20);
  rig.Run();
  rig.UntilSeen(1);
  rig.Until([&] { return rig.answers.size() == 1; });
  CHECK(rig.answers[0] == std::pair<bool, std::string>{false, "did not end within 20 ms"});
  rig.UntilSeen(2);
  CHECK(rig.Seen(1) == kMsgSignal);
  CHECK(rig.seen[1].signal == SIGKILL);
  CHECK(rig.seen[1].scope == kScopeTree);
  rig.probe.timeout = Millis(5'000);
  rig.Run();
  rig.Tell(kMsgExited, 41, SIGKILL, 1);  // others of its tree live: killed too, and waited for
  rig.UntilSeen(3);
  CHECK(rig.Seen(2) == kMsgSignal);
  rig.Tell(kMsgTreeGone, 41);
  rig.UntilSeen(5);
  CHECK(rig.Seen(3) == kMsgForget);
  CHECK(rig.Seen(4) == kMsgSpawn);
  CHECK(rig.seen[4].key.incarnation == 42);
  CHECK(rig.answers.size() == 1);  // the late exit of 41 is charged to nobody
}

TEST_CASE("one that cannot end fails those behind it in time, and costs no more") {
  Rig rig;
  rig.probe.timeout = Millis(20);
  rig.probes.Run(rig.spec, kRoleReadiness, rig.probe, Millis(10), rig.Answer());
  rig.Until([&] { return rig.answers.size() == 1; });
  for (int i = 0; i < 40; ++i) rig.probes.Run(rig.spec, kRoleReadiness, rig.probe, Millis(10), rig.Answer());
  rig.Until([&] { return rig.answers.size() == 41; });
  for (const auto& [ok, text] : rig.answers) CHECK_FALSE(ok);
  CHECK(rig.answers.back().second == "the probe before it has not ended");
}

TEST_CASE("a cancelled probe is killed and says nothing") {
  Rig rig;
  auto first = rig.Run();
  auto second = rig.Run();
  rig.probes.Cancel(first);
  rig.probes.Cancel(second);
  rig.UntilSeen(2);
  CHECK(rig.Seen(1) == kMsgSignal);
  rig.Tell(kMsgSpawned, first);
  rig.Tell(kMsgExited, first, SIGKILL);
  rig.UntilSeen(4);  // killed once more when it was seen to live, then forgotten; the second never ran
  CHECK(rig.Seen(3) == kMsgForget);
  CHECK(rig.answers.empty());
}

TEST_CASE("probes of a former supervise are ended before new ones run") {
  Rig rig;
  Message left = MessageOf(kMsgChild);
  left.key = KeyOf("web", kRoleReadiness, 7);
  left.child_state = kChildLive;
  rig.probes.OnMessage(left);
  rig.Run();
  rig.UntilSeen(1);
  CHECK(rig.Seen(0) == kMsgSignal);
  CHECK(rig.seen[0].key.incarnation == 7);
  rig.Tell(kMsgExited, 7, SIGKILL);
  rig.UntilSeen(3);
  CHECK(rig.Seen(1) == kMsgForget);
  CHECK(rig.Seen(2) == kMsgSpawn);
  left.child_state = kChildExited;
  left.key.incarnation = 8;
  left.key.role = kRoleLiveness;
  rig.probes.OnMessage(left);
  rig.UntilSeen(4);
  CHECK(rig.Seen(3) == kMsgForget);
}

}  // namespace foster
