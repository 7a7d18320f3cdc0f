// SPDX-License-Identifier: MIT
#include "tui/input.h"

#include <catch2/catch.hpp>
#include <fstream>
#include <iterator>
#include <random>

#include "tui/key_map.h"

namespace foster::tui {
namespace {

std::string Names(std::string_view bytes) {
  InputParser parser;
  std::string names;
  for (const Input& input : parser.Feed(bytes)) names += KeyName(input) + " ";
  for (const Input& input : parser.Flush()) names += KeyName(input) + " ";
  return names;
}

TEST_CASE("keys of all common terminals") {
  CHECK(Names("aJ \xc3\xa9") == "a J Space \xc3\xa9 ");
  CHECK(Names("\x1b[A\x1b[B\x1b[C\x1b[D\x1bOA\x1bOB") == "Up Down Right Left Up Down ");
  CHECK(Names("\x1b[5~\x1b[6~\x1b[H\x1b[F\x1b[1~\x1b[4~\x1b[7~\x1b[8~") ==
        "PageUp PageDown Home End Home End Home End ");
  CHECK(Names("\x1bOP\x1b[11~\x1b[[A\x1b[15~\x1b[18~\x1b[20~\x1b[21~\x1b[24~") ==
        "F1 F1 F1 F5 F7 F9 F10 F12 ");
  CHECK(Names("\r\t\x7f\x03\x12\x1a\x1b[Z") == "Enter Tab Backspace Ctrl-C Ctrl-R Ctrl-Z BackTab ");
  CHECK(Names("\x1b") == "Esc ");
  CHECK(Names("\x1b[1;5A") == "Up ");
}

TEST_CASE("a sequence in pieces is one key") {
  InputParser parser;
  CHECK(parser.Feed("\x1b").empty());
  CHECK(parser.pending());
  CHECK(parser.Feed("[").empty());
  auto inputs = parser.Feed("A");
  REQUIRE(inputs.size() == 1);
  CHECK(inputs[0].key == Key::kUp);
  CHECK(!parser.pending());
}

TEST_CASE("the mouse") {
  InputParser parser;
  auto inputs = parser.Feed("\x1b[<0;10;5M\x1b[<0;10;5m\x1b[<64;1;1M\x1b[<65;1;1M\x1b[<2;1;1M");
  REQUIRE(inputs.size() == 5);
  CHECK(inputs[0] == Input{.key = Key::kMouse, .mouse = MouseKind::kPress, .column = 9, .row = 4});
  CHECK(inputs[1].mouse == MouseKind::kRelease);
  CHECK(inputs[2].mouse == MouseKind::kWheelUp);
  CHECK(inputs[3].mouse == MouseKind::kWheelDown);
  CHECK(inputs[4].key == Key::kOther);  // the right button
}

TEST_CASE("pasted text is never a command") {
  InputParser parser;
  auto inputs = parser.Feed("\x1b[200~dq\x03\x1b[A\rx\x1b[201~d");
  std::string pasted;
  for (const Input& input : inputs)
    if (input.key == Key::kPaste) pasted += static_cast<char>(input.character);
  CHECK(pasted == "dqx");
  CHECK(inputs.back() == Input{.key = Key::kCharacter, .character = U'd'});
  CHECK(inputs.size() == 4);
}

TEST_CASE("any bytes in any pieces: bounded, and the same keys as in one piece") {
  std::mt19937 random(3);
  const std::string parts[] = {"\x1b",      "[", "<", "0;1;2M", "~",   "200~",
                               "\x1b[201~", "A", "O", "\xc3",   "1;5", "x"};
  for (int i = 0; i < 5000; ++i) {
    std::string text;
    for (auto n = random() % 12; n > 0; --n)
      text += random() % 5 == 0 ? std::string(1, static_cast<char>(random()))
                                : parts[random() % std::size(parts)];
    InputParser whole;
    InputParser pieces;
    std::vector<Input> got;
    std::vector<Input> want = whole.Feed(text);
    for (char c : text)
      for (const Input& input : pieces.Feed(std::string_view(&c, 1))) got.push_back(input);
    REQUIRE(got == want);
  }
  InputParser endless;
  CHECK(!endless.Feed("\x1b[" + std::string(10000, '1') + "x").empty());
}

TEST_CASE("docs/tui.md has every key") {
  std::ifstream file(FOSTER_SOURCE_DIR "/docs/tui.md");
  std::string text((std::istreambuf_iterator<char>(file)), std::istreambuf_iterator<char>());
  for (std::size_t i = 0; i < kKeyRowCount; ++i) {
    std::string row = "| `";
    for (char c : kKeyRows[i].keys) row += c == ' ' ? "` `" : std::string(1, c);
    row += "` | " + std::string(kKeyRows[i].help) + " |\n";
    CAPTURE(row);
    CHECK(text.find(row) != std::string::npos);
  }
}

TEST_CASE("a key has one action at most, and the keys of the table are keys that can be typed") {
  std::string seen = " ";
  for (std::size_t i = 0; i < kKeyRowCount; ++i) {
    std::string keys(kKeyRows[i].keys);
    for (std::size_t at = 0; at < keys.size();) {
      std::size_t end = std::min(keys.find(' ', at), keys.size());
      std::string name = keys.substr(at, end - at);
      CAPTURE(name);
      CHECK(seen.find(" " + name + " ") == std::string::npos);
      seen += name + " ";
      at = end + 1;
    }
  }
  CHECK(ActionOf({.key = Key::kFunction, .character = 7}) == Action::kServiceUp);
  CHECK(ActionOf({.key = Key::kFunction, .character = 9}) == Action::kServiceDown);
  CHECK(ActionOf({.key = Key::kControl, .character = U'r'}) == Action::kServiceRestart);
  CHECK(ActionOf({.key = Key::kCharacter, .character = U'q'}) == Action::kQuit);
  CHECK(ActionOf({.key = Key::kPaste, .character = U'q'}) == Action::kNone);
}

}  // namespace
}  // namespace foster::tui
