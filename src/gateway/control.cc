// SPDX-License-Identifier: MIT
#include "gateway/control.h"

#include <algorithm>
#include <condition_variable>
#include <mutex>

#include "wire/status_codec.h"

namespace foster {
namespace {

constexpr Millis kPatience(3'000);  // supervise is back within a second
constexpr Millis kBusyPatience(10'000);
constexpr Millis kCallTimeout(3'600'000);  // a stop may take its whole grace, a start its readiness

class SocketControl : public Control {
 public:
  explicit SocketControl(std::string path) : path_(std::move(path)) {}

  Result<Json> Call(std::string_view method, const Json& params, RpcFailure* failure) override {
    Slot slot(this);
    if (!slot.taken) return Error("cannot ask foster: too many requests wait already", kRpcBusy);
    FOSTER_ASSIGN(Client client, Connect());
    auto result = client.Call(method, params, kCallTimeout);
    if (!result.ok() && failure) *failure = client.last_failure();
    return result;
  }

  Result<Client> Connect() override { return Client::Connect(path_, kPatience); }

 private:
  struct Slot {
    explicit Slot(SocketControl* owner) : control(owner) {
      std::unique_lock lock(control->mutex_);
      taken =
          control->freed_.wait_for(lock, kBusyPatience, [&] { return control->calls_ < kMaxControlCalls; });
      if (taken) ++control->calls_;
    }
    ~Slot() {
      if (!taken) return;
      std::lock_guard lock(control->mutex_);
      --control->calls_;
      control->freed_.notify_one();
    }
    SocketControl* control;
    bool taken = false;
  };

  std::string path_;
  std::mutex mutex_;
  std::condition_variable freed_;
  int calls_ = 0;
};

std::vector<ActionResult> ReadResults(const Json& reply) {
  std::vector<ActionResult> results;
  for (const auto& entry : reply["results"].AsArray())
    results.push_back({entry["name"].AsString(), entry["ok"].AsBool(), entry["error"].AsString(),
                       ServiceStatusFromJson(entry["service"])});
  return results;
}

Json NameArray(const std::vector<std::string>& names) {
  Json array{Json::Array()};
  for (const auto& name : names) array.Push(name);
  return array;
}

}  // namespace

std::unique_ptr<Control> MakeSocketControl(std::string path) {
  return std::make_unique<SocketControl>(std::move(path));
}

Result<WorkloadView> ViewWorkload(Control& control, const std::string& workload) {
  // All of them, and then ours: a pattern `workload/` that matches nothing would be an error.
  FOSTER_ASSIGN(Json reply, control.Call("status", Json(Json::Object())));
  WorkloadView view;
  for (const auto& entry : reply["services"].AsArray())
    if (entry["workload"].AsString() == workload && !entry["internal"].AsBool())
      view.services.push_back(ServiceStatusFromJson(entry));
  for (const auto& entry : reply["workloads"].AsArray())
    if (entry["name"].AsString() == workload) view.workload = WorkloadStatusFromJson(entry);
  std::sort(view.services.begin(), view.services.end(),
            [](const ServiceStatus& a, const ServiceStatus& b) { return a.name < b.name; });
  return view;
}

Result<std::vector<ActionResult>> Act(Control& control, std::string_view verb,
                                      const std::vector<std::string>& names, Wait wait, Millis patience) {
  if (names.empty()) return std::vector<ActionResult>();
  Json params;
  params.Set("names", NameArray(names)).Set("wait", wait == Wait::kYes);
  if (wait == Wait::kYes) params.Set("timeout_ms", patience.count());
  if (verb == "down")
    params.Set("alone", true);  // the clients of both formats stop what they name, and no more
  FOSTER_ASSIGN(Json reply, control.Call(verb, params));
  return ReadResults(reply);
}

Result<std::vector<ActionResult>> Signal(Control& control, const std::vector<std::string>& names, int signal,
                                         std::string_view scope) {
  if (names.empty()) return std::vector<ActionResult>();
  Json params;
  params.Set("names", NameArray(names)).Set("signal", signal).Set("scope", scope);
  FOSTER_ASSIGN(Json reply, control.Call("signal", params));
  return ReadResults(reply);
}

}  // namespace foster
