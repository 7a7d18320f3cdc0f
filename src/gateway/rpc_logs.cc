// SPDX-License-Identifier: MIT
// Logs: read and tail from foster's rings. Terminal sequences are left out: XML cannot carry ESC.
#include "gateway/log_text.h"
#include "gateway/main_log.h"
#include "gateway/process_info.h"
#include "gateway/rpc_methods.h"
#include "gateway/text_codec.h"

namespace foster {
namespace {

Result<std::string> LogOf(RpcContext& context, const std::string& name, std::string_view stream) {
  FOSTER_ASSIGN(ServiceStatus service, ServiceNamed(context, name));
  auto records = RecentLog(context.control, service.name, kRingLines);
  if (!records.ok()) return FaultOf(records.error());
  return WithoutTerminalSequences(TextOf(*records, stream));
}

Result<Json> Slice(const std::string& text, const Json& offset, const Json& length) {
  auto slice = ReadSlice(text, offset.AsInt(), length.AsInt());
  if (!slice.ok()) return Fault(kFaultBadArguments);
  return Json(std::move(*slice));
}

Result<Json> Read(RpcContext& context, const Json::Array& params, std::string_view stream) {
  FOSTER_ASSIGN(std::string text, LogOf(context, params[0].AsString(), stream));
  return Slice(text, params[1], params[2]);
}

Result<Json> Tail(RpcContext& context, const Json::Array& params, std::string_view stream) {
  FOSTER_ASSIGN(std::string text, LogOf(context, params[0].AsString(), stream));
  TailSlice slice = ReadTail(text, params[1].AsInt(), params[2].AsInt());
  return Json().Push(std::move(slice.text)).Push(slice.offset).Push(slice.overflow);
}

Result<Json> ReadStdout(RpcContext& context, const Json::Array& params) {
  return Read(context, params, "stdout");
}
Result<Json> ReadStderr(RpcContext& context, const Json::Array& params) {
  return Read(context, params, "stderr");
}
Result<Json> TailStdout(RpcContext& context, const Json::Array& params) {
  return Tail(context, params, "stdout");
}
Result<Json> TailStderr(RpcContext& context, const Json::Array& params) {
  return Tail(context, params, "stderr");
}

Result<Json> ReadMainLog(RpcContext& context, const Json::Array& params) {
  FOSTER_ASSIGN(auto services, ServicesOf(context));
  return Slice(MainLogText(services), params[0], params[1]);
}

Result<Json> ClearMainLog(RpcContext&, const Json::Array&) {
  return Fault(kFaultFailed, "the main log is made from the services' states and cannot be cleared");
}

Result<Json> Clear(RpcContext& context, const std::string& name) {
  return context.control.Call("logs.clear", Json(Json::Object{{"names", Json::Array{name}}}));
}

Result<Json> ClearProcessLogs(RpcContext& context, const Json::Array& params) {
  FOSTER_ASSIGN(ServiceStatus service, ServiceNamed(context, params[0].AsString()));
  auto reply = Clear(context, service.name);
  if (!reply.ok()) return FaultOf(reply.error());
  return Json(true);
}

Result<Json> ClearAllProcessLogs(RpcContext& context, const Json::Array&) {
  FOSTER_ASSIGN(auto services, ServicesOf(context));
  Json entries{Json::Array()};
  for (const auto& service : services)
    if (auto reply = Clear(context, service.name); reply.ok()) {
      entries.Push(ResultEntry(service, kFaultSuccess, "OK"));
    } else {
      entries.Push(
          ResultEntry(service, kFaultFailed, Fault(kFaultFailed, reply.error().message()).message()));
    }
  return entries;
}

// Services of foster have no stdin to write to: supervisord answers the same for a closed one.
Result<Json> SendProcessStdin(RpcContext& context, const Json::Array& params) {
  const std::string& name = params[0].AsString();
  FOSTER_ASSIGN(ServiceStatus service, ServiceNamed(context, name));
  if (service.pid == 0) return Fault(kFaultNotRunning, name);
  return Fault(kFaultNoFile, name);
}

constexpr RpcMethod kMethods[] = {
    {"supervisor.readLog", "sii", 2, ReadMainLog, "Read the main log from an offset."},
    {"supervisor.readMainLog", "sii", 2, ReadMainLog, "Read the main log, by its old name."},
    {"supervisor.clearLog", "b", 0, ClearMainLog, "Clear the main log."},
    {"supervisor.readProcessStdoutLog", "ssii", 3, ReadStdout, "Read a process's stdout from an offset."},
    {"supervisor.readProcessLog", "ssii", 3, ReadStdout, "Read a process's stdout, by its old name."},
    {"supervisor.readProcessStderrLog", "ssii", 3, ReadStderr, "Read a process's stderr from an offset."},
    {"supervisor.tailProcessStdoutLog", "asii", 3, TailStdout, "What came on stdout since an offset."},
    {"supervisor.tailProcessLog", "asii", 3, TailStdout, "What came on stdout, by its old name."},
    {"supervisor.tailProcessStderrLog", "asii", 3, TailStderr, "What came on stderr since an offset."},
    {"supervisor.clearProcessLogs", "bs", 1, ClearProcessLogs, "Clear the logs of a process."},
    {"supervisor.clearProcessLog", "bs", 1, ClearProcessLogs,
     "Clear the logs of a process, by its old name."},
    {"supervisor.clearAllProcessLogs", "a", 0, ClearAllProcessLogs, "Clear the logs of all processes."},
    {"supervisor.sendProcessStdin", "bss", 2, SendProcessStdin, "Write to the stdin of a process."},
};

}  // namespace

std::span<const RpcMethod> LogMethods() { return kMethods; }

}  // namespace foster
