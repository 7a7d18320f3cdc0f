// SPDX-License-Identifier: MIT
#include "logfile/json_text.h"

#include <array>

#include "base/ascii.h"
#include "base/utf8.h"

namespace foster {
namespace {

constexpr std::array<bool, 256> MakePlain() {
  std::array<bool, 256> plain{};
  for (unsigned i = 0x20; i < 0x7f; ++i) plain[i] = i != '"' && i != '\\';
  return plain;
}
constexpr std::array<bool, 256> kPlain = MakePlain();

unsigned char Byte(std::string_view text, std::size_t at) { return static_cast<unsigned char>(text[at]); }

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

void AppendJsonString(std::string_view text, std::string* out) {
  *out += '"';
  std::size_t done = 0;
  std::size_t at = 0;
  while (at < text.size()) {
    const unsigned char c = Byte(text, at);
    if (kPlain[c]) {
      ++at;
      continue;
    }
    const std::size_t length = c < 0x80 ? 0 : Utf8CharacterAt(text, at);
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
  out->append(text.substr(done)) += '"';
}

void AppendValidUtf8(std::string_view text, std::string* out) {
  std::size_t done = 0;
  std::size_t at = 0;
  while (at < text.size()) {
    const std::size_t length = Utf8CharacterAt(text, at);
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
