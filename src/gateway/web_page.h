// SPDX-License-Identifier: MIT
// The web page of a workload as HTML text: plain values in, text out; no request from the page leaves its
// server, and it works without JavaScript (a few lines refresh it). Pure. Not: what a button does (web.h).
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "foster/service_status.h"
#include "gateway/http.h"

namespace foster {

// How the message of an action begins that goes on behind the page.
inline constexpr std::string_view kUnfinished = "Not done yet: ";

struct PageText {
  std::string workload;
  std::string message;  // what the last action came to
};

std::string StatusPage(const PageText& page, const std::vector<ServiceStatus>& services,
                       const WorkloadStatus& workload);
std::string TailPage(const PageText& page, const std::string& name, const std::string& log);
// Asks before `action` is done on `name` (empty: all): what an old bookmark of a changing link leads to.
std::string ConfirmPage(const PageText& page, const std::string& action, const std::string& name);

// An HTML reply that may load nothing and be framed by nobody.
HttpResponse PageResponse(int status, std::string html);

}  // namespace foster
