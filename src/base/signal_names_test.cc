// SPDX-License-Identifier: MIT
#include "base/signal_names.h"

#include <algorithm>
#include <catch2/catch.hpp>
#include <csignal>

namespace foster {
namespace {

TEST_CASE("a signal is known by its name, with and without SIG, in any case, and by its number") {
  for (const char* text : {"TERM", "term", "SIGTERM", "sigTerm", "15"}) CHECK(SignalNumber(text) == SIGTERM);
  CHECK(SignalNumber("0") == 0);
  CHECK(SignalNumber("64") == 64);
  CHECK(SignalNumber("CLD") == SIGCHLD);
  CHECK(SignalNumber("SIGPOLL") == SIGIO);
  CHECK(SignalNumber("iot") == SIGABRT);
}

TEST_CASE("what is no signal is none") {
  for (const char* text : {"", "SIG", "-1", "65", "15 ", " TERM", "TERMX", "SIGSIGTERM", "99999999999999"})
    CHECK_FALSE(SignalNumber(text).has_value());
}

TEST_CASE("every known name is a signal") {
  const auto names = KnownSignalNames();
  CHECK(std::count(names.begin(), names.end(), "USR1") == 1);
  for (std::string_view name : names) CHECK(SignalNumber(name).has_value());
  CHECK(BareSignalName("sigUsr1") == "USR1");
}

}  // namespace
}  // namespace foster
