// SPDX-License-Identifier: MIT
// Console: where a verb writes: results to `out`, everything else to `err`; whether in colour and how wide.
// Not: the TUI's screen. Called by: every verb. Invariant: no escape sequence is written unless colours are
// on; a reader that went away (EPIPE) is remembered and never reported as an error.
#pragma once

#include <cstdio>
#include <string>
#include <string_view>

namespace foster::cli {

enum class Colour { kNone, kRed, kGreen, kYellow, kBlue, kMagenta, kCyan, kGrey, kBold };
enum class ColourWhen { kAuto, kAlways, kNever };

class Console {
 public:
  struct Stream {
    std::FILE* file = nullptr;
    bool is_terminal = false;
  };
  // `width` 0: lines are never cut. `no_colour`: NO_COLOR is set.
  Console(Stream out, Stream err, int width, bool no_colour);
  static Console Standard();

  void SetColour(ColourWhen when);
  void SetProgram(std::string name) { program_ = std::move(name); }
  int width() const { return width_; }
  bool out_is_terminal() const { return out_.is_terminal; }
  bool err_is_terminal() const { return err_.is_terminal; }
  bool out_colour() const { return out_colour_; }
  bool err_colour() const { return err_colour_; }
  bool reader_gone() const { return reader_gone_; }

  void Out(std::string_view text);
  void Err(std::string_view text);
  // "svc: TEXT\n" on err, the program's name in red.
  void Complain(std::string_view text);
  // Sends what was written so far.
  void Flush();

  std::string PaintOut(Colour colour, std::string_view text) const {
    return Paint(out_colour_, colour, text);
  }
  std::string PaintErr(Colour colour, std::string_view text) const {
    return Paint(err_colour_, colour, text);
  }

  static std::string Paint(bool on, Colour colour, std::string_view text);

 private:
  Stream out_;
  Stream err_;
  std::string program_ = "svc";
  int width_;
  bool no_colour_;
  bool out_colour_ = false;
  bool err_colour_ = false;
  bool reader_gone_ = false;
};

}  // namespace foster::cli
