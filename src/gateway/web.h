// SPDX-License-Identifier: MIT
// The web page's requests: `/`, `/index.html`, `/tail.html`, `/ok.html`, `/live`, and the buttons' POSTs.
// Nothing is changed by a GET. Not: HTML (web_page.h). Called by: gateway.cc.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "gateway/control.h"
#include "gateway/http.h"

namespace foster {

// nullopt: the path is none of the page's.
std::optional<HttpResponse> ServeWeb(Control& control, const std::string& workload,
                                     const HttpRequest& request);

}  // namespace foster
