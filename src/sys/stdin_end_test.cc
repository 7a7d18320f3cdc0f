// SPDX-License-Identifier: MIT
#include "sys/stdin_end.h"

#include <unistd.h>

#include <catch2/catch.hpp>
#include <string>

namespace foster {

TEST_CASE("a pipe for stdin takes 64 KiB and then refuses, never waits") {
  auto pair = MakeStdinPipe();
  REQUIRE(pair.ok());
  std::string much(256 << 10, 'x');
  ssize_t written = write(pair->ours.get(), much.data(), much.size());
  CHECK(written == 64 << 10);
  CHECK(write(pair->ours.get(), "x", 1) == -1);
  CHECK(errno == EAGAIN);
}

TEST_CASE("a terminal for stdin is one, passes lines on and does not echo them") {
  auto pair = MakeStdinTerminal();
  REQUIRE(pair.ok());
  CHECK(isatty(pair->service.get()) == 1);
  REQUIRE(write(pair->ours.get(), "line\n", 5) == 5);
  char bytes[16];
  REQUIRE(read(pair->service.get(), bytes, sizeof bytes) == 5);
  CHECK(read(pair->ours.get(), bytes, sizeof bytes) == -1);
  CHECK(errno == EAGAIN);
  REQUIRE(write(pair->service.get(), "out\n", 4) == 4);
  CHECK(DrainTerminal(pair->ours.get()));
  CHECK(read(pair->ours.get(), bytes, sizeof bytes) == -1);
  pair->service.Reset();
  CHECK_FALSE(DrainTerminal(pair->ours.get()));
}

}  // namespace foster
