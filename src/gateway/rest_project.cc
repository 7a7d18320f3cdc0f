// SPDX-License-Identifier: MIT
// /project/..., /namespaces, /graph: the workload as a whole.
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <set>

#include "gateway/process_state.h"
#include "gateway/rest_gateway.h"
#include "gateway/time_text.h"

namespace foster {
namespace {

std::string UserName() {
  const char* name = std::getenv("USER");
  if (name && *name) return name;
  return ::geteuid() == 0 ? "root" : std::to_string(::geteuid());
}

HttpResponse GetState(const RestContext& context) {
  auto hello = context.control->Call("hello", Json(Json::Object()));
  auto view = ViewWorkload(*context.control, context.workload);
  if (!hello.ok() || !view.ok())
    return RestError(500, hello.ok() ? view.error().message() : hello.error().message());
  const std::string& boot = (*hello)["boot_time"].AsString();
  std::int64_t boot_ms = EpochMillis(boot);
  std::int64_t now_ms =
      std::chrono::duration_cast<Millis>(std::chrono::system_clock::now().time_since_epoch()).count();
  const WorkloadStatus& workload = view->workload;
  Json files{Json::Array()};
  files.Push(workload.source == "seed" ? workload.seed : workload.project);
  Json state;
  state.Set("fileNames", std::move(files));
  state.Set("upTime", boot_ms ? std::max<std::int64_t>(now_ms - boot_ms, 0) * 1'000'000 : 0);
  state.Set("startTime", boot).Set("processNum", static_cast<std::int64_t>(view->services.size()));
  state.Set("runningProcessNum", static_cast<std::int64_t>(std::count_if(
                                     view->services.begin(), view->services.end(), ComposeIsRunning)));
  state.Set("userName", UserName()).Set("version", "foster " FOSTER_VERSION);
  state.Set("projectName", context.project_name);
  return RestJson(200, state);
}

HttpResponse GetNamespaces(const RestContext& context) {
  auto view = ViewWorkload(*context.control, context.workload);
  if (!view.ok()) return RestError(500, view.error().message());
  std::set<std::string> names;
  for (const auto& service : view->services) names.insert(ComposeNamespace(service));
  Json list{Json::Array()};
  for (const auto& name : names) list.Push(name);
  return RestJson(200, list);
}

// Ends the workload's services; the answer comes when they have ended. The gateway and the container stay.
HttpResponse Stop(const RestContext& context) {
  auto view = ViewWorkload(*context.control, context.workload);
  if (!view.ok()) return RestError(500, view.error().message());
  std::vector<std::string> names;
  for (const auto& service : view->services) names.push_back(service.name);
  auto results = Act(*context.control, "down", names, Wait::kYes);
  if (!results.ok()) return RestError(400, results.error().message());
  for (const auto& result : *results)
    if (!result.ok) return RestError(400, result.name + ": " + result.error);
  return RestJson(200, Json().Set("status", "stopped"));
}

}  // namespace

HttpResponse ServeProject(const RestContext& context, const HttpRequest& request,
                          const std::vector<std::string>& path) {
  const std::string& method = request.method;
  if (path.size() == 1 && path[0] == "namespaces" && method == "GET") return GetNamespaces(context);
  if (path.size() != 2 || path[0] != "project") return RestNotFound();
  if (path[1] == "state" && method == "GET") return GetState(context);
  if (path[1] == "name" && method == "GET")
    return RestJson(200, Json().Set("projectName", context.project_name));
  if (path[1] == "stop" && method == "POST") return Stop(context);
  return RestNotFound();
}

}  // namespace foster
