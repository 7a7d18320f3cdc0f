// SPDX-License-Identifier: MIT
#include "base/utf8.h"

namespace foster {
namespace {

bool IsFollower(unsigned char byte) { return (byte & 0xc0) == 0x80; }

// The second byte keeps overlong forms, surrogates and what lies beyond U+10FFFF out.
bool MayFollow(unsigned char first, unsigned char second) {
  switch (first) {
    case 0xe0:
      return second >= 0xa0 && second <= 0xbf;
    case 0xed:
      return second >= 0x80 && second <= 0x9f;
    case 0xf0:
      return second >= 0x90 && second <= 0xbf;
    case 0xf4:
      return second >= 0x80 && second <= 0x8f;
    default:
      return IsFollower(second);
  }
}

std::size_t LengthBy(unsigned char first) {
  if (first < 0x80) return 1;
  if (first >= 0xc2 && first <= 0xdf) return 2;
  if (first >= 0xe0 && first <= 0xef) return 3;
  if (first >= 0xf0 && first <= 0xf4) return 4;
  return 0;
}

}  // namespace

std::size_t Utf8CharacterAt(std::string_view text, std::size_t at) {
  if (at >= text.size()) return 0;
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[at + i]); };
  const std::size_t length = LengthBy(byte(0));
  if (length <= 1) return length;
  if (text.size() - at < length || !MayFollow(byte(0), byte(1))) return 0;
  for (std::size_t i = 2; i < length; ++i)
    if (!IsFollower(byte(i))) return 0;
  return length;
}

bool IsUtf8(std::string_view text) {
  for (std::size_t i = 0; i < text.size();) {
    const std::size_t length = Utf8CharacterAt(text, i);
    if (length == 0) return false;
    i += length;
  }
  return true;
}

std::size_t Utf8CutAt(std::string_view text, std::size_t size) {
  if (text.size() <= size) return text.size();
  for (std::size_t back = 1; back <= 3 && back <= size; ++back) {
    const std::size_t length = Utf8CharacterAt(text, size - back);
    if (length > 0) return length > back ? size - back : size;
  }
  return size;
}

}  // namespace foster
