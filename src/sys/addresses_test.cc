// SPDX-License-Identifier: MIT
#include "sys/addresses.h"

#include <catch2/catch.hpp>
#include <cerrno>

namespace foster {
namespace {

TEST_CASE("an address in numbers needs no lookup, and reads as it is written") {
  for (const char* host : {"127.0.0.1", "::1", "fe80::1"})
    CHECK(ToText(NumericAddress(host, 80).value()) == HostAndPort(host, 80));
  CHECK(ToText(NumericAddress("[::1]", 65535).value()) == "[::1]:65535");
  CHECK(ToText(AddressesOf("10.0.0.1", 514).value().at(0)) == "10.0.0.1:514");
  for (const char* name : {"", "localhost", "1.2.3", "[127.0.0.1", "::g", "1.2.3.4:80"})
    CHECK_FALSE(NumericAddress(name, 80).has_value());
}

TEST_CASE("a host with its port has brackets where they are needed") {
  CHECK(HostAndPort("h", 1) == "h:1");
  CHECK(HostAndPort("::1", 1) == "[::1]:1");
  CHECK(HostAndPort("[::1]", 1) == "[::1]:1");
}

TEST_CASE("a name is looked up; one that is not there has an error with a number") {
  const auto here = AddressesOf("localhost", 4318);
  REQUIRE(here.ok());
  CHECK_FALSE(here->empty());
  CHECK(here->size() <= kMaxAddresses);
  const auto nowhere = ResolveName("no-such-host.invalid", 80);
  REQUIRE_FALSE(nowhere.ok());
  CHECK(nowhere.error().code() != 0);
  CHECK(nowhere.error().message().rfind("lookup no-such-host.invalid: ", 0) == 0);
}

}  // namespace
}  // namespace foster
