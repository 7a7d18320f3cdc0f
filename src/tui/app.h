// SPDX-License-Identifier: MIT
// App: what the TUI does, without the terminal and the sockets: keys and messages in, a View and bytes to
// send out. Not: I/O or time (tui.cc hands both in). Called by: tui.cc, tests. Invariants: never waits; one
// request for a log is on its way at most, however fast the selection moves; after a lost connection a new
// snapshot is asked for and the selection stays.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "tui/input.h"
#include "tui/session.h"
#include "tui/view.h"

namespace foster::tui {

class App {
 public:
  explicit App(bool mouse) { view_.mouse = mouse; }

  // The two connections: one for status, events and actions, one for the log.
  enum class Channel : std::uint8_t { kControl, kLog };
  Session& session(Channel channel) { return channel == Channel::kControl ? control_ : log_; }
  void Opened(Channel channel);
  void Lost(Channel channel, const std::string& why);
  void Received(Channel channel, std::string_view bytes, MonoTime now);

  void Press(const Input& input, MonoTime now);
  void Resize(int width, int height);
  void Tick(MonoTime now);
  // When Tick is to be called: an age or the message on the screen changes then.
  MonoTime NextTick(MonoTime now) const;

  const View& view() const { return view_; }
  // True once after each change: the screen is to be drawn.
  bool TakeDirty() { return std::exchange(dirty_, false); }
  bool TakeSuspend() { return std::exchange(suspend_, false); }
  bool TakeRedraw() { return std::exchange(redraw_, false); }
  bool quit() const { return quit_; }

 private:
  void OnControl(const Message& message, MonoTime now);
  void OnReply(const Message& message, const std::string& what, MonoTime now);
  void OnResults(const Message& message, const std::string& what, MonoTime now);
  void OnEvent(const Json& params, MonoTime now);
  void OnLog(const Message& message);
  void WantLog();

  void Do(Action action, MonoTime now);
  void DoView(Action action);
  void MoveBy(int rows);
  void MoveTo(bool end);
  void Clear();
  void Ask(const std::string& verb, MonoTime now);
  void Send(const std::string& verb, const std::string& service, MonoTime now,
            const std::string& signal = "");
  void Type(const Input& input);
  void PressInDialog(const Input& input, MonoTime now);
  void Click(const Input& input, MonoTime now);
  void ShowHelp();
  void ShowInfo(MonoTime now);
  void ShowProblems();
  void ShowSignals();
  void Say(const std::string& text, bool is_error, MonoTime now);
  Layout layout() const { return LayoutOf(view_, width_, height_); }

  View view_;
  Session control_;
  Session log_;
  std::map<std::int64_t, std::string> asked_;  // what a reply on the control connection answers
  std::uint64_t sequence_ = 0;
  std::string boot_time_;

  std::string log_asked_;         // whose log was asked for
  std::string log_cursor_;        // behind the last whole line of view_.log
  std::int64_t log_request_ = 0;  // the request whose reply has not come
  bool log_follows_ = false;      // its reply came: notifications are of log_asked_

  MonoTime message_until_ = kNoDeadline;
  int width_ = 80;
  int height_ = 24;
  bool dirty_ = true;
  bool redraw_ = false;
  bool suspend_ = false;
  bool quit_ = false;
};

}  // namespace foster::tui
