// SPDX-License-Identifier: MIT
// ServiceStatus -> what supervisord says about a process: state codes, texts, the struct of getProcessInfo.
// Pure. Called by: the XML-RPC methods, main_log.cc.
#pragma once

#include <string>
#include <string_view>

#include "foster/service_status.h"
#include "wire/json.h"

namespace foster {

enum class SupervisordState : int {
  kStopped = 0,
  kStarting = 10,
  kRunning = 20,
  kBackoff = 30,
  kStopping = 40,
  kExited = 100,
  kFatal = 200,
};

SupervisordState SupervisordStateOf(State state);
std::string_view NameOf(SupervisordState state);
bool IsRunningState(SupervisordState state);  // "already started", and may be stopped
bool IsSignallableState(SupervisordState state);

std::string SpawnErrorOf(const ServiceStatus& service);
std::string DescriptionOf(const ServiceStatus& service);
Json ProcessInfo(const ServiceStatus& service, std::int64_t now_seconds);

}  // namespace foster
