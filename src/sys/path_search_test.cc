// SPDX-License-Identifier: MIT
#include "sys/path_search.h"

#include <catch2/catch.hpp>

namespace foster {

TEST_CASE("a bare name is found along PATH") {
  auto found = FindProgram("sh", "/nowhere:/bin:/usr/bin", "/");
  REQUIRE(found.ok());
  CHECK(*found == "/bin/sh");
}

TEST_CASE("a name with a slash is taken from the directory") {
  CHECK(*FindProgram("bin/sh", "", "/") == "/bin/sh");
  CHECK(*FindProgram("./sh", "", "/bin") == "/bin/./sh");
  CHECK(*FindProgram("/bin/sh", "", "/tmp") == "/bin/sh");
}

TEST_CASE("what cannot be executed is named") {
  CHECK(FindProgram("no-such-program", "/bin", "/").error().message() ==
        "cannot find command 'no-such-program'");
  CHECK(FindProgram("/etc/passwd", "", "/").error().code() == EACCES);
  CHECK(FindProgram("/etc", "", "/").error().message() == "command at '/etc' is a directory");
  CHECK(FindProgram("passwd", "/etc", "/").error().code() == EACCES);
  CHECK_FALSE(FindProgram("", "/bin", "/").ok());
}

}  // namespace foster
