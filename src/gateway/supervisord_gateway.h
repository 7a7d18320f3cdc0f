// SPDX-License-Identifier: MIT
// What a server of supervisord answers: XML-RPC at /RPC2, logs that follow at /logtail and /mainlogtail, the
// web page. Not: the methods (rpc_methods.h). Called by: gateway.cc.
#pragma once

#include <memory>
#include <string>

#include "gateway/control.h"
#include "gateway/http.h"
#include "gateway/reread.h"

namespace foster {

struct SupervisordContext {
  std::shared_ptr<Control> control;
  std::shared_ptr<Reread> reread;
  std::string workload;
  std::string identifier;
};

HttpResponse ServeSupervisord(const SupervisordContext& context, const HttpRequest& request);

}  // namespace foster
