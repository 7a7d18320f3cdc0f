// SPDX-License-Identifier: MIT
// NetworkProbe: one TCP or HTTP probe from the name to the verdict. Not: its time limit (prober.cc drops it),
// nor repeating it. Called by: prober.cc. Invariants: never waits; `done` is called once, never from Start();
// after it, or when this is destroyed, its socket is closed.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "base/unique_fd.h"
#include "foster/probe.h"
#include "prober/deadlines.h"
#include "prober/http_exchange.h"
#include "prober/workers.h"
#include "sys/addresses.h"
#include "sys/loop.h"

namespace foster {

class NetworkProbe {
 public:
  using Done = std::function<void(bool ok, std::string text)>;

  NetworkProbe(Loop& loop, Deadlines& deadlines, Workers& workers, Probe probe, Done done);
  ~NetworkProbe();
  NetworkProbe(const NetworkProbe&) = delete;
  NetworkProbe& operator=(const NetworkProbe&) = delete;

  void Start();
  // What is looked at: "connect 127.0.0.1:80", "http://127.0.0.1:80/health".
  const std::string& what() const { return what_; }

 private:
  void Lookup();
  void OnAddresses(Result<std::vector<SocketAddress>> addresses);
  void TryNext();
  int Connect(const SocketAddress& address);  // errno
  void OnWritable();
  void OnConnected();
  void OnExchange();
  void CloseSocket();
  void Finish(bool ok, std::string text);

  Loop& loop_;
  Deadlines& deadlines_;
  Workers& workers_;
  Probe probe_;
  Done done_;
  std::string what_;
  std::uint64_t lookup_ = 0;  // of workers_
  std::vector<SocketAddress> addresses_;
  std::size_t next_ = 0;
  std::string last_error_;
  UniqueFd fd_;
  Deadlines::Key turn_{};  // when the next address gets its turn; or the first step
  std::optional<HttpExchange> exchange_;
};

}  // namespace foster
