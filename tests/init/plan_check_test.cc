// SPDX-License-Identifier: MIT
#include <catch2/catch.hpp>
#include <cstring>
#include <random>
#include <vector>

#include "foster/init_protocol.h"
#include "init/plan_check.h"

namespace foster::init {
namespace {

// A plan with one argument, one variable, a group and an fd, in memory that ends where the plan ends.
std::vector<std::uint64_t> SoundPlan() {
  std::vector<std::uint64_t> words(64);
  auto* bytes = reinterpret_cast<char*>(words.data());
  SpawnPlan plan{};
  plan.magic = kSpawnPlanMagic;
  plan.version = kInitProtocolVersion;
  plan.size = static_cast<std::uint32_t>(words.size() * 8);
  constexpr std::uint32_t kTexts = (sizeof(SpawnPlan) + 7) / 8 * 8;
  std::memcpy(bytes + kTexts, "/bin/true\0A=1", 14);
  const std::uint32_t list[] = {kTexts, 0, kTexts + 10, 0, 1000};
  std::memcpy(bytes + kTexts + 16, list, sizeof list);
  const FdSource source = {kFdMessage, 0, 0, 9};
  std::memcpy(bytes + kTexts + 40, &source, sizeof source);
  plan.file = kTexts;
  plan.argv = kTexts + 16;
  plan.argc = 1;
  plan.envp = kTexts + 24;
  plan.envc = 1;
  plan.groups = kTexts + 32;
  plan.group_count = 1;
  plan.fds = kTexts + 40;
  plan.fd_count = 1;
  std::memcpy(bytes, &plan, sizeof plan);
  return words;
}

SpawnPlan& Header(std::vector<std::uint64_t>& words) { return *reinterpret_cast<SpawnPlan*>(words.data()); }
bool IsSound(const std::vector<std::uint64_t>& words) {
  return IsSoundPlan(words.data(), words.size() * 8, 1);
}

TEST_CASE("a sound plan is accepted, and needs the fds it names") {
  auto words = SoundPlan();
  CHECK(IsSound(words));
  CHECK_FALSE(IsSoundPlan(words.data(), words.size() * 8, 0));
}

TEST_CASE("every cut-off plan is refused") {
  auto words = SoundPlan();
  for (std::size_t size = 0; size < words.size() * 8; ++size) CHECK_FALSE(IsSoundPlan(words.data(), size, 1));
}

TEST_CASE("offsets and counts out of range are refused") {
  for (auto field : {&SpawnPlan::magic, &SpawnPlan::version, &SpawnPlan::size, &SpawnPlan::flags,
                     &SpawnPlan::file, &SpawnPlan::argv, &SpawnPlan::argc, &SpawnPlan::envp, &SpawnPlan::envc,
                     &SpawnPlan::cwd, &SpawnPlan::chroot, &SpawnPlan::fds, &SpawnPlan::fd_count,
                     &SpawnPlan::groups, &SpawnPlan::group_count, &SpawnPlan::rlimit_count}) {
    auto words = SoundPlan();
    Header(words).*field = 0xfffffff0;
    CHECK_FALSE(IsSound(words));
  }
}

TEST_CASE("a root directory is absolute") {
  auto words = SoundPlan();
  Header(words).chroot = Header(words).file;
  CHECK(IsSound(words));
  Header(words).chroot = Header(words).file + 1;  // "bin/true"
  CHECK_FALSE(IsSound(words));
}

TEST_CASE("a flag that nobody knows is refused, every other is not") {
  auto words = SoundPlan();
  for (std::uint32_t flag = 1; flag <= kSpawnPrivatePids; flag *= 2) {
    Header(words).flags = flag;
    CHECK(IsSound(words));
  }
  Header(words).flags = kSpawnPrivatePids * 2;
  CHECK_FALSE(IsSound(words));
}

TEST_CASE("the uid that means no change is refused") {
  auto words = SoundPlan();
  Header(words).flags = kSpawnSetUid;
  Header(words).uid = ~0u;
  CHECK_FALSE(IsSound(words));
}

TEST_CASE("whatever is accepted has its strings inside the plan") {
  std::mt19937 chance(7);
  int accepted = 0;
  for (int round = 0; round < 100000; ++round) {
    auto words = SoundPlan();
    auto* bytes = reinterpret_cast<unsigned char*>(words.data());
    for (int flips = 0; flips < 2; ++flips)
      bytes[chance() % (words.size() * 8)] = static_cast<unsigned char>(chance());
    if (!IsSound(words)) continue;
    ++accepted;
    const SpawnPlan& plan = Header(words);
    const auto* list = PlanArray<std::uint32_t>(plan, plan.argv);
    for (std::uint32_t i = 0; i < plan.argc; ++i)
      REQUIRE(std::memchr(bytes + list[i], 0, plan.size - list[i]) != nullptr);
  }
  CHECK(accepted > 1000);
}

}  // namespace
}  // namespace foster::init
