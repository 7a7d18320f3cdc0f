// SPDX-License-Identifier: MIT
#include "gateway/rpc_methods.h"

#include <algorithm>

namespace foster {
namespace {

std::string_view NameOf(RpcFault code) {
  switch (code) {
    case kFaultUnknownMethod:
      return "UNKNOWN_METHOD";
    case kFaultIncorrectParameters:
      return "INCORRECT_PARAMETERS";
    case kFaultBadArguments:
      return "BAD_ARGUMENTS";
    case kFaultSignatureUnsupported:
      return "SIGNATURE_UNSUPPORTED";
    case kFaultShutdownState:
      return "SHUTDOWN_STATE";
    case kFaultBadName:
      return "BAD_NAME";
    case kFaultBadSignal:
      return "BAD_SIGNAL";
    case kFaultNoFile:
      return "NO_FILE";
    case kFaultNotExecutable:
      return "NOT_EXECUTABLE";
    case kFaultFailed:
      return "FAILED";
    case kFaultAbnormalTermination:
      return "ABNORMAL_TERMINATION";
    case kFaultSpawnError:
      return "SPAWN_ERROR";
    case kFaultAlreadyStarted:
      return "ALREADY_STARTED";
    case kFaultNotRunning:
      return "NOT_RUNNING";
    case kFaultSuccess:
      return "SUCCESS";
    case kFaultAlreadyAdded:
      return "ALREADY_ADDED";
    case kFaultStillRunning:
      return "STILL_RUNNING";
    case kFaultCantReread:
      return "CANT_REREAD";
  }
  return "FAILED";
}

bool KindMatches(char kind, const Json& value) {
  switch (kind) {
    case 's':
      return value.is_string();
    case 'i':
      return value.is_int();
    // Old clients send booleans as 0 and 1; a signal may come as its number.
    case 'b':
      return value.is_bool() || value.is_int();
    case 'x':
      return value.is_string() || value.is_int();
    case 'a':
      return value.is_array();
    default:
      return false;
  }
}

}  // namespace

Error Fault(RpcFault code, std::string_view extra) {
  std::string text(NameOf(code));
  if (!extra.empty()) text += ": " + std::string(extra);
  return Error(text, code);
}

Error FaultOf(const Error& error) {
  if (error.code() == kRpcBusy) return Fault(kFaultShutdownState, error.message());
  return Fault(kFaultFailed, error.message());
}

std::vector<const RpcMethod*> AllMethods() {
  std::vector<const RpcMethod*> all;
  for (auto family :
       {ProcessInfoMethods(), StartStopMethods(), LogMethods(), ConfigMethods(), SystemMethods()})
    for (const auto& method : family) all.push_back(&method);
  std::sort(all.begin(), all.end(), [](const RpcMethod* a, const RpcMethod* b) { return a->name < b->name; });
  return all;
}

Result<Json> CallMethod(RpcContext& context, std::string_view method, const Json::Array& params) {
  for (const RpcMethod* known : AllMethods()) {
    if (known->name != method) continue;
    if (params.size() < known->required || params.size() + 1 > known->signature.size())
      return Fault(kFaultIncorrectParameters);
    for (std::size_t i = 0; i < params.size(); ++i)
      if (!KindMatches(known->signature[i + 1], params[i])) return Fault(kFaultIncorrectParameters);
    // What `supervisorctl update` sends between the first and the last of its changes, and nothing else does.
    bool is_of_update = method.ends_with("ProcessGroup") && !method.starts_with("supervisor.signal");
    if (!is_of_update) context.reread.EndUpdate(context.client);
    return known->run(context, params);
  }
  return Fault(kFaultUnknownMethod);
}

Result<std::vector<ServiceStatus>> ServicesOf(RpcContext& context) {
  auto view = ViewWorkload(context.control, context.workload);
  if (!view.ok()) return FaultOf(view.error());
  auto services = std::move(view->services);
  std::stable_sort(services.begin(), services.end(), [](const ServiceStatus& a, const ServiceStatus& b) {
    Namespec first = NamespecOf(a);
    Namespec second = NamespecOf(b);
    return std::tie(first.group, first.process) < std::tie(second.group, second.process);
  });
  return services;
}

Result<ServiceStatus> ServiceNamed(RpcContext& context, const std::string& name) {
  FOSTER_ASSIGN(auto services, ServicesOf(context));
  const ServiceStatus* service = FindOne(services, ParseNamespec(name));
  if (!service) return Fault(kFaultBadName, name);
  return *service;
}

Result<std::vector<ServiceStatus>> ServicesOfGroup(RpcContext& context, const std::string& group) {
  FOSTER_ASSIGN(auto services, ServicesOf(context));
  std::vector<ServiceStatus> found;
  for (const ServiceStatus* service : FindAll(services, {group, ""})) found.push_back(*service);
  if (found.empty()) return Fault(kFaultBadName, group);
  return found;
}

Json ResultEntry(const ServiceStatus& service, int status, std::string_view text) {
  Namespec name = NamespecOf(service);
  Json entry;
  entry.Set("name", name.process).Set("group", name.group).Set("status", status).Set("description", text);
  return entry;
}

}  // namespace foster
