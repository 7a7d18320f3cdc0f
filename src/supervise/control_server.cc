// SPDX-License-Identifier: MIT
#include "supervise/control_server.h"

#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <utility>

#include "sys/memfd.h"
#include "sys/unix_socket.h"
#include "wire/status_codec.h"

namespace foster {
namespace {

constexpr int kBacklog = 128;

void MakeParent(const std::string& path) {
  auto slash = path.rfind('/');
  if (slash != std::string::npos && slash > 0) (void)mkdir(path.substr(0, slash).c_str(), 0755);
}

}  // namespace

ControlServer::ControlServer(Loop& loop, Timers& timers, Store& store, Voice& voice)
    : loop_(loop), timers_(timers), store_(store), voice_(voice) {}

ControlServer::~ControlServer() {
  if (listener_) loop_.Unwatch(listener_.get());
}

void ControlServer::Add(const std::string& name, Access needs, std::function<void(const CallPointer&)> run) {
  methods_[name] = {needs, std::move(run)};
}

void ControlServer::Open(const std::string& path) {
  path_ = path;
  MakeParent(path);  // what is wrong with it shows at bind
  auto listener = ListenUnix(path, kBacklog);
  if (!listener.ok()) {
    voice_.Say("control socket: " + listener.error().message() + "; services run, svc cannot reach them");
    timers_.In(Millis(60'000), [this, path] { Open(path); });
    return;
  }
  listener_ = std::move(*listener);
  store_.Put(kStoreControl, [this](InitChannel::Fds* fds) {
    auto copy = Duplicate(listener_.get());
    if (copy.ok()) fds->push_back(std::move(*copy));
    return copy.ok();
  });
  Watch();
}

void ControlServer::Resume(UniqueFd listener, const std::string& path) {
  std::string bound = BoundPath(listener.get());
  if (bound.empty()) {  // somebody removed it
    Open(path);
    return;
  }
  path_ = bound;
  listener_ = std::move(listener);
  Watch();
}

void ControlServer::Watch() {
  auto watched = loop_.Watch(listener_.get(), kReadable, [this](unsigned) { Accept(); });
  if (!watched.ok()) voice_.Say("control socket: " + watched.error().message());
}

void ControlServer::Accept() {
  for (int turn = 0; turn < 32; ++turn) {
    auto fd = AcceptUnix(listener_.get());
    if (!fd.ok() && fd.error().code() != EAGAIN && fd.error().code() != ECONNABORTED) {
      // No fds left: the backlog keeps the callers until there are some.
      loop_.Change(listener_.get(), 0);
      timers_.In(Millis(200), [this] { loop_.Change(listener_.get(), kReadable); });
    }
    if (!fd.ok()) return;
    if (connections_.size() >= kMaxConnections) {
      (void)WriteSome(fd->get(),
                      FailureLine(Json(), {kRpcBusy, "too many connections", Json()}));  // best effort
      continue;
    }
    auto uid = PeerUid(fd->get());
    Access access = uid.ok() ? AccessOf(*uid, geteuid()) : Access::kRead;
    Connection::Id id = next_id_++;
    auto connection = std::make_unique<Connection>(loop_, id, std::move(*fd), access);
    auto started = connection->Start([this](Connection& from, LineSplitter::Kind kind,
                                            const std::string& line) { Serve(from, kind, line); },
                                     [this](Connection::Id ended) { Bury(ended); });
    if (started.ok()) connections_[id] = std::move(connection);
  }
}

// Deleted from the loop, not from inside its own callbacks.
void ControlServer::Bury(Connection::Id id) {
  timers_.In(Millis(0), [this, id] {
    connections_.erase(id);
    if (on_end_) on_end_(id);
  });
}

void ControlServer::Serve(Connection& connection, LineSplitter::Kind kind, const std::string& line) {
  if (kind == LineSplitter::Kind::kTooLong) {
    connection.Send(FailureLine(Json(), {kRpcInvalidRequest, "a line longer than 1 MiB", Json()}));
    return;
  }
  RpcParse parse = ParseRequest(line);
  if (!parse.request) {
    connection.Send(FailureLine(parse.id, parse.failure));
    return;
  }
  if (connection.in_flight >= Connection::kMaxInFlight) {
    connection.Send(FailureLine(parse.id, {kRpcBusy, "too many requests in flight", Json()}));
    return;
  }
  if (!MustWait(connection, &*parse.request)) Run(connection, std::move(*parse.request));
}

bool ControlServer::MustWait(const Connection& connection, RpcRequest* request) {
  if (answers_all_ || request->method == "hello" || methods_.count(request->method) == 0) return false;
  auto is_its = [&](const auto& one) { return one.first == connection.id(); };
  if (std::count_if(waiting_.begin(), waiting_.end(), is_its) >=
      static_cast<std::ptrdiff_t>(Connection::kMaxInFlight))
    return false;
  waiting_.emplace_back(connection.id(), std::move(*request));
  return true;
}

void ControlServer::AnswerAll() {
  answers_all_ = true;
  for (auto& [id, request] : std::exchange(waiting_, {}))
    if (Connection* connection = Find(id)) Run(*connection, std::move(request));
}

void ControlServer::Run(Connection& connection, RpcRequest request) {
  auto method = methods_.find(request.method);
  Json request_id = request.id;
  std::string name = request.method;
  ++connection.in_flight;
  auto answer = [this, id = connection.id(), request_id](const std::string* text, const RpcFailure* failure) {
    Answer(id, request_id, text, failure);
  };
  auto call = std::make_shared<Call>(connection, std::move(request), answer);
  if (method == methods_.end()) {
    call->Fail(kRpcMethodNotFound, "no method '" + name.substr(0, 100) + "'");
  } else if (method->second.needs == Access::kFull && connection.access() != Access::kFull) {
    call->Fail(kRpcNotAllowed, "'" + name + "' is for root and foster's own user; others may read");
  } else {
    method->second.run(call);
  }
}

void ControlServer::Answer(Connection::Id id, const Json& request_id, const std::string* text,
                           const RpcFailure* failure) {
  Connection* connection = Find(id);
  if (connection == nullptr) return;
  --connection->in_flight;
  if (request_id.is_null()) return;  // a notification
  std::string line = text != nullptr ? ResultTextLine(request_id, *text) : FailureLine(request_id, *failure);
  if (line.size() > Connection::kMaxUnsent)
    line = FailureLine(request_id,
                       {kRpcFailed, "the answer is longer than 4 MiB: ask for fewer services", Json()});
  connection->Send(line);
}

Connection* ControlServer::Find(Connection::Id id) {
  auto found = connections_.find(id);
  return found == connections_.end() || found->second->ended() ? nullptr : found->second.get();
}

void ControlServer::ForEach(const std::function<void(Connection&)>& visit) {
  for (auto& [id, connection] : connections_)
    if (!connection->ended()) visit(*connection);
}

bool ControlServer::anyone_follows_events() const {
  for (const auto& [id, connection] : connections_)
    if (connection->follows_events && !connection->ended()) return true;
  return false;
}

void ControlServer::Publish(const EventRecord& event) {
  std::string line = NotificationLine("event", ToJson(event));
  ForEach([&](Connection& connection) {
    if (connection.follows_events) connection.Send(line);
  });
}

}  // namespace foster
