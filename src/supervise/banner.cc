// SPDX-License-Identifier: MIT
#include "supervise/banner.h"

namespace foster {
namespace {

constexpr int kWidth = 78;

std::string Rule(PrintColour colour, char edge) {
  std::string rule = "+" + std::string(kWidth, edge) + "+\n";
  return colour == PrintColour::kYes ? "\x1b[1;37;41m" + rule.substr(0, rule.size() - 1) + "\x1b[0m\n" : rule;
}

std::string Inside(PrintColour colour, const std::string& text) {
  std::string line = "| " + text;
  if (line.size() < kWidth + 1) line.append(kWidth + 1 - line.size(), ' ');
  line += "|";
  return colour == PrintColour::kYes ? "\x1b[1;37;41m" + line + "\x1b[0m\n" : line + "\n";
}

std::string Why(const Workload& workload, bool seeds_only) {
  if (seeds_only) return "supervise came up in safe mode after it had died five times within a minute";
  return "its project file cannot be used: " + workload.project;
}

std::string What(const Workload& workload) {
  if (workload.source == WorkloadSource::kSeed) return "using seed " + workload.seed;
  return "there is no usable seed either: nothing of this workload runs";
}

}  // namespace

std::string FallbackBanner(const Workload& workload, bool seeds_only, PrintColour colour) {
  if (workload.source == WorkloadSource::kProject) return "";
  std::string text = Rule(colour, '=');
  text += Inside(colour, "WORKLOAD " + workload.name + " DOES NOT RUN FROM ITS PROJECT FILE");
  text += Inside(colour, Why(workload, seeds_only));
  text += Inside(colour, What(workload));
  text += Rule(colour, '=');
  text += PrintDiagnostics(workload.diagnostics, colour);
  if (!seeds_only) text += "to repair: edit " + workload.project + "\n";
  text += "then:      svc reload " + workload.name + "\n";
  text += Rule(colour, '-');
  return text;
}

}  // namespace foster
