// SPDX-License-Identifier: MIT
#include "logd/prefix.h"

#include <catch2/catch.hpp>

namespace foster {
namespace {

TEST_CASE("prefixes are padded to the longest name and cut in the middle") {
  CHECK(MakePrefix("web", {.width = 5}).whole == "web   | ");
  CHECK(MakePrefix("web", {.width = 5}).continued == "web   + ");
  CHECK(MakePrefix("web", {.width = 100}).whole.size() == kPrefixColumns + 3);
  CHECK(ShownName("process-compose/frontend") == "process-compose/frontend");
  CHECK(ShownName("process-compose/frontend2") == "process-com..e/frontend2");
  CHECK(ShownName(std::string(119, 'x')).size() == kPrefixColumns);
}

TEST_CASE("colour is per service, and stderr has a red bar") {
  CHECK(MakePrefix("web", {.colour = 1, .width = 3, .is_coloured = true}).whole == "\033[0;32mweb |\033[0m ");
  CHECK(MakePrefix("web", {.stream = 1, .colour = 13, .width = 3, .is_coloured = true}).whole ==
        "\033[0;32mweb \033[0;1;31m|\033[0m ");
  CHECK(MakePrefix("web", {.stream = 1, .width = 3}).whole == "web | ");
}

}  // namespace
}  // namespace foster
