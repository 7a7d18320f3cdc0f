// SPDX-License-Identifier: MIT
#include "base/ascii.h"

#include <catch2/catch.hpp>

namespace foster {
namespace {

TEST_CASE("only the letters of ASCII have a case") {
  CHECK(ToLower("AZaz@[`{09\xc3\x84") == "azaz@[`{09\xc3\x84");
  CHECK(ToUpper("AZaz@[`{09\xc3\xa4") == "AZAZ@[`{09\xc3\xa4");
  CHECK(ToLower("") == "");
}

}  // namespace
}  // namespace foster
