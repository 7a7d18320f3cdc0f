// SPDX-License-Identifier: MIT
#include "wire/sd_notify_message.h"

#include <catch2/catch.hpp>

namespace foster {

TEST_CASE("every key of a datagram is read") {
  auto message = ParseSdNotify(
      "READY=1\nRELOADING=1\nSTOPPING=1\nSTATUS=up and away\nERRNO=5\nMAINPID=42\nWATCHDOG=1\n"
      "WATCHDOG_USEC=2000001\nEXTEND_TIMEOUT_USEC=5000000\nFDSTORE=1\nFDNAME=door\nFDPOLL=0\nBARRIER=1\n");
  REQUIRE(message);
  CHECK(message->ready);
  CHECK(message->reloading);
  CHECK(message->stopping);
  CHECK(message->status == "up and away");
  CHECK(message->error == 5);
  CHECK(message->main_pid == 42);
  CHECK(message->watchdog == SdWatchdog::kAlive);
  CHECK(message->watchdog_interval == Millis(2001));
  CHECK(message->extend_timeout == Millis(5000));
  CHECK(message->fd_store);
  CHECK_FALSE(message->fd_store_remove);
  CHECK(message->fd_name == "door");
  CHECK_FALSE(message->fd_poll);
  CHECK(message->barrier);
}

TEST_CASE("what makes no sense is left out and the rest counts") {
  auto message =
      ParseSdNotify("NOISE=1\nMAINPID=0\nMAINPID=-1\nMAINPID=12x\nWATCHDOG=maybe\nnothing\nREADY=1");
  REQUIRE(message);
  SdNotifyMessage expected;
  expected.ready = true;
  CHECK(*message == expected);
  CHECK_FALSE(ParseSdNotify("READY=0"));
  CHECK_FALSE(ParseSdNotify("READY=11"));
  CHECK_FALSE(ParseSdNotify(""));
  CHECK_FALSE(ParseSdNotify("X_OWN=1\n"));
  CHECK_FALSE(ParseSdNotify("WATCHDOG_USEC=18446744073709551615"));
}

TEST_CASE("a datagram and its texts are bounded") {
  CHECK_FALSE(ParseSdNotify("READY=1\n" + std::string(kMaxSdNotifyMessage, 'x')));
  auto message = ParseSdNotify("STATUS=" + std::string(2000, 'x'));
  REQUIRE(message);
  CHECK(message->status->size() == kMaxSdStatus);
  CHECK(ParseSdNotify("STATUS=a\tb\x1b[2Jc")->status == "a b [2Jc");
  CHECK(ParseSdNotify("STATUS=")->status == "");
}

TEST_CASE("a name that LISTEN_FDNAMES could not carry is none") {
  CHECK(ParseSdNotify("FDSTORE=1\nFDNAME=a:b")->fd_name.empty());
  CHECK(ParseSdNotify("FDSTORE=1\nFDNAME=" + std::string(61, 'n'))->fd_name.empty());
  CHECK(ParseSdNotify("FDSTORE=1\nFDNAME=")->fd_name.empty());
  CHECK(ParseSdNotify("FDSTOREREMOVE=1\nFDNAME=ok")->fd_store_remove);
}

TEST_CASE("a watchdog may be triggered and its interval changed") {
  CHECK(ParseSdNotify("WATCHDOG=trigger")->watchdog == SdWatchdog::kTrigger);
  CHECK(ParseSdNotify("WATCHDOG_USEC=1")->watchdog_interval == Millis(1));
  CHECK(ParseSdNotify("WATCHDOG_USEC=0")->watchdog_interval == Millis(0));
}

}  // namespace foster
