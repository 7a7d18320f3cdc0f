// SPDX-License-Identifier: MIT
#include "formats/replicas.h"

#include <catch2/catch.hpp>

#include "formats/read.h"

namespace foster {
namespace {

std::vector<std::string> NamesOf(const Fragment& fragment) {
  CHECK(fragment.valid);
  std::vector<std::string> names;
  for (const ServiceSpec& spec : fragment.services) {
    names.push_back(spec.name);
    if (fragment.services.size() > 1) CHECK(spec.replica.count == fragment.services.size());
  }
  return names;
}

ReadOptions Scaled(const std::string& name, std::uint32_t count) {
  ReadOptions options;
  options.environment = {{"PATH", "/bin:/usr/bin"}};
  options.working_directory = "/";
  options.scale = {{name, count}};
  return options;
}

using Names = std::vector<std::string>;

TEST_CASE("replicas are numbered as wide as their count") {
  CHECK(ReplicaName("a", 0, 1) == "a");
  CHECK(ReplicaName("a", 1, 2) == "a-1");
  CHECK(ReplicaName("a", 1, 10) == "a-01");
}

TEST_CASE("each replica knows its number") {
  ServiceSpec spec;
  spec.name = "a";
  CHECK(Replicate(spec, 1)[0].replica == Replica{});
  auto specs = Replicate(spec, 3);
  REQUIRE(specs.size() == 3);
  CHECK(specs[2].replica == Replica{"a", 2, 3});
  CHECK(specs[2].environment == Names{"FOSTER_REPLICA=2"});
}

TEST_CASE("process-compose: a count that was set wins over the file's") {
  const char* text = "processes: {web: {command: x, replicas: 3}}";
  CHECK(NamesOf(ReadProcessCompose("w", "/x", text, Scaled("w/web", 2))) == Names{"w/web-0", "w/web-1"});
  CHECK(NamesOf(ReadProcessCompose("w", "/x", text, Scaled("w/web", 1))) == Names{"w/web"});
  CHECK(NamesOf(ReadProcessCompose("w", "/x", text, Scaled("web", 1))).size() == 3);  // a service directory's
}

TEST_CASE("supervisord: a count that was set wins, if the names can differ") {
  const char* numbered =
      "[supervisord]\n[program:web]\ncommand=x\nprocess_name=%(program_name)s_%(process_num)d\n";
  CHECK(NamesOf(ReadSupervisord("w", "/x", numbered, Scaled("w/web", 2))) ==
        Names{"w/web:web_0", "w/web:web_1"});
  Fragment fragment =
      ReadSupervisord("w", "/x", "[supervisord]\n[program:web]\ncommand=x\n", Scaled("w/web", 2));
  CHECK(NamesOf(fragment) == Names{"w/web"});
  CHECK(fragment.diagnostics.size() == 1);
}

TEST_CASE("service directories: a count that was set wins over foster.yaml") {
  const std::string golden = FOSTER_SOURCE_DIR "/tests/golden/services.d/foster-yaml-all/services.d";
  CHECK(NamesOf(ReadServiceDirectories(golden, Scaled("web", 3))) == Names{"web-0", "web-1", "web-2"});
  CHECK(NamesOf(ReadServiceDirectories(golden, Scaled("web", 1))) == Names{"web"});
}

}  // namespace
}  // namespace foster
