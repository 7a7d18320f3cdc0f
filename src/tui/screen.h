// SPDX-License-Identifier: MIT
// Screen: the terminal itself: raw mode, its size, bytes out without waiting, bytes in, signals, and giving
// it back. Not: what is drawn (render.h) or in which sequences (paint.h). Called by: tui.cc. Invariants: one
// Screen at a time; from Open to the end of its life, a fault signal gives the terminal back before the
// process dies of it; a terminal that does not take bytes (Ctrl-S, a dead link) never blocks the caller.
//
// No curses: a static program in an empty image has no UTF-8 locale (glibc's C.UTF-8 is a file), and without
// one ncursesw draws no character beyond ASCII; and what it would know from terminfo every terminal of the
// last decades agrees on.
#pragma once

#include <memory>
#include <string>

#include "base/result.h"
#include "base/unique_fd.h"
#include "tui/paint.h"

namespace foster::tui {

struct Size {
  int width = 80;
  int height = 24;
  bool operator==(const Size&) const = default;
};

class Screen {
 public:
  // What the terminal that stdin and stdout are can do; an Error when they are none.
  static Result<Terminal> Check();
  // Takes over the terminal that stdin and stdout are. `colour` false: none, whatever the terminal can.
  static Result<std::unique_ptr<Screen>> Open(bool colour, bool mouse);
  ~Screen();

  const Terminal& terminal() const { return terminal_; }
  Size GetSize() const;
  // Shows `grid`; false when the last one is still on its way out (call again after Flush).
  bool Draw(const Grid& grid);
  void SetMouse(bool on);
  // Writes what the terminal takes. False: it is gone.
  bool Flush();
  bool unsent() const { return !unsent_.empty(); }
  // The next Draw draws everything.
  void Forget() { shown_ = Grid(0, 0); }

  int input_fd() const { return 0; }
  int output_fd() const { return output_.get(); }
  int signal_fd() const { return signals_.get(); }
  // Bytes typed; "" when there are none (now). False: the terminal is gone.
  bool Read(std::string* bytes);
  // One signal that came (TERM, INT, HUP, QUIT, TSTP, CONT, WINCH), 0 when none did.
  int NextSignal();
  // Gives the terminal back, stops this process, and takes the terminal again when it is continued.
  void Suspend();
  // Takes the terminal again after a stop that could not be prepared for (SIGSTOP).
  void Resume();

 private:
  Screen(Terminal terminal, bool mouse);
  void Enter();
  void Leave();

  Terminal terminal_;
  bool mouse_;
  UniqueFd output_;
  UniqueFd signals_;
  std::string unsent_;
  Grid shown_{0, 0};
};

}  // namespace foster::tui
