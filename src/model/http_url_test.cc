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
  CHECK(HostHeaderOf(full) == "[::1]:4318");
  CHECK(ParseHttpUrl("https://h").value() == HttpUrl{true, "h", 443, "/", ""});
  CHECK(ParseHttpUrl("http://h?q").value().target == "/?q");
  CHECK(ParseHttpUrl("http://a:b@c@h/").value().host == "h");
  CHECK(ParseHttpUrl("http://u%zz%4@h/").value().credentials == "u%zz%4");
}

TEST_CASE("an address is shown without what is secret in it") {
  CHECK(ShownUrl("http://h/v1/logs") == "http://h/v1/logs");
  CHECK(ShownUrl("https://me:hunter2@h:4318/a?key=1#end") == "https://***@h:4318/a?***");
  CHECK(ShownUrl("http://@h") == "http://h/");
  CHECK(ShownUrl("http://me:hunter2@[::1]") == "http://***@[::1]/");
  for (const char* odd : {"htp://me:hunter2@h/", "http://me:hunter2@/", "http://me:hun/hunter2@h:80/",
                          "http://me:h@hunter2@h:0"})
    CHECK(ShownUrl(odd).find("hunter2") == std::string::npos);
}

TEST_CASE("a text is shown without credentials, its columns stay") {
  CHECK(WithoutCredentials("url: 'http://u:p@h/a@b' # x@y") == "url: 'http://*******@b' # x@y");
  CHECK(WithoutCredentials("a: http://u:p@h, b: \"x://y@z\" me@home") ==
        "a: http://***@h, b: \"x://*@z\" me@home");
  CHECK(WithoutCredentials("'http://u:p@h/a?key=1' ?") == "'http://***@h/a?*****' ?");
  CHECK(WithoutCredentials("http://a?b@c?d://e@f g") == "http://************* g");
  for (const char* same : {"", "://", "a@b", "http://h/", "http:// a@b"})
    CHECK(WithoutCredentials(same) == same);
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
