// SPDX-License-Identifier: MIT
#include "tui/paint.h"

#include <algorithm>

#include "tui/text_width.h"

namespace foster::tui {
namespace {

bool StartsWithOneOf(std::string_view text, std::initializer_list<std::string_view> prefixes) {
  return std::any_of(prefixes.begin(), prefixes.end(),
                     [&](std::string_view p) { return text.starts_with(p); });
}

bool Contains(std::string_view text, std::string_view part) { return text.find(part) != text.npos; }

// A locale that names a charset other than UTF-8, or the C locale asked for in so many words. None at all is
// the rule in containers, whose terminals speak UTF-8.
bool DeniesUtf8(std::string_view locale) {
  if (locale == "C" || locale == "POSIX") return true;
  return Contains(locale, ".") && !Contains(locale, "UTF-8") && !Contains(locale, "utf8") &&
         !Contains(locale, "UTF8") && !Contains(locale, "utf-8");
}

// The eight colours that come nearest to the 256 (or brighter ones among the 16).
int EightColour(int colour) {
  if (colour < 16) return colour & 7;
  if (colour >= 232) return colour >= 244 ? 7 : 0;
  int v = colour - 16;
  return (v / 36 >= 3 ? 1 : 0) | (v / 6 % 6 >= 3 ? 2 : 0) | (v % 6 >= 3 ? 4 : 0);
}

void AppendColour(int colour, bool background, int colours, std::string* out) {
  if (colour < 0 || colours == 0) return;
  if (colours < 256) colour = EightColour(colour);
  if (colour < 8)
    *out += ';' + std::to_string((background ? 40 : 30) + colour);
  else if (colour < 16)
    *out += ';' + std::to_string((background ? 100 : 90) + colour - 8);
  else
    *out += (background ? ";48;5;" : ";38;5;") + std::to_string(colour);
}

class Painter {
 public:
  Painter(const Grid& before, const Grid& now, const Terminal& terminal)
      : before_(before), now_(now), terminal_(terminal) {}
  std::string Run();

 private:
  void Row(int y);
  void PutCell(int x, int y);
  void Select(Style style);
  bool Same(int x, int y) const { return now_.at(x, y) == before_.at(x, y); }

  const Grid& before_;
  const Grid& now_;
  const Terminal& terminal_;
  std::string out_;
  Style style_;
  bool known_ = false;  // style_ is what the terminal has
  bool lost_ = false;   // the column may be wrong: the terminal may measure the last characters otherwise
};

std::string Painter::Run() {
  bool all = before_.width() != now_.width() || before_.height() != now_.height();
  if (all) {
    Grid blank(now_.width(), now_.height());
    out_ = Painter(blank, now_, terminal_).Run();
    return "\x1b[0m\x1b[2J" + out_;
  }
  for (int y = 0; y < now_.height(); ++y) Row(y);
  if (known_) out_ += "\x1b[0m";
  return std::move(out_);
}

void Painter::Row(int y) {
  int x = 0;
  int end = now_.width();
  while (x < end && Same(x, y)) ++x;
  if (x == end) return;
  while (Same(end - 1, y)) --end;
  // A wide character is drawn whole, whichever half differs.
  while (x > 0 && (now_.at(x, y).text == 0 || before_.at(x, y).text == 0)) --x;
  while (end < now_.width() && (now_.at(end, y).text == 0 || before_.at(end, y).text == 0)) ++end;
  out_ += "\x1b[" + std::to_string(y + 1) + ";" + std::to_string(x + 1) + "H";
  lost_ = false;
  for (; x < end; ++x) PutCell(x, y);
}

void Painter::PutCell(int x, int y) {
  const Cell& cell = now_.at(x, y);
  if (cell.text == 0) return;
  if (lost_ && cell.text < 0x80) {
    out_ += "\x1b[" + std::to_string(x + 1) + "G";
    lost_ = false;
  }
  if (!known_ || cell.style != style_) Select(cell.style);
  if (IsControl(cell.text)) {
    out_ += '?';
  } else if (cell.text >= 0x80 && !terminal_.utf8) {
    out_ += CharWidth(cell.text) == 2 ? "??" : "?";
  } else {
    AppendUtf8(cell.text, &out_);
    if (cell.mark != 0 && terminal_.utf8 && !IsControl(cell.mark)) AppendUtf8(cell.mark, &out_);
    lost_ = cell.text >= 0x80;
  }
}

void Painter::Select(Style style) {
  out_ += "\x1b[0";
  if (style.attributes & kBold) out_ += ";1";
  if (style.attributes & kDim) out_ += ";2";
  if (style.attributes & kItalic) out_ += ";3";
  if (style.attributes & kUnderline) out_ += ";4";
  if (style.attributes & kReverse) out_ += ";7";
  AppendColour(style.foreground, false, terminal_.colours, &out_);
  AppendColour(style.background, true, terminal_.colours, &out_);
  out_ += 'm';
  style_ = style;
  known_ = true;
}

}  // namespace

bool TerminalFromNames(const TerminalNames& names, Terminal* terminal) {
  if (names.term.empty() || names.term == "dumb" || names.term == "unknown") return false;
  bool old = StartsWithOneOf(names.term, {"vt1", "vt2", "vt3", "ansi"});
  bool console = StartsWithOneOf(names.term, {"linux", "cons25"});
  bool many = Contains(names.term, "256color") || !names.colorterm.empty() ||
              StartsWithOneOf(names.term, {"alacritty", "foot", "xterm-kitty", "xterm-ghostty", "wezterm"});
  terminal->colours = old && names.term != "ansi" ? 0 : many && !console ? 256 : 8;
  if (names.no_color) terminal->colours = 0;
  terminal->utf8 = !old && !DeniesUtf8(names.locale);
  terminal->symbols = terminal->utf8 && !console;
  terminal->alternate_screen = !old && !console;
  return true;
}

std::string Paint(const Grid& before, const Grid& now, const Terminal& terminal) {
  return Painter(before, now, terminal).Run();
}

std::string MouseBytes(bool on) { return on ? "\x1b[?1000h\x1b[?1006h" : "\x1b[?1006l\x1b[?1000l"; }

std::string EnterBytes(const Terminal& terminal, bool mouse) {
  std::string out = terminal.alternate_screen ? "\x1b[?1049h" : "";
  out += "\x1b[?25l\x1b[?2004h\x1b[0m\x1b[2J";
  if (mouse) out += MouseBytes(true);
  return out;
}

std::string LeaveBytes(const Terminal& terminal) {
  // CAN ends a sequence that a full buffer or a crash cut in two.
  std::string out = "\x18" + MouseBytes(false) + "\x1b[?2004l\x1b[0m";
  out += terminal.alternate_screen ? "" : "\x1b[2J\x1b[H";
  out += "\x1b[?25h";
  if (terminal.alternate_screen) out += "\x1b[?1049l";
  return out;
}

}  // namespace foster::tui
