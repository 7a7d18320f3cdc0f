// SPDX-License-Identifier: MIT
#include "sys/init_channel.h"

#include <catch2/catch.hpp>

#include "sys/clock.h"
#include "sys/unix_socket.h"

namespace foster {

TEST_CASE("messages arrive in order even when the socket is full meanwhile") {
  Loop loop;
  auto pair = PacketPair();
  REQUIRE(pair.ok());
  InitChannel here(loop, std::move(pair->first));
  InitChannel there(loop, std::move(pair->second));
  constexpr std::uint32_t kCount = 5000;
  std::uint32_t next = 0;
  std::uint32_t prepared = 0;
  REQUIRE(here.Start([](const Message&, InitChannel::Fds) {}, [] {}).ok());
  for (std::uint32_t i = 0; i < kCount; ++i) {
    Message message = MessageOf(kMsgForget);
    message.value = i;
    here.Send(message, [&prepared, i](InitChannel::Fds*) { return ++prepared, i % 2 == 0; });
  }
  CHECK(here.queued() > 0);
  CHECK(prepared < kCount);  // fds are made when their turn has come
  REQUIRE(there
              .Start(
                  [&](const Message& message, InitChannel::Fds) {
                    CHECK(message.value == next);
                    next += 2;
                    if (next == kCount) loop.Stop();
                  },
                  [] {})
              .ok());
  loop.Run();
  CHECK(prepared == kCount);
  CHECK(here.queued() == 0);
}

TEST_CASE("names are cut, ended and read back") {
  ChildKey key = KeyOf(std::string(300, 'n'), kRoleMain, 7);
  CHECK(NameIn(key.name).size() == kMaxNameLength - 1);
  CHECK(NameIn(KeyOf("web", kRoleMain, 1).name) == "web");
}

}  // namespace foster
