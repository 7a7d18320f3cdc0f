// SPDX-License-Identifier: MIT
#include "foster/plan.h"

#include <algorithm>

#include "base/enum_names.h"

namespace foster {
namespace {

constexpr EnumNames<WorkloadFormat, WorkloadFormat::kProcessCompose> kFormats{
    {"supervisord", "process-compose"}};
constexpr EnumNames<WorkloadSource, WorkloadSource::kNone> kSources{{"project", "seed", "none"}};
constexpr EnumNames<Severity, Severity::kNote> kSeverities{{"error", "warning", "note"}};

}  // namespace

const ServiceSpec* Plan::Find(std::string_view name) const {
  auto found = std::find_if(services.begin(), services.end(), [&](const auto& s) { return s.name == name; });
  return found == services.end() ? nullptr : &*found;
}

bool HasErrors(const std::vector<Diagnostic>& diagnostics) {
  return std::any_of(diagnostics.begin(), diagnostics.end(),
                     [](const auto& d) { return d.severity == Severity::kError; });
}

std::string_view NameOf(WorkloadFormat format) { return kFormats.NameOf(format); }
std::string_view NameOf(WorkloadSource source) { return kSources.NameOf(source); }
std::string_view NameOf(Severity severity) { return kSeverities.NameOf(severity); }
std::optional<WorkloadFormat> WorkloadFormatFromName(std::string_view name) {
  return kFormats.FromName(name);
}
std::optional<WorkloadSource> WorkloadSourceFromName(std::string_view name) {
  return kSources.FromName(name);
}
std::optional<Severity> SeverityFromName(std::string_view name) { return kSeverities.FromName(name); }

}  // namespace foster
