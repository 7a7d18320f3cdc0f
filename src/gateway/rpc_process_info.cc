// SPDX-License-Identifier: MIT
// What runs, and who answers: the methods that only read.
#include <unistd.h>

#include <ctime>

#include "gateway/process_info.h"
#include "gateway/rpc_methods.h"

namespace foster {
namespace {

Result<Json> GetApiVersion(RpcContext&, const Json::Array&) { return Json("3.0"); }

// supervisorctl shows it and compares nothing; scripts expect the shape of supervisord's own numbers.
Result<Json> GetSupervisorVersion(RpcContext&, const Json::Array&) { return Json("4.3.0"); }

Result<Json> GetIdentification(RpcContext& context, const Json::Array&) { return Json(context.identifier); }

Result<Json> GetState(RpcContext&, const Json::Array&) {
  Json state;
  state.Set("statecode", 1).Set("statename", "RUNNING");
  return state;
}

// The pid of supervise: what stands where supervisord stood.
Result<Json> GetPid(RpcContext& context, const Json::Array&) {
  auto hello = context.control.Call("hello", Json(Json::Object()));
  if (!hello.ok()) return FaultOf(hello.error());
  return Json((*hello)["supervise_pid"].AsInt(static_cast<std::int64_t>(::getpid())));
}

Result<Json> GetProcessInfo(RpcContext& context, const Json::Array& params) {
  FOSTER_ASSIGN(ServiceStatus service, ServiceNamed(context, params[0].AsString()));
  return ProcessInfo(service, std::time(nullptr));
}

Result<Json> GetAllProcessInfo(RpcContext& context, const Json::Array&) {
  FOSTER_ASSIGN(auto services, ServicesOf(context));
  Json all{Json::Array()};
  for (const auto& service : services) all.Push(ProcessInfo(service, std::time(nullptr)));
  return all;
}

constexpr RpcMethod kMethods[] = {
    {"supervisor.getAPIVersion", "s", 0, GetApiVersion, "The version of this interface."},
    {"supervisor.getVersion", "s", 0, GetApiVersion, "The version of this interface, by its old name."},
    {"supervisor.getSupervisorVersion", "s", 0, GetSupervisorVersion,
     "The version of supervisord whose interface this is."},
    {"supervisor.getIdentification", "s", 0, GetIdentification, "The identifier of the config in use."},
    {"supervisor.getState", "o", 0, GetState, "The state of the supervisor: statecode, statename."},
    {"supervisor.getPID", "i", 0, GetPid, "The pid of the supervisor."},
    {"supervisor.getProcessInfo", "os", 1, GetProcessInfo, "What is known of one process."},
    {"supervisor.getAllProcessInfo", "a", 0, GetAllProcessInfo, "What is known of every process."},
};

}  // namespace

std::span<const RpcMethod> ProcessInfoMethods() { return kMethods; }

}  // namespace foster
