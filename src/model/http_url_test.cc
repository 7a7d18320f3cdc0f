// SPDX-License-Identifier: MIT
#include "model/http_url.h"

#include <catch2/catch.hpp>

namespace foster {
namespace {

TEST_CASE("an address in its parts") {
  const HttpUrl plain = ParseHttpUrl("http://collector/v1/logs").value();
  CHECK(plain == HttpUrl{false, "collector", 80, "/v1/logs", ""});
  CHECK(HostHeaderOf(plain) == "collector");
  const HttpUrl full = ParseHttpUrl("https://me:p%40ss@[::1]:4318/a?key=1#end").value();
  CHECK(full == HttpUrl{true, "::1", 4318, "/a?key=1", "me:p@ss"});
  CHECK(OriginOf(full) == "https://[::1]:4318");
  CHECK(ToText(full) == "https://[::1]:4318/a");
  CHECK(HostHeaderOf(full) == "[::1]:4318");
  CHECK(ParseHttpUrl("https://h").value() == HttpUrl{true, "h", 443, "/", ""});
  CHECK(ParseHttpUrl("http://h?q").value().target == "/?q");
  CHECK(ParseHttpUrl("http://a:b@c@h/").value().host == "h");
  CHECK(ParseHttpUrl("http://u%zz%4@h/").value().credentials == "u%zz%4");
}

TEST_CASE("what is no address is refused, and the refusal tells no secret") {
  for (const char* bad :
       {"", "ftp://h/", "h:80", "http://", "http:///x", "http://h:0/", "http://h:65536/", "http://h:/",
        "http://h:8x/", "http://[::1/", "http://[::1]x/", "http://[]/", "http://h/a b", "http://h/\r\nX: y",
        "http://me:hunter2@/", "http://me:hunter2@h:99999/"}) {
    const auto url = ParseHttpUrl(bad);
    CHECK_FALSE(url.ok());
    if (!url.ok()) CHECK(url.error().message().find("hunter2") == std::string::npos);
  }
  CHECK_FALSE(ParseHttpUrl("http://h/" + std::string(5000, 'x')).ok());
}

}  // namespace
}  // namespace foster
