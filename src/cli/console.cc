// SPDX-License-Identifier: MIT
#include "cli/console.h"

#include <cstdlib>

#include "sys/terminal.h"

namespace foster::cli {
namespace {

const char* CodeOf(Colour colour) {
  switch (colour) {
    case Colour::kNone:
      return "";
    case Colour::kRed:
      return "\033[31m";
    case Colour::kGreen:
      return "\033[32m";
    case Colour::kYellow:
      return "\033[33m";
    case Colour::kBlue:
      return "\033[34m";
    case Colour::kMagenta:
      return "\033[35m";
    case Colour::kCyan:
      return "\033[36m";
    case Colour::kGrey:
      return "\033[90m";
    case Colour::kBold:
      return "\033[1m";
  }
  return "";
}

bool IsSet(const char* variable) {
  const char* value = std::getenv(variable);
  return value != nullptr && *value != '\0';
}

}  // namespace

Console::Console(Stream out, Stream err, int width, bool no_colour)
    : out_(out), err_(err), width_(width), no_colour_(no_colour) {
  SetColour(ColourWhen::kAuto);
}

Console Console::Standard() {
  Stream out{stdout, IsTerminal(1)};
  Stream err{stderr, IsTerminal(2)};
  const char* term = std::getenv("TERM");
  bool dumb = term != nullptr && std::string_view(term) == "dumb";
  return Console(out, err, out.is_terminal ? TerminalWidth(1) : 0, IsSet("NO_COLOR") || dumb);
}

void Console::SetColour(ColourWhen when) {
  bool always = when == ColourWhen::kAlways;
  bool maybe = when == ColourWhen::kAuto && !no_colour_;
  out_colour_ = always || (maybe && out_.is_terminal);
  err_colour_ = always || (maybe && err_.is_terminal);
}

void Console::Out(std::string_view text) {
  if (std::fwrite(text.data(), 1, text.size(), out_.file) != text.size()) reader_gone_ = true;
}

void Console::Err(std::string_view text) {
  // A complaint that nobody can read is lost; there is nowhere else to say so.
  (void)std::fwrite(text.data(), 1, text.size(), err_.file);
}

void Console::Complain(std::string_view text) {
  Err(PaintErr(Colour::kRed, program_ + ":") + " " + std::string(text) + "\n");
}

void Console::Flush() {
  if (std::fflush(out_.file) != 0) reader_gone_ = true;
  (void)std::fflush(err_.file);  // as in Err()
}

std::string Console::Paint(bool on, Colour colour, std::string_view text) {
  if (!on || colour == Colour::kNone || text.empty()) return std::string(text);
  return CodeOf(colour) + std::string(text) + "\033[0m";
}

}  // namespace foster::cli
