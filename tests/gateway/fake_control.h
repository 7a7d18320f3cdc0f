// SPDX-License-Identifier: MIT
// FakeControl: supervise as a map of services, for tests of the gateways' resources. It starts what is asked
// to start and stops what is asked to stop, or fails as it was told to; everything that was asked is kept.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "gateway/control.h"
#include "wire/status_codec.h"

namespace foster {

class FakeControl : public Control {
 public:
  void Add(const std::string& name, State state, const std::string& workload = "w") {
    ServiceStatus service;
    service.name = name;
    service.workload = workload;
    service.state = state;
    if (state == State::kRunning) {
      service.pid = 100;
      service.goal = Goal::kUp;
      service.started = "2026-11-21T06:22:00.000Z";
    }
    services[name] = service;
  }
  // The next up, down, restart or signal fails and leaves its services like this.
  void Fail(State state, std::string cause) { failure_ = {state, std::move(cause)}; }

  Result<Json> Call(std::string_view method, const Json& params, RpcFailure*) override {
    if (broken) return Error("the connection to foster broke", -1);
    asked.push_back(std::string(method) + " " + params.Dump());
    if (method == "status") return Status();
    auto reply = replies.find(std::string(method));
    if (reply != replies.end()) return reply->second;
    if (params["names"].is_array()) return Acted(params);
    return Json(Json::Object());
  }
  Result<Client> Connect() override { return Error("no socket here", -1); }

  // The last request that was no question for the status.
  std::string last() const {
    for (auto request = asked.rbegin(); request != asked.rend(); ++request)
      if (!request->starts_with("status") && !request->starts_with("plan")) return *request;
    return "";
  }

  std::map<std::string, ServiceStatus> services;
  std::map<std::string, Json> replies;
  std::vector<Json> workloads;
  std::vector<std::string> asked;
  bool broken = false;

 private:
  Json Status() const {
    Json list{Json::Array()};
    for (const auto& [name, service] : services) list.Push(ToJson(service));
    return Json().Set("services", std::move(list)).Set("workloads", Json(Json::Array(workloads)));
  }
  Json Acted(const Json& params) {
    Json results{Json::Array()};
    for (const auto& name : params["names"].AsArray()) {
      ServiceStatus service = services[name.AsString()];
      if (failure_) {
        service.state = failure_->first;
        service.cause = failure_->second;
      }
      Json result;
      result.Set("name", name).Set("ok", !failure_).Set("service", ToJson(service));
      if (failure_) result.Set("error", service.cause);
      results.Push(std::move(result));
    }
    failure_.reset();
    return Json().Set("results", std::move(results));
  }

  std::optional<std::pair<State, std::string>> failure_;
};

}  // namespace foster
