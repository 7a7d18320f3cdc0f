// SPDX-License-Identifier: MIT
#include "gateway/namespec.h"

#include <catch2/catch.hpp>

namespace foster {
namespace {

ServiceStatus Service(const std::string& name, const std::string& group = "") {
  ServiceStatus service;
  service.name = name;
  service.group = group;
  return service;
}

TEST_CASE("a namespec is a process, one of a group, or a group") {
  REQUIRE(ParseNamespec("a").group == "a");
  REQUIRE(ParseNamespec("a").process == "a");
  REQUIRE(ParseNamespec("g:p").process == "p");
  REQUIRE(ParseNamespec("g:*").process.empty());
  REQUIRE(ParseNamespec("g:").process.empty());
}

TEST_CASE("a service's full name says its group and process") {
  REQUIRE(ShownName(NamespecOf(Service("w/web", ""))) == "web");
  REQUIRE(ShownName(NamespecOf(Service("w/web", "web"))) == "web");
  REQUIRE(ShownName(NamespecOf(Service("w/web_00", "web"))) == "web:web_00");
  REQUIRE(ShownName(NamespecOf(Service("w/web:web_00", ""))) == "web:web_00");
}

TEST_CASE("services are found by supervisord's rules") {
  std::vector<ServiceStatus> services = {Service("w/a"), Service("w/g:x", "g"), Service("w/g:y", "g")};
  REQUIRE(FindOne(services, ParseNamespec("a")) == &services[0]);
  REQUIRE(FindOne(services, ParseNamespec("g:y")) == &services[2]);
  REQUIRE(FindOne(services, ParseNamespec("x")) == nullptr);
  REQUIRE(FindOne(services, ParseNamespec("g:*")) == nullptr);
  REQUIRE(FindAll(services, ParseNamespec("g:*")).size() == 2);
  REQUIRE(FindAll(services, ParseNamespec("none:*")).empty());
}

}  // namespace
}  // namespace foster
