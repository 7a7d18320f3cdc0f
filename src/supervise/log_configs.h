// SPDX-License-Identifier: MIT
// LogConfigs: what logd is told of each service's output: what its spec says, what foster's environment adds
// (FOSTER_LOG_DIR, FOSTER_LOG_RING, $CREDENTIALS_DIRECTORY), and the values to be hidden. Not: writing it
// anywhere but into the arena (Logs::Configure). Called by: Spawner (before each start), Supervisor (a new
// plan). Invariants: a slot has its config before its service's first byte; a value that was ever handed out
// stays hidden as long as the service is in the plan, across restarts of supervise.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "foster/service_spec.h"
#include "supervise/logs.h"
#include "supervise/secrets.h"
#include "supervise/voice.h"

namespace foster {

struct LogOptions {
  std::string directory;         // FOSTER_LOG_DIR; "" = none
  std::uint64_t ring_bytes = 0;  // FOSTER_LOG_RING; 0 = the usual ones
  std::vector<std::string> credentials;
};

// From the environment; what cannot be used is said.
LogOptions LogOptionsHere(Voice& voice);
// Pure. `internal`: of foster's own services, which have no file.
LogSlotConfig MakeLogConfig(const std::string& name, const LogSpec& spec, bool internal,
                            const LogOptions& options, const std::vector<std::string>& hidden);

class LogConfigs {
 public:
  explicit LogConfigs(Logs& logs) : logs_(logs) {}
  void SetOptions(LogOptions options) { options_ = std::move(options); }

  // Where the service has a slot: tells logd what is new.
  void Apply(const std::string& name, const LogSpec& spec, bool internal);
  // Of a start that is about to be.
  void Hide(const std::string& name, const std::vector<SecretValue>& values);
  void Removed(const std::string& name) { known_.erase(name); }

 private:
  struct Known {
    LogSpec spec;
    bool internal = false;
    HiddenValues hidden;
  };
  void Write(const std::string& name, const Known& known);

  Logs& logs_;
  LogOptions options_;
  std::map<std::string, Known> known_;  // at most kMaxServices
};

}  // namespace foster
