// SPDX-License-Identifier: MIT
#include "tui/input.h"

#include <algorithm>
#include <array>

#include "tui/text_width.h"

namespace foster::tui {
namespace {

// ESC [ N ~
Input Numbered(int number) {
  switch (number) {
    case 1:
    case 7:
      return {.key = Key::kHome};
    case 3:
      return {.key = Key::kDelete};
    case 4:
    case 8:
      return {.key = Key::kEnd};
    case 5:
      return {.key = Key::kPageUp};
    case 6:
      return {.key = Key::kPageDown};
    default:
      break;
  }
  // VT220 leaves holes in the numbers of its function keys.
  constexpr std::array<int, 12> kNumbers = {11, 12, 13, 14, 15, 17, 18, 19, 20, 21, 23, 24};
  auto it = std::find(kNumbers.begin(), kNumbers.end(), number);
  if (it == kNumbers.end()) return {};
  return {.key = Key::kFunction, .character = static_cast<char32_t>(it - kNumbers.begin() + 1)};
}

// ESC [ X and ESC O X
Input Lettered(char final) {
  switch (final) {
    case 'A':
      return {.key = Key::kUp};
    case 'B':
      return {.key = Key::kDown};
    case 'C':
      return {.key = Key::kRight};
    case 'D':
      return {.key = Key::kLeft};
    case 'H':
      return {.key = Key::kHome};
    case 'F':
      return {.key = Key::kEnd};
    case 'Z':
      return {.key = Key::kBackTab};
    case 'M':
      return {.key = Key::kEnter};
    case 'P':
    case 'Q':
    case 'R':
    case 'S':
      return {.key = Key::kFunction, .character = static_cast<char32_t>(final - 'P' + 1)};
    default:
      return {};
  }
}

std::array<int, 3> Numbers(std::string_view text) {
  std::array<int, 3> values{};
  std::size_t at = 0;
  for (char c : text) {
    if (c >= '0' && c <= '9')
      values[at] = std::min(values[at] * 10 + (c - '0'), 65535);
    else if (c == ';' && ++at == values.size())
      break;
  }
  return values;
}

Input Mouse(std::string_view parameters, char final) {
  auto [button, column, row] = Numbers(parameters);
  Input input{.key = Key::kMouse, .column = column - 1, .row = row - 1};
  bool left = (button & ~0x1C) == 0;  // shift, meta and control do not matter
  if ((button & 0x40) != 0)
    input.mouse = (button & 3) == 0 ? MouseKind::kWheelUp : MouseKind::kWheelDown;
  else if (left)
    input.mouse = final == 'M' ? MouseKind::kPress : MouseKind::kRelease;
  else
    return {};
  return column > 0 && row > 0 ? input : Input{};
}

}  // namespace

std::vector<Input> InputParser::Feed(std::string_view bytes) {
  std::vector<Input> out;
  buffer_.append(bytes);
  std::size_t used = 0;
  std::string all = std::move(buffer_);
  while (used < all.size()) {
    buffer_.assign(all, used, kMaxPending);
    std::size_t n = One(&out);
    if (n == 0 && buffer_.size() < kMaxPending) return out;  // the rest waits in buffer_
    used += std::max<std::size_t>(n, 1);                     // a sequence without end: it was none
  }
  buffer_.clear();
  return out;
}

std::vector<Input> InputParser::Flush() {
  std::vector<Input> out;
  // Escape alone, or Escape and a key typed quickly after it ("Alt-x"): the Escape is what counts.
  if (!buffer_.empty() && buffer_[0] == 0x1B && !pasting_) out.push_back({.key = Key::kEscape});
  buffer_.clear();
  return out;
}

std::size_t InputParser::One(std::vector<Input>* out) {
  if (buffer_[0] != 0x1B) return Character(out);
  if (buffer_.size() == 1) return 0;
  if (buffer_[1] == '[') return Sequence(out);
  if (buffer_[1] == 'O') {
    if (buffer_.size() == 2) return 0;
    if (!pasting_) out->push_back(Lettered(buffer_[2]));
    return 3;
  }
  if (!pasting_) out->push_back({.key = Key::kEscape});
  return buffer_[1] == 0x1B ? 1 : 2;  // Alt-x is Escape; the x is not a command
}

std::size_t InputParser::Sequence(std::vector<Input>* out) {
  // The Linux console sends F1..F5 as ESC [ [ A..E.
  if (buffer_.size() > 2 && buffer_[2] == '[') {
    if (buffer_.size() == 3) return 0;
    char c = buffer_[3];
    bool known = c >= 'A' && c <= 'E';
    if (!pasting_ && known)
      out->push_back({.key = Key::kFunction, .character = static_cast<char32_t>(c - 'A' + 1)});
    return 4;
  }
  std::size_t end = 2;
  while (end < buffer_.size() && buffer_[end] >= 0x20 && buffer_[end] <= 0x3F) ++end;
  if (end == buffer_.size()) return 0;
  Finish(std::string_view(buffer_).substr(2, end - 2), buffer_[end], out);
  return end + 1;
}

void InputParser::Finish(std::string_view parameters, char final, std::vector<Input>* out) {
  if (final == '~' && (parameters == "200" || parameters == "201")) {
    pasting_ = parameters == "200";
    return;
  }
  if (pasting_) return;
  if (!parameters.empty() && parameters[0] == '<' && (final == 'M' || final == 'm'))
    out->push_back(Mouse(parameters.substr(1), final));
  else if (final == '~')
    out->push_back(Numbered(Numbers(parameters)[0]));
  else
    out->push_back(Lettered(final));
}

std::size_t InputParser::Character(std::vector<Input>* out) {
  auto first = static_cast<unsigned char>(buffer_[0]);
  std::size_t length = first >= 0xF0 ? 4 : first >= 0xE0 ? 3 : first >= 0xC2 ? 2 : 1;
  if (buffer_.size() < length) return 0;
  std::size_t used = 0;
  char32_t c = NextChar(buffer_, &used);
  if (pasting_) {
    if (!IsControl(c)) out->push_back({.key = Key::kPaste, .character = c});
  } else if (c == '\r' || c == '\n') {
    out->push_back({.key = Key::kEnter});
  } else if (c == '\t') {
    out->push_back({.key = Key::kTab});
  } else if (c == 0x7F || c == 0x08) {
    out->push_back({.key = Key::kBackspace});
  } else if (c < 0x20) {
    out->push_back({.key = Key::kControl, .character = c + (c >= 1 && c <= 26 ? 0x60 : 0x40)});
  } else {
    out->push_back({.key = Key::kCharacter, .character = c});
  }
  return used;
}

}  // namespace foster::tui
