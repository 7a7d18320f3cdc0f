// SPDX-License-Identifier: MIT
// With a real pair of sockets whose other end is played by the test: a prober that answers, hangs or dies.
#include "supervise/prober_link.h"

#include <catch2/catch.hpp>

#include "sys/unix_socket.h"

namespace foster {
namespace {

using Lasting = ProberLink::Lasting;

struct Rig {
  Rig() {
    auto inits = PacketPair();
    REQUIRE(inits.ok());
    unused = std::move(inits->second);
    init = std::make_unique<InitChannel>(loop, std::move(inits->first));
    store = std::make_unique<Store>(*init);
    ProberLink::Hooks hooks;
    hooks.next = [this] { return ++last; };
    hooks.wake = [this] { ++woken; };
    hooks.kill = [this] { return ++killed, has_process; };
    hooks.hear = [this](bool wanted) { hears = wanted; };
    link = std::make_unique<ProberLink>(loop, timers, *store, hooks);
    auto pair = PacketPair();
    REQUIRE(pair.ok());
    prober = std::move(pair->second);
    link->Use(std::move(pair->first));
  }

  ProberLink::Id Ask(Millis span, Lasting lasting = Lasting::kNo, ProbeKind kind = ProbeKind::kTcp) {
    ProberRequest request;
    request.probe.kind = kind;
    return link->Ask(request, span, lasting,
                     [this](const ProberAnswer& answer) { answers.push_back(answer); });
  }
  // Everything that lies in the channel.
  std::vector<ProberRequest> Read() {
    std::vector<ProberRequest> all;
    std::string buffer(kMaxProberPacket, '\0');
    std::vector<UniqueFd> none;
    for (;;) {
      auto size = ReceivePacket(prober.get(), buffer.data(), buffer.size(), &none);
      if (!size.ok() || *size == 0) return all;
      auto json = ParseJson(std::string_view(buffer).substr(0, *size));
      REQUIRE(json.ok());
      auto request = ProberRequestFromJson(*json);
      REQUIRE(request.ok());
      all.push_back(*request);
    }
  }
  void Say(ProberLink::Id id, bool ok, const std::string& text) {
    ProberAnswer answer;
    answer.id = id;
    answer.ok = ok;
    answer.text = text;
    REQUIRE(SendPacket(prober.get(), ToJson(answer).Dump(), {}).ok());
  }
  void RunFor(Millis span) {
    timers.In(span, [this] { loop.Stop(); });
    loop.Run();
  }
  void UntilAnswers(std::size_t count) {
    for (int i = 0; i < 5'000 && answers.size() < count; ++i) RunFor(Millis(1));
    REQUIRE(answers.size() == count);
  }

  Loop loop;
  Timers timers{loop};
  UniqueFd unused;
  std::unique_ptr<InitChannel> init;
  std::unique_ptr<Store> store;
  std::unique_ptr<ProberLink> link;
  UniqueFd prober;
  ProberLink::Id last = 100;
  int woken = 0;
  int killed = 0;
  bool has_process = true;
  bool hears = false;
  std::vector<ProberAnswer> answers;
};

}  // namespace

TEST_CASE("a question goes out, wakes the prober, and its answer comes back once") {
  Rig rig;
  auto id = rig.Ask(Millis(5'000));
  CHECK(rig.woken == 1);
  auto asked = rig.Read();
  REQUIRE(asked.size() == 1);
  CHECK(asked[0].id == id);
  rig.Say(77, true, "to nobody");
  rig.Say(id, true, "connected");
  rig.Say(id, false, "again");
  rig.UntilAnswers(1);
  rig.RunFor(Millis(5));
  REQUIRE(rig.answers.size() == 1);
  CHECK(rig.answers[0].text == "connected");
}

TEST_CASE("a prober that hangs fails the one question and is ended; the others are asked again") {
  Rig rig;
  rig.Ask(Millis(20));
  auto other = rig.Ask(Millis(22));
  CHECK(rig.Read().size() == 2);
  rig.UntilAnswers(1);
  CHECK_FALSE(rig.answers[0].ok);
  CHECK(rig.answers[0].text == "the prober did not answer within 20 ms");
  CHECK(rig.killed == 1);
  rig.RunFor(Millis(5));
  CHECK(rig.answers.size() == 1);
  rig.link->ProberEnded();
  auto again = rig.Read();
  REQUIRE(again.size() == 1);
  CHECK(again[0].id == other);
  rig.Say(other, true, "here");
  rig.UntilAnswers(2);
  CHECK(rig.answers[1].ok);
}

TEST_CASE("a question is asked again when the prober died, a few times, then it has failed") {
  Rig rig;
  auto id = rig.Ask(Millis(5'000));
  CHECK(rig.Read().size() == 1);
  for (int i = 0; i < ProberLink::kMaxDeaths; ++i) {
    rig.link->ProberEnded();
    CHECK(rig.answers.empty());
    auto again = rig.Read();
    REQUIRE(again.size() == 1);
    CHECK(again[0].id == id);
  }
  rig.link->ProberEnded();
  REQUIRE(rig.answers.size() == 1);
  CHECK(rig.answers[0].text == "the prober died of it");
  CHECK(rig.Read().empty());
}

TEST_CASE("a log line stays open, is heard for, and can be cancelled") {
  Rig rig;
  auto id = rig.Ask(Millis(1), Lasting::kOpen, ProbeKind::kLogLine);
  CHECK(rig.hears);
  rig.RunFor(Millis(30));
  CHECK(rig.answers.empty());
  CHECK(rig.killed == 0);
  for (int i = 0; i < 10; ++i) rig.link->LogGrew();
  rig.RunFor(Millis(60));
  auto asked = rig.Read();
  REQUIRE(asked.size() == 3);  // ten bells are two words: the first at once, the rest 20 ms later
  CHECK(asked[1].verb == ProberVerb::kLogGrew);
  CHECK(asked[2].verb == ProberVerb::kLogGrew);
  rig.link->Cancel(id);
  asked = rig.Read();
  REQUIRE(asked.size() == 1);
  CHECK(asked[0].verb == ProberVerb::kCancel);
  CHECK(asked[0].id == id);
  CHECK_FALSE(rig.hears);
  rig.link->LogGrew();
  CHECK(rig.Read().empty());
  rig.Say(id, true, "late");
  rig.RunFor(Millis(5));
  CHECK(rig.answers.empty());
}

TEST_CASE("a person's wait for a line ends without harm to the prober") {
  Rig rig;
  rig.Ask(Millis(20), Lasting::kSpan, ProbeKind::kLogLine);
  rig.UntilAnswers(1);
  CHECK(rig.answers[0].text == "nothing within 20 ms");
  CHECK(rig.killed == 0);
  CHECK(rig.Read().back().verb == ProberVerb::kCancel);
}

TEST_CASE("what nobody reads fills nothing: questions wait, then fail, and sending never blocks") {
  Rig rig;
  rig.has_process = false;
  for (std::size_t i = 0; i < ProberLink::kMaxOpen + 5; ++i) rig.Ask(Millis(60'000));
  CHECK(rig.link->open() == ProberLink::kMaxOpen + 5);
  rig.RunFor(Millis(1));
  CHECK(rig.link->open() == ProberLink::kMaxOpen);
  REQUIRE(rig.answers.size() == 5);
  CHECK(rig.answers[0].text == "too many questions wait for the prober");
  std::size_t read = 0;
  while (read < ProberLink::kMaxOpen) {
    auto part = rig.Read();
    read += part.size();
    for (std::size_t i = 0; i < part.size(); ++i) {
      rig.Say(part[i].id, true, "");
      if (i % 32 == 31) rig.RunFor(Millis(1));  // nor may the answers find no room
    }
    rig.RunFor(Millis(1));
  }
  CHECK(rig.link->open() == 0);
}

TEST_CASE("a question too long for a packet fails by itself") {
  Rig rig;
  ProberRequest request;
  request.probe.pattern = std::string(kMaxProberPacket, 'x');
  rig.link->Ask(request, Millis(5'000), Lasting::kNo,
                [&](const ProberAnswer& answer) { rig.answers.push_back(answer); });
  rig.UntilAnswers(1);
  CHECK(rig.answers[0].text == "the probe is too long for the prober");
}

}  // namespace foster
