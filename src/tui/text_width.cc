// SPDX-License-Identifier: MIT
#include "tui/text_width.h"

#include <algorithm>

#include "tui/width_tables.h"

namespace foster::tui {
namespace {

bool InRanges(char32_t c, const CharRange* begin, const CharRange* end) {
  const CharRange* it =
      std::upper_bound(begin, end, c, [](char32_t v, const CharRange& r) { return v < r.first; });
  return it != begin && c <= (it - 1)->last;
}

bool IsCombining(char32_t c) { return c >= 0x300 && InRanges(c, kCombining, kCombining + kCombiningCount); }

// Joiners, variation selectors and tags change how neighbours are drawn and differ between terminals:
// dropped.
bool IsInvisible(char32_t c) {
  return c == 0xAD || (c >= 0x200B && c <= 0x200D) || (c >= 0x2060 && c <= 0x2064) || c == 0xFEFF ||
         (c >= 0xFE00 && c <= 0xFE0F) || (c >= 0xE0000 && c <= 0xE0FFF);
}

}  // namespace

char32_t NextChar(std::string_view text, std::size_t* position) {
  auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  std::size_t at = (*position)++;
  unsigned first = byte(at);
  if (first < 0x80) return first;
  std::size_t more = first >= 0xF0 ? 3 : first >= 0xE0 ? 2 : 1;
  if (first < 0xC2 || first > 0xF4 || at + more >= text.size()) return 0xFFFD;
  char32_t c = first & (0x3Fu >> more);
  for (std::size_t i = 1; i <= more; ++i) {
    if ((byte(at + i) & 0xC0) != 0x80) return 0xFFFD;
    c = (c << 6) | (byte(at + i) & 0x3Fu);
  }
  constexpr char32_t kLowest[] = {0, 0x80, 0x800, 0x10000};
  if (c < kLowest[more] || c > 0x10FFFF || (c >= 0xD800 && c <= 0xDFFF)) return 0xFFFD;
  *position = at + more + 1;
  return c;
}

void AppendUtf8(char32_t c, std::string* out) {
  auto put = [&](char32_t byte) { out->push_back(static_cast<char>(byte)); };
  if (c < 0x80) {
    put(c);
  } else if (c < 0x800) {
    put(0xC0 | (c >> 6));
    put(0x80 | (c & 0x3F));
  } else if (c < 0x10000) {
    put(0xE0 | (c >> 12));
    put(0x80 | ((c >> 6) & 0x3F));
    put(0x80 | (c & 0x3F));
  } else {
    put(0xF0 | (c >> 18));
    put(0x80 | ((c >> 12) & 0x3F));
    put(0x80 | ((c >> 6) & 0x3F));
    put(0x80 | (c & 0x3F));
  }
}

int CharWidth(char32_t c) {
  if (c < 0x300) return c == 0xAD ? 0 : 1;
  if (IsInvisible(c) || IsCombining(c)) return 0;
  return InRanges(c, kWide, kWide + kWideCount) ? 2 : 1;
}

bool IsControl(char32_t c) {
  return c < 0x20 || (c >= 0x7F && c < 0xA0) || c == 0x200E || c == 0x200F || c == 0x61C ||
         (c >= 0x2028 && c <= 0x202E) || (c >= 0x2066 && c <= 0x2069);
}

void AppendChar(char32_t c, Style style, Line* line) {
  if (IsControl(c)) {
    style.attributes = static_cast<std::uint8_t>(style.attributes ^ kReverse);
    if (c < 0x80) {
      line->push_back({U'^', 0, style});
      line->push_back({c ^ 0x40, 0, style});
    } else {
      line->push_back({U'?', 0, style});
    }
    return;
  }
  int width = CharWidth(c);
  if (width > 0) {
    line->push_back({c, 0, style});
    if (width == 2) line->push_back({0, 0, style});
  } else if (IsCombining(c) && !line->empty()) {
    std::size_t at = line->size() - 1;
    if ((*line)[at].text == 0 && at > 0) --at;
    if ((*line)[at].mark == 0) (*line)[at].mark = c;
  }
}

Line TextLine(std::string_view text, Style style) {
  Line line;
  line.reserve(text.size());
  for (std::size_t at = 0; at < text.size();) AppendChar(NextChar(text, &at), style, &line);
  return line;
}

Line Fit(const Line& line, int columns, Cut cut, char32_t ellipsis) {
  auto room = static_cast<std::size_t>(std::max(columns, 0));
  if (line.size() <= room) return line;
  if (room == 0) return {};
  Line out;
  if (cut == Cut::kEnd) {
    out.assign(line.begin(), line.begin() + static_cast<std::ptrdiff_t>(room - 1));
    if (line[room - 1].text == 0) out.back().text = U' ';  // its right half is cut off
    out.push_back({ellipsis, 0, line[room - 1].style});
  } else {
    std::size_t from = line.size() - (room - 1);
    out.push_back({ellipsis, 0, line[from == line.size() ? from - 1 : from].style});
    out.insert(out.end(), line.begin() + static_cast<std::ptrdiff_t>(from), line.end());
    if (out.size() > 1 && out[1].text == 0) out[1].text = U' ';
  }
  return out;
}

std::vector<Line> WrapLine(const Line& line, int columns, int indent) {
  std::vector<Line> pieces;
  columns = std::max(columns, 2);
  indent = std::min(indent, columns / 2);
  for (std::size_t at = 0; at < line.size() || pieces.empty();) {
    Line piece(pieces.empty() ? 0 : static_cast<std::size_t>(indent));
    std::size_t room = static_cast<std::size_t>(columns) - piece.size();
    std::size_t end = std::min(at + room, line.size());
    if (end < line.size()) {
      std::size_t blank = end;
      while (blank > at + room / 2 && line[blank].text != U' ') --blank;
      if (line[blank].text == U' ') end = blank;
      if (line[end].text == 0 && end > at + 1) --end;
    }
    piece.insert(piece.end(), line.begin() + static_cast<std::ptrdiff_t>(at),
                 line.begin() + static_cast<std::ptrdiff_t>(end));
    pieces.push_back(std::move(piece));
    at = end;
    while (at > 0 && at < line.size() && line[at].text == U' ') ++at;
  }
  return pieces;
}

int TextColumns(std::string_view text) { return static_cast<int>(TextLine(text).size()); }

}  // namespace foster::tui
