// SPDX-License-Identifier: MIT
// SyslogSocket: the way to a syslog daemon: unix datagrams, a unix stream with octet counting where the
// socket is one, or UDP. Not: messages, nor when to try again. Called by: the syslog sink, on its thread.
// Invariants: nothing waits but looking a name up and Wait; a name is looked up at each Open; a message goes
// whole or is sent again.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"
#include "base/unique_fd.h"
#include "foster/time.h"

namespace foster {

// "unix:/dev/log", "udp:HOST:PORT" ("udp:[::1]:514"; ":514" may be left out).
struct SyslogTarget {
  std::string path;  // empty: UDP
  std::string host;
  std::uint16_t port = 514;
};
Result<SyslogTarget> ParseSyslogTarget(std::string_view text);

class SyslogSocket {
 public:
  enum class Sent {
    kYes,
    kFull,      // Wait, then the same again
    kTooLong,   // less at once may go
    kFailed,    // errno is in `error()`; closed
    kLostLast,  // the one before was refused; closed. This one and that are to be sent again
  };

  explicit SyslogSocket(SyslogTarget target) : target_(std::move(target)) {}
  Result<void> Open();
  bool is_open() const { return static_cast<bool>(fd_); }
  bool is_udp() const { return target_.path.empty(); }
  void Close();
  Sent Send(std::string_view message);
  void Wait(Millis limit) const;  // until it takes bytes again
  int error() const { return error_; }

 private:
  Result<void> OpenUnix();
  Result<void> OpenUdp();
  Sent SendDatagram(std::string_view message);
  Sent SendOnStream(std::string_view message);
  Sent SendRest();
  Sent Fail(int error, Sent how = Sent::kFailed);

  const SyslogTarget target_;
  UniqueFd fd_;
  bool is_stream_ = false;
  std::string under_way_;  // the message that was begun on a stream
  std::string rest_;       // of it, with its length before it
  int error_ = 0;
};

}  // namespace foster
