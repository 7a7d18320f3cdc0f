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

TEST_CASE("isolation is looked up and given in numbers") {
  ServiceSpec spec = Sleeper();
  spec.isolation.limits = {{"nofile", 10, 20}};
  spec.isolation.nice = 3;
  spec.isolation.io_class = IoClass::kBestEffort;
  spec.isolation.io_priority = 6;
  spec.isolation.oom_score_adj = 100;
  spec.isolation.capabilities = {"chown"};
  spec.isolation.ambient_capabilities = {"net_bind_service"};
  spec.isolation.private_pids = true;
  auto request = RequestFor(spec);
  request.cgroup_fd = 1;
  auto made = MakeSpawnWish(request, kOwn);
  REQUIRE(std::holds_alternative<SpawnWish>(made));
  const auto& wish = std::get<SpawnWish>(made);
  REQUIRE(wish.rlimits.size() == 1);
  CHECK((wish.rlimits[0].soft == 10 && wish.rlimits[0].hard == 20));
  CHECK((wish.nice == 3 && wish.oom_score_adj == 100 && wish.cgroup_fd == 1u));
  CHECK(wish.io_priority == (2u << 13 | 6u));
  CHECK((wish.bounding_set == (1u | 1u << 10) && wish.ambient_set == 1u << 10));
  CHECK(wish.private_pids);
  request.role = Role::kFinish;
  made = MakeSpawnWish(request, kOwn);
  CHECK_FALSE(std::get<SpawnWish>(made).private_pids);
}

TEST_CASE("isolation that cannot be looked up names its stage and value") {
  auto problem_of = [](const ServiceSpec& spec) {
    return std::get<SpawnProblem>(MakeSpawnWish(RequestFor(spec), kOwn));
  };
  ServiceSpec spec = Sleeper();
  spec.isolation.limits = {{"locks", 1, 1}};
  CHECK(problem_of(spec).stage == kStageRlimit);
  CHECK(problem_of(spec).text == "there is no limit 'locks'");
  spec = Sleeper();
  spec.isolation.capabilities = {"fly"};
  CHECK(problem_of(spec).stage == kStageCapabilities);
  spec = Sleeper();
  spec.isolation.chroot = "/no/such/root";
  CHECK(problem_of(spec).stage == kStageChroot);
  CHECK(problem_of(spec).error == ENOENT);
}

TEST_CASE("a stop command is told the main process, and a terminal is asked for the main process alone") {
  ServiceSpec spec = Sleeper();
  spec.stop.command.argv = {"/bin/true"};
  spec.stdin_from = Stdin::kTerminal;
  auto request = RequestFor(spec, Role::kStop);
  request.main_pid = 42;
  auto made = MakeSpawnWish(request, kOwn);
  CHECK(ValueIn(std::get<SpawnWish>(made).environment, "MAINPID") == "42");
  CHECK_FALSE(std::get<SpawnWish>(made).terminal);
  request = RequestFor(spec);
  request.has_stdin = true;
  made = MakeSpawnWish(request, kOwn);
  CHECK(std::get<SpawnWish>(made).terminal);
  CHECK(std::get<SpawnWish>(made).stdio[0].store_name == "stdin:work/web");
}

}  // namespace foster
