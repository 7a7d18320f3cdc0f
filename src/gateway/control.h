// SPDX-License-Identifier: MIT
// Control: what a gateway asks of supervise, one connection per call, so that a supervise that comes back
// between two calls is not even noticed. Not: a cache. Called by: every resource. Thread-safe. Invariant: at
// most kMaxControlCalls at once; one more waits, and fails as busy after a while.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "client/client.h"
#include "foster/service_status.h"
#include "wire/json.h"

namespace foster {

inline constexpr int kMaxControlCalls = 32;

class Control {
 public:
  virtual ~Control() = default;
  // `failure`, when given, gets the data of an error reply.
  virtual Result<Json> Call(std::string_view method, const Json& params, RpcFailure* failure = nullptr) = 0;
  // A connection of the caller's own, to follow something.
  virtual Result<Client> Connect() = 0;
};

std::unique_ptr<Control> MakeSocketControl(std::string path);

struct WorkloadView {
  std::vector<ServiceStatus> services;  // sorted by name, without foster's own
  WorkloadStatus workload;
};
// What is known of one workload now; a workload without services is an empty list.
Result<WorkloadView> ViewWorkload(Control& control, const std::string& workload);

// One entry of `results` of up, down, restart, once, signal.
struct ActionResult {
  std::string name;
  bool ok = false;
  std::string error;
  ServiceStatus service;
};
enum class Wait { kNo, kYes };
inline constexpr Millis kOutcomeTimeout(3'000'000);
// What `error` says of an outcome that was not known when the patience ended.
inline constexpr std::string_view kOutcomeUnknown = "timeout";
// `verb` on `names` (full names); error when the request as a whole failed.
Result<std::vector<ActionResult>> Act(Control& control, std::string_view verb,
                                      const std::vector<std::string>& names, Wait wait,
                                      Millis patience = kOutcomeTimeout);
Result<std::vector<ActionResult>> Signal(Control& control, const std::vector<std::string>& names, int signal,
                                         std::string_view scope);

}  // namespace foster
