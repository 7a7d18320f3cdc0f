// SPDX-License-Identifier: MIT
#include "logd/sink_host.h"

#include <fcntl.h>
#include <poll.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <condition_variable>
#include <string>

namespace foster {
namespace {

MonoTime At(int ms) { return MonoTime(Millis(ms)); }

// What the sinks did, and what they shall do.
struct World {
  std::mutex mutex;
  std::condition_variable changed;
  std::vector<std::string> events;  // "made web a 0", "rotate a", ...
  std::string hangs;                // target whose Work does not return
  std::string is_full;              // target that cannot write
  std::string stands_still;         // target that takes nothing
  int live = 0;

  void Note(const std::string& event) {
    std::lock_guard<std::mutex> lock(mutex);
    events.push_back(event);
    changed.notify_all();
  }
  void Set(std::string World::*member, const std::string& target) {
    std::lock_guard<std::mutex> lock(mutex);
    this->*member = target;
    changed.notify_all();
  }
  bool Has(const std::string& event) {
    std::lock_guard<std::mutex> lock(mutex);
    return std::count(events.begin(), events.end(), event) != 0;
  }
};

class FakeSink : public Sink {
 public:
  FakeSink(World& world, SinkPlace place) : world_(world), place_(std::move(place)) {
    world_.Note("made " + place_.service + " " + place_.spec.target + " " + std::to_string(place_.index));
  }
  ~FakeSink() override { world_.Note("ended " + place_.spec.target); }
  std::string Group() const override { return place_.spec.target.substr(0, 1); }
  bool CanBlock() const override { return true; }
  void Rotate() override { world_.Note("rotate " + place_.spec.target); }
  void Reopen() override { world_.Note("reopen " + place_.spec.target); }
  void StartedAnew() override { world_.Note("anew " + place_.spec.target); }
  MonoTime Work(const Turn& turn) override {
    const std::string& target = place_.spec.target;
    if (turn.flush) world_.Note("flush " + target);
    std::unique_lock<std::mutex> lock(world_.mutex);
    if (world_.hangs == target) {
      world_.events.push_back("hangs " + target);
      world_.changed.notify_all();
      world_.changed.wait(lock, [&] { return world_.hangs != target; });
    }
    LogSinkState& state = place_.state();
    if (world_.stands_still == target) return kNoDeadline;
    const bool is_full = world_.is_full == target;
    state.health.store(static_cast<std::uint32_t>(is_full ? LogSinkHealth::kFull : LogSinkHealth::kGood));
    if (is_full) return kNoDeadline;
    for (std::uint32_t s = 0; s < kLogStreams; ++s)
      state.position[s].store(place_.table->header().slots[place_.slot].streams[s].indexed.load());
    return kNoDeadline;
  }

 private:
  World& world_;
  SinkPlace place_;
};

struct Rig {
  World& world = *new World;  // threads live as long as the program
  LogTable& table = *new LogTable(std::move(LogTable::Create().value()));
  SinkHost& host = *NewHost();
  std::uint32_t slot = static_cast<std::uint32_t>(table.Allocate("web"));
  int now = 0;

  SinkHost* NewHost() {
    World& its_world = world;
    auto* made = new SinkHost(table, [&its_world](SinkPlace place) {
      return std::make_unique<FakeSink>(its_world, std::move(place));
    });
    REQUIRE(made->Start().ok());
    return made;
  }
  LogSinkState& State(std::uint32_t index) { return table.header().slots[slot].sinks[index]; }
  void SetConfig(const std::vector<std::string>& targets, LogSpec spec = {}) {
    LogSlotConfig config;
    config.service = "web";
    config.spec = std::move(spec);
    for (const std::string& target : targets) {
      config.spec.sinks.emplace_back();
      config.spec.sinks.back().target = target;
    }
    REQUIRE(table.Configure(static_cast<int>(slot), EncodeSlotConfig(config)));
  }
  void Configure(const std::vector<std::string>& targets, LogSpec spec = {}) {
    SetConfig(targets, std::move(spec));
    host.Configure(slot);
  }
  void Bytes(std::uint64_t count) {
    LogStream& stream = table.header().slots[slot].streams[0];
    stream.write_at += static_cast<std::int64_t>(count);
    stream.indexed.store(Written(stream, slot, 0));
    host.BytesCame(slot);
  }
  // Turns of the loop whenever there is progress, until it holds.
  template <class Condition>
  bool Until(const Condition& holds) {
    for (int i = 0; i < 10000; ++i) {
      host.Turn(At(now += 60));
      if (holds()) return true;
      pollfd progress{host.progress_fd(), POLLIN, 0};
      (void)poll(&progress, 1, 1);
    }
    return false;
  }
  bool Happened(const std::string& event) {
    return Until([&] { return world.Has(event); });
  }
};

TEST_CASE("what a sink is decides its identity") {
  LogSink spec;
  spec.target = "/var/log/a";
  LogSink same = spec;
  same.rotation.max_bytes = 7;
  CHECK(SinkIdentity(spec, 0) == SinkIdentity(same, 0));
  CHECK(SinkIdentity(spec, 0) != SinkIdentity(spec, 1));
  LogSink other = spec;
  other.takes_err = false;
  CHECK(SinkIdentity(spec, 0) != SinkIdentity(other, 0));
  other = spec;
  other.format = LogFormat::kJson;
  CHECK(SinkIdentity(spec, 0) != SinkIdentity(other, 0));
}

TEST_CASE("nothing is made without a config; a fresh slot's sinks begin with its first byte") {
  Rig r;
  r.host.Configure(r.slot);
  CHECK(r.host.ConfigOf(r.slot) == nullptr);
  r.Bytes(100);
  r.Configure({"a", "b", "b"});
  REQUIRE(r.host.ConfigOf(r.slot) != nullptr);
  CHECK(r.world.events[0] == "made web a 0");
  CHECK(r.world.events[1].starts_with("made web b 1"));
  CHECK(r.State(0).identity.load() != 0);
  CHECK(r.State(1).identity.load() != r.State(2).identity.load());
  CHECK(
      r.Until([&] { return r.State(0).position[0].load() == 100 && r.State(2).position[0].load() == 100; }));
}

TEST_CASE(
    "a change keeps positions; a new sink begins at the end; one that is left out gives its place free") {
  Rig r;
  r.world.Set(&World::stands_still, "a");
  r.Configure({"a", "b"});
  r.Bytes(100);
  REQUIRE(r.Until([&] { return r.State(1).position[0].load() == 100; }));
  LogSpec spec;
  spec.ring_bytes *= 2;
  r.world.Set(&World::stands_still, "c");
  r.Configure({"c", "a"}, spec);
  REQUIRE(r.Happened("made web c 2"));
  CHECK(r.State(2).position[0].load() == 100);
  CHECK(r.Until([&] { return r.State(0).position[0].load() == 100; }));  // "a" went on from 0
  CHECK(r.Happened("ended b"));
  CHECK(r.Until([&] { return r.State(1).identity.load() == 0; }));
  // A new logd finds them again, and what nobody wants is given up.
  r.SetConfig({"a"}, spec);
  Rig* again = &r;
  SinkHost* host = again->NewHost();
  host->Configure(r.slot);
  CHECK(r.State(2).identity.load() == 0);
  CHECK(r.State(0).position[0].load() == 100);
}

TEST_CASE("a sink that hangs is not made twice, and stops no other") {
  Rig r;
  r.world.Set(&World::hangs, "a");
  r.Configure({"a", "b"});
  REQUIRE(r.Happened("hangs a"));
  LogSpec spec;
  spec.ring_bytes *= 2;
  r.Configure({"a", "b"}, spec);
  r.Bytes(10);
  CHECK(r.Until([&] { return r.State(1).position[0].load() == 10; }));
  const auto count = [&] {
    std::lock_guard<std::mutex> lock(r.world.mutex);
    return std::count(r.world.events.begin(), r.world.events.end(), "made web a 0");
  };
  CHECK(count() == 1);
  r.world.Set(&World::hangs, "");
  CHECK(r.Until([&] { return count() == 2; }));
  CHECK(r.Until([&] { return r.State(0).position[0].load() == 10; }));
}

TEST_CASE("floors are those of sinks that may make a service wait") {
  Rig r;
  CHECK(r.host.Floors(r.slot) == LogPositions{kNoFloor, kNoFloor});
  r.world.Set(&World::stands_still, "a");
  r.Configure({"a", "b"});
  r.Bytes(100);
  CHECK(r.Until([&] { return r.State(1).position[0].load() == 100; }));
  CHECK(r.host.Floors(r.slot) == LogPositions{0, 0});
  LogSpec spec;
  spec.overflow = LogOverflow::kDropOldest;
  r.Configure({"a", "b"}, spec);
  CHECK(r.host.Floors(r.slot) == LogPositions{kNoFloor, kNoFloor});
  r.Configure({"a", "b"});
  CHECK(r.host.Floors(r.slot) == LogPositions{0, 0});
  r.State(0).health.store(static_cast<std::uint32_t>(LogSinkHealth::kFull));
  CHECK(r.host.Floors(r.slot)[0] == 100);
  spec = {};
  spec.full_disk = LogFullDisk::kWait;
  r.Configure({"a", "b"}, spec);
  CHECK(r.host.Floors(r.slot)[0] == 0);
}

TEST_CASE("trouble and recovery are told once each") {
  Rig r;
  r.world.Set(&World::is_full, "b");
  r.Configure({"a", "b"});
  std::vector<SinkHost::Change> changes;
  const auto has_change = [&] {
    changes = r.host.TakeChanges();
    return !changes.empty();
  };
  REQUIRE(r.Until(has_change));
  REQUIRE(changes.size() == 1);
  CHECK(changes[0].index == 1);
  CHECK(changes[0].is_trouble);
  r.Bytes(5);
  REQUIRE(r.Until([&] { return r.State(0).position[0].load() == 5; }));
  CHECK(r.host.TakeChanges().empty());
  r.world.Set(&World::is_full, "");
  r.Bytes(5);
  REQUIRE(r.Until(has_change));
  CHECK_FALSE(changes[0].is_trouble);
}

TEST_CASE("the end waits for sinks that make progress, not for others") {
  Rig r;
  r.world.Set(&World::stands_still, "a");
  r.Configure({"a", "b"});
  r.Bytes(100);
  r.host.BeginWait(r.slot, At(0));
  r.host.Flush(r.slot);
  CHECK(r.Happened("flush b"));
  MonoTime next = kNoDeadline;
  CHECK_FALSE(r.host.IsDone(r.slot, At(1999), &next));
  CHECK(next == At(2000));
  CHECK(r.host.IsDone(r.slot, At(2000), &next));
  r.world.Set(&World::is_full, "a");
  r.world.Set(&World::stands_still, "");
  r.host.BytesCame(r.slot);
  CHECK(
      r.Until([&] { return r.State(0).health.load() == static_cast<std::uint32_t>(LogSinkHealth::kFull); }));
  CHECK(r.host.IsDone(r.slot, At(0), &next));
}

TEST_CASE("a slot is left when its sinks have ended, or hang; what hangs keeps its place") {
  Rig r;
  r.world.Set(&World::hangs, "a");
  r.Configure({"a", "b"});
  REQUIRE(r.Happened("hangs a"));
  r.host.Leave(r.slot, At(0));
  MonoTime next = kNoDeadline;
  CHECK_FALSE(r.host.HasLeft(r.slot, At(1999), &next));
  CHECK(next == At(2000));
  CHECK(r.host.HasLeft(r.slot, At(2000), &next));
  CHECK(r.Happened("ended b"));
  r.table.Free(static_cast<int>(r.slot));
  REQUIRE(r.table.Allocate("other") == static_cast<int>(r.slot));
  r.Configure({"c"});
  CHECK(r.Happened("made web c 1"));
  r.world.Set(&World::hangs, "");
  CHECK(r.Happened("ended a"));
}

TEST_CASE("a service that comes back to its slot before it is freed gets nothing twice") {
  Rig r;
  r.Configure({"a"});
  r.Bytes(100);
  REQUIRE(r.Until([&] { return r.State(0).position[0].load() == 100; }));
  r.host.Leave(r.slot, At(0));
  MonoTime next = kNoDeadline;
  REQUIRE(r.Until([&] { return r.host.HasLeft(r.slot, At(0), &next); }));
  r.world.Set(&World::stands_still, "a");
  r.host.Configure(r.slot);
  CHECK(r.State(0).position[0].load() == 100);
}

TEST_CASE("requests reach every sink, a rotation once however often it is looked at") {
  Rig r;
  r.Configure({"a", "b"});
  ++r.table.header().slots[r.slot].rotate;
  r.host.Configure(r.slot);
  r.host.Configure(r.slot);
  r.host.Reopen();
  r.host.StartAnew(r.slot);
  for (const char* event : {"rotate a", "rotate b", "reopen a", "reopen b", "anew a", "anew b"}) {
    std::lock_guard<std::mutex> lock(r.world.mutex);
    CHECK(std::count(r.world.events.begin(), r.world.events.end(), event) == 1);
  }
}

TEST_CASE("more groups than threads share the last one") {
  Rig r;
  for (char group = 'A'; group < 'A' + 48; group = static_cast<char>(group + 8)) {
    const int slot = r.table.Allocate(std::string("s") + group);
    LogSlotConfig config;
    config.service = "s";
    for (int i = 0; i < 8; ++i) {
      config.spec.sinks.emplace_back();
      config.spec.sinks.back().target = std::string(1, static_cast<char>(group + i));
    }
    REQUIRE(r.table.Configure(slot, EncodeSlotConfig(config)));
    r.host.Configure(static_cast<std::uint32_t>(slot));
  }
  CHECK(r.Until([&] {
    for (std::uint32_t slot = 1; slot <= 6; ++slot)
      for (const LogSinkState& state : r.table.header().slots[slot].sinks)
        if (state.health.load() != static_cast<std::uint32_t>(LogSinkHealth::kGood)) return false;
    return true;
  }));
}

}  // namespace
}  // namespace foster
