// SPDX-License-Identifier: MIT
// reread, update, add, remove, reload, shutdown. supervisord changes its config group by group; foster's
// reload does all of a workload at once. So: reread is a plan; the first add (or remove) of something that
// changed reloads; those that follow find it done and say so.
#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "foster/diagnostic.h"
#include "gateway/process_info.h"
#include "gateway/rpc_methods.h"
#include "wire/status_codec.h"

namespace foster {
namespace {

std::string FirstError(const WorkloadStatus& workload) {
  for (const auto& diagnostic : workload.diagnostics)
    if (diagnostic.severity == Severity::kError)
      return fmt::format("{}:{}: {}", diagnostic.origin.file, diagnostic.origin.line, diagnostic.text);
  return "";
}

// An error in the workload's file, from the reply to `plan`, `reload` or from a refusal's data.
std::string ErrorIn(const Json& list, const std::string& workload) {
  for (const auto& entry : list.AsArray()) {
    bool ours = entry["name"].AsString() == workload || entry["workload"].AsString() == workload;
    if (!ours) continue;
    std::string text = FirstError(WorkloadStatusFromJson(entry));
    if (!text.empty()) return text;
  }
  return "";
}

GroupChanges ByGroup(const Json& changes, const std::string& workload,
                     const std::vector<ServiceStatus>& services) {
  struct Count {
    int added = 0;
    int removed = 0;
    int changed = 0;
    int existing = 0;
  };
  std::map<std::string, Count> counts;
  for (const auto& service : services) ++counts[NamespecOf(service).group].existing;
  for (const auto& entry : changes.AsArray()) {
    const std::string& name = entry["name"].AsString();
    if (!name.starts_with(workload + "/")) continue;
    auto known = std::find_if(services.begin(), services.end(),
                              [&](const ServiceStatus& service) { return service.name == name; });
    ServiceStatus unknown;
    unknown.name = name;
    unknown.group = entry["group"].AsString();
    Count& count = counts[NamespecOf(known == services.end() ? unknown : *known).group];
    const std::string& change = entry["change"].AsString();
    if (change == "added") ++count.added;
    if (change == "removed") ++count.removed;
    if (change == "changed") ++count.changed;
  }
  GroupChanges groups;
  for (const auto& [group, count] : counts) {
    if (count.added + count.removed + count.changed == 0) continue;
    if (count.existing == 0)
      groups.added.push_back(group);
    else if (count.removed == count.existing && count.added == 0)
      groups.removed.push_back(group);
    else
      groups.changed.push_back(group);
  }
  return groups;
}

Result<GroupChanges> PlannedChanges(RpcContext& context) {
  FOSTER_ASSIGN(auto services, ServicesOf(context));
  RpcFailure failure;
  auto plan = context.control.Call("plan", Json(Json::Object()), &failure);
  if (!plan.ok()) {
    std::string refused = ErrorIn(failure.data["refused"], context.workload);
    return refused.empty() ? FaultOf(plan.error()) : Fault(kFaultCantReread, refused);
  }
  // `refused` is what cannot be read now; `workloads` tells what could not be read when its seed was taken.
  std::string error = ErrorIn((*plan)["refused"], context.workload);
  if (error.empty()) error = ErrorIn((*plan)["workloads"], context.workload);
  if (!error.empty()) return Fault(kFaultCantReread, error);
  return ByGroup((*plan)["changes"], context.workload, services);
}

Result<void> Reload(RpcContext& context) {
  Json params;
  params.Set("workload", context.workload);
  RpcFailure failure;
  auto reply = context.control.Call("reload", params, &failure);
  if (reply.ok()) {
    std::string refused = ErrorIn((*reply)["refused"], context.workload);
    if (refused.empty()) context.reread.Applied();
    return refused.empty() ? Ok() : Result<void>(Fault(kFaultCantReread, refused));
  }
  if (reply.error().code() != kRpcRefused) return FaultOf(reply.error());
  Json refusal;
  refusal.Set("name", context.workload).Set("diagnostics", failure.data["diagnostics"]);
  std::string text = FirstError(WorkloadStatusFromJson(refusal));
  return Fault(kFaultCantReread, text.empty() ? reply.error().message() : text);
}

bool Contains(const std::vector<std::string>& list, const std::string& item) {
  return std::find(list.begin(), list.end(), item) != list.end();
}

bool AnyRuns(const std::vector<ServiceStatus>& services) {
  return std::any_of(services.begin(), services.end(), [](const ServiceStatus& service) {
    SupervisordState state = SupervisordStateOf(service.state);
    return IsRunningState(state) || state == SupervisordState::kStopping;
  });
}

Result<Json> ReloadConfig(RpcContext& context, const Json::Array&) {
  FOSTER_ASSIGN(GroupChanges changes, PlannedChanges(context));
  context.reread.Remember(changes, context.client);
  auto list = [](const std::vector<std::string>& groups) {
    Json array{Json::Array()};
    for (const auto& group : groups) array.Push(group);
    return array;
  };
  Json three = Json().Push(list(changes.added)).Push(list(changes.changed)).Push(list(changes.removed));
  return Json().Push(std::move(three));
}

Result<Json> AddProcessGroup(RpcContext& context, const Json::Array& params) {
  const std::string& group = params[0].AsString();
  FOSTER_ASSIGN(GroupChanges changes, PlannedChanges(context));
  bool announced = context.reread.TakeAddable(group);
  bool changes_now = Contains(changes.added, group) || Contains(changes.changed, group);
  if (changes_now) FOSTER_TRY(Reload(context));
  FOSTER_ASSIGN(auto services, ServicesOfGroup(context, group));
  if (!changes_now && !announced && AnyRuns(services)) return Fault(kFaultAlreadyAdded, group);
  // The stop that came before a changed group's add has left its goal down.
  std::vector<std::string> names;
  for (const auto& service : services)
    if (service.autostart && service.goal == Goal::kDown) names.push_back(service.name);
  auto started = Act(context.control, "up", names, Wait::kNo);
  if (!started.ok()) return FaultOf(started.error());
  return Json(true);
}

Result<Json> RemoveProcessGroup(RpcContext& context, const Json::Array& params) {
  const std::string& group = params[0].AsString();
  bool announced = context.reread.TakeRemovable(group);
  auto services = ServicesOfGroup(context, group);
  if (!services.ok()) {
    bool gone = services.error().code() == kFaultBadName && announced;
    return gone ? Result<Json>(Json(true)) : services.error();
  }
  FOSTER_ASSIGN(GroupChanges changes, PlannedChanges(context));
  if (Contains(changes.removed, group)) {
    if (AnyRuns(*services)) return Fault(kFaultStillRunning, group);
    // The changed groups of an update come next, each stopped first: a reload now would restart them while
    // they run, and their add once more. The add of the first of them reloads; until then this one is
    // stopped.
    if (!context.reread.HasMoreChanged(context.client)) FOSTER_TRY(Reload(context));
    return Json(true);
  }
  // It stays in the file: stopped is as removed as it gets, until add starts it again.
  if (!announced && AnyRuns(*services)) return Fault(kFaultStillRunning, group);
  return Json(true);
}

Result<Json> GetAllConfigInfo(RpcContext& context, const Json::Array&) {
  FOSTER_ASSIGN(auto services, ServicesOf(context));
  Json all{Json::Array()};
  for (const auto& service : services) {
    Namespec name = NamespecOf(service);
    Json info;
    info.Set("autostart", service.autostart).Set("group", name.group).Set("name", name.process);
    info.Set("inuse", true).Set("group_prio", service.priority).Set("process_prio", service.priority);
    info.Set("directory", "none").Set("command", "").Set("serverurl", "none").Set("uid", "none");
    auto file = [](const std::string& path) { return path.empty() ? std::string("none") : path; };
    info.Set("stdout_logfile", file(service.stdout_file)).Set("stderr_logfile", file(service.stderr_file));
    all.Push(std::move(info));
  }
  return all;
}

// In supervisord this ends the daemon. Here it ends this workload's services and nothing else: no client of a
// workload takes the container down.
Result<Json> Shutdown(RpcContext& context, const Json::Array&) {
  FOSTER_ASSIGN(auto services, ServicesOf(context));
  std::vector<std::string> names;
  for (const auto& service : services) names.push_back(service.name);
  auto stopped = Act(context.control, "down", names, Wait::kNo);
  if (!stopped.ok()) return FaultOf(stopped.error());
  return Json(true);
}

// `supervisorctl reload`: the file anew, then all as after a start. A file that is not valid changes nothing.
Result<Json> Restart(RpcContext& context, const Json::Array&) {
  FOSTER_TRY(Reload(context));
  FOSTER_ASSIGN(auto services, ServicesOf(context));
  std::vector<std::string> restarted;
  std::vector<std::string> stopped;
  for (const auto& service : services) (service.autostart ? restarted : stopped).push_back(service.name);
  auto down = Act(context.control, "down", stopped, Wait::kNo);
  if (!down.ok()) return FaultOf(down.error());
  auto up = Act(context.control, "restart", restarted, Wait::kNo);
  if (!up.ok()) return FaultOf(up.error());
  return Json(true);
}

constexpr RpcMethod kMethods[] = {
    {"supervisor.reloadConfig", "a", 0, ReloadConfig, "Read the config: groups added, changed, removed."},
    {"supervisor.addProcessGroup", "bs", 1, AddProcessGroup, "Put a group of the config to use."},
    {"supervisor.removeProcessGroup", "bs", 1, RemoveProcessGroup, "Remove a stopped group."},
    {"supervisor.getAllConfigInfo", "a", 0, GetAllConfigInfo, "What the config says of every process."},
    {"supervisor.shutdown", "b", 0, Shutdown, "Stop all services of this workload."},
    {"supervisor.restart", "b", 0, Restart, "Reload the config and restart all services of this workload."},
};

}  // namespace

std::span<const RpcMethod> ConfigMethods() { return kMethods; }

}  // namespace foster
