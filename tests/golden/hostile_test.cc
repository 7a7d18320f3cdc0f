// SPDX-License-Identifier: MIT
// Input that is made to hurt: too big, too deep, too many, not text. Each is refused with a diagnostic, in
// little time.
#include <catch2/catch.hpp>
#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "formats/read.h"

namespace foster {
namespace {

namespace fs = std::filesystem;

class TemporaryDirectory {
 public:
  TemporaryDirectory() {
    std::string pattern = (fs::temp_directory_path() / "foster-golden-XXXXXX").string();
    REQUIRE(::mkdtemp(pattern.data()) != nullptr);
    path_ = pattern;
  }
  ~TemporaryDirectory() { fs::remove_all(path_); }
  fs::path operator/(const std::string& name) const { return path_ / name; }
  std::string string() const { return path_.string(); }

 private:
  fs::path path_;
};

void Write(const fs::path& path, std::string_view text) {
  fs::create_directories(path.parent_path());
  std::ofstream(path, std::ios::binary) << text;
}

std::string Repeat(std::string_view text, std::size_t times) {
  std::string out;
  for (std::size_t i = 0; i < times; ++i) out += text;
  return out;
}

std::string FirstError(const Fragment& fragment) {
  for (const Diagnostic& diagnostic : fragment.diagnostics)
    if (diagnostic.severity == Severity::kError) return diagnostic.text;
  return "";
}

Fragment Ini(const std::string& text) { return ReadSupervisord("w", "/x/a.conf", text, {}); }
Fragment Yaml(const std::string& text) { return ReadProcessCompose("w", "/x/a.yaml", text, {}); }

}  // namespace

TEST_CASE("hostile: a file of 100 MB is refused without being read") {
  TemporaryDirectory directory;
  Write(directory / "big.conf", "[supervisord]\n");
  fs::resize_file(directory / "big.conf", 100u << 20);
  auto start = std::chrono::steady_clock::now();
  Fragment fragment = ReadWorkload(WorkloadFormat::kSupervisord, "w", directory / "big.conf", {});
  CHECK_FALSE(fragment.valid);
  CHECK(FirstError(fragment).find("more than 8388608 bytes") != std::string::npos);
  CHECK(std::chrono::steady_clock::now() - start < std::chrono::seconds(1));
}

TEST_CASE("hostile: a missing file, a directory and a device are refused") {
  TemporaryDirectory directory;
  auto read = [](const std::string& path) {
    return FirstError(ReadWorkload(WorkloadFormat::kProcessCompose, "w", path, {}));
  };
  CHECK(read(directory / "none").find("no such file") != std::string::npos);
  CHECK(read(directory.string()).find("not a regular file") != std::string::npos);
  CHECK(read("/dev/zero").find("not a regular file") != std::string::npos);
}

TEST_CASE("hostile: YAML nested 10,000 deep is refused at 64") {
  CHECK(FirstError(Yaml(Repeat("[", 10'000))) == "nested deeper than 64 levels");
  CHECK(FirstError(Yaml(Repeat("{a: ", 10'000))) == "nested deeper than 64 levels");
  CHECK(FirstError(Yaml(Repeat("- ", 10'000))) == "nested deeper than 64 levels");
  std::string stairs;
  for (std::size_t i = 0; i < 1000; ++i) stairs += Repeat(" ", i) + "a:\n";
  CHECK(FirstError(Yaml(stairs)) == "nested deeper than 64 levels");
}

TEST_CASE("hostile: aliases that multiply are refused, however they are nested") {
  std::string laughs = "a0: &a0 [lol, lol, lol, lol, lol, lol, lol, lol, lol, lol]\n";
  for (int i = 1; i < 12; ++i) {
    std::string before = "*a" + std::to_string(i - 1);
    laughs += "a" + std::to_string(i) + ": &a" + std::to_string(i) + " [";
    for (int j = 0; j < 9; ++j) laughs += before + ", ";
    laughs += before + "]\n";
  }
  CHECK(FirstError(Yaml(laughs)).find("more than a million values") != std::string::npos);
  CHECK(FirstError(Yaml("a: &a [*a]\n")) == "an alias inside what it names");
}

TEST_CASE("hostile: NUL, long lines and bytes that are not UTF-8 are refused in both formats") {
  std::string nul = std::string("[supervisord]\nidentifier=a") + '\0' + "b\n";
  CHECK(FirstError(Ini(nul)) == "the file holds a NUL byte");
  CHECK(FirstError(Yaml(nul)) == "the file holds a NUL byte");
  std::string long_line = "# " + std::string(1u << 20, 'x') + "\n";
  CHECK(FirstError(Ini(long_line)).find("the line has 1048578 bytes") == 0);
  CHECK(FirstError(Yaml(long_line)).find("the line has 1048578 bytes") == 0);
  Fragment fragment = Ini("[supervisord]\nidentifier=\xC3\x28\n");
  CHECK(FirstError(fragment) == "the file is not UTF-8");
  CHECK(fragment.diagnostics[0].origin.line == 2);
  CHECK(fragment.diagnostics[0].origin.column == 12);
  CHECK(FirstError(Yaml("a: \xED\xA0\x80\n")) == "the file is not UTF-8");
}

TEST_CASE("hostile: substitutions nested too deep or growing without end are refused") {
  CHECK(FirstError(Yaml(Repeat("${A:-", 100) + Repeat("}", 100))) == "'${' nested deeper than 64");
  ReadOptions options;
  options.environment["A"] = std::string(1u << 16, 'a');
  Fragment fragment = ReadProcessCompose("w", "/x/a.yaml", "# " + Repeat("${A}", 1000), options);
  CHECK(FirstError(fragment).find("the result is over 32 MiB") == 0);
  options.environment["A"] = std::string(1u << 12, 'a');
  Fragment replaced =
      ReadProcessCompose("w", "/x/a.yaml", "# ${A//a/" + std::string(100'000, 'b') + "}", options);
  CHECK(FirstError(replaced).find("the result is over 32 MiB") == 0);
}

TEST_CASE("hostile: errors and processes without end are bounded") {
  Fragment fragment = Ini("[supervisord]\n" + Repeat("junk\n", 100'000));
  CHECK_FALSE(fragment.valid);
  CHECK(fragment.diagnostics.size() == 201);
  CHECK(fragment.diagnostics.back().text == "more was found and is left out here");
  Fragment many =
      Ini("[supervisord]\n[program:a]\ncommand=x\nnumprocs=1000000\nprocess_name=%(process_num)d\n");
  CHECK(FirstError(many) == "numprocs: 1000000 processes");
  Fragment replicas = Yaml("processes:\n  a:\n    command: x\n    replicas: 1000000\n");
  CHECK(FirstError(replicas) == "more than 4096 processes");
}

TEST_CASE("hostile: an 8 MB file of small sections is read in bounded time") {
  std::string text = "[supervisord]\n";
  for (int i = 0; i < 200'000; ++i) text += "[x" + std::to_string(i) + "]\na=1\n";
  auto start = std::chrono::steady_clock::now();
  Fragment fragment = Ini(text);
  CHECK(fragment.valid);
  CHECK(std::chrono::steady_clock::now() - start < std::chrono::seconds(30));
}

TEST_CASE("hostile: very many unknown keys are named up to the bound, in bounded time") {
  std::string text;
  for (int i = 0; i < 100'000; ++i) text += "k" + std::to_string(i) + ": {}\n";
  auto start = std::chrono::steady_clock::now();
  Fragment fragment = Yaml(text);
  CHECK(fragment.valid);
  CHECK(fragment.diagnostics.size() == 201);
  CHECK(std::chrono::steady_clock::now() - start < std::chrono::seconds(30));
}

TEST_CASE("hostile: replicas that multiply dependencies are refused") {
  Fragment fragment = Yaml(
      "processes:\n  a: {command: x, replicas: 2000}\n"
      "  b: {command: x, replicas: 2000, depends_on: {a: {condition: process_started}}}\n");
  CHECK_FALSE(fragment.valid);
}

TEST_CASE("hostile: service directories with bad bytes are broken, the others are read") {
  TemporaryDirectory directory;
  Write(directory / "s/good/type", "oneshot\n");
  Write(directory / "s/good/up", "true\n");
  Write(directory / "s/nul/type", std::string_view("long\0run", 8));
  Write(directory / "s/long/type", "oneshot");
  Write(directory / "s/long/up", std::string(1u << 20, 'x') + "\n");
  Write(directory / "s/device/type", "oneshot\n");
  fs::create_symlink("/dev/zero", directory / "s/device/up");
  fs::create_directories(directory / "s/is-a-folder/type");
  Fragment fragment = ReadServiceDirectories((directory / "s").string(), {});
  CHECK(fragment.valid);
  REQUIRE(fragment.services.size() == 5);
  for (const ServiceSpec& service : fragment.services) {
    INFO(service.name << ": " << service.broken);
    CHECK(service.broken.empty() == (service.name == "good"));
  }
  CHECK(fragment.services[4].broken.find("the file holds a NUL byte") != std::string::npos);
}

}  // namespace foster
