// SPDX-License-Identifier: MIT
#include "gateway/text_codec.h"

#include <array>
#include <bit>
#include <cstdint>

#include "base/ascii.h"

namespace foster {
namespace {

constexpr std::string_view kReplacement = "\xEF\xBF\xBD";
constexpr std::string_view kUpperHexDigits = "0123456789ABCDEF";

int HexValue(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

bool IsUnreserved(char c) {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '-' || c == '.' ||
         c == '_' || c == '~';
}

// One 64-byte block into the five words of SHA-1 (FIPS 180-4, section 6.1.2).
void Sha1Block(const unsigned char* block, std::array<std::uint32_t, 5>* hash) {
  std::array<std::uint32_t, 80> w;
  for (std::size_t i = 0; i < 16; ++i)
    w[i] = std::uint32_t{block[i * 4]} << 24 | std::uint32_t{block[i * 4 + 1]} << 16 |
           std::uint32_t{block[i * 4 + 2]} << 8 | block[i * 4 + 3];
  for (std::size_t i = 16; i < 80; ++i) w[i] = std::rotl(w[i - 3] ^ w[i - 8] ^ w[i - 14] ^ w[i - 16], 1);
  auto [a, b, c, d, e] = *hash;
  for (std::size_t i = 0; i < 80; ++i) {
    std::uint32_t f = i < 20              ? (b & c) | (~b & d)
                      : i >= 40 && i < 60 ? (b & c) | (b & d) | (c & d)
                                          : b ^ c ^ d;
    constexpr std::array<std::uint32_t, 4> kConstants = {0x5A827999, 0x6ED9EBA1, 0x8F1BBCDC, 0xCA62C1D6};
    std::uint32_t next = std::rotl(a, 5) + f + e + kConstants[i / 20] + w[i];
    e = d;
    d = c;
    c = std::rotl(b, 30);
    b = a;
    a = next;
  }
  (*hash)[0] += a;
  (*hash)[1] += b;
  (*hash)[2] += c;
  (*hash)[3] += d;
  (*hash)[4] += e;
}

// The end of the terminal sequence that starts at text[i] (an ESC).
std::size_t EndOfSequence(std::string_view text, std::size_t i) {
  if (i + 1 >= text.size()) return text.size();
  char kind = text[i + 1];
  std::size_t end = i + 2;
  if (kind == '[') {  // CSI: up to a byte in '@'..'~'
    while (end < text.size() && !(text[end] >= '@' && text[end] <= '~')) ++end;
    return end < text.size() ? end + 1 : end;
  }
  if (kind == ']') {  // OSC: up to BEL or ESC '\'
    for (; end < text.size() && text[end] != '\n'; ++end) {
      if (text[end] == '\a') return end + 1;
      if (text[end] == '\x1b') return end + 2 <= text.size() ? end + 2 : end + 1;
    }
    return end;
  }
  return end;
}

}  // namespace

std::string PercentDecode(std::string_view text, Plus plus) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    int high = text[i] == '%' && i + 2 < text.size() ? HexValue(text[i + 1]) : -1;
    int low = high >= 0 ? HexValue(text[i + 2]) : -1;
    if (low >= 0) {
      out.push_back(static_cast<char>(high * 16 + low));
      i += 2;
    } else {
      out.push_back(text[i] == '+' && plus == Plus::kSpace ? ' ' : text[i]);
    }
  }
  return out;
}

std::string PercentEncode(std::string_view text) {
  std::string out;
  for (char c : text) {
    if (IsUnreserved(c)) {
      out.push_back(c);
      continue;
    }
    auto byte = static_cast<unsigned char>(c);
    out.push_back('%');
    out.push_back(kUpperHexDigits[byte >> 4]);
    out.push_back(kUpperHexDigits[byte & 15]);
  }
  return out;
}

std::map<std::string, std::string> ParseForm(std::string_view text) {
  std::map<std::string, std::string> form;
  while (!text.empty()) {
    std::string_view pair = text.substr(0, text.find('&'));
    text.remove_prefix(pair.size() < text.size() ? pair.size() + 1 : pair.size());
    std::size_t equals = pair.find('=');
    std::string_view value = equals == std::string_view::npos ? std::string_view() : pair.substr(equals + 1);
    if (!pair.empty())
      form[PercentDecode(pair.substr(0, equals), Plus::kSpace)] = PercentDecode(value, Plus::kSpace);
  }
  return form;
}

std::string Sha1Hex(std::string_view text) {
  std::string message(text);
  message.push_back('\x80');
  while (message.size() % 64 != 56) message.push_back('\0');
  std::uint64_t bits = static_cast<std::uint64_t>(text.size()) * 8;
  for (int shift = 56; shift >= 0; shift -= 8) message.push_back(static_cast<char>(bits >> shift & 0xFF));
  std::array<std::uint32_t, 5> hash = {0x67452301, 0xEFCDAB89, 0x98BADCFE, 0x10325476, 0xC3D2E1F0};
  for (std::size_t i = 0; i < message.size(); i += 64)
    Sha1Block(reinterpret_cast<const unsigned char*>(message.data()) + i, &hash);
  std::string out;
  for (std::uint32_t word : hash)
    for (int shift = 28; shift >= 0; shift -= 4) out.push_back(kHexDigits[word >> shift & 15]);
  return out;
}

std::string HtmlEscape(std::string_view text) {
  std::string out;
  for (char c : MakeUtf8(text)) {
    if (c == '&')
      out += "&amp;";
    else if (c == '<')
      out += "&lt;";
    else if (c == '>')
      out += "&gt;";
    else if (c == '"')
      out += "&quot;";
    else if (c == '\'')
      out += "&#39;";
    else
      out.push_back(c);
  }
  return out;
}

bool EqualsInConstantTime(std::string_view a, std::string_view b) {
  unsigned difference = a.size() == b.size() ? 0 : 1;
  for (std::size_t i = 0; i < a.size(); ++i)
    difference |=
        static_cast<unsigned char>(a[i]) ^ static_cast<unsigned char>(b.empty() ? 0 : b[i % b.size()]);
  return difference == 0;
}

std::size_t Utf8Length(std::string_view text) {
  if (text.empty()) return 0;
  auto at = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  unsigned char first = at(0);
  if (first < 0x80) return 1;
  std::size_t length = first >= 0xF0 ? 4 : first >= 0xE0 ? 3 : 2;
  if (first < 0xC2 || first > 0xF4 || text.size() < length) return 0;
  for (std::size_t i = 1; i < length; ++i)
    if ((at(i) & 0xC0) != 0x80) return 0;
  bool overlong = (first == 0xE0 && at(1) < 0xA0) || (first == 0xF0 && at(1) < 0x90);
  bool surrogate = first == 0xED && at(1) >= 0xA0;
  bool too_large = first == 0xF4 && at(1) >= 0x90;
  return overlong || surrogate || too_large ? 0 : length;
}

std::string MakeUtf8(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  while (!text.empty()) {
    std::size_t length = Utf8Length(text);
    out += length ? text.substr(0, length) : kReplacement;
    text.remove_prefix(length ? length : 1);
  }
  return out;
}

std::string_view LastBytes(std::string_view text, std::size_t bytes) {
  if (text.size() <= bytes) return text;
  text.remove_prefix(text.size() - bytes);
  for (int i = 0; i < 3 && !text.empty() && (static_cast<unsigned char>(text[0]) & 0xC0) == 0x80; ++i)
    text.remove_prefix(1);
  return text;
}

std::string WithoutTerminalSequences(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  for (std::size_t i = 0; i < text.size();) {
    if (text[i] == '\x1b') {
      i = EndOfSequence(text, i);
    } else {
      out.push_back(text[i++]);
    }
  }
  return out;
}

}  // namespace foster
