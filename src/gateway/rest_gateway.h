// SPDX-License-Identifier: MIT
// The REST interface of process-compose: which path is which resource, and their common replies. One file per
// resource: rest_processes.cc, rest_project.cc. Called by: gateway.cc.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "gateway/control.h"
#include "gateway/http.h"

namespace foster {

struct RestContext {
  std::shared_ptr<Control> control;
  std::string workload;
  std::string project_name;
};

// The parts of a path, split before they are decoded, so that a name may hold "%2F"; '+' is a space.
std::vector<std::string> PathSegments(const std::string& raw_path);

HttpResponse RestJson(int status, const Json& body);
HttpResponse RestError(int status, const std::string& text);
HttpResponse RestNotFound();  // as its router answers what it does not know, a wrong method too

// What matches no resource: 404. Slashes at the end are passed over.
HttpResponse ServeRest(const RestContext& context, const HttpRequest& request);

// The resources; `path` holds the segments.
HttpResponse ServeProcesses(const RestContext& context, const HttpRequest& request,
                            const std::vector<std::string>& path);
HttpResponse ServeProject(const RestContext& context, const HttpRequest& request,
                          const std::vector<std::string>& path);

}  // namespace foster
