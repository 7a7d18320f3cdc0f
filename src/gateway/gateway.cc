// SPDX-License-Identifier: MIT
#include "gateway/gateway.h"

#include <fmt/format.h>
#include <malloc.h>
#include <poll.h>
#include <pthread.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include <csignal>

#include "gateway/auth.h"
#include "gateway/http_server.h"
#include "gateway/listen_socket.h"
#include "gateway/rest_gateway.h"
#include "gateway/supervisord_gateway.h"
#include "gateway/web.h"

namespace foster {
namespace {

constexpr Millis kStopGrace(500);
constexpr Millis kAskTimeout(30'000);
// Of a thread; the deepest parser needs a tenth of it. glibc keeps 40 MiB of the stacks of ended threads, so
// larger ones are fewer to keep; one of 2 MiB could become a huge page.
constexpr std::size_t kStackBytes = 1u << 20;
constexpr int kReconnectTries = 30;  // about a second each, most of it in Client::Connect

struct GatewayConfig {
  std::string identifier;
  std::vector<Listener> listeners;
  bool operator==(const GatewayConfig&) const = default;
};

Listener ReadListener(const Json& json) {
  Listener listener;
  listener.protocol = json["protocol"].AsString();
  listener.host = json["host"].AsString();
  listener.port = static_cast<std::uint16_t>(json["port"].AsInt());
  listener.path = json["path"].AsString();
  listener.mode = static_cast<std::uint32_t>(json["mode"].AsInt(0700));
  listener.owner = json["owner"].AsString();
  listener.username = json["username"].AsString();
  listener.password = json["password"].AsString();
  return listener;
}

Result<GatewayConfig> Ask(Client& client, const std::string& workload) {
  FOSTER_ASSIGN(Json reply, client.Call("workload", Json().Set("name", workload), kAskTimeout));
  GatewayConfig config;
  config.identifier = reply["identifier"].AsString();
  for (const auto& entry : reply["listeners"].AsArray()) config.listeners.push_back(ReadListener(entry));
  return config;
}

HttpHandler HandlerOf(const Listener& listener, const SupervisordContext& xml_rpc, const RestContext& rest) {
  bool is_rest = listener.protocol == "rest";
  return [=](const HttpRequest& request) {
    if (auto refused = CheckAuth(listener, request)) return std::move(*refused);
    if (auto refused = CheckSite(request)) return std::move(*refused);
    if (!is_rest) return ServeSupervisord(xml_rpc, request);
    if (auto page = ServeWeb(*rest.control, rest.workload, request)) return std::move(*page);
    return ServeRest(rest, request);
  };
}

// Up to 128 threads that mostly wait: one heap for all of them, which can be given back when they are gone,
// and stacks that do not claim a gigabyte of a container's address space. Each is a hint, and works without.
void KeepMemorySmall() {
  (void)::mallopt(M_ARENA_MAX, 1);
  pthread_attr_t attributes;
  if (::pthread_attr_init(&attributes) != 0) return;
  if (::pthread_attr_setstacksize(&attributes, kStackBytes) == 0)
    (void)::pthread_setattr_default_np(&attributes);
  (void)::pthread_attr_destroy(&attributes);
}

class Gateway {
 public:
  Gateway(std::string workload, std::string socket)
      : workload_(std::move(workload)),
        socket_(std::move(socket)),
        control_(MakeSocketControl(socket_)),
        reread_(std::make_shared<Reread>()) {}

  int Run() {
    if (auto blocked = BlockSignals(); !blocked.ok()) return Fail(blocked.error());
    for (int tries = 0; tries < kReconnectTries;) {
      auto outcome = ServeUntilDisconnected();
      if (outcome.ok() && *outcome == End::kSignal) return Quit();
      if (outcome.ok())
        tries = 0;
      else if (outcome.error().code() == kRpcBusy || outcome.error().code() < 0)
        ++tries;
      else
        return Fail(outcome.error());
      if (SignalCame(tries ? 200 : 0)) return Quit();
    }
    return Fail(Error("foster is gone"));
  }

 private:
  enum class End { kSignal, kDisconnected };

  int Fail(const Error& error) {
    std::fprintf(stderr, "foster serve %s: %s\n", workload_.c_str(), error.message().c_str());
    return 1;
  }

  // Handlers that wait for supervise past the grace end with the process: nothing is theirs to lose.
  int Quit() {
    if (server_ && !server_->Stop(kStopGrace)) ::_exit(0);
    return 0;
  }

  // Before the first thread, so that every one of them inherits it.
  Result<void> BlockSignals() {
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGTERM);
    sigaddset(&set, SIGINT);
    sigaddset(&set, SIGHUP);
    if (::sigprocmask(SIG_BLOCK, &set, nullptr) != 0) return Error::FromErrno("cannot block signals");
    (void)std::signal(SIGPIPE, SIG_IGN);  // a peer that left is seen by send()
    signals_.Reset(::signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK));
    return signals_ ? Ok() : Result<void>(Error::FromErrno("cannot make a signalfd"));
  }

  bool SignalCame(int timeout_ms) {
    pollfd entry = {signals_.get(), POLLIN, 0};
    return ::poll(&entry, 1, timeout_ms) > 0;
  }

  // One connection to supervise, for as long as it lives. The servers outlive it.
  Result<End> ServeUntilDisconnected() {
    FOSTER_ASSIGN(Client client, Client::Connect(socket_, Millis(800)));
    auto following = client.Call("events", Json(Json::Object()), kAskTimeout);
    if (!following.ok()) return following.error();
    FOSTER_TRY(Refresh(client));
    for (;;) {
      pollfd polls[2] = {{client.fd(), POLLIN, 0}, {signals_.get(), POLLIN, 0}};
      if (::poll(polls, 2, -1) < 0) continue;  // EINTR
      if (polls[1].revents) return End::kSignal;
      bool changed = false;
      for (;;) {
        auto next = client.Next(Millis(0));
        if (!next.ok()) return End::kDisconnected;
        if (!*next) break;
        changed |= (**next).params["kind"].AsString() == "workload";
      }
      if (changed || client.lagged()) FOSTER_TRY(Refresh(client));
    }
  }

  // Listens as supervise says now, if that is not what is listened to already.
  Result<void> Refresh(Client& client) {
    FOSTER_ASSIGN(GatewayConfig config, Ask(client, workload_));
    if (has_config_ && config == config_) return Ok();
    if (server_) (void)server_->Stop(kStopGrace);  // late handlers keep what they use
    server_.reset();
    config_ = std::move(config);
    has_config_ = true;
    return Listen();
  }

  Result<void> Listen() {
    SupervisordContext xml_rpc{control_, reread_, workload_,
                               config_.identifier.empty() ? "supervisor" : config_.identifier};
    RestContext rest{control_, workload_, config_.identifier.empty() ? workload_ : config_.identifier};
    std::vector<HttpEndpoint> endpoints;
    for (const auto& listener : config_.listeners) {
      FOSTER_ASSIGN(UniqueFd fd, OpenListener(listener));
      endpoints.push_back({std::move(fd), HandlerOf(listener, xml_rpc, rest)});
    }
    if (endpoints.empty()) return Ok();  // nothing to say until the workload's config asks for it
    FOSTER_ASSIGN(server_, HttpServer::Start(std::move(endpoints)));
    for (const auto& listener : config_.listeners)
      std::printf("listening on %s (%s)\n", AddressOf(listener).c_str(), listener.protocol.c_str());
    std::fflush(stdout);
    return Ok();
  }

  std::string workload_;
  std::string socket_;
  std::shared_ptr<Control> control_;
  std::shared_ptr<Reread> reread_;
  UniqueFd signals_;
  std::unique_ptr<HttpServer> server_;
  GatewayConfig config_;
  bool has_config_ = false;
};

}  // namespace

int RunGateway(const std::string& workload, const std::string& socket) {
  KeepMemorySmall();
  return Gateway(workload, socket).Run();
}

}  // namespace foster
