// SPDX-License-Identifier: MIT
#include "wire/sd_notify_message.h"

#include <charconv>

namespace foster {
namespace {

constexpr std::uint64_t kMaxMicros = std::uint64_t{1} << 53;

// The whole of `text` as a decimal number.
template <class T>
std::optional<T> Number(std::string_view text) {
  T value{};
  auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

// Microseconds, rounded up: a span that is asked for is never cut.
std::optional<Millis> Span(std::string_view text) {
  auto micros = Number<std::uint64_t>(text);
  if (!micros || *micros > kMaxMicros) return std::nullopt;
  return Millis(static_cast<std::int64_t>((*micros + 999) / 1000));
}

bool IsControl(char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; }

std::string Printable(std::string_view text) {
  std::string result(text.substr(0, kMaxSdStatus));
  for (char& c : result)
    if (IsControl(c)) c = ' ';
  return result;
}

// A name travels in LISTEN_FDNAMES, where ':' parts the names.
bool IsFdName(std::string_view text) {
  if (text.empty() || text.size() > kMaxSdFdName) return false;
  for (char c : text)
    if (IsControl(c) || c == ':' || static_cast<unsigned char>(c) > 0x7e) return false;
  return true;
}

using Message = SdNotifyMessage;
using Value = std::string_view;

bool TakeReady(Value value, Message* message) { return message->ready = value == "1"; }
bool TakeReloading(Value value, Message* message) { return message->reloading = value == "1"; }
bool TakeStopping(Value value, Message* message) { return message->stopping = value == "1"; }

bool TakeStatus(Value value, Message* message) {
  message->status = Printable(value);
  return true;
}

bool TakeErrno(Value value, Message* message) {
  if (auto number = Number<int>(value); number && *number >= 0) message->error = number;
  return message->error.has_value();
}

bool TakeMainPid(Value value, Message* message) {
  if (auto pid = Number<std::int32_t>(value); pid && *pid > 0) message->main_pid = pid;
  return message->main_pid.has_value();
}

bool TakeWatchdog(Value value, Message* message) {
  if (value == "1") message->watchdog = SdWatchdog::kAlive;
  if (value == "trigger") message->watchdog = SdWatchdog::kTrigger;
  return message->watchdog != SdWatchdog::kNone;
}

bool TakeWatchdogInterval(Value value, Message* message) {
  if (auto span = Span(value)) message->watchdog_interval = span;
  return message->watchdog_interval.has_value();
}

bool TakeExtendTimeout(Value value, Message* message) {
  if (auto span = Span(value)) message->extend_timeout = span;
  return message->extend_timeout.has_value();
}

bool TakeFdStore(Value value, Message* message) { return message->fd_store = value == "1"; }
bool TakeFdStoreRemove(Value value, Message* message) { return message->fd_store_remove = value == "1"; }

bool TakeFdName(Value value, Message* message) {
  if (IsFdName(value)) message->fd_name = value;
  return !message->fd_name.empty();
}

bool TakeFdPoll(Value value, Message* message) {
  if (value == "0") message->fd_poll = false;
  return !message->fd_poll;
}

bool TakeBarrier(Value value, Message* message) { return message->barrier = value == "1"; }

struct Key {
  std::string_view name;
  bool (*take)(Value value, Message* message);  // false: it said nothing
};

constexpr Key kKeys[] = {
    {"READY", TakeReady},
    {"RELOADING", TakeReloading},
    {"STOPPING", TakeStopping},
    {"STATUS", TakeStatus},
    {"ERRNO", TakeErrno},
    {"MAINPID", TakeMainPid},
    {"WATCHDOG", TakeWatchdog},
    {"WATCHDOG_USEC", TakeWatchdogInterval},
    {"EXTEND_TIMEOUT_USEC", TakeExtendTimeout},
    {"FDSTORE", TakeFdStore},
    {"FDSTOREREMOVE", TakeFdStoreRemove},
    {"FDNAME", TakeFdName},
    {"FDPOLL", TakeFdPoll},
    {"BARRIER", TakeBarrier},
};

bool TakeLine(std::string_view line, Message* message) {
  std::size_t equals = line.find('=');
  if (equals == std::string_view::npos) return false;
  for (const Key& key : kKeys)
    if (key.name == line.substr(0, equals)) return key.take(line.substr(equals + 1), message);
  return false;
}

}  // namespace

std::optional<SdNotifyMessage> ParseSdNotify(std::string_view datagram) {
  if (datagram.size() > kMaxSdNotifyMessage) return std::nullopt;
  SdNotifyMessage message;
  bool says_something = false;
  while (!datagram.empty()) {
    std::size_t end = datagram.find('\n');
    if (TakeLine(datagram.substr(0, end), &message)) says_something = true;
    if (end == std::string_view::npos) break;
    datagram.remove_prefix(end + 1);
  }
  if (!says_something) return std::nullopt;
  return message;
}

}  // namespace foster
