// SPDX-License-Identifier: MIT
// Keys -> actions: one table, from which the help, the footer and docs/tui.md are made too. Not: doing them
// (app.h). Called by: app, render. Invariants: pure; a key means one action at most.
#pragma once

#include <string>
#include <string_view>

#include "tui/input.h"

namespace foster::tui {

enum class Action : std::uint8_t {
  kNone,
  kUp,
  kDown,
  kPageUp,
  kPageDown,
  kHome,
  kEnd,
  kLeft,
  kRight,
  kFocus,
  kServiceUp,
  kServiceDown,
  kServiceRestart,
  kServiceOnce,
  kServiceSignal,
  kFilter,
  kClear,
  kFollow,
  kWrap,
  kTimes,
  kInternal,
  kSort,
  kInfo,
  kProblems,
  kZoomLog,
  kZoomTable,
  kMouse,
  kRedraw,
  kSuspend,
  kHelp,
  kQuit,
};

struct KeyRow {
  Action action;
  std::string_view keys;    // names separated by blanks; the first one is shown in the footer
  std::string_view button;  // its word in the footer, "" = not there
  std::string_view help;
};

// Fixed order: that of the help.
extern const KeyRow kKeyRows[];
extern const std::size_t kKeyRowCount;

// "Up", "F7", "Ctrl-R", "j", "Space", ...; "" for mouse and paste.
std::string KeyName(const Input& input);
Action ActionOf(const Input& input);

}  // namespace foster::tui
