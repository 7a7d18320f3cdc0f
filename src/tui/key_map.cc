// SPDX-License-Identifier: MIT
#include "tui/key_map.h"

#include <cctype>

#include "tui/text_width.h"

namespace foster::tui {

const KeyRow kKeyRows[] = {
    {Action::kUp, "Up k", "", "previous service; in the log: one line up"},
    {Action::kDown, "Down j", "", "next service; in the log: one line down"},
    {Action::kPageUp, "PageUp Ctrl-B", "", "a page up"},
    {Action::kPageDown, "PageDown Ctrl-F Space", "", "a page down"},
    {Action::kHome, "Home g", "", "first service; the log's oldest line"},
    {Action::kEnd, "End G", "", "last service; the log's newest line"},
    {Action::kLeft, "Left h", "", "scroll the log to the left"},
    {Action::kRight, "Right l", "", "scroll the log to the right"},
    {Action::kFocus, "Tab Enter BackTab", "", "go between the services and the log"},
    {Action::kServiceUp, "u F7", "up", "up: start the service and keep it up"},
    {Action::kServiceDown, "d F9", "down", "down: stop the service and keep it down"},
    {Action::kServiceRestart, "r Ctrl-R", "restart", "restart the service"},
    {Action::kServiceOnce, "o", "", "once: start it, do not restart it when it ends"},
    {Action::kServiceSignal, "s Ctrl-X", "", "send a signal to its process"},
    {Action::kFilter, "/", "filter", "show only names that contain some text"},
    {Action::kClear, "Esc", "", "close a box, clear the filter, leave the log"},
    {Action::kFollow, "f F5", "follow", "follow the log, or stop following it"},
    {Action::kWrap, "w F6", "", "wrap long lines of the log"},
    {Action::kTimes, "t", "", "show when each line of the log came"},
    {Action::kInternal, "a", "", "show foster's internal services"},
    {Action::kSort, "S", "", "sort by name, state, age, restarts or pid"},
    {Action::kInfo, "i F3", "", "all that is known of the service"},
    {Action::kProblems, "b", "", "why a workload runs its seed: its diagnostics"},
    {Action::kZoomLog, "F4 z", "", "the log alone"},
    {Action::kZoomTable, "F8", "", "the services alone"},
    {Action::kMouse, "m", "", "give the mouse to the terminal, to select and copy"},
    {Action::kRedraw, "Ctrl-L", "", "draw the screen anew"},
    {Action::kSuspend, "Ctrl-Z", "", "back to the shell; fg comes back"},
    {Action::kHelp, "? F1", "help", "this help"},
    {Action::kQuit, "q F10 Ctrl-C", "quit", "quit; the services go on"},
};
const std::size_t kKeyRowCount = sizeof(kKeyRows) / sizeof(kKeyRows[0]);

std::string KeyName(const Input& input) {
  switch (input.key) {
    case Key::kCharacter: {
      if (input.character == U' ') return "Space";
      std::string name;
      AppendUtf8(input.character, &name);
      return name;
    }
    case Key::kControl:
      return std::string("Ctrl-") + static_cast<char>(std::toupper(static_cast<int>(input.character)));
    case Key::kFunction:
      return "F" + std::to_string(static_cast<unsigned>(input.character));
    case Key::kEscape:
      return "Esc";
    case Key::kEnter:
      return "Enter";
    case Key::kTab:
      return "Tab";
    case Key::kBackTab:
      return "BackTab";
    case Key::kBackspace:
      return "Backspace";
    case Key::kDelete:
      return "Delete";
    case Key::kUp:
      return "Up";
    case Key::kDown:
      return "Down";
    case Key::kLeft:
      return "Left";
    case Key::kRight:
      return "Right";
    case Key::kHome:
      return "Home";
    case Key::kEnd:
      return "End";
    case Key::kPageUp:
      return "PageUp";
    case Key::kPageDown:
      return "PageDown";
    case Key::kPaste:
    case Key::kMouse:
    case Key::kOther:
      return "";
  }
  return "";
}

Action ActionOf(const Input& input) {
  std::string name = KeyName(input);
  if (name.empty()) return Action::kNone;
  for (std::size_t i = 0; i < kKeyRowCount; ++i) {
    std::string_view keys = kKeyRows[i].keys;
    while (!keys.empty()) {
      std::size_t end = std::min(keys.find(' '), keys.size());
      if (keys.substr(0, end) == name) return kKeyRows[i].action;
      keys.remove_prefix(std::min(end + 1, keys.size()));
    }
  }
  return Action::kNone;
}

}  // namespace foster::tui
