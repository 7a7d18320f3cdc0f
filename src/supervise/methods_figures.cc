// SPDX-License-Identifier: MIT
#include <algorithm>
#include <memory>

#include "supervise/methods.h"
#include "supervise/probes.h"

namespace foster {
namespace {

// Collects the parts of one answer.
struct Round {
  CallPointer call;
  std::vector<std::vector<ServiceFigures>> parts;
  std::string failure;
  std::size_t open = 0;
};

void AnswerWhenWhole(const Round& round) {
  if (round.open > 0) return;
  if (!round.failure.empty()) {
    round.call->Fail(kRpcFailed, "no figures: " + round.failure);
    return;
  }
  Json figures{Json::Array{}};
  for (const auto& part : round.parts)
    for (const ServiceFigures& one : part) figures.Push(ToJson(one));
  Json result;
  result.Set("figures", std::move(figures));
  round.call->Succeed(result);
}

std::vector<std::vector<TreeId>> LiveTrees(const MethodParts& parts, const std::vector<std::string>& names) {
  std::vector<std::vector<TreeId>> chunks;
  for (const std::string& name : names) {
    auto tree = parts.probes.TreeOf(name);
    if (!tree) continue;
    if (chunks.empty() || chunks.back().size() == kMaxFiguresPerPacket) chunks.emplace_back();
    chunks.back().push_back(std::move(*tree));
  }
  return chunks;
}

void Figures(const MethodParts& parts, const CallPointer& call) {
  auto names = ResolveNames(parts, call, false);
  if (!names) return;
  auto chunks = LiveTrees(parts, *names);
  auto round = std::make_shared<Round>();
  round->call = call;
  round->parts.resize(chunks.size());
  round->open = chunks.size();
  AnswerWhenWhole(*round);  // nothing lives
  for (std::size_t i = 0; i < chunks.size(); ++i) {
    parts.probes.Figures(std::move(chunks[i]), [round, i](const ProberAnswer& answer) {
      if (!answer.ok) round->failure = answer.text;
      round->parts[i] = answer.figures;
      --round->open;
      AnswerWhenWhole(*round);
    });
  }
}

}  // namespace

void AddFiguresMethod(MethodParts parts) {
  parts.server.Add("figures", Access::kRead, [parts](const CallPointer& call) { Figures(parts, call); });
}

}  // namespace foster
