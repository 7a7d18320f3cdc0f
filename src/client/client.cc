// SPDX-License-Identifier: MIT
#include "client/client.h"

#include <array>

#include "sys/client_socket.h"
#include "sys/clock.h"
#include "sys/paths.h"

namespace foster {
namespace {

constexpr int kBroken = -1;
constexpr int kTimedOut = -2;
constexpr Millis kRetryEvery{50};

MonoTime DeadlineAfter(Millis timeout) { return After(MonoNow(), timeout); }

bool MayComeBack(int code) { return code == ENOENT || code == ECONNREFUSED || code == EAGAIN; }

Error Unreachable(const std::string& path, const Error& error) {
  std::string text = "cannot reach foster at " + path + ": " + error.message();
  if (MayComeBack(error.code())) {
    text += " (is foster running here? --socket or FOSTER_SOCKET names another socket)";
  }
  return Error(text, kBroken);
}

Error Broken(const std::string& why) { return Error("the connection to foster broke: " + why, kBroken); }

}  // namespace

Result<Client> Client::Connect(const std::string& path, Millis patience) {
  const std::string target = path.empty() ? ClientSocketPath() : path;
  const MonoTime deadline = DeadlineAfter(patience);
  for (;;) {
    Result<UniqueFd> fd = ConnectLocal(target);
    if (fd) return Client(std::move(*fd));
    if (!MayComeBack(fd.error().code()) || MonoNow() >= deadline) return Unreachable(target, fd.error());
    PauseUntil(std::min(deadline, After(MonoNow(), kRetryEvery)));
  }
}

Result<Json> Client::Call(std::string_view method, const Json& params, Millis timeout) {
  const MonoTime deadline = DeadlineAfter(timeout);
  failure_ = RpcFailure{};
  reply_.reset();
  const std::int64_t id = next_id_++;
  std::string line = RequestLine(id, method, params);
  if (line.size() > kMaxLine)
    return Error("cannot ask foster: the request is longer than 1 MiB", kRpcInvalidRequest);
  FOSTER_TRY(Send(line, deadline));
  while (!reply_) FOSTER_TRY(ReadSome(deadline));

  Json reply = std::move(*reply_);
  reply_.reset();
  const Json& error = reply["error"];
  if (!error.is_object()) return reply["result"];
  failure_.code = static_cast<int>(error["code"].AsInt(kRpcInternal));
  failure_.message = error["message"].AsString();
  failure_.data = error["data"];
  return Error(failure_.message, failure_.code);
}

Result<std::optional<Notification>> Client::Next(Millis timeout) {
  const MonoTime deadline = DeadlineAfter(timeout);
  while (notifications_.empty()) {
    Result<void> read = ReadSome(deadline);
    if (read) continue;
    if (read.error().code() == kTimedOut) return std::optional<Notification>();
    return read.error();
  }
  std::optional<Notification> next = std::move(notifications_.front());
  notifications_.pop_front();
  return next;
}

// Waits until bytes came and sorts their lines; an error is kBroken or kTimedOut.
Result<void> Client::ReadSome(MonoTime deadline) {
  for (;;) {
    Result<unsigned> ready = WaitFor(fd_.get(), kWaitRead, deadline);
    if (!ready) return Broken(ready.error().message());
    if (*ready) return Receive();
    if (deadline != kNoDeadline && MonoNow() >= deadline)
      return Error("foster did not answer in time", kTimedOut);
  }
}

Result<void> Client::Receive() {
  std::array<char, 65536> bytes;
  Result<std::size_t> count = ReceiveSome(fd_.get(), bytes.data(), bytes.size());
  if (!count && count.error().code() == EAGAIN) return Ok();
  if (!count) return Broken(count.error().message());
  if (*count == 0) return Broken("foster closed it");
  splitter_.Append({bytes.data(), *count});
  std::string line;
  for (;;) {
    switch (splitter_.Next(&line)) {
      case LineSplitter::Kind::kNone:
        return Ok();
      case LineSplitter::Kind::kLine:
        Sort(line);
        break;
      case LineSplitter::Kind::kTooLong:
        return Broken("it sent a line that is too long");
    }
  }
}

// An error without an id is foster's refusal of the whole connection (too many of them).
// A reply that nobody waits for any more (its call timed out) is dropped by its id; so is a line that is not
// JSON.
void Client::Sort(const std::string& line) {
  Result<Json> json = ParseJson(line);
  if (!json) return;
  if (json->Has("method")) {
    if (notifications_.size() >= kMaxNotifications) {
      notifications_.pop_front();
      lagged_ = true;
    }
    notifications_.push_back({(*json)["method"].AsString(), (*json)["params"]});
  } else if ((*json)["id"] == Json(next_id_ - 1) || ((*json)["id"].is_null() && json->Has("error"))) {
    reply_ = std::move(*json);
  }
}

// What foster sends meanwhile is taken, so that two full sockets never wait for each other.
Result<void> Client::Send(std::string_view line, MonoTime deadline) {
  while (!line.empty()) {
    Result<std::size_t> sent = SendSome(fd_.get(), line);
    if (sent) {
      line.remove_prefix(*sent);
      continue;
    }
    if (sent.error().code() != EAGAIN) return Broken(sent.error().message());
    Result<unsigned> ready = WaitFor(fd_.get(), kWaitRead | kWaitWrite, deadline);
    if (!ready) return Broken(ready.error().message());
    if (*ready & kWaitRead) FOSTER_TRY(Receive());
    // Half a request on the wire makes the connection useless: it counts as broken.
    if (!*ready && deadline != kNoDeadline && MonoNow() >= deadline) return Broken("it does not read");
  }
  return Ok();
}

}  // namespace foster
