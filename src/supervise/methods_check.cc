// SPDX-License-Identifier: MIT
#include <memory>

#include "supervise/methods.h"
#include "supervise/probes.h"

namespace foster {
namespace {

constexpr std::size_t kMaxChecked = 256;  // services at once

// Collects the answers of probes that run side by side.
struct Round {
  CallPointer call;
  std::vector<std::string> without;
  std::vector<CheckResult> results;  // in the order in which they were asked for
  std::size_t open = 0;
};

void AnswerWhenWhole(const Round& round) {
  if (round.open > 0) return;
  Json checks{Json::Array{}};
  for (const CheckResult& result : round.results) checks.Push(ToJson(result));
  Json without{Json::Array{}};
  for (const std::string& name : round.without) without.Push(name);
  Json result;
  result.Set("checks", std::move(checks)).Set("without", std::move(without));
  round.call->Succeed(result);
}

void Check(const MethodParts& parts, const CallPointer& call) {
  auto names = ResolveNames(parts, call, true);
  if (!names) return;
  if (names->size() > kMaxChecked) {
    call->Fail(kRpcInvalidParams, "at most " + std::to_string(kMaxChecked) + " services at once");
    return;
  }
  const Engine& engine = parts.driver.engine();
  auto round = std::make_shared<Round>();
  round->call = call;
  std::vector<std::pair<ServiceId, ProbeUse>> wanted;
  for (const std::string& name : *names) {
    ServiceId id = engine.Find(name);
    const ServiceSpec& spec = engine.spec(id);
    std::size_t before = wanted.size();
    if (spec.readiness.probe.kind != ProbeKind::kNone) wanted.emplace_back(id, ProbeUse::kReadiness);
    if (spec.liveness.probe.kind != ProbeKind::kNone) wanted.emplace_back(id, ProbeUse::kLiveness);
    if (wanted.size() == before) round->without.push_back(name);
  }
  round->results.resize(wanted.size());
  round->open = wanted.size() + 1;  // and this turn
  for (std::size_t i = 0; i < wanted.size(); ++i) {
    parts.probes.Check(engine.spec(wanted[i].first), wanted[i].second, [round, i](CheckResult result) {
      round->results[i] = std::move(result);
      --round->open;
      AnswerWhenWhole(*round);
    });
  }
  --round->open;
  AnswerWhenWhole(*round);
}

}  // namespace

// Programs are run: for those who may do everything.
void AddCheckMethod(MethodParts parts) {
  parts.server.Add("check", Access::kFull, [parts](const CallPointer& call) { Check(parts, call); });
}

}  // namespace foster
