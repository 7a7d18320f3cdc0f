// SPDX-License-Identifier: MIT
// tests/golden/<format>/<case>/: input.conf, input.yaml or services.d in, expected.txt out: the fragment as
// JSON (members at their default left out) and the diagnostics as they are printed. FOSTER_UPDATE_GOLDEN=1
// writes what came out.
#include <algorithm>
#include <catch2/catch.hpp>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "formats/diagnostic_printer.h"
#include "formats/read.h"
#include "wire/plan_codec.h"

namespace foster {
namespace {

namespace fs = std::filesystem;

const std::string kGolden = FOSTER_SOURCE_DIR "/tests/golden";

std::string ReadAll(const fs::path& path) {
  std::ifstream stream(path, std::ios::binary);
  std::stringstream text;
  text << stream.rdbuf();
  return text.str();
}

ReadOptions Options() {
  ReadOptions options;
  options.environment = {{"HOME", "/home/dev"}, {"USER", "dev"}, {"PATH", kGolden + "/bin"}, {"EMPTY", ""}};
  options.variables = {{"FOSTER_SERVICES", "/etc/foster/services.d"},
                       {"FOSTER_WORKLOADS", "/workspaces/x/workloads"},
                       {"FOSTER_SEED", "/etc/foster/seed"},
                       {"FOSTER_SOCKET", "/run/foster/control.sock"}};
  options.host_name = "box";
  options.working_directory = "/work";
  return options;
}

Json WithoutDefaults(const Json& json, const Json& defaults) {
  if (!json.is_object() || !defaults.is_object()) return json;
  Json out{Json::Object{}};
  for (const auto& [key, value] : json.AsObject())
    if (!(value == defaults[key])) out.Set(key, WithoutDefaults(value, defaults[key]));
  return out;
}

Json Short(const Fragment& fragment) {
  Json whole = ToJson(fragment), out{Json::Object{}};
  Json no_origin{Json::Object{{"file", ""}, {"line", 0}, {"column", 0}}};
  Json no_service{Json::Object{{"origin", no_origin}}}, empty = ToJson(Fragment{});
  for (const auto& [key, value] : whole.AsObject()) {
    if (key == "diagnostics" || value == empty[key]) continue;
    if (key != "services") {
      out.Set(key, value);
      continue;
    }
    Json services{Json::Array{}};
    for (const Json& service : value.AsArray()) services.Push(WithoutDefaults(service, no_service));
    out.Set(key, services);
  }
  return out;
}

Fragment ReadCase(const fs::path& directory) {
  if (fs::exists(directory / "input.conf"))
    return ReadWorkload(WorkloadFormat::kSupervisord, "w", directory / "input.conf", Options());
  if (fs::exists(directory / "input.yaml"))
    return ReadWorkload(WorkloadFormat::kProcessCompose, "w", directory / "input.yaml", Options());
  return ReadServiceDirectories(directory / "services.d", Options());
}

std::string Replace(std::string text, const std::string& from, const std::string& to) {
  for (std::size_t at = 0; (at = text.find(from, at)) != std::string::npos; at += to.size())
    text.replace(at, from.size(), to);
  return text;
}

std::vector<fs::path> Cases() {
  std::vector<fs::path> cases;
  for (const char* format : {"supervisord", "process-compose", "services.d", "origin"})
    for (const auto& entry : fs::directory_iterator(kGolden + "/" + format))
      if (entry.is_directory()) cases.push_back(entry.path());
  std::sort(cases.begin(), cases.end());
  return cases;
}

std::size_t Count(const std::vector<fs::path>& cases, const std::string& format) {
  return static_cast<std::size_t>(std::count_if(cases.begin(), cases.end(), [&](const fs::path& path) {
    return path.parent_path().filename() == format;
  }));
}

}  // namespace

TEST_CASE("golden: every case gives what stands beside it") {
  for (const fs::path& directory : Cases()) {
    Fragment fragment = ReadCase(directory);
    std::string got =
        Short(fragment).Dump(1) + "\n---\n" + PrintDiagnostics(fragment.diagnostics, PrintColour::kNo);
    got = Replace(got, directory.string(), "$CASE");
    fs::path expected = directory / "expected.txt";
    if (std::getenv("FOSTER_UPDATE_GOLDEN")) std::ofstream(expected, std::ios::binary) << got;
    INFO(directory.string());
    CHECK(fs::exists(expected));
    CHECK(ReadAll(expected) == got);
  }
}

TEST_CASE("golden: what is read survives the way through JSON") {
  for (const fs::path& directory : Cases()) {
    INFO(directory.string());
    Fragment fragment = ReadCase(directory);
    auto parsed = ParseJson(ToJson(fragment).Dump());
    REQUIRE(parsed.ok());
    auto back = FragmentFromJson(*parsed);
    REQUIRE(back.ok());
    CHECK(*back == fragment);
  }
}

TEST_CASE("golden: an invalid workload has an error, a valid one has none") {
  for (const fs::path& directory : Cases()) {
    INFO(directory.string());
    Fragment fragment = ReadCase(directory);
    if (fs::exists(directory / "services.d")) {
      CHECK(fragment.valid);
    } else {
      CHECK(fragment.valid != HasErrors(fragment.diagnostics));
    }
  }
}

TEST_CASE("golden: the tables are covered") {
  std::vector<fs::path> cases = Cases();
  CHECK(Count(cases, "supervisord") >= 40);
  CHECK(Count(cases, "process-compose") >= 40);
  CHECK(Count(cases, "services.d") >= 30);
}

}  // namespace foster
