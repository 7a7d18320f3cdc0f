// SPDX-License-Identifier: MIT
#include "sys/loop.h"

#include <unistd.h>

#include <catch2/catch.hpp>

#include "sys/clock.h"
#include "sys/unix_socket.h"

namespace foster {

TEST_CASE("the loop calls for a ready fd, and a callback may unwatch itself") {
  Loop loop;
  auto pair = PacketPair();
  REQUIRE(pair.ok());
  int calls = 0;
  int fd = pair->first.get();
  REQUIRE(loop.Watch(fd, kReadable,
                     [&](unsigned ready) {
                       CHECK(ready == kReadable);
                       ++calls;
                       loop.Unwatch(fd);
                       loop.SetTimer(MonoNow(), [&] { loop.Stop(); });
                     })
              .ok());
  REQUIRE(SendPacket(pair->second.get(), "x", {}).ok());
  loop.Run();
  CHECK(calls == 1);
}

TEST_CASE("the one timer is replaced, not added to") {
  Loop loop;
  int first = 0;
  int second = 0;
  MonoTime start = MonoNow();
  loop.SetTimer(start + Millis(1), [&] { ++first; });
  loop.SetTimer(start + Millis(20), [&] {
    ++second;
    loop.Stop();
  });
  loop.Run();
  CHECK(first == 0);
  CHECK(second == 1);
  CHECK(MonoNow() >= start + Millis(20));
}

}  // namespace foster
