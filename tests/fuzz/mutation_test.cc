// SPDX-License-Identifier: MIT
// 20,000 mutations of the golden inputs, always the same ones: no reader may crash, hang or break its
// promises. The promises are checked in entries.cc, which aborts; what is asserted here is that every
// mutation was gone through.
#include <algorithm>
#include <catch2/catch.hpp>
#include <filesystem>
#include <fstream>
#include <random>
#include <sstream>

#include "fuzz/entries.h"

namespace foster {
namespace {

namespace fs = std::filesystem;

// The golden files whose names end so.
std::vector<std::string> Inputs(const std::string& ending, const std::string& folder = "") {
  std::vector<fs::path> paths;
  for (const auto& entry : fs::recursive_directory_iterator(FOSTER_SOURCE_DIR "/tests/golden/" + folder))
    if (entry.path().string().ends_with(ending) && entry.is_regular_file()) paths.push_back(entry.path());
  std::sort(paths.begin(), paths.end());
  std::vector<std::string> texts;
  for (const fs::path& path : paths) {
    std::ifstream stream(path, std::ios::binary);
    std::stringstream text;
    text << stream.rdbuf();
    texts.push_back(text.str());
  }
  return texts;
}

class Mutator {
 public:
  Mutator(std::vector<std::string> inputs, unsigned seed) : inputs_(std::move(inputs)), random_(seed) {}

  std::string Next() {
    std::string text = inputs_[Below(inputs_.size())];
    for (std::size_t times = 1 + Below(6); times > 0; --times) Change(text);
    return text.substr(0, 1u << 16);
  }

 private:
  // Not a std distribution: those differ between libraries.
  std::size_t Below(std::size_t count) { return count == 0 ? 0 : random_() % count; }

  void Change(std::string& text) {
    static const std::vector<std::string> kPieces = {"${",
                                                     "}",
                                                     "%(",
                                                     ")s",
                                                     "%",
                                                     "\n",
                                                     "\r\n",
                                                     "\t",
                                                     "  ",
                                                     "#",
                                                     " ;",
                                                     "'",
                                                     "\"",
                                                     "\\",
                                                     "[",
                                                     "]",
                                                     "{",
                                                     ": ",
                                                     "- ",
                                                     "<<: *",
                                                     "&a ",
                                                     "*a",
                                                     "|\n",
                                                     "---\n",
                                                     "=",
                                                     ",",
                                                     "\xE6\x97\xA5",
                                                     "\xFF",
                                                     std::string(1, '\0'),
                                                     "99999999999999999999",
                                                     "-1",
                                                     "%(process_num)d",
                                                     "{{.X}}",
                                                     "true",
                                                     "null",
                                                     "[program:x]\n",
                                                     "processes:\n"};
    std::size_t at = Below(text.size() + 1);
    switch (Below(6)) {
      case 0:
        text.insert(at, kPieces[Below(kPieces.size())]);
        break;
      case 1:
        text.erase(at, 1 + Below(8));
        break;
      case 2:
        if (at < text.size()) text[at] = static_cast<char>(Below(256));
        break;
      case 3:
        text.insert(at, text.substr(Below(text.size() + 1), 1 + Below(40)));
        break;
      case 4:
        text.insert(at, inputs_[Below(inputs_.size())].substr(0, Below(200)));
        break;
      default: {
        std::string piece = kPieces[Below(kPieces.size())];
        for (std::size_t times = Below(80); times > 0; --times) text.insert(at, piece);
      }
    }
  }

  std::vector<std::string> inputs_;
  std::mt19937 random_;
};

template <class Entry>
void RunMutations(std::vector<std::string> inputs, unsigned seed, std::size_t count, Entry entry) {
  REQUIRE(inputs.size() > 10);
  Mutator mutator(std::move(inputs), seed);
  std::size_t done = 0;
  for (; done < count; ++done) entry(mutator.Next());
  CHECK(done == count);
}

std::vector<std::string> DialectInputs() {
  std::vector<std::string> inputs = Inputs("foster.yaml", "services.d");
  REQUIRE(inputs.size() > 20);
  return inputs;
}

std::vector<std::string> DirectoryInputs() {
  using namespace std::string_literals;
  std::vector<std::string> inputs = {
      "longrun\n\0\0\0#!/bin/sh\n\0#!/bin/sh\n\0003\n\0100\n\0200\n\0SIGINT\0v\n"s,
      "oneshot\n\0a \"b c\" # d\n\0#!/bin/sh\nx\n"s,
      "workload\n\0\0\0\0\0\0\0\0\0\0supervisord\n\0${FOSTER_SEED}/x\n\0/y\n"s,
      "bundle\n\0\0\0\0\0\0\0\0\0\0\0\0\0a\nb\n\0c\n"s,
      "longrun\n\0\0\0#!/command/with-contenv bash\n"s,
      "longrun\n\0\0\0#!/command/execlineb -P\na b\n"s,
  };
  while (inputs.size() < 12) inputs.push_back(inputs[inputs.size() - 6]);
  return inputs;
}

}  // namespace

TEST_CASE("mutation: supervisord's INI") { RunMutations(Inputs(".conf"), 1, 6'000, fuzz::Ini); }
TEST_CASE("mutation: process-compose's YAML") { RunMutations(Inputs("input.yaml"), 2, 6'000, fuzz::Yaml); }
TEST_CASE("mutation: interpolation and formats") {
  RunMutations(Inputs("input.yaml"), 3, 3'500, fuzz::Envsubst);
}
TEST_CASE("mutation: foster's own dialect") { RunMutations(DialectInputs(), 6, 6'000, fuzz::FosterYaml); }
TEST_CASE("mutation: words") { RunMutations(Inputs(".conf"), 4, 3'500, fuzz::Shlex); }
TEST_CASE("mutation: service directories") {
  RunMutations(DirectoryInputs(), 5, 1'000, fuzz::ServiceDirectory);
}

}  // namespace foster
