// SPDX-License-Identifier: MIT
#include "supervise/follow.h"

#include <sys/stat.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <fstream>

#include "sys/clock.h"

namespace foster {
namespace {

struct File {
  explicit File(const std::string& text) { std::ofstream(path) << text; }
  ~File() { unlink(path.c_str()); }
  std::string path = "/tmp/foster-follow-test-" + std::to_string(getpid());
};

}  // namespace

TEST_CASE("a pid file holds one number and nothing else") {
  auto pid_in = [](const std::string& text) {
    File file(text);
    return ReadPidFile(file.path, 0);
  };
  CHECK(pid_in("42\n") == 42);
  CHECK(pid_in("  42 \n") == 42);
  CHECK(pid_in("42") == 42);
  for (const char* text : {"", "\n", "x", "42x", "-42", "0", "1", "4 2", "99999999999"}) {
    INFO(text);
    CHECK(pid_in(text) == 0);
  }
  CHECK(pid_in(std::string(100, '1')) == 0);
}

TEST_CASE("a pid file from before the spawn is not believed, nor is what is no file") {
  File file("42\n");
  CHECK(ReadPidFile(file.path, WallNow()) == 42);
  CHECK(ReadPidFile(file.path, WallNow() + 1'000'000'000) == 0);
  CHECK(ReadPidFile("/tmp", 0) == 0);
  CHECK(ReadPidFile("/no/such/file", 0) == 0);
}

}  // namespace foster
