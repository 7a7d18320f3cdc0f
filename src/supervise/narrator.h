// SPDX-License-Identifier: MIT
// Narrator: which changes of services are worth a line of foster's own log. Not: the event stream
// (publisher.h). Called by: Supervisor. Invariant: a healthy boot of any size is one line, not one per
// service.
#pragma once

#include <string>
#include <vector>

#include "supervise/engine_driver.h"
#include "supervise/publisher.h"
#include "supervise/voice.h"

namespace foster {

class Narrator {
 public:
  Narrator(const EngineDriver& driver, const Publisher& publisher, Voice& voice)
      : driver_(driver), publisher_(publisher), voice_(voice) {}

  void Changed(ServiceId id, bool after_boot);
  // Takes the states as they are, without a word (after a restart of supervise).
  void Learn();
  std::string Summary() const;  // "12 services: 10 running, 1 exited, 1 failed"

 private:
  const EngineDriver& driver_;
  const Publisher& publisher_;
  Voice& voice_;
  std::vector<State> last_;
};

}  // namespace foster
