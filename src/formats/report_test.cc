// SPDX-License-Identifier: MIT
// What people write into a file and nobody else is to see stays out of what is found wrong with it.
#include "formats/report.h"

#include <catch2/catch.hpp>

#include "formats/text_source.h"

namespace foster {
namespace {

// The line of a diagnostic at line `number` of the text.
std::string LineOf(std::string_view text, std::uint32_t number) {
  const TextSource source("f", text);
  std::vector<Diagnostic> found;
  Report report(&found);
  report.AddSource(&source);
  report.Error({"f", number, 1}, "it is wrong");
  REQUIRE(found.size() == 1);
  return found[0].source_line;
}

TEST_CASE("credentials of an address are in neither line, text nor hint") {
  CHECK(LineOf("url: http://me:hunter2@h/ # x", 1) == "url: http://**********@h/ # x");
  std::vector<Diagnostic> found;
  Report(&found).Warning({}, "no: http://me:hunter2@h", "like http://a:b@c");
  REQUIRE(found.size() == 1);
  CHECK(found[0].text == "no: http://**********@h");
  CHECK(found[0].hint == "like http://***@c");
}

TEST_CASE("what is said of headers is not in a diagnostic's line, columns stay") {
  CHECK(LineOf("  otlp: {headers: {Key: hunter2}, x: 1}", 1) == "  otlp: {headers: ***** ********* ** **");
  CHECK(LineOf("\"headers\": {\"Key\": \"hunter2\"}", 1) == "\"headers\": ******* **********");
  const std::string_view block = "otlp:\n- headers:\n    Key: |\n\n      hunter2\n  url: x\nheaders_of: y";
  CHECK(LineOf(block, 1) == "otlp:");
  CHECK(LineOf(block, 2) == "- headers:");
  CHECK(LineOf(block, 3) == "    **** *");
  CHECK(LineOf(block, 5) == "      *******");
  CHECK(LineOf(block, 6) == "  url: x");
  CHECK(LineOf(block, 7) == "headers_of: y");
}

}  // namespace
}  // namespace foster
