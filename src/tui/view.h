// SPDX-License-Identifier: MIT
// View: everything that the screen shows, as plain values. Not: how (render.h), nor what changes it (app.h).
// Called by: app (changes it), render (draws it). Invariant: Render(view, size, now) depends on nothing else.
#pragma once

#include <string>
#include <vector>

#include "tui/key_map.h"
#include "tui/layout.h"
#include "tui/log_view.h"
#include "tui/model.h"

namespace foster::tui {

inline constexpr char kHelpTitle[] = "keys";

// A box over the screen.
struct Dialog {
  enum class Kind : std::uint8_t { kNone, kText, kConfirm, kSignals };
  Kind kind = Kind::kNone;
  std::string title;
  std::vector<std::string> lines;
  int top = 0;       // first line shown (kText), or the line chosen (kSignals)
  std::string verb;  // what kConfirm asks about
  std::string service;
};

enum class Connection : std::uint8_t { kConnecting, kOpen, kLost };

struct View {
  Model model;
  LogView log;
  std::string log_name;  // whose log it is
  Dialog dialog;
  Zoom zoom = Zoom::kNone;
  bool log_focused = false;
  bool wrap = false;
  bool times = false;
  int left = 0;  // columns of the log scrolled away
  bool filtering = false;
  bool mouse = true;
  std::string message;
  bool message_is_error = false;
  Connection connection = Connection::kConnecting;
  std::string connection_text;  // why it is not open
  std::string version;
  std::string host;
  bool read_only = false;
  bool stopping = false;
};

Layout LayoutOf(const View& view, int width, int height);

}  // namespace foster::tui
