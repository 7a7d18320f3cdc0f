// SPDX-License-Identifier: MIT
#include "sys/spawn_plan_builder.h"

#include <fcntl.h>

#include <catch2/catch.hpp>
#include <cstring>

#include "sys/memfd.h"

namespace foster {
namespace {

template <class T>
T At(const std::string& bytes, std::uint32_t offset) {
  REQUIRE(offset + sizeof(T) <= bytes.size());
  T value;
  std::memcpy(&value, bytes.data() + offset, sizeof(T));
  return value;
}

std::vector<std::string> Strings(const std::string& bytes, std::uint32_t array, std::uint32_t count) {
  std::vector<std::string> texts;
  for (std::uint32_t i = 0; i < count; ++i) {
    auto offset = At<std::uint32_t>(bytes, array + 4 * i);
    REQUIRE(offset != 0);
    REQUIRE(offset < bytes.size());
    texts.emplace_back(bytes.data() + offset);
  }
  CHECK(At<std::uint32_t>(bytes, array + 4 * count) == 0);
  return texts;
}

SpawnWish Example() {
  SpawnWish wish;
  wish.file = "/bin/sh";
  wish.argv = {"sh", "-c", "echo hello"};
  wish.environment = {"A=1", "EMPTY="};
  wish.cwd = "/srv";
  wish.stdio[1] = {kFdStore, 1, "out:web", 0};
  wish.stdio[2] = {kFdInherit, 2, "", 0};
  wish.fds = {{kFdMessage, 0, "", 3}};
  wish.uid = 1000;
  wish.gid = 1001;
  wish.groups = std::vector<std::uint32_t>{1001, 27};
  wish.umask = 027;
  wish.rlimits = {{7, 0, 100, 200}};
  return wish;
}

}  // namespace

TEST_CASE("a spawn plan says every wish at offsets inside it") {
  auto encoded = EncodeSpawnPlan(Example());
  REQUIRE(encoded.ok());
  const std::string& bytes = *encoded;
  auto plan = At<SpawnPlan>(bytes, 0);
  CHECK(plan.magic == kSpawnPlanMagic);
  CHECK(plan.size == bytes.size());
  CHECK(plan.flags == (kSpawnSession | kSpawnSetUid | kSpawnSetGid | kSpawnSetGroups | kSpawnSetUmask));
  CHECK(std::string(bytes.data() + plan.file) == "/bin/sh");
  CHECK(Strings(bytes, plan.argv, plan.argc) == Example().argv);
  CHECK(Strings(bytes, plan.envp, plan.envc) == Example().environment);
  CHECK(std::string(bytes.data() + plan.cwd) == "/srv");
  CHECK(plan.stdio[0].kind == kFdNull);
  CHECK(plan.stdio[1].kind == kFdStore);
  CHECK(plan.stdio[1].target == 1);
  CHECK(std::string(bytes.data() + plan.stdio[1].name) == "out:web");
  REQUIRE(plan.fd_count == 1);
  CHECK(At<FdSource>(bytes, plan.fds).target == 3);
  REQUIRE(plan.group_count == 2);
  CHECK(At<std::uint32_t>(bytes, plan.groups + 4) == 27);
  CHECK(At<RlimitPlan>(bytes, plan.rlimits).hard == 200);
  CHECK(plan.uid == 1000);
  CHECK(plan.umask == 027);
}

TEST_CASE("a spawn plan says how a service is kept apart") {
  SpawnWish wish = Example();
  wish.terminal = wish.no_new_privs = wish.private_tmp = wish.private_pids = true;
  wish.nice = -5;
  wish.io_priority = 3u << 13;
  wish.oom_score_adj = -1000;
  wish.bounding_set = 0;
  wish.ambient_set = std::uint64_t{1} << 40;
  wish.cgroup_fd = 2;
  wish.chroot = "/srv/root";
  auto encoded = EncodeSpawnPlan(wish);
  REQUIRE(encoded.ok());
  auto plan = At<SpawnPlan>(*encoded, 0);
  CHECK(plan.flags == kSpawnPrivatePids * 2 - 1);  // Example() asks for all the others
  CHECK(plan.nice == -5);
  CHECK(plan.io_priority == 3u << 13);
  CHECK(plan.oom_score_adj == -1000);
  CHECK(plan.bounding_set == 0);
  CHECK(plan.ambient_set == std::uint64_t{1} << 40);
  CHECK(plan.cgroup_fd == 2);
  REQUIRE(plan.chroot != 0);
  CHECK(std::string(encoded->data() + plan.chroot) == "/srv/root");
  CHECK(At<SpawnPlan>(*EncodeSpawnPlan(Example()), 0).chroot == 0);
}

TEST_CASE("a spawn plan refuses a root directory that is relative") {
  SpawnWish wish = Example();
  wish.chroot = "srv";
  CHECK(EncodeSpawnPlan(wish).error().code() == EINVAL);
  wish.chroot = std::string("/a\0b", 4);
  CHECK(EncodeSpawnPlan(wish).error().code() == EINVAL);
}

TEST_CASE("a spawn plan refuses NULs and what is too large") {
  SpawnWish wish = Example();
  wish.argv.push_back(std::string("a\0b", 3));
  CHECK(EncodeSpawnPlan(wish).error().code() == EINVAL);
  wish = Example();
  wish.environment.push_back("X=" + std::string(kMaxSpawnPlanBytes, 'x'));
  CHECK(EncodeSpawnPlan(wish).error().code() == E2BIG);
}

TEST_CASE("the memfd of a spawn plan is sealed") {
  auto fd = BuildSpawnPlan(Example());
  REQUIRE(fd.ok());
  auto text = ReadWholeFd(fd->get(), kMaxSpawnPlanBytes);
  REQUIRE(text.ok());
  CHECK(*text == *EncodeSpawnPlan(Example()));
  if (SealingWorks()) CHECK((fcntl(fd->get(), F_GET_SEALS) & F_SEAL_WRITE) != 0);
}

}  // namespace foster
