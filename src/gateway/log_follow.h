// SPDX-License-Identifier: MIT
// Replies that go on: a service's log, or the main log, its last kilobyte and then each line as it comes. A
// supervise that goes away and comes back is followed across. Called by: supervisord_gateway.cc.
#pragma once

#include <memory>
#include <string>

#include "gateway/control.h"
#include "gateway/http.h"

namespace foster {

HttpResponse FollowLog(std::shared_ptr<Control> control, const std::string& service,
                       const std::string& stream);
HttpResponse FollowMainLog(std::shared_ptr<Control> control, const std::string& workload);

}  // namespace foster
