// SPDX-License-Identifier: MIT
// The methods of supervisord's XML-RPC interface, one table per family (rpc_process_info.cc,
// rpc_start_stop.cc, rpc_logs.cc, rpc_config.cc, rpc_system.cc), put together in rpc_methods.cc. Not: XML
// (xml_rpc_codec.h). Called by: supervisord_gateway.cc. Invariant: the Error of a method is a fault: code()
// is its number (RpcFault), message() its text.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "gateway/control.h"
#include "gateway/namespec.h"
#include "gateway/reread.h"
#include "wire/json.h"

namespace foster {

enum RpcFault : int {
  kFaultUnknownMethod = 1,
  kFaultIncorrectParameters = 2,
  kFaultBadArguments = 3,
  kFaultSignatureUnsupported = 4,
  kFaultShutdownState = 6,
  kFaultBadName = 10,
  kFaultBadSignal = 11,
  kFaultNoFile = 20,
  kFaultNotExecutable = 21,
  kFaultFailed = 30,
  kFaultAbnormalTermination = 40,
  kFaultSpawnError = 50,
  kFaultAlreadyStarted = 60,
  kFaultNotRunning = 70,
  kFaultSuccess = 80,
  kFaultAlreadyAdded = 90,
  kFaultStillRunning = 91,
  kFaultCantReread = 92,
};
// "BAD_NAME: x", or "BAD_NAME" without `extra`.
Error Fault(RpcFault code, std::string_view extra = {});
// A control call that failed, as a fault.
Error FaultOf(const Error& error);

struct RpcContext {
  Control& control;
  std::string workload;
  std::string identifier;
  Reread& reread;
  std::string client;  // its connection; "" in no update
};

struct RpcMethod {
  std::string_view name;
  std::string_view
      signature;         // letters: result, then parameters; s string, i int, b boolean, a array, o struct
  std::size_t required;  // parameters that must be there
  Result<Json> (*run)(RpcContext& context, const Json::Array& params);
  std::string_view help;
};

std::span<const RpcMethod> ProcessInfoMethods();
std::span<const RpcMethod> StartStopMethods();
std::span<const RpcMethod> LogMethods();
std::span<const RpcMethod> ConfigMethods();
std::span<const RpcMethod> SystemMethods();

std::vector<const RpcMethod*> AllMethods();  // sorted by name
Result<Json> CallMethod(RpcContext& context, std::string_view method, const Json::Array& params);

// The services of the workload; the one that a name means, or BAD_NAME.
Result<std::vector<ServiceStatus>> ServicesOf(RpcContext& context);
Result<ServiceStatus> ServiceNamed(RpcContext& context, const std::string& name);
Result<std::vector<ServiceStatus>> ServicesOfGroup(RpcContext& context, const std::string& group);
// {name, group, status, description}: one entry of the arrays that the ...All and ...Group methods return.
Json ResultEntry(const ServiceStatus& service, int status, std::string_view text);

}  // namespace foster
