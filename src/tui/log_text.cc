// SPDX-License-Identifier: MIT
#include "tui/log_text.h"

#include <algorithm>
#include <array>

#include "tui/text_width.h"

namespace foster::tui {
namespace {

using Parameters = std::array<int, 16>;

// The nearest colour of the 6x6x6 cube of the 256-colour palette.
std::int16_t NearestColour(int red, int green, int blue) {
  auto level = [](int v) { return v < 48 ? 0 : v < 115 ? 1 : (std::min(v, 255) - 35) / 40; };
  return static_cast<std::int16_t>(16 + 36 * level(red) + 6 * level(green) + level(blue));
}

class LogParser {
 public:
  explicit LogParser(std::string_view text) : text_(text) {}
  Line Run();

 private:
  void Escape();
  void Sequence();
  void StringSequence();
  void Select(const Parameters& values, std::size_t count);
  std::size_t ExtendedColour(const Parameters& values, std::size_t at, std::size_t count);
  void Erase(int mode);
  void Write(char32_t c);
  void Place(const Cell& cell);
  void Repair();

  std::string_view text_;
  std::size_t at_ = 0;
  std::size_t column_ = 0;
  Style style_;
  Line line_;
};

Line LogParser::Run() {
  while (at_ < text_.size()) {
    char32_t c = NextChar(text_, &at_);
    if (c == 0x1B)
      Escape();
    else if (c == '\r')
      column_ = 0;
    else if (c == '\b')
      column_ -= column_ > 0 ? 1 : 0;
    else
      Write(c);
  }
  Repair();
  return std::move(line_);
}

// Overwriting and erasing may have left half of a wide character: it becomes a blank.
void LogParser::Repair() {
  for (std::size_t i = 0; i < line_.size(); ++i) {
    bool wide = line_[i].text != 0 && CharWidth(line_[i].text) == 2;
    bool followed = i + 1 < line_.size() && line_[i + 1].text == 0;
    if ((wide && !followed) || line_[i].text == 0) line_[i].text = U' ';
    if (wide && followed) ++i;
  }
}

void LogParser::Escape() {
  if (at_ >= text_.size()) return;
  char kind = text_[at_++];
  if (kind == '[') {
    Sequence();
  } else if (kind == ']' || kind == 'P' || kind == 'X' || kind == '^' || kind == '_') {
    StringSequence();
  } else if (kind >= 0x20 && kind <= 0x2F) {
    while (at_ < text_.size() && text_[at_] >= 0x20 && text_[at_] <= 0x2F) ++at_;
    if (at_ < text_.size()) ++at_;
  } else if (static_cast<unsigned char>(kind) < 0x20 || static_cast<unsigned char>(kind) >= 0x7F) {
    --at_;  // no escape sequence: the character is treated as any other
  }
}

// An operating system command, device control string and the like: up to BEL or ESC \, or to the line's end.
void LogParser::StringSequence() {
  while (at_ < text_.size()) {
    char c = text_[at_++];
    if (c == '\a') return;
    if (c == 0x1B) {
      if (at_ < text_.size() && text_[at_] == '\\') ++at_;
      return;
    }
  }
}

void LogParser::Sequence() {
  Parameters values{};
  std::size_t count = 0;
  bool plain = true;
  for (; at_ < text_.size(); ++at_) {
    char c = text_[at_];
    if (c >= '0' && c <= '9')
      values[count] = std::min(values[count] * 10 + (c - '0'), 65535);
    else if ((c == ';' || c == ':') && count + 1 < values.size())
      ++count;
    else if (c >= 0x20 && c <= 0x3F)
      plain = false;  // a private marker, an intermediate byte or too many parameters
    else
      break;
  }
  if (at_ >= text_.size() || text_[at_] < 0x40 || text_[at_] > 0x7E) return;
  char final = text_[at_++];
  if (!plain) return;
  if (final == 'm') Select(values, count + 1);
  if (final == 'K') Erase(values[0]);
  if (final == 'G') column_ = static_cast<std::size_t>(std::clamp(values[0], 1, 1000)) - 1;
}

std::size_t LogParser::ExtendedColour(const Parameters& values, std::size_t at, std::size_t count) {
  std::int16_t& target = values[at] == 38 ? style_.foreground : style_.background;
  if (at + 2 < count && values[at + 1] == 5) {
    target = static_cast<std::int16_t>(values[at + 2] & 0xFF);
    return at + 2;
  }
  if (at + 4 < count && values[at + 1] == 2) {
    target = NearestColour(values[at + 2], values[at + 3], values[at + 4]);
    return at + 4;
  }
  return count;
}

void LogParser::Select(const Parameters& values, std::size_t count) {
  auto on = [&](int bit) { style_.attributes = static_cast<std::uint8_t>(style_.attributes | bit); };
  auto off = [&](int bits) { style_.attributes = static_cast<std::uint8_t>(style_.attributes & ~bits); };
  auto colour = [](int v) { return static_cast<std::int16_t>(v); };
  for (std::size_t i = 0; i < count; ++i) {
    int v = values[i];
    if (v == 0) style_ = {};
    if (v == 1) on(kBold);
    if (v == 2) on(kDim);
    if (v == 3) on(kItalic);
    if (v == 4) on(kUnderline);
    if (v == 7) on(kReverse);
    if (v == 22) off(kBold | kDim);
    if (v == 23) off(kItalic);
    if (v == 24) off(kUnderline);
    if (v == 27) off(kReverse);
    if (v >= 30 && v <= 37) style_.foreground = colour(v - 30);
    if (v >= 40 && v <= 47) style_.background = colour(v - 40);
    if (v >= 90 && v <= 97) style_.foreground = colour(v - 90 + 8);
    if (v >= 100 && v <= 107) style_.background = colour(v - 100 + 8);
    if (v == 39) style_.foreground = -1;
    if (v == 49) style_.background = -1;
    if (v == 38 || v == 48) i = ExtendedColour(values, i, count);
  }
}

void LogParser::Erase(int mode) {
  std::size_t from = mode == 0 ? column_ : 0;
  std::size_t to = mode == 1 ? std::min(column_ + 1, line_.size()) : line_.size();
  for (std::size_t i = from; i < to; ++i) line_[i] = Cell{};
  if (mode != 1 && from < line_.size()) line_.resize(from);
}

void LogParser::Write(char32_t c) {
  if (c == '\t') {
    for (std::size_t stop = (column_ / 8 + 1) * 8; column_ < stop && column_ < kMaxLogColumns;)
      Place({U' ', 0, style_});
    return;
  }
  Line cells;
  AppendChar(c, style_, &cells);
  if (cells.empty() && column_ > 0 && column_ == line_.size()) {
    AppendChar(c, style_, &line_);  // a combining character: onto the one before it
    return;
  }
  for (const Cell& cell : cells) Place(cell);
}

void LogParser::Place(const Cell& cell) {
  if (column_ >= kMaxLogColumns) return;
  if (column_ >= line_.size()) line_.resize(column_ + 1);
  if (line_[column_].text == 0 && cell.text != 0 && column_ > 0) line_[column_ - 1].text = U' ';
  if (column_ + 1 < line_.size() && line_[column_ + 1].text == 0) line_[column_ + 1].text = U' ';
  line_[column_++] = cell;
}

}  // namespace

Line LogCells(std::string_view text) { return LogParser(text).Run(); }

}  // namespace foster::tui
