// SPDX-License-Identifier: MIT
// Who may ask: Basic authentication as a listener's config has it, and refusal of what another site's page
// makes a browser send. Pure. Not: control socket access (supervise decides that). Called by: gateway.cc for
// every request.
#pragma once

#include <optional>

#include "foster/plan.h"
#include "gateway/http.h"

namespace foster {

// nullopt: let it through. Without a username and password in the config any Authorization header is passed
// over.
std::optional<HttpResponse> CheckAuth(const Listener& listener, const HttpRequest& request);

// nullopt: let it through. A request that may change something (not GET, HEAD, OPTIONS) and that a browser
// says comes from another site gets 403. Clients that are no browsers send none of the headers and pass.
std::optional<HttpResponse> CheckSite(const HttpRequest& request);

}  // namespace foster
