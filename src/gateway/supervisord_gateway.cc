// SPDX-License-Identifier: MIT
#include "gateway/supervisord_gateway.h"

#include "gateway/log_follow.h"
#include "gateway/namespec.h"
#include "gateway/rest_gateway.h"
#include "gateway/rpc_methods.h"
#include "gateway/web.h"
#include "gateway/xml_rpc_codec.h"

namespace foster {
namespace {

HttpResponse ServeRpc(const SupervisordContext& context, const HttpRequest& request) {
  if (request.method != "POST") return ErrorPage(400);
  if (!request.has_length) return ErrorPage(411);
  auto call = ParseXmlRpcCall(request.body);
  if (!call.ok()) return ErrorPage(400);
  RpcContext rpc{*context.control, context.workload, context.identifier, *context.reread, request.peer};
  auto result = CallMethod(rpc, call->method, call->params);
  std::string body =
      result.ok() ? XmlRpcResponse(*result) : XmlRpcFault(result.error().code(), result.error().message());
  return {200, {{"Content-Type", "text/xml"}}, std::move(body), {}};
}

// /logtail/NAME[/stdout|/stderr]
HttpResponse ServeLogtail(const SupervisordContext& context, const HttpRequest& request) {
  if (request.method != "GET") return ErrorPage(400);
  auto path = PathSegments(request.raw_path);
  if (path.size() < 2 || path.size() > 3) return ErrorPage(404);
  std::string stream = path.size() == 3 ? path[2] : "stdout";
  if (stream != "stdout" && stream != "stderr") return ErrorPage(404);
  auto view = ViewWorkload(*context.control, context.workload);
  if (!view.ok()) return ErrorPage(503);
  const ServiceStatus* service = FindOne(view->services, ParseNamespec(path[1]));
  return service ? FollowLog(context.control, service->name, stream) : ErrorPage(404);
}

}  // namespace

HttpResponse ServeSupervisord(const SupervisordContext& context, const HttpRequest& request) {
  const std::string& path = request.path;
  if (path.starts_with("/RPC2")) return ServeRpc(context, request);
  if (path.starts_with("/logtail")) return ServeLogtail(context, request);
  if (path.starts_with("/mainlogtail"))
    return request.method == "GET" ? FollowMainLog(context.control, context.workload) : ErrorPage(400);
  if (path == "/live") return RestJson(200, Json().Set("status", "alive"));
  if (auto page = ServeWeb(*context.control, context.workload, request)) return std::move(*page);
  return ErrorPage(request.method == "GET" || request.method == "HEAD" ? 404 : 400);
}

}  // namespace foster
