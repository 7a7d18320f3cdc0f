// SPDX-License-Identifier: MIT
#include <unistd.h>

#include <algorithm>

#include "supervise/internal_services.h"
#include "supervise/methods.h"
#include "sys/clock.h"
#include "wire/plan_codec.h"
#include "wire/status_codec.h"

namespace foster {
namespace {

std::string HostName() {
  char name[256] = {};
  return gethostname(name, sizeof name - 1) == 0 ? name : "";
}

Json Services(const MethodParts& parts, const std::vector<std::string>& names) {
  Json services{Json::Array{}};
  for (const std::string& name : names) {
    ServiceId id = parts.driver.engine().Find(name);
    if (id != kNoService) services.Push(ToJson(parts.publisher.StatusOf(id)));
  }
  return services;
}

Json Snapshot(const MethodParts& parts, const std::vector<std::string>& names) {
  Json result;
  result.Set("sequence", parts.publisher.sequence())
      .Set("services", Services(parts, names))
      .Set("workloads", ToJson(parts.publisher.Workloads()));
  return result;
}

void Hello(const MethodParts& parts, const CallPointer& call) {
  const Surroundings& around = parts.surroundings;
  Json result;
  result.Set("name", "foster")
      .Set("version", FOSTER_VERSION)
      .Set("protocol", kControlProtocolVersion)
      .Set("pid", around.init_pid)
      .Set("supervise_pid", static_cast<int>(getpid()))
      .Set("pid1", around.pid1)
      .Set("safe", around.safe)
      .Set("access", NameOf(call->access))
      .Set("state", parts.ending.begun() ? "stopping"
                    : around.booted      ? "running"
                                         : "booting")
      .Set("host", HostName())
      .Set("boot_time", ToRfc3339(around.boot_time))
      .Set("workloads", ToJson(parts.publisher.Workloads()));
  call->Succeed(result);
}

void Events(const MethodParts& parts, const CallPointer& call) {
  auto names = NamesOf(parts.driver.engine(), parts.planner.plan(), {}, true);
  call->Succeed(Snapshot(parts, names.ok() ? *names : std::vector<std::string>()));
  Connection* connection = parts.server.Find(call->connection_id);
  if (connection == nullptr) return;
  connection->follows_events = true;
  parts.publisher.Listen([&server = parts.server](const EventRecord& event) { server.Publish(event); });
}

Json ToJson(const Listener& listener) {
  Json json;
  json.Set("protocol", listener.protocol)
      .Set("host", listener.host)
      .Set("port", static_cast<int>(listener.port))
      .Set("path", listener.path)
      .Set("mode", listener.mode)
      .Set("owner", listener.owner)
      .Set("username", listener.username)
      .Set("password", listener.password);
  return json;
}

void OneWorkload(const MethodParts& parts, const CallPointer& call) {
  const std::string& name = call->params["name"].AsString();
  const auto& workloads = parts.planner.plan().workloads;
  for (std::size_t i = 0; i < workloads.size(); ++i) {
    if (workloads[i].name != name) continue;
    Json listeners{Json::Array{}};
    for (const Listener& listener : workloads[i].listeners) listeners.Push(ToJson(listener));
    Json services{Json::Array{}};
    for (const ServiceSpec& spec : parts.planner.plan().services)
      if (spec.workload == name) services.Push(spec.name);
    Json result;
    result.Set("workload", ToJson(parts.publisher.Workloads()[i]))
        .Set("listeners", std::move(listeners))
        .Set("identifier", workloads[i].identifier)
        .Set("services", std::move(services));
    call->Succeed(result);
    return;
  }
  call->Fail(name.empty() ? kRpcInvalidParams : kRpcNoSuchService,
             name.empty() ? "'name' must be a workload's name" : "no workload '" + name + "'");
}

void Unfollow(const MethodParts& parts, const CallPointer& call) {
  if (Connection* connection = parts.server.Find(call->connection_id)) {
    connection->follows_events = false;
    connection->follow = LogFollow{};
  }
  if (!parts.server.anyone_follows_events()) parts.publisher.Listen(nullptr);
  parts.followers.Renew();
  call->Succeed(Json(Json::Object{}));
}

}  // namespace

Json ToJson(const std::vector<WorkloadStatus>& workloads) {
  Json json{Json::Array{}};
  for (const WorkloadStatus& workload : workloads) json.Push(ToJson(workload));
  return json;
}

Result<std::vector<std::string>> PatternsIn(const Json& params) {
  const Json& names = params["names"];
  if (!names.is_null() && !names.is_array()) return Error("'names' must be an array of strings");
  std::vector<std::string> patterns;
  for (const Json& name : names.AsArray()) {
    if (!name.is_string() || name.AsString().empty()) return Error("'names' must be an array of strings");
    patterns.push_back(name.AsString());
  }
  if (patterns.size() > kMaxServices) return Error("too many names");
  return patterns;
}

Result<std::vector<std::string>> NamesOf(const Engine& engine, const Plan& plan,
                                         const std::vector<std::string>& patterns, bool internals) {
  std::vector<Nameable> all;
  for (ServiceId id = 0; id < engine.capacity(); ++id) {
    if (!engine.Exists(id)) continue;
    const ServiceSpec& spec = engine.spec(id);
    all.push_back({spec.name, spec.workload, spec.directory, spec.internal});
  }
  std::sort(all.begin(), all.end(), [](const Nameable& a, const Nameable& b) { return a.name < b.name; });
  return MatchNames(patterns, all, plan.bundles, internals);
}

std::optional<std::vector<std::string>> ResolveNames(const MethodParts& parts, const CallPointer& call,
                                                     bool needs_names) {
  auto patterns = PatternsIn(call->params);
  if (!patterns.ok() || (needs_names && patterns->empty())) {
    call->Fail(kRpcInvalidParams,
               patterns.ok() ? "'names' must name at least one service" : patterns.error().message());
    return std::nullopt;
  }
  bool internals = call->params["all"].AsBool();
  auto names = NamesOf(parts.driver.engine(), parts.planner.plan(), *patterns, internals);
  if (!names.ok()) {
    call->Fail(kRpcNoSuchService, names.error().message());
    return std::nullopt;
  }
  return *names;
}

void AddReadMethods(MethodParts parts) {
  auto add = [&parts](const char* name, Access needs, auto run) {
    parts.server.Add(name, needs, [parts, run](const CallPointer& call) { run(parts, call); });
  };
  add("hello", Access::kRead, Hello);
  add("status", Access::kRead, [](const MethodParts& of, const CallPointer& call) {
    const Json& words = call->params["names"];
    // foster's own log has a name and no service: a client that asks for both gets an empty list, no error.
    bool is_own_log = words.AsArray().size() == 1 && words.AsArray()[0].AsString() == kOwnLogName;
    auto names = is_own_log ? std::optional(std::vector<std::string>()) : ResolveNames(of, call, false);
    if (names) call->Succeed(Snapshot(of, *names));
  });
  add("events", Access::kRead, Events);
  add("workload", Access::kFull, OneWorkload);
  add("unfollow", Access::kRead, Unfollow);
}

}  // namespace foster
