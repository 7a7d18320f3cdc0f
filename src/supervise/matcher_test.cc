// SPDX-License-Identifier: MIT
#include "supervise/matcher.h"

#include <catch2/catch.hpp>

namespace foster {
namespace {

const std::vector<Nameable> kAll{
    {"db", "", "/etc/services.d/db", false}, {"foster/logd", "", "", true}, {"pc/web", "pc", "", false},
    {"sv/code-server", "sv", "", false},     {"sv/web", "sv", "", false},   {"sv/web-2", "sv", "", false},
};
const std::vector<Bundle> kBundles{{"user", {"db", "sv/web"}, {}}};

using Names = std::vector<std::string>;

Names Match(const Names& patterns, bool internals = false) {
  auto found = MatchNames(patterns, kAll, kBundles, internals);
  REQUIRE(found.ok());
  return *found;
}

std::string Refusal(const std::string& pattern) {
  auto found = MatchNames(Names{pattern}, kAll, kBundles, false);
  REQUIRE_FALSE(found.ok());
  return found.error().message();
}

}  // namespace

TEST_CASE("no pattern means all services that are not foster's own") {
  CHECK(Match({}) == Names{"db", "pc/web", "sv/code-server", "sv/web", "sv/web-2"});
  CHECK(Match({}, true).size() == kAll.size());
}

TEST_CASE("every kind of pattern") {
  CHECK(Match({"sv/web"}) == Names{"sv/web"});
  CHECK(Match({"code-server"}) == Names{"sv/code-server"});
  CHECK(Match({"sv/"}) == Names{"sv/code-server", "sv/web", "sv/web-2"});
  CHECK(Match({"user"}) == Names{"db", "sv/web"});
  CHECK(Match({"web*"}) == Names{"pc/web", "sv/web", "sv/web-2"});
  CHECK(Match({"*/code-*"}) == Names{"sv/code-server"});
  CHECK(Match({"/etc/services.d/db/"}) == Names{"db"});
  CHECK(Match({"db", "web-2", "db"}) == Names{"db", "sv/web-2"});
  CHECK(Match({"foster/logd"}) == Names{"foster/logd"});
}

TEST_CASE("what does not match says what is close, what is ambiguous lists the names") {
  CHECK(Refusal("web") == "'web' is not unique: pc/web, sv/web");
  CHECK(Refusal("code-servr") == "no service matches 'code-servr'; close: sv/code-server");
  CHECK(Refusal("zzzzzzzz*") == "no service matches 'zzzzzzzz*'");
  CHECK(Refusal("logd").find("no service matches") == 0);
  CHECK(Refusal("nothing/").find("no service matches") == 0);
}

TEST_CASE("globs") {
  CHECK(GlobMatches("a*c", "abbbc"));
  CHECK(GlobMatches("*", ""));
  CHECK(GlobMatches("a?c", "abc"));
  CHECK_FALSE(GlobMatches("a?c", "ac"));
  CHECK(GlobMatches("[a-c]x", "bx"));
  CHECK_FALSE(GlobMatches("[!a-c]x", "bx"));
  CHECK(GlobMatches("[x", "[x"));
  CHECK_FALSE(GlobMatches("*a*b", "aaaaaaaaaaaaaaaaaaaaaaac"));
}

}  // namespace foster
