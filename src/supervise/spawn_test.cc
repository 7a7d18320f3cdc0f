// SPDX-License-Identifier: MIT
#include "supervise/spawn.h"

#include <catch2/catch.hpp>

namespace foster {
namespace {

ServiceSpec Sleeper() {
  ServiceSpec spec;
  spec.name = "work/web";
  spec.run.argv = {"sh", "-c", "exec sleep 1"};
  spec.finish.argv = {"/bin/sh", "finish"};
  spec.environment = {"B=over", "C=new"};
  return spec;
}

SpawnRequest RequestFor(const ServiceSpec& spec, Role role = Role::kMain) {
  SpawnRequest request;
  request.spec = &spec;
  request.role = role;
  return request;
}

const std::vector<std::string> kOwn{"PATH=/bin:/usr/bin", "A=1", "B=own"};

}  // namespace

TEST_CASE("a main process gets its program, environment and pipes") {
  ServiceSpec spec = Sleeper();
  auto made = MakeSpawnWish(RequestFor(spec), kOwn);
  REQUIRE(std::holds_alternative<SpawnWish>(made));
  const auto& wish = std::get<SpawnWish>(made);
  CHECK(wish.file == "/bin/sh");
  CHECK(wish.argv == spec.run.argv);
  CHECK(wish.environment == std::vector<std::string>{"PATH=/bin:/usr/bin", "A=1", "B=over", "C=new"});
  CHECK(wish.stdio[0].kind == kFdNull);
  CHECK(wish.stdio[1].store_name == "out:work/web");
  CHECK(wish.stdio[2].store_name == "err:work/web");
  CHECK(wish.session);
}

TEST_CASE("merged stderr goes into stdout's pipe") {
  ServiceSpec spec = Sleeper();
  spec.merge_stderr = true;
  auto made = MakeSpawnWish(RequestFor(spec), kOwn);
  CHECK(std::get<SpawnWish>(made).stdio[2].store_name == "out:work/web");
}

TEST_CASE("finish learns how the main process ended") {
  ServiceSpec spec = Sleeper();
  auto request = RequestFor(spec, Role::kFinish);
  request.status = {0, 9};
  request.main_pid = 77;
  auto made = MakeSpawnWish(request, kOwn);
  CHECK(std::get<SpawnWish>(made).argv ==
        std::vector<std::string>{"/bin/sh", "finish", "256", "9", "work/web", "77"});
  request.status = {3, 0};
  made = MakeSpawnWish(request, kOwn);
  CHECK(std::get<SpawnWish>(made).argv[2] == "3");
}

TEST_CASE("what cannot be spawned says at which stage") {
  ServiceSpec spec = Sleeper();
  spec.run.argv[0] = "no-such-program";
  auto made = MakeSpawnWish(RequestFor(spec), kOwn);
  REQUIRE(std::holds_alternative<SpawnProblem>(made));
  CHECK(std::get<SpawnProblem>(made).stage == kStageExec);
  CHECK(std::get<SpawnProblem>(made).error == ENOENT);

  spec = Sleeper();
  spec.identity.user = "no-such-user-here";
  made = MakeSpawnWish(RequestFor(spec), kOwn);
  REQUIRE(std::holds_alternative<SpawnProblem>(made));
  CHECK(std::get<SpawnProblem>(made).stage == kStageUid);
  CHECK(std::get<SpawnProblem>(made).text == "no such user 'no-such-user-here'");

  spec = Sleeper();
  spec.run.cwd = "/no/such/directory";
  made = MakeSpawnWish(RequestFor(spec), kOwn);
  CHECK(std::get<SpawnProblem>(made).stage == kStageCwd);
}

}  // namespace foster
