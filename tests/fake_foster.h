// SPDX-License-Identifier: MIT
// FakeFoster: a control socket in a private directory, served by a thread that answers as a script says.
// Not: foster's rules; it knows framing alone. Called by: tests of client, cli and tui.
#pragma once

#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <atomic>
#include <cstdlib>
#include <filesystem>
#include <functional>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "base/unique_fd.h"
#include "wire/rpc.h"

namespace foster {

class FakeFoster {
 public:
  // What one request is answered with; lines may hold anything, `close` ends the connection afterwards.
  struct Answer {
    std::vector<std::string> lines;
    bool close = false;
  };
  // `connection` counts from 1.
  using Script = std::function<Answer(const RpcRequest&, int connection)>;

  explicit FakeFoster(Script script) : script_(std::move(script)) {
    char name[] = "/tmp/foster-fake-XXXXXX";
    directory_ = ::mkdtemp(name);
    path_ = directory_ + "/control.sock";
    listener_.Reset(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    path_.copy(address.sun_path, sizeof address.sun_path - 1);
    if (::bind(listener_.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0)
      std::abort();
    if (::listen(listener_.get(), 16) != 0) std::abort();
    if (::pipe(wake_) != 0) std::abort();
    thread_ = std::thread([this] { Serve(); });
  }
  ~FakeFoster() {
    (void)!::write(wake_[1], "x", 1);
    thread_.join();
    ::close(wake_[0]);
    ::close(wake_[1]);
    std::filesystem::remove_all(directory_);
  }
  FakeFoster(const FakeFoster&) = delete;
  FakeFoster& operator=(const FakeFoster&) = delete;

  const std::string& path() const { return path_; }
  // "method params", in the order in which they came.
  std::vector<std::string> requests() {
    std::lock_guard<std::mutex> lock(mutex_);
    return requests_;
  }

 private:
  // One connection at a time: enough for a client that connects again after the former one was closed.
  void Serve() {
    for (int connection = 1;; ++connection) {
      if (!Readable(listener_.get())) return;
      UniqueFd peer(::accept4(listener_.get(), nullptr, nullptr, SOCK_CLOEXEC));
      if (!Talk(peer.get(), connection)) return;
    }
  }
  bool Readable(int fd) {
    pollfd entries[2] = {{fd, POLLIN, 0}, {wake_[0], POLLIN, 0}};
    while (::poll(entries, 2, -1) < 0) {
    }
    return entries[1].revents == 0;
  }
  bool Talk(int peer, int connection) {
    LineSplitter splitter;
    for (;;) {
      if (!Readable(peer)) return false;
      char bytes[4096];
      ssize_t count = ::read(peer, bytes, sizeof bytes);
      if (count <= 0) return true;
      splitter.Append({bytes, static_cast<std::size_t>(count)});
      std::string line;
      while (splitter.Next(&line) == LineSplitter::Kind::kLine) {
        if (!Reply(peer, line, connection)) return true;
      }
    }
  }
  bool Reply(int peer, const std::string& line, int connection) {
    RpcParse parse = ParseRequest(line);
    if (!parse.request) std::abort();
    {
      std::lock_guard<std::mutex> lock(mutex_);
      requests_.push_back(parse.request->method + " " + parse.request->params.Dump());
    }
    Answer answer = script_(*parse.request, connection);
    for (const auto& text : answer.lines) {
      for (std::size_t at = 0; at < text.size();) {
        ssize_t sent = ::send(peer, text.data() + at, text.size() - at, MSG_NOSIGNAL);
        if (sent <= 0) return false;
        at += static_cast<std::size_t>(sent);
      }
    }
    return !answer.close;
  }

  Script script_;
  std::string directory_;
  std::string path_;
  UniqueFd listener_;
  int wake_[2] = {-1, -1};
  std::mutex mutex_;
  std::vector<std::string> requests_;
  std::thread thread_;
};

}  // namespace foster
