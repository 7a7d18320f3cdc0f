// SPDX-License-Identifier: MIT
// Namespec: supervisord's names ("p", "g:p", "g:*", "g:") <-> foster's ("WORKLOAD/p", "WORKLOAD/g:p"). Pure.
// Called by: the XML-RPC methods, the log follower, the web page.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "foster/service_status.h"

namespace foster {

struct Namespec {
  std::string group;
  std::string process;  // empty: the whole group
};
Namespec ParseNamespec(std::string_view text);

// Group and process of a service: "W/g:p" says both; "W/p" has its group label, or p itself.
Namespec NamespecOf(const ServiceStatus& service);
// "p" when the group has the same name, else "g:p".
std::string ShownName(const Namespec& name);

// Pointers into `services`, in their order.
std::vector<const ServiceStatus*> FindAll(const std::vector<ServiceStatus>& services, const Namespec& name);
const ServiceStatus* FindOne(const std::vector<ServiceStatus>& services, const Namespec& name);

}  // namespace foster
