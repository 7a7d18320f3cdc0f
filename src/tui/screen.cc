// SPDX-License-Identifier: MIT
#include "tui/screen.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <sys/signalfd.h>
#include <termios.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <csignal>
#include <cstdlib>
#include <cstring>

namespace foster::tui {
namespace {

constexpr std::array<int, 7> kSignals = {SIGTERM, SIGINT, SIGHUP, SIGQUIT, SIGTSTP, SIGCONT, SIGWINCH};
constexpr std::array<int, 7> kFaults = {SIGSEGV, SIGBUS, SIGILL, SIGFPE, SIGABRT, SIGTRAP, SIGSYS};

// All that the fault handler may touch: filled before it can run, plain memory.
struct Saved {
  termios state;
  int output;
  char leave[128];
  std::size_t leave_size;
  volatile sig_atomic_t taken;  // the terminal is ours now
};
Saved saved;
alignas(16) char fault_stack[16384];

// Async-signal-safe. Gives up on a terminal that takes nothing for half a second.
void GiveBack() {
  if (saved.taken == 0) return;
  saved.taken = 0;
  for (std::size_t at = 0; at < saved.leave_size;) {
    ssize_t n = write(saved.output, saved.leave + at, saved.leave_size - at);
    if (n > 0) {
      at += static_cast<std::size_t>(n);
      continue;
    }
    if (n < 0 && errno == EINTR) continue;
    pollfd wait{saved.output, POLLOUT, 0};
    if (n == 0 || errno != EAGAIN || poll(&wait, 1, 500) <= 0) break;
  }
  // What was typed, and mouse reports still under way, are not for the shell.
  tcflush(STDIN_FILENO, TCIFLUSH);
  tcsetattr(STDIN_FILENO, TCSANOW, &saved.state);
}

void OnFault(int signal) {
  GiveBack();
  // The handler was installed for one time: the signal now does what it does by default.
  raise(signal);
}

sigset_t SignalSet() {
  sigset_t set;
  sigemptyset(&set);
  for (int signal : kSignals) sigaddset(&set, signal);
  return set;
}

void CatchFaults() {
  stack_t stack{};
  stack.ss_sp = fault_stack;
  stack.ss_size = sizeof fault_stack;
  sigaltstack(&stack, nullptr);
  struct sigaction action {};
  action.sa_handler = OnFault;
  action.sa_flags = static_cast<int>(SA_RESETHAND | SA_ONSTACK | SA_NODEFER);
  for (int signal : kFaults) sigaction(signal, &action, nullptr);
}

void ForgetFaults() {
  for (int signal : kFaults) std::signal(signal, SIG_DFL);
  stack_t none{};
  none.ss_flags = SS_DISABLE;
  sigaltstack(&none, nullptr);
}

std::string_view Variable(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? std::string_view() : std::string_view(value);
}

TerminalNames NamesFromEnvironment() {
  TerminalNames names{.term = Variable("TERM"), .colorterm = Variable("COLORTERM"), .locale = {}};
  for (const char* variable : {"LC_ALL", "LC_CTYPE", "LANG"})
    if (names.locale.empty()) names.locale = Variable(variable);
  names.no_color = !Variable("NO_COLOR").empty();
  return names;
}

// An open file of our own, so that not waiting is not forced upon the shell too. Where the terminal cannot be
// opened again (no /proc, another namespace's device), writing may wait.
UniqueFd OpenOutput() {
  UniqueFd fd(open("/proc/self/fd/1", O_WRONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC));
  if (fd && isatty(fd.get())) return fd;
  return UniqueFd(fcntl(STDOUT_FILENO, F_DUPFD_CLOEXEC, 3));
}

}  // namespace

Result<Terminal> Screen::Check() {
  if (!isatty(STDIN_FILENO) || !isatty(STDOUT_FILENO))
    return Error("cannot show the screen: stdin and stdout must be a terminal");
  Terminal terminal;
  TerminalNames names = NamesFromEnvironment();
  if (!TerminalFromNames(names, &terminal))
    return Error("cannot show the screen: TERM is '" + std::string(names.term) +
                 "'; set it to the kind of your terminal, for example TERM=xterm-256color");
  return terminal;
}

Result<std::unique_ptr<Screen>> Screen::Open(bool colour, bool mouse) {
  FOSTER_ASSIGN(Terminal terminal, Check());
  if (!colour) terminal.colours = 0;
  if (tcgetattr(STDIN_FILENO, &saved.state) != 0)
    return Error::FromErrno("cannot read the terminal's settings");
  std::unique_ptr<Screen> screen(new Screen(terminal, mouse));
  screen->output_ = OpenOutput();
  if (!screen->output_) return Error::FromErrno("cannot open the terminal");
  sigset_t set = SignalSet();
  screen->signals_.Reset(signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK));
  if (!screen->signals_) return Error::FromErrno("cannot make a signalfd");
  sigprocmask(SIG_BLOCK, &set, nullptr);
  std::string leave = LeaveBytes(terminal);
  saved.leave_size = std::min(leave.size(), sizeof saved.leave);
  std::memcpy(saved.leave, leave.data(), saved.leave_size);
  saved.output = screen->output_.get();
  CatchFaults();
  screen->Enter();
  return screen;
}

Screen::Screen(Terminal terminal, bool mouse) : terminal_(terminal), mouse_(mouse) {}

Screen::~Screen() {
  Leave();
  ForgetFaults();
  sigset_t set = SignalSet();
  sigprocmask(SIG_UNBLOCK, &set, nullptr);
}

void Screen::Enter() {
  termios raw = saved.state;
  raw.c_iflag &= ~static_cast<tcflag_t>(BRKINT | ICRNL | INLCR | IGNCR | INPCK | ISTRIP | IXON);
  raw.c_oflag &= ~static_cast<tcflag_t>(OPOST);
  raw.c_lflag &= ~static_cast<tcflag_t>(ECHO | ICANON | IEXTEN | ISIG);
  // With VMIN 0 a read returns at once, without O_NONBLOCK, which the shell would have too.
  raw.c_cc[VMIN] = 0;
  raw.c_cc[VTIME] = 0;
  saved.taken = 1;
  tcsetattr(STDIN_FILENO, TCSANOW, &raw);
  unsent_ = EnterBytes(terminal_, mouse_);
  Forget();
}

void Screen::Leave() {
  unsent_.clear();
  GiveBack();
}

Size Screen::GetSize() const {
  winsize size{};
  if (ioctl(output_.get(), TIOCGWINSZ, &size) != 0 || size.ws_col == 0 || size.ws_row == 0) return {};
  return {std::min<int>(size.ws_col, 1000), std::min<int>(size.ws_row, 500)};
}

bool Screen::Draw(const Grid& grid) {
  if (unsent()) return false;
  unsent_ = Paint(shown_, grid, terminal_);
  shown_ = grid;
  return true;
}

void Screen::SetMouse(bool on) {
  if (mouse_ == on) return;
  mouse_ = on;
  unsent_ += MouseBytes(on);
}

bool Screen::Flush() {
  while (!unsent_.empty()) {
    ssize_t n = write(output_.get(), unsent_.data(), unsent_.size());
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return errno == EAGAIN;
    unsent_.erase(0, static_cast<std::size_t>(n));
  }
  return true;
}

bool Screen::Read(std::string* bytes) {
  char buffer[4096];
  bytes->clear();
  ssize_t n = read(STDIN_FILENO, buffer, sizeof buffer);
  if (n < 0) return errno == EINTR || errno == EAGAIN;
  bytes->assign(buffer, static_cast<std::size_t>(n));
  return true;
}

int Screen::NextSignal() {
  signalfd_siginfo info;
  return read(signals_.get(), &info, sizeof info) == sizeof info ? static_cast<int>(info.ssi_signo) : 0;
}

void Screen::Suspend() {
  Leave();
  // SIGTSTP, not SIGSTOP: the kernel drops it where nobody could continue us (no shell above).
  std::signal(SIGTSTP, SIG_DFL);
  raise(SIGTSTP);
  sigset_t stop;
  sigemptyset(&stop);
  sigaddset(&stop, SIGTSTP);
  sigprocmask(SIG_UNBLOCK, &stop, nullptr);  // stopped here
  sigprocmask(SIG_BLOCK, &stop, nullptr);
  tcgetattr(STDIN_FILENO, &saved.state);  // the shell may have changed it
  Enter();
}

void Screen::Resume() { Enter(); }

}  // namespace foster::tui
