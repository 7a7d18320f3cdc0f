// SPDX-License-Identifier: MIT
#include "gateway/http_connection.h"

#include <fmt/format.h>
#include <poll.h>
#include <sys/socket.h>

#include <cerrno>
#include <ctime>

#include "gateway/http_reader.h"

namespace foster {
namespace {

constexpr Millis kIdleTimeout(60'000);
constexpr Millis kWriteTimeout(60'000);
constexpr Millis kWriteTimeoutAtStop(300);

MonoTime Now() { return std::chrono::time_point_cast<Millis>(std::chrono::steady_clock::now()); }

int PollTime(MonoTime deadline) {
  auto left = (deadline - Now()).count();
  return left < 0 ? 0 : left > 60'000 ? 60'000 : static_cast<int>(left);
}

std::string DateText() {
  std::time_t now = std::time(nullptr);
  std::tm parts{};
  ::gmtime_r(&now, &parts);
  char text[64];
  std::size_t length = std::strftime(text, sizeof text, "%a, %d %b %Y %H:%M:%S GMT", &parts);
  return std::string(text, length);
}

// A header value of ours never ends its line early, whatever it was made from.
std::string OneLine(std::string value) {
  for (char& c : value)
    if (c == '\r' || c == '\n' || c == '\0') c = ' ';
  return value;
}

class Connection : public HttpStream {
 public:
  Connection(UniqueFd fd, int stop_fd, const HttpPeer& peer, const HttpHandler& handler)
      : fd_(std::move(fd)), stop_fd_(stop_fd), peer_(peer), handler_(handler) {}

  void Run() {
    HttpRequest request;
    while (ReadRequest(&request)) {
      request.peer = peer_.name;
      request.is_unix = peer_.is_unix;
      if (!Answer(request)) break;
    }
    // What the peer still sends must not turn our last reply into a reset.
    (void)::shutdown(fd_.get(), SHUT_WR);
    char rest[4096];
    while (::recv(fd_.get(), rest, sizeof rest, MSG_DONTWAIT) > 0) continue;
  }

  bool Write(std::string_view bytes) override {
    if (bytes.empty()) return !broken_;
    if (!chunked_) return SendAll(bytes);
    return SendAll(fmt::format("{:x}\r\n", bytes.size())) && SendAll(bytes) && SendAll("\r\n");
  }

  bool WaitFor(int fd, Millis timeout) override {
    MonoTime deadline = After(Now(), timeout);
    while (!broken_) {
      pollfd polls[3] = {{fd, POLLIN, 0}, {fd_.get(), POLLIN, 0}, {stop_fd_, POLLIN, 0}};
      int count = ::poll(polls, 3, PollTime(deadline));
      if (count < 0 && errno != EINTR) return false;
      if (count > 0 && polls[2].revents) return false;
      if (count > 0 && polls[1].revents) {
        // A peer that talks while we stream is not listened to; only its end matters.
        char rest[256];
        ssize_t got = ::recv(fd_.get(), rest, sizeof rest, MSG_DONTWAIT);
        if (got == 0 || (got < 0 && errno != EAGAIN)) return false;
      }
      if (count > 0 && polls[0].revents) return true;
      if (Now() >= deadline) return true;
    }
    return false;
  }

 private:
  // False: the connection is over.
  bool ReadRequest(HttpRequest* request) {
    MonoTime deadline = After(Now(), kIdleTimeout);
    bool begun = reader_.in_request();
    for (;;) {
      auto progress = reader_.Next(request);
      if (progress == HttpReader::Progress::kRequest) return true;
      if (progress == HttpReader::Progress::kBad) {
        (void)SendPlain(ErrorPage(reader_.bad_status()), /*with_body=*/true, /*keep=*/false);  // last words
        return false;
      }
      if (!begun && reader_.in_request()) {  // from its first byte on, the whole request has this long
        begun = true;
        deadline = After(Now(), kIdleTimeout);
      }
      if (reader_.TakeExpectContinue() && !SendAll("HTTP/1.1 100 Continue\r\n\r\n")) return false;
      if (!ReceiveSome(deadline)) return false;
    }
  }

  bool ReceiveSome(MonoTime deadline) {
    for (;;) {
      pollfd polls[2] = {{fd_.get(), POLLIN, 0}, {stop_fd_, POLLIN, 0}};
      int count = ::poll(polls, 2, PollTime(deadline));
      if (count < 0 && errno != EINTR) return false;
      if (count > 0 && polls[1].revents) return false;
      if (count <= 0) {
        if (Now() >= deadline) return false;
        continue;
      }
      char bytes[16384];
      ssize_t got = ::recv(fd_.get(), bytes, sizeof bytes, MSG_DONTWAIT);
      if (got > 0) {
        reader_.Append(std::string_view(bytes, static_cast<std::size_t>(got)));
        return true;
      }
      if (got == 0 || (errno != EAGAIN && errno != EINTR)) return false;
    }
  }

  bool SendAll(std::string_view bytes) {
    MonoTime deadline = After(Now(), kWriteTimeout);
    bool stopping = false;
    while (!bytes.empty() && !broken_) {
      ssize_t sent = ::send(fd_.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
      if (sent >= 0) {
        bytes.remove_prefix(static_cast<std::size_t>(sent));
        continue;
      }
      if (errno == EINTR) continue;
      if (errno != EAGAIN || Now() >= deadline) {
        broken_ = true;
        break;
      }
      pollfd polls[2] = {{fd_.get(), POLLOUT, 0}, {stopping ? -1 : stop_fd_, POLLIN, 0}};
      if (::poll(polls, 2, PollTime(deadline)) > 0 && polls[1].revents) {
        stopping = true;
        deadline = std::min(deadline, After(Now(), kWriteTimeoutAtStop));
      }
    }
    return !broken_;
  }

  bool IsStopping() const {
    pollfd poll_stop = {stop_fd_, POLLIN, 0};
    return ::poll(&poll_stop, 1, 0) > 0;
  }

  bool Answer(const HttpRequest& request) {
    HttpResponse response;
    try {
      response = handler_(request);
    } catch (const std::exception&) {  // a fault of ours costs one request, not the gateway
      response = ErrorPage(500);
    }
    bool keep = request.keep_alive && !IsStopping();
    for (const auto& header : response.headers)
      if (header.name == "Connection" && header.value == "close") keep = false;
    if (response.stream) return SendStream(request, response, keep);
    return SendPlain(response, request.method != "HEAD", keep) && keep;
  }

  static std::string Head(const HttpResponse& response) {
    std::string head = fmt::format("HTTP/1.1 {} {}\r\nServer: foster/{}\r\nDate: {}\r\n", response.status,
                                   ReasonOf(response.status), FOSTER_VERSION, DateText());
    for (const auto& header : response.headers) head += header.name + ": " + OneLine(header.value) + "\r\n";
    return head;
  }

  bool SendPlain(const HttpResponse& response, bool with_body, bool keep) {
    std::string text = Head(response) + fmt::format("Content-Length: {}\r\n", response.body.size());
    bool says_close = text.find("\r\nConnection: close\r\n") != std::string::npos;
    if (!keep && !says_close) text += "Connection: close\r\n";
    text += "\r\n";
    if (with_body) text += response.body;
    return SendAll(text);
  }

  // HTTP/1.0 knows no chunks: there the end of the connection ends the body.
  bool SendStream(const HttpRequest& request, const HttpResponse& response, bool keep) {
    keep = keep && !request.is_http_1_0;
    std::string head = Head(response);
    head += request.is_http_1_0 ? "Connection: close\r\n" : "Transfer-Encoding: chunked\r\n";
    if (!SendAll(head + "\r\n")) return false;
    if (request.method == "HEAD") return keep;
    chunked_ = !request.is_http_1_0;
    response.stream(*this);
    bool ended = chunked_ ? SendAll("0\r\n\r\n") : false;
    chunked_ = false;
    return ended && keep;
  }

  UniqueFd fd_;
  int stop_fd_;
  const HttpPeer& peer_;
  const HttpHandler& handler_;
  HttpReader reader_;
  bool chunked_ = false;
  bool broken_ = false;
};

}  // namespace

void ServeConnection(UniqueFd fd, int stop_fd, const HttpPeer& peer, const HttpHandler& handler) {
  Connection(std::move(fd), stop_fd, peer, handler).Run();
}

void RefuseConnection(UniqueFd fd) {
  constexpr std::string_view kBusy =
      "HTTP/1.1 503 Service Unavailable\r\nContent-Type: text/plain\r\nContent-Length: 22\r\n"
      "Connection: close\r\n\r\ntoo many connections.\n";
  (void)::send(fd.get(), kBusy.data(), kBusy.size(),
               MSG_NOSIGNAL | MSG_DONTWAIT);  // it is closed in any case
}

}  // namespace foster
