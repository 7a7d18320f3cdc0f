// SPDX-License-Identifier: MIT
// system.*: what methods there are, and several calls in one. Results of multicall are not wrapped in arrays
// of one: clients of supervisord rely on it.
#include "gateway/rpc_methods.h"

namespace foster {
namespace {

constexpr std::size_t kMaxMulticall = 1000;

std::string_view TypeName(char letter) {
  switch (letter) {
    case 'i':
      return "int";
    case 'b':
      return "boolean";
    case 'a':
      return "array";
    case 'o':
      return "struct";
    default:
      return "string";
  }
}

const RpcMethod* Find(const std::string& name) {
  for (const RpcMethod* method : AllMethods())
    if (method->name == name) return method;
  return nullptr;
}

Result<Json> ListMethods(RpcContext&, const Json::Array&) {
  Json names{Json::Array()};
  for (const RpcMethod* method : AllMethods()) names.Push(method->name);
  return names;
}

Result<Json> MethodHelp(RpcContext&, const Json::Array& params) {
  const RpcMethod* method = Find(params[0].AsString());
  if (!method) return Fault(kFaultSignatureUnsupported);
  return Json(method->help);
}

Result<Json> MethodSignature(RpcContext&, const Json::Array& params) {
  const RpcMethod* method = Find(params[0].AsString());
  if (!method) return Fault(kFaultSignatureUnsupported);
  Json types{Json::Array()};
  for (char letter : method->signature) types.Push(TypeName(letter));
  return types;
}

Result<Json> CallOne(RpcContext& context, const Json& call) {
  const std::string& name = call["methodName"].AsString();
  if (name.empty()) return Fault(kFaultIncorrectParameters, "No methodName");
  if (name == "system.multicall")
    return Fault(kFaultIncorrectParameters, "Recursive system.multicall forbidden");
  return CallMethod(context, name, call["params"].AsArray());
}

Result<Json> Multicall(RpcContext& context, const Json::Array& params) {
  if (params[0].AsArray().size() > kMaxMulticall) return Fault(kFaultIncorrectParameters, "too many calls");
  Json results{Json::Array()};
  for (const auto& call : params[0].AsArray()) {
    auto result = CallOne(context, call);
    if (result.ok()) {
      results.Push(std::move(*result));
      continue;
    }
    Json fault;
    fault.Set("faultCode", result.error().code()).Set("faultString", result.error().message());
    results.Push(std::move(fault));
  }
  return results;
}

// supervisord hands these to its event listeners; there are none here, so nobody misses it.
Result<Json> SendRemoteCommEvent(RpcContext&, const Json::Array&) { return Json(true); }

constexpr RpcMethod kMethods[] = {
    {"system.listMethods", "a", 0, ListMethods, "The names of all methods."},
    {"system.methodHelp", "ss", 1, MethodHelp, "What a method does."},
    {"system.methodSignature", "as", 1, MethodSignature, "The types of a method: result, then parameters."},
    {"system.multicall", "aa", 1, Multicall, "Several calls in one: [{methodName, params}, ...]."},
    {"supervisor.sendRemoteCommEvent", "bss", 2, SendRemoteCommEvent, "Tell event listeners something."},
};

}  // namespace

std::span<const RpcMethod> SystemMethods() { return kMethods; }

}  // namespace foster
