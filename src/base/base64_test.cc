// SPDX-License-Identifier: MIT
#include "base/base64.h"

#include <catch2/catch.hpp>

namespace foster {
namespace {

TEST_CASE("base64 is read, broken base64 is not") {
  CHECK(Base64Decode("YWRtaW46YWRtaW4=") == "admin:admin");
  CHECK(Base64Decode("Og==") == ":");
  CHECK(Base64Decode("") == "");
  CHECK(Base64Decode("aGFs\nbG8") == "hallo");
  CHECK_FALSE(Base64Decode("a"));
  CHECK_FALSE(Base64Decode("ab!d"));
  CHECK_FALSE(Base64Decode("YQ==YQ=="));
}

TEST_CASE("base64 carries every byte in every place") {
  CHECK(Base64Encode("") == "");
  CHECK(Base64Encode("f") == "Zg==");
  CHECK(Base64Encode("fo") == "Zm8=");
  CHECK(Base64Encode("foo") == "Zm9v");
  std::string bytes;
  for (int i = 0; i < 1024; ++i) {
    CHECK(Base64Decode(Base64Encode(bytes)) == bytes);
    bytes.push_back(static_cast<char>(i * 7));
  }
}

}  // namespace
}  // namespace foster
