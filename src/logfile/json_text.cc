// SPDX-License-Identifier: MIT
#include "logfile/json_text.h"

#include <array>

#include "base/ascii.h"

namespace foster {
namespace {

constexpr std::array<bool, 256> MakePlain() {
  std::array<bool, 256> plain{};
  for (unsigned i = 0x20; i < 0x7f; ++i) plain[i] = i != '"' && i != '\\';
  return plain;
}
constexpr std::array<bool, 256> kPlain = MakePlain();

unsigned char Byte(std::string_view text, std::size_t at) { return static_cast<unsigned char>(text[at]); }

bool IsTail(std::string_view text, std::size_t at) {
  return at < text.size() && (Byte(text, at) & 0xc0) == 0x80;
}

void AppendEscape(unsigned char c, std::string* out) {
  *out += '\\';
  switch (c) {
    case '"':
    case '\\':
      *out += static_cast<char>(c);
      return;
    case '\b':
      *out += 'b';
      return;
    case '\f':
      *out += 'f';
      return;
    case '\n':
      *out += 'n';
      return;
    case '\r':
      *out += 'r';
      return;
    case '\t':
      *out += 't';
      return;
    default:
      break;
  }
  out->append("u00");
  *out += kHexDigits[c >> 4];
  *out += kHexDigits[c & 15];
}

}  // namespace

std::size_t Utf8Length(std::string_view text) {
  if (text.empty()) return 0;
  const unsigned char first = Byte(text, 0);
  if (first < 0x80) return 1;
  if (first < 0xc2 || first > 0xf4 || !IsTail(text, 1)) return 0;
  if (first < 0xe0) return 2;
  const unsigned char second = Byte(text, 1);
  // Overlong forms, surrogates, and what lies behind U+10FFFF.
  if ((first == 0xe0 && second < 0xa0) || (first == 0xed && second > 0x9f)) return 0;
  if ((first == 0xf0 && second < 0x90) || (first == 0xf4 && second > 0x8f)) return 0;
  if (!IsTail(text, 2)) return 0;
  if (first < 0xf0) return 3;
  return IsTail(text, 3) ? 4 : 0;
}

void AppendJsonText(std::string_view text, std::string* out) {
  std::size_t done = 0;
  std::size_t at = 0;
  while (at < text.size()) {
    const unsigned char c = Byte(text, at);
    if (kPlain[c]) {
      ++at;
      continue;
    }
    const std::size_t length = c < 0x80 ? 0 : Utf8Length(text.substr(at));
    if (length > 0) {
      at += length;
      continue;
    }
    out->append(text.substr(done, at - done));
    if (c < 0x80) {
      AppendEscape(c, out);
    } else {
      out->append("\\ufffd");
    }
    done = ++at;
  }
  out->append(text.substr(done));
}

void AppendJsonString(std::string_view text, std::string* out) {
  *out += '"';
  AppendJsonText(text, out);
  *out += '"';
}

void AppendUtf8(std::string_view text, std::string* out) {
  std::size_t done = 0;
  std::size_t at = 0;
  while (at < text.size()) {
    const std::size_t length = Utf8Length(text.substr(at));
    if (length > 0) {
      at += length;
      continue;
    }
    out->append(text.substr(done, at - done)).append("\xef\xbf\xbd");
    done = ++at;
  }
  out->append(text.substr(done));
}

}  // namespace foster
