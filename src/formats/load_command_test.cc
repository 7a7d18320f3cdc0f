// SPDX-License-Identifier: MIT
#include "formats/load_command.h"

#include <catch2/catch.hpp>

namespace foster {

TEST_CASE("load_command: what is written is what is read") {
  LoadRequest services{false,       "/etc/foster/services.d", "", WorkloadFormat::kSupervisord, "", 3,
                       {{"web", 2}}};
  LoadRequest workload{true, "", "pc", WorkloadFormat::kProcessCompose, "/a=b c.yaml", 7, {}};
  for (const LoadRequest& request : {services, workload}) {
    std::vector<std::string> words = LoadArguments(request);
    REQUIRE(words.size() > 2);
    CHECK(words[1] == "load");
    std::string error;
    auto back = ParseLoad({words.begin() + 2, words.end()}, &error);
    REQUIRE(back.has_value());
    CHECK(*back == request);
  }
}

TEST_CASE("load_command: words that make no sense are refused") {
  std::string error;
  CHECK_FALSE(ParseLoad({}, &error).has_value());
  CHECK_FALSE(ParseLoad({"services"}, &error).has_value());
  CHECK(error == "--directory is needed");
  CHECK_FALSE(ParseLoad({"workload", "--name=a", "--file=b", "--format=ini"}, &error).has_value());
  CHECK_FALSE(ParseLoad({"services", "--directory=/x", "--output-fd=z"}, &error).has_value());
  for (const char* wrong : {"--scale=web", "--scale==2", "--scale=web=0", "--scale=web=2x"})
    CHECK_FALSE(ParseLoad({"services", "--directory=/x", wrong}, &error).has_value());
}

}  // namespace foster
