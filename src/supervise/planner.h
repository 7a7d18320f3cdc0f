// SPDX-License-Identifier: MIT
// Planner: which plan is in use: read at boot, read again for `plan` and `reload`, kept in init's store
// beside the savepoint. Not: reading (loader.h), the rules of refusal (sources.h). Called by: Boot, methods,
// Ending (HUP). Invariant: the engine gets a plan only after it assembled; what is in use is always what the
// store holds or is about to.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "supervise/engine_driver.h"
#include "supervise/internal_services.h"
#include "supervise/loader.h"
#include "supervise/publisher.h"
#include "supervise/sources.h"
#include "supervise/store.h"
#include "supervise/voice.h"

namespace foster {

struct ReloadReport {
  bool ok = true;
  std::string error;  // when not ok: why nothing was looked at
  bool no_such_workload = false;
  Outcome outcome;
  std::vector<ServiceChange> changes;  // unchanged ones included
  std::size_t changed = 0;
};

class Planner {
 public:
  using Done = std::function<void()>;
  using Reported = std::function<void(const ReloadReport& report)>;

  Planner(Loader& loader, EngineDriver& driver, Store& store, Voice& voice)
      : loader_(loader), driver_(driver), store_(store), voice_(voice) {}
  // Runs whenever another plan is in use, once that is saved.
  void OnPlan(std::function<void()> on_plan) { on_plan_ = std::move(on_plan); }
  void SetUp(Savepoint* savepoint, Publisher* publisher, InternalOptions options, std::string services,
             bool colour);

  // Boot without a plan: logd alone first, then everything that can be read.
  void StartEmpty();
  void LoadFirst(bool seeds_only, Done done);
  // Boot with the plan of a former supervise. False: the text cannot be used.
  bool Resume(std::string_view text);

  bool busy() const { return loader_.busy(); }
  // Reads anew. kLook changes nothing; kApply puts in force what validates.
  enum class Mode { kLook, kApply };
  void Reload(Mode mode, const std::string& only, Reported reported);
  // As a reload that is applied, with these counts (on top of those that hold already).
  void Scale(const ScaleMap& scale, Reported reported);

  const Plan& plan() const { return plan_; }
  Plan WholePlan() const { return WithInternalServices(plan_, options_); }

 private:
  void Read(Mode mode, const std::string& only, ScaleMap scale, Reported reported);
  void Use(Outcome outcome);
  void Keep();
  void TellFallbacks(bool seeds_only);

  Loader& loader_;
  EngineDriver& driver_;
  Store& store_;
  Voice& voice_;
  Savepoint* savepoint_ = nullptr;
  Publisher* publisher_ = nullptr;
  InternalOptions options_;
  std::string services_;
  bool colour_ = false;
  Plan plan_;
  Sources sources_;
  std::function<void()> on_plan_;
};

}  // namespace foster
