// SPDX-License-Identifier: MIT
#include "prober/network_probe.h"

#include <cerrno>
#include <cstring>

#include "prober/http_request.h"
#include "sys/clock.h"

namespace foster {

NetworkProbe::NetworkProbe(Loop& loop, Deadlines& deadlines, Workers& workers, Probe probe, Done done)
    : loop_(loop),
      deadlines_(deadlines),
      workers_(workers),
      probe_(std::move(probe)),
      done_(std::move(done)) {
  if (probe_.host.empty()) probe_.host = "127.0.0.1";
  what_ =
      probe_.kind == ProbeKind::kHttp ? UrlOf(probe_) : "connect " + HostAndPort(probe_.host, probe_.port);
}

NetworkProbe::~NetworkProbe() { CloseSocket(); }

void NetworkProbe::Start() {
  turn_ = deadlines_.Add(MonoNow(), [this] { Lookup(); });
}

void NetworkProbe::Lookup() {
  if (auto address = NumericAddress(probe_.host, probe_.port)) return OnAddresses(std::vector{*address});
  using Found = Result<std::vector<SocketAddress>>;
  auto found = std::make_shared<Found>(Error("lookup " + probe_.host + ": no answer"));
  lookup_ = workers_.Start(
      "name " + probe_.host,
      [found, host = probe_.host, port = probe_.port] { *found = ResolveName(host, port); },
      [this, found] { OnAddresses(std::move(*found)); });
}

void NetworkProbe::OnAddresses(Result<std::vector<SocketAddress>> addresses) {
  lookup_ = 0;
  if (!addresses.ok()) return Finish(false, addresses.error().message());
  addresses_ = std::move(*addresses);
  TryNext();
}

// One address after the other, each with its share of the time: the first may be one that swallows packets.
void NetworkProbe::TryNext() {
  deadlines_.Remove(turn_);
  CloseSocket();
  while (next_ < addresses_.size()) {
    const SocketAddress& address = addresses_[next_++];
    const int error = Connect(address);
    if (error == 0) {
      if (next_ == addresses_.size() || probe_.timeout == kForever) return;
      const Millis share = probe_.timeout / static_cast<int>(addresses_.size());
      turn_ = deadlines_.Add(After(MonoNow(), share), [this] { TryNext(); });
      return;
    }
    last_error_ = "connect " + ToText(address) + ": " + std::strerror(error);
  }
  Finish(false, last_error_);
}

int NetworkProbe::Connect(const SocketAddress& address) {
  fd_.Reset(socket(address.storage.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  if (!fd_) return errno;
  const int result = connect(fd_.get(), reinterpret_cast<const sockaddr*>(&address.storage), address.size);
  const int error = result == 0 || errno == EINPROGRESS ? 0 : errno;
  if (error == 0 && loop_.Watch(fd_.get(), kWritable, [this](unsigned) { OnWritable(); }).ok()) return 0;
  fd_.Reset();
  return error == 0 ? ENOMEM : error;
}

void NetworkProbe::OnWritable() {
  int error = 0;
  socklen_t size = sizeof error;
  if (getsockopt(fd_.get(), SOL_SOCKET, SO_ERROR, &error, &size) != 0) error = errno;
  if (error == 0) return OnConnected();
  last_error_ = "connect " + ToText(addresses_[next_ - 1]) + ": " + std::strerror(error);
  TryNext();
}

void NetworkProbe::OnConnected() {
  deadlines_.Remove(turn_);
  if (probe_.kind != ProbeKind::kHttp)
    return Finish(true, ToText(addresses_[next_ - 1]) + " accepts connections");
  loop_.Unwatch(fd_.get());
  exchange_.emplace(fd_.get(), probe_);
  auto watched = loop_.Watch(fd_.get(), kWritable, [this](unsigned) { OnExchange(); });
  if (!watched.ok()) Finish(false, what_ + ": " + watched.error().message());
}

void NetworkProbe::OnExchange() {
  switch (exchange_->Advance()) {
    case HttpExchange::Step::kWantRead:
      return loop_.Change(fd_.get(), kReadable);
    case HttpExchange::Step::kWantWrite:
      return loop_.Change(fd_.get(), kWritable);
    case HttpExchange::Step::kDone:
      break;
  }
  Finish(exchange_->ok(), exchange_->ok() ? exchange_->text() : what_ + ": " + exchange_->text());
}

void NetworkProbe::CloseSocket() {
  deadlines_.Remove(turn_);
  if (lookup_ != 0) workers_.Cancel(lookup_);
  exchange_.reset();
  if (fd_) loop_.Unwatch(fd_.get());
  fd_.Reset();
}

void NetworkProbe::Finish(bool ok, std::string text) {
  Done done = std::move(done_);
  done_ = nullptr;
  CloseSocket();
  if (done) done(ok, std::move(text));
}

}  // namespace foster
