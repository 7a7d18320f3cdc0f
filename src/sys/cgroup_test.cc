// SPDX-License-Identifier: MIT
#include "sys/cgroup.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <filesystem>
#include <fstream>

namespace foster {
namespace {

// A directory with files as the kernel would have them: what is written can be read.
struct FakeCgroup {
  FakeCgroup() {
    char name[] = "/tmp/foster-cgroup-XXXXXX";
    path = mkdtemp(name);
  }
  ~FakeCgroup() { std::filesystem::remove_all(path); }
  void File(const std::string& file, const std::string& text) { std::ofstream(path + "/" + file) << text; }
  std::string Read(const std::string& file) {
    std::string text;
    std::getline(std::ifstream(path + "/" + file), text);
    return text;
  }
  UniqueFd Open() { return UniqueFd(open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC)); }
  std::string path;
};

}  // namespace

TEST_CASE("two fosters never have the same place, and one that is free is used again") {
  FakeCgroup parent;
  auto first = ClaimCgroup(parent.path);
  auto second = ClaimCgroup(parent.path);
  REQUIRE((first.ok() && second.ok()));
  CHECK(std::filesystem::exists(parent.path + "/foster-2"));
  first->Reset();
  REQUIRE(ClaimCgroup(parent.path).ok());
  CHECK_FALSE(std::filesystem::exists(parent.path + "/foster-3"));
}

TEST_CASE("foster's own cgroup is found where it is mounted, and nowhere else") {
  std::string own =
      "30 20 0:28 / /sys/fs/cgroup rw,nosuid shared:4 master:1 - cgroup2 cgroup2 rw,nsdelegate\n";
  CHECK(*CgroupDirectoryIn(own, "/") == "/sys/fs/cgroup");
  CHECK(*CgroupDirectoryIn(own, "/init") == "/sys/fs/cgroup");
  CHECK(*CgroupDirectoryIn(own, "/a/b") == "/sys/fs/cgroup/a/b");
  // An engine that shares its namespace mounts only the container's part.
  std::string part = "30 20 0:28 /docker/1f /sys/fs/cgroup ro - cgroup2 cgroup rw\n";
  CHECK(*CgroupDirectoryIn(part, "/docker/1f") == "/sys/fs/cgroup");
  CHECK(*CgroupDirectoryIn(part, "/docker/1f/init") == "/sys/fs/cgroup");
  CHECK(*CgroupDirectoryIn(part, "/docker/1f/x") == "/sys/fs/cgroup/x");
  CHECK_FALSE(CgroupDirectoryIn(part, "/docker/1fe").ok());
  // The machine's file system in a namespace of our own: its root is not ours.
  std::string above = "137 127 0:38 /../.. /sys/fs/cgroup/unified rw - cgroup2 cgroup2 rw\n";
  CHECK_FALSE(CgroupDirectoryIn(above, "/").ok());
  CHECK(*CgroupDirectoryIn(above + own, "/x") == "/sys/fs/cgroup/x");
  CHECK_FALSE(CgroupDirectoryIn("31 23 0:28 / /sys/fs/cgroup rw - tmpfs tmpfs rw\n", "/").ok());
  CHECK_FALSE(CgroupDirectoryIn(own, "/../other").ok());
}

TEST_CASE("limits are written as the kernel reads them") {
  FakeCgroup group;
  for (const char* file : {"memory.max", "memory.high", "cpu.max", "cpu.weight", "pids.max"})
    group.File(file, "");
  CgroupLimits limits;
  limits.memory_max = 1 << 20;
  limits.cpu_percent = 150;
  REQUIRE(SetGroupLimits(group.Open().get(), limits).ok());
  CHECK(group.Read("memory.max") == "1048576");
  CHECK(group.Read("memory.high") == "max");
  CHECK(group.Read("cpu.max") == "150000 100000");
  CHECK(group.Read("pids.max") == "max");
}

TEST_CASE("a limit without its controller is an error that names it") {
  FakeCgroup group;
  CgroupLimits limits;
  CHECK(SetGroupLimits(group.Open().get(), limits).ok());
  limits.pids_max = 5;
  auto set = SetGroupLimits(group.Open().get(), limits);
  REQUIRE_FALSE(set.ok());
  CHECK(set.error().code() == ENOENT);
  CHECK(set.error().message().starts_with("pids.max"));
}

TEST_CASE("only the controllers that are there and missing are turned on") {
  FakeCgroup parent;
  parent.File("cgroup.controllers", "cpuset cpu io memory pids");
  parent.File("cgroup.subtree_control", "cpu");
  auto base = ClaimCgroup(parent.path);
  REQUIRE(base.ok());
  CHECK(UsableControllers(base->get()) == "cpu memory pids");
  std::ofstream(parent.path + "/foster/cgroup.controllers") << "memory pids";
  std::ofstream(parent.path + "/foster/cgroup.subtree_control") << "";
  REQUIRE(EnableControllers(base->get()).ok());
  CHECK(parent.Read("cgroup.subtree_control").starts_with("+memory +pids"));
  CHECK(parent.Read("foster/cgroup.subtree_control") == "+memory +pids");
  CHECK_FALSE(std::filesystem::exists(parent.path + "/init"));  // nobody had to move
}

}  // namespace foster
