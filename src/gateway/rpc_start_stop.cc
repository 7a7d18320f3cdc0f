// SPDX-License-Identifier: MIT
// start, stop and signal: of one process, a group, or all. A name "g:*" makes the first form act as the
// second.
#include <algorithm>

#include "base/signal_names.h"
#include "gateway/process_info.h"
#include "gateway/rpc_methods.h"

namespace foster {
namespace {

bool WaitOf(const Json::Array& params, std::size_t index) {
  if (index >= params.size()) return true;
  return params[index].is_int() ? params[index].AsInt() != 0 : params[index].AsBool();
}

bool Mentions(const std::string& text, std::initializer_list<std::string_view> words) {
  return std::any_of(words.begin(), words.end(),
                     [&](std::string_view word) { return text.find(word) != std::string::npos; });
}

// Why a start did not succeed, in supervisord's words.
Error StartFault(const ActionResult& result, const std::string& shown) {
  State state = result.service.state;
  const std::string& cause = result.service.cause;
  if (state == State::kFailed || state == State::kBackoff) {
    if (Mentions(cause, {"exited", "killed by"})) return Fault(kFaultSpawnError, shown);
    if (Mentions(cause, {"No such file", "no such file", "not found", "cannot find"}))
      return Fault(kFaultNoFile, cause);
    if (Mentions(cause, {"ermission denied", "not executable"})) return Fault(kFaultNotExecutable, cause);
    return Fault(kFaultSpawnError, shown);
  }
  if (state == State::kExited) return Fault(kFaultAbnormalTermination, shown);
  return Fault(kFaultFailed, result.error.empty() ? cause : result.error);
}

bool MayBeStarted(const ServiceStatus& service) { return !IsRunningState(SupervisordStateOf(service.state)); }

// What waits for a gate has no process, and yet something to stop: the wish to run.
bool MayBeStopped(const ServiceStatus& service) {
  return IsRunningState(SupervisordStateOf(service.state)) || service.state == State::kWaiting;
}

bool MayBeSignalled(const ServiceStatus& service) {
  return service.pid > 0 && IsSignallableState(SupervisordStateOf(service.state));
}

// One family of three methods: what is asked of supervise, whom it suits, and what a failure is called.
struct Verb {
  std::string_view control;
  bool (*suits)(const ServiceStatus&);
  RpcFault unsuitable;
  Wait wait = Wait::kYes;
  int signal = 0;
};

Error FaultOfResult(const Verb& verb, const ActionResult& result, const ServiceStatus& service) {
  if (verb.control == "up") return StartFault(result, ShownName(NamespecOf(service)));
  return Fault(kFaultFailed, result.error.empty() ? result.service.cause : result.error);
}

Result<std::vector<ActionResult>> Perform(RpcContext& context, const Verb& verb,
                                          const std::vector<std::string>& names) {
  if (verb.control == "signal") return Signal(context.control, names, verb.signal, "process");
  return Act(context.control, verb.control, names, verb.wait);
}

Result<Json> PerformOne(RpcContext& context, const Verb& verb, const std::string& name) {
  FOSTER_ASSIGN(ServiceStatus service, ServiceNamed(context, name));
  if (!verb.suits(service)) return Fault(verb.unsuitable, name);
  if (verb.control == "signal" && verb.signal == 0) return Json(true);  // signal 0 asks whether it is there
  auto results = Perform(context, verb, {service.name});
  if (!results.ok()) return FaultOf(results.error());
  for (const auto& result : *results)
    if (!result.ok) return FaultOfResult(verb, result, service);
  return Json(true);
}

// Those whom it does not suit are left out of the answer, as supervisord does.
Result<Json> PerformMany(RpcContext& context, const Verb& verb, std::vector<ServiceStatus> services) {
  std::erase_if(services, [&](const ServiceStatus& service) { return !verb.suits(service); });
  std::stable_sort(services.begin(), services.end(),
                   [](const ServiceStatus& a, const ServiceStatus& b) { return a.priority < b.priority; });
  if (verb.control == "down") std::reverse(services.begin(), services.end());
  std::vector<std::string> names;
  for (const auto& service : services) names.push_back(service.name);
  std::vector<ActionResult> results;
  if (verb.control != "signal" || verb.signal != 0) {
    auto reply = Perform(context, verb, names);
    if (!reply.ok()) return FaultOf(reply.error());
    results = std::move(*reply);
  }
  Json entries{Json::Array()};
  for (const auto& service : services) {
    auto failed = std::find_if(results.begin(), results.end(), [&](const ActionResult& result) {
      return !result.ok && (result.name == service.name || result.service.name == service.name);
    });
    if (failed == results.end()) {
      entries.Push(ResultEntry(service, kFaultSuccess, "OK"));
    } else {
      Error fault = FaultOfResult(verb, *failed, service);
      entries.Push(ResultEntry(service, fault.code(), fault.message()));
    }
  }
  return entries;
}

Result<Json> PerformNamed(RpcContext& context, const Verb& verb, const std::string& name) {
  Namespec spec = ParseNamespec(name);
  if (!spec.process.empty()) return PerformOne(context, verb, name);
  FOSTER_ASSIGN(auto services, ServicesOfGroup(context, spec.group));
  return PerformMany(context, verb, std::move(services));
}

Result<Json> PerformGroup(RpcContext& context, const Verb& verb, const std::string& group) {
  FOSTER_ASSIGN(auto services, ServicesOfGroup(context, group));
  return PerformMany(context, verb, std::move(services));
}

Result<Json> PerformAll(RpcContext& context, const Verb& verb) {
  FOSTER_ASSIGN(auto services, ServicesOf(context));
  return PerformMany(context, verb, std::move(services));
}

Verb Start(const Json::Array& params, std::size_t wait) {
  return {"up", MayBeStarted, kFaultAlreadyStarted, WaitOf(params, wait) ? Wait::kYes : Wait::kNo};
}

Verb Stop(const Json::Array& params, std::size_t wait) {
  return {"down", MayBeStopped, kFaultNotRunning, WaitOf(params, wait) ? Wait::kYes : Wait::kNo};
}

Result<Verb> SignalVerb(const Json& value) {
  std::string text = value.is_int() ? std::to_string(value.AsInt()) : value.AsString();
  auto signal = SignalNumber(text);
  if (!signal) return Fault(kFaultBadSignal, text);
  return Verb{"signal", MayBeSignalled, kFaultNotRunning, Wait::kYes, *signal};
}

Result<Json> StartProcess(RpcContext& context, const Json::Array& params) {
  return PerformNamed(context, Start(params, 1), params[0].AsString());
}
Result<Json> StartProcessGroup(RpcContext& context, const Json::Array& params) {
  return PerformGroup(context, Start(params, 1), params[0].AsString());
}
Result<Json> StartAllProcesses(RpcContext& context, const Json::Array& params) {
  return PerformAll(context, Start(params, 0));
}
Result<Json> StopProcess(RpcContext& context, const Json::Array& params) {
  return PerformNamed(context, Stop(params, 1), params[0].AsString());
}
Result<Json> StopProcessGroup(RpcContext& context, const Json::Array& params) {
  // In an update, the add of the first changed group has reloaded all of them: this one was stopped and
  // started by it, and what `update` stops now would be the new one.
  if (context.reread.TakeRestarted(params[0].AsString(), context.client)) {
    FOSTER_ASSIGN(auto services, ServicesOfGroup(context, params[0].AsString()));
    Json entries{Json::Array()};
    for (const auto& service : services) entries.Push(ResultEntry(service, kFaultSuccess, "OK"));
    return entries;
  }
  return PerformGroup(context, Stop(params, 1), params[0].AsString());
}
Result<Json> StopAllProcesses(RpcContext& context, const Json::Array& params) {
  return PerformAll(context, Stop(params, 0));
}
Result<Json> SignalProcess(RpcContext& context, const Json::Array& params) {
  FOSTER_ASSIGN(Verb verb, SignalVerb(params[1]));
  return PerformNamed(context, verb, params[0].AsString());
}
Result<Json> SignalProcessGroup(RpcContext& context, const Json::Array& params) {
  FOSTER_ASSIGN(Verb verb, SignalVerb(params[1]));
  return PerformGroup(context, verb, params[0].AsString());
}
Result<Json> SignalAllProcesses(RpcContext& context, const Json::Array& params) {
  FOSTER_ASSIGN(Verb verb, SignalVerb(params[0]));
  return PerformAll(context, verb);
}

constexpr RpcMethod kMethods[] = {
    {"supervisor.startProcess", "bsb", 1, StartProcess, "Start one process and wait until it runs."},
    {"supervisor.startProcessGroup", "asb", 1, StartProcessGroup, "Start the processes of a group."},
    {"supervisor.startAllProcesses", "ab", 0, StartAllProcesses, "Start all processes."},
    {"supervisor.stopProcess", "bsb", 1, StopProcess, "Stop one process and wait until it ended."},
    {"supervisor.stopProcessGroup", "asb", 1, StopProcessGroup, "Stop the processes of a group."},
    {"supervisor.stopAllProcesses", "ab", 0, StopAllProcesses, "Stop all processes."},
    {"supervisor.signalProcess", "bsx", 2, SignalProcess, "Send a signal to one process."},
    {"supervisor.signalProcessGroup", "asx", 2, SignalProcessGroup, "Send a signal to a group's processes."},
    {"supervisor.signalAllProcesses", "ax", 1, SignalAllProcesses, "Send a signal to all processes."},
};

}  // namespace

std::span<const RpcMethod> StartStopMethods() { return kMethods; }

}  // namespace foster
