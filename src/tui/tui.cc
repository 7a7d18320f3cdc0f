// SPDX-License-Identifier: MIT
#include "tui/tui.h"

#include <poll.h>

#include <algorithm>
#include <array>
#include <csignal>
#include <cstdio>

#include "foster/exit_code.h"
#include "sys/client_socket.h"
#include "sys/clock.h"
#include "sys/paths.h"
#include "tui/link.h"
#include "tui/render.h"
#include "tui/screen.h"

namespace foster {
namespace tui {
namespace {

constexpr Millis kEscapeTime{50};  // an Escape that nothing follows for so long was the key
constexpr Millis kFrameTime{30};   // from one drawing to the next
constexpr Millis kPatience{2000};  // for foster at the start: supervise comes back within a second

class Loop {
 public:
  Loop(Screen* screen, bool mouse, const std::string& path)
      : screen_(screen),
        app_(mouse),
        control_(&app_, App::Channel::kControl, path),
        log_(&app_, App::Channel::kLog, path) {}
  int Run();

 private:
  // Until when to wait; everything that is due has been done.
  MonoTime Advance(MonoTime now);
  void Wait(MonoTime until);
  void ReadKeys(MonoTime now);
  void OnSignals();
  void DrawIfDue(MonoTime now);

  Screen* screen_;
  App app_;
  Link control_;
  Link log_;
  InputParser parser_;
  MonoTime escape_at_ = kNoDeadline;
  MonoTime draw_at_{};
  MonoTime tick_at_ = kNoDeadline;
  Size size_;
  bool wants_drawing_ = true;
  bool gone_ = false;
  int signal_ = 0;
};

int Loop::Run() {
  size_ = screen_->GetSize();
  app_.Resize(size_.width, size_.height);
  while (!app_.quit() && !gone_ && signal_ == 0) Wait(Advance(MonoNow()));
  return signal_ != 0 ? 128 + signal_ : kExitOk;
}

MonoTime Loop::Advance(MonoTime now) {
  if (now >= escape_at_) {
    for (const Input& input : parser_.Flush()) app_.Press(input, now);
    escape_at_ = kNoDeadline;
  }
  if (now >= tick_at_) app_.Tick(now);
  if (app_.TakeSuspend()) screen_->Suspend(), wants_drawing_ = true;
  if (app_.TakeRedraw()) screen_->Forget();
  screen_->SetMouse(app_.view().mouse);
  MonoTime until = std::min(control_.Advance(now), log_.Advance(now));
  wants_drawing_ = app_.TakeDirty() || wants_drawing_;
  DrawIfDue(now);
  if (wants_drawing_ && !screen_->unsent()) until = std::min(until, draw_at_);
  tick_at_ = app_.NextTick(now);
  return std::min({until, escape_at_, tick_at_});
}

void Loop::DrawIfDue(MonoTime now) {
  if (!screen_->Flush()) gone_ = true;
  if (!wants_drawing_ || now < draw_at_ || screen_->unsent()) return;
  Shapes shapes = screen_->terminal().symbols ? Shapes::kUnicode : Shapes::kAscii;
  if (!screen_->Draw(Render(app_.view(), size_.width, size_.height, now, shapes))) return;
  wants_drawing_ = false;
  draw_at_ = now + kFrameTime;
  if (!screen_->Flush()) gone_ = true;
}

void Loop::Wait(MonoTime until) {
  if (app_.quit() || gone_) return;
  std::array<pollfd, 5> fds = {{
      {screen_->input_fd(), POLLIN, 0},
      {screen_->signal_fd(), POLLIN, 0},
      {screen_->unsent() ? screen_->output_fd() : -1, POLLOUT, 0},
      {control_.fd(), control_.poll_events(), 0},
      {log_.fd(), log_.poll_events(), 0},
  }};
  int timeout = -1;
  if (until != kNoDeadline)
    timeout = static_cast<int>(std::clamp<std::int64_t>((until - MonoNow()).count(), 0, 3600 * 1000));
  if (poll(fds.data(), fds.size(), timeout) <= 0) return;
  MonoTime now = MonoNow();
  if (fds[1].revents != 0) OnSignals();
  if ((fds[0].revents & POLLIN) != 0)
    ReadKeys(now);
  else if (fds[0].revents != 0)
    gone_ = true;
  if (fds[3].revents != 0) control_.Ready(fds[3].revents, now);
  if (fds[4].revents != 0) log_.Ready(fds[4].revents, now);
}

void Loop::ReadKeys(MonoTime now) {
  std::string bytes;
  // Readable and nothing there is the end of a terminal that went away.
  if (!screen_->Read(&bytes) || bytes.empty()) {
    gone_ = true;
    return;
  }
  for (const Input& input : parser_.Feed(bytes)) app_.Press(input, now);
  escape_at_ = parser_.pending() ? now + kEscapeTime : kNoDeadline;
}

void Loop::OnSignals() {
  for (int signal = screen_->NextSignal(); signal != 0; signal = screen_->NextSignal()) {
    if (signal == SIGTSTP) {
      screen_->Suspend();
      wants_drawing_ = true;
    } else if (signal == SIGCONT) {
      screen_->Resume();
      wants_drawing_ = true;
    } else if (signal != SIGWINCH) {
      signal_ = signal;
    }
    if (signal == SIGWINCH || signal == SIGCONT || signal == SIGTSTP) {
      size_ = screen_->GetSize();
      app_.Resize(size_.width, size_.height);
    }
  }
}

// Something accepts connections at `path`, within kPatience.
Result<void> CheckReachable(const std::string& path) {
  MonoTime deadline = MonoNow() + kPatience;
  for (;;) {
    Result<UniqueFd> fd = ConnectLocal(path);
    if (fd.ok()) return Ok();
    if (MonoNow() >= deadline)
      return Error(fd.error().message() +
                   "; is foster running? --socket or FOSTER_SOCKET names another socket");
    PauseUntil(MonoNow() + Millis(50));
  }
}

int Fail(const Error& error, int code) {
  std::fprintf(stderr, "svc: %s\n", error.message().c_str());
  return code;
}

}  // namespace
}  // namespace tui

int RunTui(const TuiOptions& options) {
  if (auto terminal = tui::Screen::Check(); !terminal.ok()) return tui::Fail(terminal.error(), kExitUsage);
  std::string path = options.socket.empty() ? ClientSocketPath() : options.socket;
  if (Result<void> reachable = tui::CheckReachable(path); !reachable.ok())
    return tui::Fail(reachable.error(), kExitUnreachable);
  auto screen = tui::Screen::Open(options.colour, options.mouse);
  if (!screen.ok()) return tui::Fail(screen.error(), kExitUsage);
  return tui::Loop(screen->get(), options.mouse, path).Run();
}

}  // namespace foster
