// SPDX-License-Identifier: MIT
#include "logd/strip_ansi.h"

namespace foster {
namespace {

constexpr char kEscape = '\x1b';
constexpr char kBell = '\x07';

bool IsIn(char c, char from, char to) { return c >= from && c <= to; }

// Behind "ESC [": parameters, then intermediates, then one final byte.
std::size_t SkipCsi(std::string_view text, std::size_t at) {
  while (at < text.size() && IsIn(text[at], '0', '?')) ++at;
  while (at < text.size() && IsIn(text[at], ' ', '/')) ++at;
  return at < text.size() && IsIn(text[at], '@', '~') ? at + 1 : at;
}

// Behind "ESC ]" and its like: up to BEL or ESC backslash.
std::size_t SkipString(std::string_view text, std::size_t at) {
  for (; at < text.size(); ++at) {
    if (text[at] == kBell) return at + 1;
    if (text[at] == kEscape) return at + 1 < text.size() && text[at + 1] == '\\' ? at + 2 : at;
  }
  return at;
}

std::size_t SkipSequence(std::string_view text, std::size_t escape) {
  std::size_t at = escape + 1;
  if (at == text.size()) return at;
  switch (text[at]) {
    case '[':
      return SkipCsi(text, at + 1);
    case ']':
    case 'P':
    case 'X':
    case '^':
    case '_':
      return SkipString(text, at + 1);
    default:
      while (at < text.size() && IsIn(text[at], ' ', '/')) ++at;
      return at < text.size() && IsIn(text[at], '0', '~') ? at + 1 : at;
  }
}

}  // namespace

bool StripAnsi(std::string_view text, std::string* out) {
  std::size_t escape = text.find(kEscape);
  if (escape == std::string_view::npos) return false;
  out->clear();
  std::size_t at = 0;
  while (escape != std::string_view::npos) {
    out->append(text.substr(at, escape - at));
    at = SkipSequence(text, escape);
    escape = text.find(kEscape, at);
  }
  out->append(text.substr(at));
  return true;
}

}  // namespace foster
