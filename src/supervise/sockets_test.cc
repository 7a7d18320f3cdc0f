// SPDX-License-Identifier: MIT
// With a real pair of sockets whose other end plays init's store.
#include "supervise/sockets.h"

#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <cstdlib>
#include <cstring>

#include "supervise/timers.h"
#include "sys/clock.h"
#include "sys/memfd.h"
#include "sys/unix_socket.h"

namespace foster {
namespace {

struct Rig {
  Rig() {
    char text[] = "/tmp/foster-sockets-XXXXXX";
    directory = mkdtemp(text);
    auto pair = PacketPair();
    REQUIRE(pair.ok());
    other_end = std::move(pair->second);
    init = std::make_unique<InitChannel>(loop, std::move(pair->first));
    store = std::make_unique<Store>(*init);
    auto on_message = [this](const Message& message, InitChannel::Fds fds) {
      if (store->awaits(message)) store->OnEntry(message, std::move(fds));
    };
    REQUIRE(init->Start(on_message, [] {}).ok());
    REQUIRE(loop.Watch(other_end.get(), kReadable, [this](unsigned) { PlayInit(); }).ok());
    auto made = Savepoint::Create();
    REQUIRE(made.ok());
    savepoint = std::make_unique<Savepoint>(std::move(*made));
    sockets = std::make_unique<Sockets>(loop, *store, driver);
    driver.Start(
        savepoint.get(), [this](const Effect& effect, const std::string&) { Perform(effect); }, [] {});
  }
  ~Rig() {
    loop.Unwatch(other_end.get());
    (void)std::system(("rm -rf " + directory).c_str());
  }

  void Perform(const Effect& effect) {
    if (effect.kind == EffectKind::kChanged) sockets->Changed(effect.service);
    if (effect.kind == EffectKind::kSpawn) ++spawns;
    if (effect.kind != EffectKind::kAwaitDemand) return;
    ++waits;
    CHECK_FALSE(sockets->Await(driver.engine().spec(effect.service)));
  }

  void PlayInit() {
    Message message{};
    std::vector<UniqueFd> fds;
    while (ReceivePacket(other_end.get(), reinterpret_cast<char*>(&message), sizeof message, &fds).ok()) {
      std::string name(NameIn(message.store_name));
      if (message.type == kMsgStorePut) held[name] = std::move(fds[0]);
      if (message.type == kMsgStoreDrop) held.erase(name);
      if (message.type == kMsgStoreGet) Answer(message, name);
      fds.clear();
    }
  }
  void Answer(Message message, const std::string& name) {
    message.type = kMsgStoreEntry;
    auto found = held.find(name);
    int fd = found == held.end() ? -1 : found->second.get();
    REQUIRE(SendPacket(other_end.get(), {reinterpret_cast<const char*>(&message), sizeof message},
                       std::span<const int>(&fd, fd < 0 ? 0 : 1))
                .ok());
  }

  void Use(const Plan& plan) {
    driver.Apply(plan);
    sockets->Use(plan);
    RunFor(Millis(20));
  }
  void RunFor(Millis span) {
    timers.In(span, [this] { loop.Stop(); });
    loop.Run();
  }
  // 0, or the errno.
  int Connect(const std::string& path) {
    UniqueFd fd(socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    std::memcpy(address.sun_path, path.data(), path.size());
    if (connect(fd.get(), reinterpret_cast<sockaddr*>(&address), sizeof address) != 0) return errno;
    connections.push_back(std::move(fd));
    return 0;
  }

  std::string directory;
  Loop loop;
  Timers timers{loop};
  UniqueFd other_end;
  std::unique_ptr<InitChannel> init;
  std::unique_ptr<Store> store;
  std::unique_ptr<Savepoint> savepoint;
  EngineDriver driver;
  std::unique_ptr<Sockets> sockets;
  std::map<std::string, UniqueFd> held;
  std::vector<UniqueFd> connections;
  int spawns = 0;
  int waits = 0;
};

ServiceSpec Served(const std::string& name, const std::string& path, Activation activation) {
  ServiceSpec spec;
  spec.name = name;
  spec.run.argv = {"/bin/true"};
  spec.activation = activation;
  SocketSpec socket;
  socket.kind = SocketKind::kUnixStream;
  socket.path = path;
  spec.sockets = {socket};
  return spec;
}

Plan PlanOf(std::vector<ServiceSpec> services) {
  Plan plan;
  plan.services = std::move(services);
  return plan;
}

}  // namespace

TEST_CASE("a socket lives as long as an equal one is in the plan") {
  Rig rig;
  std::string path = rig.directory + "/a";
  Plan plan = PlanOf({Served("a", path, Activation::kBoot)});
  rig.Use(plan);
  REQUIRE(rig.held.size() == 1);
  CHECK(rig.held.begin()->first.size() < kMaxNameLength);
  CHECK(rig.held.begin()->first == Sockets::FdsOf(plan.services[0])[0].store_name);
  struct stat before {};
  struct stat after {};
  REQUIRE(stat(path.c_str(), &before) == 0);
  rig.Use(plan);
  REQUIRE(stat(path.c_str(), &after) == 0);
  CHECK(before.st_ino == after.st_ino);
  CHECK(rig.Connect(path) == 0);

  plan.services[0].sockets[0].path += "2";
  rig.Use(plan);
  CHECK(rig.Connect(path) == ENOENT);
  CHECK(rig.Connect(path + "2") == 0);
  rig.Use(PlanOf({}));
  CHECK(rig.held.empty());
  CHECK(access((path + "2").c_str(), F_OK) != 0);
}

TEST_CASE("an address that moves to another service is closed first") {
  Rig rig;
  std::string path = rig.directory + "/a";
  rig.Use(PlanOf({Served("a", path, Activation::kOnDemand)}));
  std::string before = rig.held.begin()->first;
  rig.sockets->Use(PlanOf({}));
  rig.Use(PlanOf({Served("b", path, Activation::kBoot)}));
  REQUIRE(rig.held.size() == 1);
  CHECK(rig.held.begin()->first != before);
  CHECK(rig.Connect(path) == 0);
}

TEST_CASE("the first connection is told once, and nothing is watched after it") {
  Rig rig;
  std::string path = rig.directory + "/a";
  rig.Use(PlanOf({Served("a", path, Activation::kOnDemand)}));
  CHECK(rig.waits == 1);
  CHECK(rig.spawns == 0);
  CHECK(rig.Connect(path) == 0);
  int turns = 0;
  rig.loop.OnTurn([&turns] { ++turns; });
  rig.RunFor(Millis(100));
  CHECK(rig.spawns == 1);
  CHECK(turns < 30);  // nobody takes the connection, and the loop sleeps
}

TEST_CASE("a wait that is over does not start anything") {
  Rig rig;
  std::string path = rig.directory + "/a";
  rig.Use(PlanOf({Served("a", path, Activation::kOnDemand)}));
  Event down{};
  down.kind = EventKind::kDown;
  down.service = 0;
  rig.driver.Post(down);
  CHECK(rig.Connect(path) == 0);
  rig.RunFor(Millis(50));
  CHECK(rig.spawns == 0);
}

TEST_CASE("a socket that cannot be opened names the stage, the reason and who has it") {
  Rig rig;
  std::string path = rig.directory + "/a";
  rig.Use(PlanOf({Served("a", path, Activation::kBoot)}));
  auto problem = rig.sockets->Open(Served("b", path, Activation::kBoot));
  REQUIRE(problem);
  CHECK(problem->stage == kStageSocket);
  CHECK(problem->error == EADDRINUSE);
  CHECK(problem->text == "cannot listen at unix " + path + ": Address already in use by a");
  ServiceSpec other = Served("c", rig.directory + "/c", Activation::kBoot);
  other.sockets[0].owner = "no-such-user-here";
  problem = rig.sockets->Open(other);
  REQUIRE(problem);
  CHECK(problem->error == ENOENT);
}

TEST_CASE("sockets are handed over in order, the one for stdin apart") {
  ServiceSpec spec = Served("work:a", "/run/a", Activation::kBoot);
  spec.sockets.push_back(spec.sockets[0]);
  spec.sockets[1].path = "/run/b";
  spec.sockets[1].name = "second";
  spec.sockets.push_back(spec.sockets[0]);
  spec.sockets[2].path = "/run/c";
  spec.sockets[2].as_stdin = true;
  auto held = Sockets::FdsOf(spec);
  REQUIRE(held.size() == 2);
  CHECK(held[0].name == "work_a");
  CHECK(held[1].name == "second");
  CHECK(held[0].store_name != held[1].store_name);
  REQUIRE(Sockets::StdinOf(spec));
  CHECK(Sockets::StdinOf(spec)->store_name != held[0].store_name);
  spec.sockets[0].mode = 0666;
  CHECK(Sockets::FdsOf(spec)[0].store_name != held[0].store_name);
}

}  // namespace foster
