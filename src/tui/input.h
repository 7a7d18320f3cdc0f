// SPDX-License-Identifier: MIT
// What the terminal sends, into keys: characters, control keys, cursor and function keys in the spellings of
// xterm, screen, tmux, rxvt and the Linux console, SGR mouse reports, bracketed paste. Not: what a key does
// (key_map.h). Called by: tui.cc (bytes), controller (keys). Invariants: pure; at most kMaxPending bytes are
// kept of an unfinished sequence; pasted text arrives as kPaste characters and so can never be taken for
// commands.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace foster::tui {

enum class Key : std::uint8_t {
  kCharacter,  // `character`; control keys are kControl with the letter
  kControl,
  kPaste,
  kEscape,
  kEnter,
  kTab,
  kBackTab,
  kBackspace,
  kDelete,
  kUp,
  kDown,
  kLeft,
  kRight,
  kHome,
  kEnd,
  kPageUp,
  kPageDown,
  kFunction,  // F1..F12 in `character`
  kMouse,
  kOther,
};

enum class MouseKind : std::uint8_t { kPress, kRelease, kWheelUp, kWheelDown };

struct Input {
  Key key = Key::kOther;
  char32_t character = 0;
  MouseKind mouse = MouseKind::kPress;
  int column = 0;  // from 0
  int row = 0;
  bool operator==(const Input&) const = default;
};

class InputParser {
 public:
  static constexpr std::size_t kMaxPending = 64;

  // What `bytes` (and what was pending) mean.
  std::vector<Input> Feed(std::string_view bytes);
  // An unfinished sequence stands here: when nothing follows within some 50 ms, Flush() says what it was
  // (Escape).
  bool pending() const { return !buffer_.empty(); }
  std::vector<Input> Flush();

 private:
  // Bytes used up for one input from the front of buffer_; 0 = more is needed.
  std::size_t One(std::vector<Input>* out);
  std::size_t Sequence(std::vector<Input>* out);
  std::size_t Character(std::vector<Input>* out);
  void Finish(std::string_view parameters, char final, std::vector<Input>* out);

  std::string buffer_;
  bool pasting_ = false;
};

}  // namespace foster::tui
