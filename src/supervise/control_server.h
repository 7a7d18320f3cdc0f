// SPDX-License-Identifier: MIT
// ControlServer: the control socket: accepts, checks access, hands requests to methods, sends answers, events
// and log lines. Not: what the methods do (methods_*.cc). Called by: Supervisor. Invariants: at most
// kMaxConnections; a bad line is answered and the connection lives; an answer over 1 MiB becomes an error;
// the listening socket is in init's store, so clients that come while supervise is away wait for the next
// one.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "foster/service_status.h"
#include "supervise/connection.h"
#include "supervise/logs.h"
#include "supervise/store.h"
#include "supervise/timers.h"
#include "supervise/voice.h"

namespace foster {

// One request under way. The answer is given once, now or later.
class Call {
 public:
  // `text`: of a result, as JSON.
  using Answer = std::function<void(const std::string* text, const RpcFailure* failure)>;
  Call(Connection& connection, RpcRequest request, Answer answer)
      : connection_id(connection.id()),
        access(connection.access()),
        params(std::move(request.params)),
        answer_(std::move(answer)) {}

  void Succeed(const Json& result) const { SucceedText(result.Dump()); }
  void SucceedText(const std::string& result) const { answer_(&result, nullptr); }
  void Fail(int code, std::string message, Json data = Json()) const {
    RpcFailure failure{code, std::move(message), std::move(data)};
    answer_(nullptr, &failure);
  }

  const Connection::Id connection_id;
  const Access access;
  const Json params;

 private:
  Answer answer_;
};
using CallPointer = std::shared_ptr<Call>;

struct Method {
  Access needs = Access::kRead;
  std::function<void(const CallPointer& call)> run;
};

inline constexpr std::string_view kStoreControl = "control-socket";  // [0] listening socket

class ControlServer {
 public:
  static constexpr std::size_t kMaxConnections = 128;

  ControlServer(Loop& loop, Timers& timers, Store& store, Voice& voice);
  ~ControlServer();

  void Add(const std::string& name, Access needs, std::function<void(const CallPointer&)> run);
  // Listens at `path`, or goes on with the socket of a former supervise. Never fails for good: what went
  // wrong is said.
  void Open(const std::string& path);
  void Resume(UniqueFd listener, const std::string& path);
  const std::string& path() const { return path_; }

  Connection* Find(Connection::Id id);
  void OnConnectionEnd(std::function<void(Connection::Id)> on_end) { on_end_ = std::move(on_end); }
  void ForEach(const std::function<void(Connection&)>& visit);

  // Until the plan is known only `hello` is answered; what else is asked waits for this call.
  void AnswerAll();

  void Publish(const EventRecord& event);
  bool anyone_follows_events() const;

 private:
  void Watch();
  void Accept();
  void Serve(Connection& connection, LineSplitter::Kind kind, const std::string& line);
  void Run(Connection& connection, RpcRequest request);
  void Answer(Connection::Id id, const Json& request_id, const std::string* text, const RpcFailure* failure);
  void Bury(Connection::Id id);
  bool MustWait(const Connection& connection, RpcRequest* request);

  Loop& loop_;
  Timers& timers_;
  Store& store_;
  Voice& voice_;
  UniqueFd listener_;
  std::string path_;
  std::map<std::string, Method> methods_;
  std::map<Connection::Id, std::unique_ptr<Connection>> connections_;
  std::function<void(Connection::Id)> on_end_;
  Connection::Id next_id_ = 1;
  bool answers_all_ = false;
  std::vector<std::pair<Connection::Id, RpcRequest>> waiting_;  // bounded by kMaxInFlight a connection
};

}  // namespace foster
