// SPDX-License-Identifier: MIT
#include "base/redactor.h"

#include <catch2/catch.hpp>
#include <chrono>
#include <random>

namespace foster {
namespace {

std::string Shown(const std::vector<std::string>& secrets, std::string_view text) {
  std::string out = "untouched";
  if (Redactor(secrets).Redact(text, &out)) return out;
  CHECK(out == "untouched");
  return std::string(text);
}

// What the redactor promises, said in the plainest way: mark every byte of every occurrence, then write one
// mark for each run of occurrences that overlap.
std::string Naive(const std::vector<std::string>& secrets, const std::string& text) {
  std::vector<bool> is_hidden(text.size()), is_joined(text.size());  // joined: to the byte before it
  for (const std::string& secret : secrets) {
    if (secret.size() < kLeastSecret) continue;
    for (std::size_t at = text.find(secret); at != std::string::npos; at = text.find(secret, at + 1)) {
      for (std::size_t i = at; i < at + secret.size(); ++i) {
        is_hidden[i] = true;
        if (i > at) is_joined[i] = true;
      }
    }
  }
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (!is_hidden[i]) out += text[i];
    if (is_hidden[i] && !is_joined[i]) out += kRedacted;
  }
  return out;
}

TEST_CASE("every occurrence of a value is hidden and nothing else") {
  CHECK(Shown({"hunter2"}, "password=hunter2;") == "password=[redacted];");
  CHECK(Shown({"hunter2"}, "hunter2hunter2 hunter") == "[redacted][redacted] hunter");
  CHECK(Shown({"hunter2"}, "hunter") == "hunter");
  CHECK(Shown({}, "anything") == "anything");
  CHECK(Shown({"hunter2"}, "") == "");
  CHECK(Redactor().empty());
  CHECK_FALSE(Redactor({"hunter2"}).empty());
}

TEST_CASE("a short value hides nothing") {
  CHECK(Redactor({"abc", "", "\n\n"}).empty());
  CHECK(Shown({"abc", "abcd"}, "abc abcd") == "abc [redacted]");
}

TEST_CASE("a value of several lines is hidden line by line") {
  const std::string key = "-----BEGIN-----\r\nMIIEvQ\nab\n-----END-----\n";
  CHECK(Shown({key}, "MIIEvQ") == "[redacted]");
  CHECK(Shown({key}, "x-----BEGIN-----\n-----END-----") == "x[redacted]\n[redacted]");
  CHECK(Shown({key}, "ab\n") == "ab\n");
}

TEST_CASE("values that overlap leave no piece of either") {
  CHECK(Shown({"abcdef", "cdefghij"}, "-abcdefghij-") == "-[redacted]-");
  CHECK(Shown({"abcd", "xxabcdyy"}, "xxabcdyy xxabcd") == "[redacted] xx[redacted]");
  CHECK(Shown({"aaaa"}, "aaaaaab") == "[redacted]b");
}

TEST_CASE("values may hold any byte") {
  const std::string secret("\0\xff\x80k", 4);
  CHECK(Shown({secret}, "a" + secret + "b") == "a[redacted]b");
}

TEST_CASE("the redactor does what the plainest search does") {
  std::mt19937 random(4711);
  int hits = 0;
  for (int round = 0; round < 4000; ++round) {
    const auto letters = static_cast<unsigned>(2 + round % 3);
    auto word = [&](std::size_t least, std::size_t most) {
      std::string text(least + random() % (most - least + 1), ' ');
      for (char& c : text) c = static_cast<char>('a' + random() % letters);
      return text;
    };
    std::vector<std::string> secrets;
    for (unsigned i = 0; i < 1 + random() % 6; ++i) secrets.push_back(word(2, 12));
    const std::string text = word(0, 200);
    const std::string expected = Naive(secrets, text);
    INFO("round " << round << " text " << text);
    REQUIRE(Shown(secrets, text) == expected);
    hits += expected != text ? 1 : 0;
  }
  CHECK(hits > 1000);
}

TEST_CASE("an unkind text costs no more than its length") {
  // Each byte but the last of the value matches at each place: a search that began anew at each place would
  // compare 16 times 10^9 bytes.
  std::string text(256 * 1024, 'a');
  const std::vector<std::string> secrets{std::string(64 * 1024, 'a') + "b"};
  const Redactor redactor(secrets);
  std::string out;
  const auto begin = std::chrono::steady_clock::now();
  CHECK_FALSE(redactor.Redact(text, &out));
  CHECK(std::chrono::steady_clock::now() - begin < std::chrono::seconds(1));
}

}  // namespace
}  // namespace foster
