// SPDX-License-Identifier: MIT
#include "gateway/auth.h"

#include <catch2/catch.hpp>

namespace foster {
namespace {

HttpRequest With(const std::string& name, const std::string& value, const std::string& method = "GET") {
  HttpRequest request;
  request.method = method;
  request.headers = {{"Host", "localhost:9001"}, {name, value}};
  return request;
}

Listener Protected(const std::string& password) {
  Listener listener;
  listener.username = "admin";
  listener.password = password;
  return listener;
}

TEST_CASE("without credentials in the config any Authorization is passed over") {
  REQUIRE_FALSE(CheckAuth(Listener(), With("Authorization", "Basic Og==")));
  REQUIRE_FALSE(CheckAuth(Listener(), With("Authorization", "nonsense")));
}

TEST_CASE("right credentials pass, plain and as {SHA}") {
  REQUIRE_FALSE(CheckAuth(Protected("admin"), With("authorization", "basic YWRtaW46YWRtaW4=")));
  REQUIRE_FALSE(CheckAuth(Protected("{SHA}d033e22ae348aeb5660fc2140aec35850c4da997"),
                          With("Authorization", "Basic YWRtaW46YWRtaW4=")));
}

TEST_CASE("wrong or missing ones get supervisord's 401") {
  for (const char* value : {"Basic YWRtaW46eA==", "Basic eDphZG1pbg==", "Bearer x", "", "Basic YWRtaW4="}) {
    auto refused = CheckAuth(Protected("admin"), With("Authorization", value));
    REQUIRE(refused);
    CHECK(refused->status == 401);
    CHECK(refused->headers[0].name == "Connection");
    CHECK(refused->headers[1].value == "Basic realm=\"default\"");
  }
  REQUIRE(CheckAuth(Protected("admin"), With("Authorization", "Basic !!"))->status == 400);
}

TEST_CASE("another site's page changes nothing") {
  REQUIRE(CheckSite(With("Origin", "https://evil.example", "POST"))->status == 403);
  REQUIRE(CheckSite(With("Origin", "null", "POST"))->status == 403);
  REQUIRE(CheckSite(With("Sec-Fetch-Site", "cross-site", "PATCH"))->status == 403);
  REQUIRE(CheckSite(With("Sec-Fetch-Site", "same-site", "POST"))->status == 403);
  REQUIRE(CheckSite(With("Origin", "http://localhost:9001.evil.example", "POST")));
}

TEST_CASE("our own page, other programs and readers pass") {
  REQUIRE_FALSE(CheckSite(With("Origin", "http://localhost:9001", "POST")));
  REQUIRE_FALSE(CheckSite(With("Sec-Fetch-Site", "same-origin", "POST")));
  REQUIRE_FALSE(CheckSite(With("User-Agent", "Python-xmlrpc/3.11", "POST")));
  REQUIRE_FALSE(CheckSite(With("Origin", "https://evil.example", "GET")));
}

}  // namespace
}  // namespace foster
