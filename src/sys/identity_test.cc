// SPDX-License-Identifier: MIT
#include "sys/identity.h"

#include <unistd.h>

#include <catch2/catch.hpp>

namespace foster {

TEST_CASE("no user and no group change nothing") {
  auto result = ResolveIdentity("", "");
  REQUIRE(result.ok());
  CHECK_FALSE(result->uid.has_value());
  CHECK_FALSE(result->gid.has_value());
  CHECK_FALSE(result->groups.has_value());
}

TEST_CASE("unknown users and groups are named") {
  auto user = ResolveIdentity("no-such-user-here", "");
  REQUIRE_FALSE(user.ok());
  CHECK(user.error().message() == "no such user 'no-such-user-here'");
  auto group = ResolveIdentity("", "no-such-group-here");
  REQUIRE_FALSE(group.ok());
  CHECK(group.error().message() == "no such group 'no-such-group-here'");
}

TEST_CASE("root resolves names and numbers") {
  if (geteuid() != 0) return;
  auto root = ResolveIdentity("root", "");
  REQUIRE(root.ok());
  CHECK(root->uid == 0u);
  REQUIRE(root->groups.has_value());
  CHECK(root->groups->front() == 0u);
  auto number = ResolveIdentity("65123", "65124");
  REQUIRE(number.ok());
  CHECK(number->uid == 65123u);
  CHECK(number->gid == 65124u);
  CHECK(*number->groups == std::vector<std::uint32_t>{65124});
}

}  // namespace foster
