// SPDX-License-Identifier: MIT
#include "gateway/rest_gateway.h"

#include "gateway/text_codec.h"

namespace foster {

std::vector<std::string> PathSegments(const std::string& raw_path) {
  std::vector<std::string> segments;
  std::size_t at = 0;
  while (at < raw_path.size()) {
    std::size_t end = raw_path.find('/', at);
    if (end == std::string::npos) end = raw_path.size();
    if (end > at) segments.push_back(PercentDecode(raw_path.substr(at, end - at), Plus::kSpace));
    at = end + 1;
  }
  return segments;
}

HttpResponse RestJson(int status, const Json& body) {
  return {status, {{"Content-Type", "application/json; charset=utf-8"}}, body.Dump(), {}};
}

HttpResponse RestError(int status, const std::string& text) {
  return RestJson(status, Json().Set("error", text));
}

HttpResponse RestNotFound() { return {404, {{"Content-Type", "text/plain"}}, "404 page not found", {}}; }

HttpResponse ServeRest(const RestContext& context, const HttpRequest& request) {
  std::vector<std::string> path = PathSegments(request.raw_path);
  if (path.empty()) return RestNotFound();
  if (path.size() == 1 && path[0] == "live" && request.method == "GET")
    return RestJson(200, Json().Set("status", "alive"));
  if (path[0] == "process" || path[0] == "processes") return ServeProcesses(context, request, path);
  return ServeProject(context, request, path);
}

}  // namespace foster
