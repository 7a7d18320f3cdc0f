// SPDX-License-Identifier: MIT
#include "supervise/planner.h"

#include <algorithm>
#include <memory>
#include "supervise/banner.h"

#include "sys/log_table.h"
#include "sys/memfd.h"
#include "wire/plan_codec.h"

namespace foster {
namespace {

void SayLines(Voice& voice, const std::string& text) {
  std::size_t begin = 0;
  while (begin < text.size()) {
    std::size_t end = std::min(text.find('\n', begin), text.size());
    voice.Say(std::string_view(text).substr(begin, end - begin));
    begin = end + 1;
  }
}

std::size_t CountChanges(const std::vector<ServiceChange>& all) {
  return static_cast<std::size_t>(std::count_if(
      all.begin(), all.end(), [](const ServiceChange& each) { return each.change != Change::kUnchanged; }));
}

}  // namespace

void Planner::SetUp(Savepoint* savepoint, Publisher* publisher, InternalOptions options, std::string services,
                    bool colour) {
  savepoint_ = savepoint;
  publisher_ = publisher;
  options_ = std::move(options);
  services_ = std::move(services);
  colour_ = colour;
}

void Planner::StartEmpty() {
  plan_ = Plan{};
  sources_ = Sources{};
  driver_.Apply(WholePlan());
}

void Planner::LoadFirst(bool seeds_only, Done done) {
  loader_.Load(services_, {}, [this, seeds_only, done = std::move(done)](Sources read) {
    Use(FirstPlan(std::move(read), seeds_only));
    TellFallbacks(seeds_only);
    done();
  });
}

bool Planner::Resume(std::string_view text) {
  auto json = ParseJson(text);
  if (!json.ok()) return false;
  auto plan = PlanFromJson((*json)["plan"]);
  auto sources = SourcesFromJson((*json)["sources"]);
  if (!plan.ok() || !sources.ok()) return false;
  plan_ = std::move(*plan);
  sources_ = std::move(*sources);
  return true;
}

void Planner::Reload(Mode mode, const std::string& only, Reported reported) {
  Read(mode, only, sources_.scale, std::move(reported));
}

void Planner::Scale(const ScaleMap& scale, Reported reported) {
  ScaleMap all = sources_.scale;
  for (const auto& [name, count] : scale) all[name] = count;
  Read(Mode::kApply, WorkloadOf(scale), std::move(all), std::move(reported));
}

void Planner::Read(Mode mode, const std::string& only, ScaleMap scale, Reported reported) {
  loader_.Load(services_, scale, [this, mode, only, reported = std::move(reported)](Sources read) {
    ReloadReport report;
    auto next = NextPlan(sources_, plan_, read, only);
    if (!next.ok()) {
      report.ok = false;
      report.error = next.error().message();
      report.no_such_workload = next.error().code() == ENOENT;
      reported(report);
      return;
    }
    report.outcome = std::move(*next);
    report.changes = ComparePlans(plan_, report.outcome.plan);
    report.changed = CountChanges(report.changes);
    if (mode == Mode::kApply) {
      for (const Refusal& refusal : report.outcome.refused) {
        voice_.Say("reload: " + refusal.workload + " is refused, what runs goes on");
        SayLines(voice_,
                 PrintDiagnostics(refusal.diagnostics, colour_ ? PrintColour::kYes : PrintColour::kNo));
      }
      Use(report.outcome);
      voice_.Say("reload: " + std::to_string(report.changed) + " services changed");
      publisher_->Workload("reloaded, " + std::to_string(report.changed) + " services changed");
    }
    reported(report);
  });
}

// The records of the step are saved before the new plan leaves for init, and that before the step's effects:
// a kill in between repeats the reload's beginning at worst, and never runs a service by a plan that nobody
// has.
void Planner::Use(Outcome outcome) {
  plan_ = std::move(outcome.plan);
  sources_ = std::move(outcome.sources);
  driver_.Apply(WholePlan(), [this] {
    Keep();
    on_plan_();
  });
}

void Planner::Keep() {
  Json json;
  json.Set("plan", ToJson(plan_)).Set("sources", ToJson(sources_));
  auto memory = SealedMemfd("foster-plan", json.Dump());
  if (!memory.ok()) {
    voice_.Say("cannot keep the plan: " + memory.error().message());
    return;
  }
  auto shared = std::make_shared<UniqueFd>(std::move(*memory));
  store_.Put(kStoreSavepoint, [this, shared](InitChannel::Fds* fds) {
    auto record = Duplicate(savepoint_->fd());
    if (!record.ok()) return false;
    fds->push_back(std::move(*record));
    fds->push_back(std::move(*shared));
    return true;
  });
  savepoint_->header().booted = 1;
}

void Planner::TellFallbacks(bool seeds_only) {
  PrintColour colour = colour_ ? PrintColour::kYes : PrintColour::kNo;
  if (!plan_.diagnostics.empty()) SayLines(voice_, PrintDiagnostics(plan_.diagnostics, colour));
  for (const Workload& workload : plan_.workloads) {
    std::string banner = FallbackBanner(workload, seeds_only, colour);
    if (banner.empty()) continue;
    SayLines(voice_, banner);
    publisher_->Workload("workload " + workload.name + " runs from its " +
                         std::string(NameOf(workload.source)));
  }
}

}  // namespace foster
