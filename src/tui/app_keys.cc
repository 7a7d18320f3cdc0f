// SPDX-License-Identifier: MIT
// The side of App that listens to keys and the mouse.
#include <algorithm>

#include "tui/app.h"
#include "tui/render.h"
#include "tui/text_width.h"

namespace foster::tui {
namespace {

constexpr std::size_t kMaxFilter = 64;
constexpr int kWheelRows = 3;
constexpr const char* kSignals[] = {"TERM", "HUP",  "INT",  "QUIT", "KILL", "USR1",
                                    "USR2", "STOP", "CONT", "ALRM", "WINCH"};

}  // namespace

void App::Press(const Input& input, MonoTime now) {
  dirty_ = true;
  if (input.key == Key::kControl && input.character == U'c') {
    quit_ = true;  // from everywhere
  } else if (input.key == Key::kMouse) {
    Click(input, now);
  } else if (view_.dialog.kind != Dialog::Kind::kNone) {
    PressInDialog(input, now);
  } else if (view_.filtering) {
    Type(input);
  } else {
    if (view_.connection == Connection::kOpen) view_.message.clear();
    Do(ActionOf(input), now);
  }
  view_.model.Reveal(layout().table.height);
  WantLog();
}

void App::Type(const Input& input) {
  std::string filter = view_.model.filter();
  switch (input.key) {
    case Key::kEnter:
      view_.filtering = false;
      return;
    case Key::kEscape:
      view_.filtering = false;
      filter.clear();
      break;
    case Key::kUp:
    case Key::kDown:
      view_.model.Move(input.key == Key::kUp ? -1 : 1);
      return;
    case Key::kBackspace:
      while (!filter.empty() && (static_cast<unsigned char>(filter.back()) & 0xC0) == 0x80) filter.pop_back();
      if (!filter.empty()) filter.pop_back();
      break;
    case Key::kControl:
      if (input.character == U'u') filter.clear();
      break;
    case Key::kCharacter:
    case Key::kPaste:
      if (filter.size() < kMaxFilter) AppendUtf8(input.character, &filter);
      break;
    default:
      return;
  }
  view_.model.SetFilter(filter);
}

void App::Do(Action action, MonoTime now) {
  int page = std::max(1, view_.log_focused ? layout().log.height : layout().table.height);
  switch (action) {
    case Action::kUp:
      return MoveBy(-1);
    case Action::kDown:
      return MoveBy(1);
    case Action::kPageUp:
      return MoveBy(-page);
    case Action::kPageDown:
      return MoveBy(page);
    case Action::kHome:
      return MoveTo(false);
    case Action::kEnd:
      return MoveTo(true);
    case Action::kServiceUp:
      return Ask("up", now);
    case Action::kServiceDown:
      return Ask("down", now);
    case Action::kServiceRestart:
      return Ask("restart", now);
    case Action::kServiceOnce:
      return Ask("once", now);
    case Action::kServiceSignal:
      return ShowSignals();
    case Action::kInfo:
      return ShowInfo(now);
    case Action::kProblems:
      return ShowProblems();
    case Action::kHelp:
      return ShowHelp();
    case Action::kClear:
      return Clear();
    case Action::kSuspend:
      suspend_ = true;
      return;
    case Action::kRedraw:
      redraw_ = true;
      return;
    case Action::kQuit:
      quit_ = true;
      return;
    case Action::kSort:
      view_.model.NextSort();
      return Say(std::string("sorted by ") + NameOf(view_.model.sort()), false, now);
    case Action::kMouse:
      view_.mouse = !view_.mouse;
      return Say(view_.mouse ? "the mouse selects services" : "the mouse is the terminal's: select and copy",
                 false, now);
    default:
      return DoView(action);
  }
}

void App::DoView(Action action) {
  auto toggle_zoom = [&](Zoom zoom) { view_.zoom = view_.zoom == zoom ? Zoom::kNone : zoom; };
  switch (action) {
    case Action::kLeft:
      view_.left = std::max(0, view_.left - 8);
      return;
    case Action::kRight:
      view_.left = std::min(view_.left + 8, 16384);
      return;
    case Action::kFocus:
      view_.log_focused = !view_.log_focused;
      return;
    case Action::kFilter:
      view_.filtering = true;
      return;
    case Action::kFollow:
      view_.log.SetFollow(!view_.log.follow());
      return;
    case Action::kWrap:
      view_.wrap = !view_.wrap;
      return;
    case Action::kTimes:
      view_.times = !view_.times;
      return;
    case Action::kInternal:
      view_.model.ToggleInternal();
      return;
    case Action::kZoomLog:
      toggle_zoom(Zoom::kLog);
      view_.log_focused = view_.zoom == Zoom::kLog;
      return;
    case Action::kZoomTable:
      toggle_zoom(Zoom::kTable);
      view_.log_focused = false;
      return;
    default:
      return;
  }
}

void App::MoveBy(int rows) {
  if (view_.log_focused)
    view_.log.Scroll(rows, LogPage(view_, layout()));
  else
    view_.model.Move(rows);
}

void App::MoveTo(bool end) {
  if (!view_.log_focused)
    view_.model.SelectRow(end ? static_cast<int>(view_.model.shown().size()) : 0);
  else if (end)
    view_.log.ToNewest();
  else
    view_.log.ToOldest(LogPage(view_, layout()));
}

// From the inside out: what was opened last is closed first.
void App::Clear() {
  if (view_.log_focused)
    view_.log_focused = false;
  else if (!view_.model.filter().empty())
    view_.model.SetFilter("");
  view_.zoom = Zoom::kNone;
}

void App::Ask(const std::string& verb, MonoTime now) {
  const Service* service = view_.model.selected();
  if (service == nullptr) return Say("cannot " + verb + ": no service is selected", true, now);
  const std::string& name = service->status.name;
  if (!service->status.internal || verb == "up") return Send(verb, name, now);
  view_.dialog = {Dialog::Kind::kConfirm,
                  verb + " " + name,
                  {name + " is a part of foster itself.", "", "y: " + verb + " it     n: leave it"},
                  0,
                  verb,
                  name};
}

void App::PressInDialog(const Input& input, MonoTime now) {
  Dialog& dialog = view_.dialog;
  int last = static_cast<int>(dialog.lines.size()) - 1;
  Action action = ActionOf(input);
  bool list = dialog.kind == Dialog::Kind::kSignals;
  DialogLook look = LookOf(dialog, width_, height_);
  int lines = static_cast<int>(look.lines.size());
  int end = list ? last : std::max(0, lines + 2 - look.box.height);  // the last line at the box's lower edge
  if (dialog.kind == Dialog::Kind::kConfirm) {
    Dialog asked = std::exchange(dialog, Dialog{});
    if (input.key == Key::kCharacter && (input.character == U'y' || input.character == U'Y'))
      Send(asked.verb, asked.service, now);
    return;
  }
  switch (action) {
    case Action::kUp:
      dialog.top -= 1;
      break;
    case Action::kDown:
      dialog.top += 1;
      break;
    case Action::kPageUp:
      dialog.top -= std::max(1, height_ - 2);
      break;
    case Action::kPageDown:
      dialog.top += std::max(1, height_ - 2);
      break;
    case Action::kHome:
      dialog.top = 0;
      break;
    case Action::kEnd:
      dialog.top = end;
      break;
    case Action::kFocus:
      if (list && input.key == Key::kEnter) {
        std::string signal = dialog.lines[static_cast<std::size_t>(dialog.top)];
        Send("signal", dialog.service, now, signal);
      }
      dialog = {};
      return;
    default:
      dialog = {};
      return;
  }
  dialog.top = std::clamp(dialog.top, 0, end);
}

void App::Click(const Input& input, MonoTime now) {
  if (input.mouse == MouseKind::kRelease) return;
  bool wheel = input.mouse != MouseKind::kPress;
  int rows = input.mouse == MouseKind::kWheelUp ? -kWheelRows : kWheelRows;
  if (view_.dialog.kind != Dialog::Kind::kNone) {
    if (wheel)
      PressInDialog({.key = rows < 0 ? Key::kUp : Key::kDown}, now);
    else
      view_.dialog = {};
    return;
  }
  Layout where = layout();
  if (where.log.Contains(input.column, input.row) || where.log_title.Contains(input.column, input.row)) {
    if (wheel)
      view_.log.Scroll(rows, LogPage(view_, where));
    else
      view_.log_focused = true;
  } else if (where.table.Contains(input.column, input.row) ||
             where.table_head.Contains(input.column, input.row)) {
    int row = view_.model.top() + input.row - where.table.y;
    bool on_row =
        row >= 0 && row < static_cast<int>(view_.model.shown().size()) && input.row >= where.table.y;
    if (wheel) return view_.model.Move(rows);
    view_.log_focused = false;
    if (on_row) view_.model.SelectRow(row);
  } else if (!wheel && where.banner.Contains(input.column, input.row)) {
    ShowProblems();
  } else if (!wheel && !view_.filtering) {
    for (const Button& button : Buttons(where.footer))
      if (button.area.Contains(input.column, input.row)) return Do(button.action, now);
  }
}

void App::ShowHelp() {
  view_.dialog = {Dialog::Kind::kText, kHelpTitle, {}, 0, "", ""};
  for (std::size_t i = 0; i < kKeyRowCount; ++i) {
    std::string line(kKeyRows[i].keys);
    // Where two columns do not fit, the text stands below its keys.
    if (width_ < 76) {
      view_.dialog.lines.push_back(line);
      line = "    ";
    } else {
      line.resize(std::max<std::size_t>(line.size() + 2, 24), ' ');
    }
    view_.dialog.lines.push_back(line + std::string(kKeyRows[i].help));
  }
}

void App::ShowInfo(MonoTime now) {
  const Service* service = view_.model.selected();
  if (service == nullptr) return;
  const ServiceStatus& s = service->status;
  view_.dialog = {Dialog::Kind::kText, s.name, {}, 0, "", ""};
  auto row = [&](const std::string& name, const std::string& value) {
    std::string title = name;
    title.resize(13, ' ');
    if (!value.empty()) view_.dialog.lines.push_back(title + value);
  };
  row("description", s.description);
  row("type", s.type);
  row("state",
      std::string(NameOf(s.state)) + (s.ready ? ", ready" : "") + " for " + AgeText(Age(*service, now)));
  row("goal", std::string(NameOf(s.goal)));
  row("cause", s.cause);
  for (const auto& gate : s.waits_for) row("waits for", gate);
  row("pid", s.pid > 0 ? std::to_string(s.pid) : "");
  row("since", s.since);
  row("started", s.started);
  row("incarnation", std::to_string(s.incarnation));
  row("restarts", std::to_string(s.restarts));
  if (s.exit_code) row("exit code", std::to_string(*s.exit_code));
  if (s.exit_signal) row("exit signal", std::to_string(*s.exit_signal));
  row("workload", s.workload);
  row("group", s.group);
  row("source", s.source);
  row("defined in", s.origin);
  row("directory", s.directory);
}

void App::ShowProblems() {
  view_.dialog = {Dialog::Kind::kText, "workloads", {}, 0, "", ""};
  for (const WorkloadStatus& workload : view_.model.workloads()) {
    auto& lines = view_.dialog.lines;
    lines.push_back(workload.name + ": runs its " + workload.source);
    if (workload.source == "seed") lines.push_back("  " + workload.seed + " instead of " + workload.project);
    for (const Diagnostic& d : workload.diagnostics) {
      std::string place = d.origin.file;
      if (d.origin.line > 0) place += ":" + std::to_string(d.origin.line);
      if (d.origin.line > 0 && d.origin.column > 0) place += ":" + std::to_string(d.origin.column);
      lines.push_back("  " + place + ": " + d.text);
      if (!d.hint.empty()) lines.push_back("    " + d.hint);
    }
  }
  if (view_.dialog.lines.empty()) view_.dialog.lines.push_back("no workloads");
}

void App::ShowSignals() {
  const Service* service = view_.model.selected();
  if (service == nullptr) return;
  view_.dialog = {Dialog::Kind::kSignals, "signal to " + service->status.name, {}, 0, "",
                  service->status.name};
  for (const char* name : kSignals) view_.dialog.lines.emplace_back(name);
}

}  // namespace foster::tui
