// SPDX-License-Identifier: MIT
#include "cli/s6_targets.h"

#include <algorithm>
#include <filesystem>

namespace foster::cli {
namespace {

namespace fs = std::filesystem;

// The path with links resolved as far as it exists: /run/service/web may be a link, or nothing at all.
fs::path Canonical(const std::string& path) {
  std::error_code error;
  fs::path canonical = fs::weakly_canonical(fs::absolute(path, error), error);
  if (!canonical.has_filename()) canonical = canonical.parent_path();  // "web/" is "web"
  return canonical;
}

S6Target OneService(const ServiceStatus& service) { return {"", {service.name}}; }

std::optional<S6Target> ByFullName(const std::string& word, const std::vector<ServiceStatus>& services) {
  for (const auto& s : services)
    if (s.name == word) return OneService(s);
  return std::nullopt;
}

std::optional<S6Target> ByWorkload(const std::string& word, const std::vector<ServiceStatus>& services,
                                   const std::vector<WorkloadStatus>& workloads) {
  bool known = std::any_of(workloads.begin(), workloads.end(), [&](const auto& w) { return w.name == word; });
  if (!known) return std::nullopt;
  S6Target target{word, {}};
  for (const auto& s : services)
    if (s.workload == word && !s.internal) target.names.push_back(s.name);
  return target;
}

std::optional<S6Target> ByBareName(const std::string& word, const std::vector<ServiceStatus>& services) {
  std::optional<S6Target> found;
  for (const auto& s : services) {
    if (s.internal || s.name.size() <= word.size() + 1) continue;
    if (s.name.compare(s.name.size() - word.size() - 1, std::string::npos, "/" + word) != 0) continue;
    if (found) return std::nullopt;  // ambiguous: foster's own answer lists the full names
    found = OneService(s);
  }
  return found;
}

std::optional<S6Target> ByName(const std::string& word, const std::vector<ServiceStatus>& services,
                               const std::vector<WorkloadStatus>& workloads) {
  if (auto target = ByFullName(word, services)) return target;
  if (auto target = ByWorkload(word, services, workloads)) return target;
  return ByBareName(word, services);
}

}  // namespace

std::optional<S6Target> ResolveS6Target(const std::string& word, const std::vector<ServiceStatus>& services,
                                        const std::vector<WorkloadStatus>& workloads) {
  bool is_path = word.find('/') != std::string::npos || word == "." || word == "..";
  if (!is_path) return ByName(word, services, workloads);
  if (auto target = ByFullName(word, services)) return target;
  const fs::path path = Canonical(word);
  for (const auto& s : services)
    if (!s.directory.empty() && Canonical(s.directory) == path) return OneService(s);
  // "supervisord/" is the workload as well as a directory of that name.
  return ByName(path.filename().string(), services, workloads);
}

}  // namespace foster::cli
