// SPDX-License-Identifier: MIT
#include "cli/check_files.h"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <set>
#include <tuple>

#include "formats/read.h"
#include "model/assemble.h"
#include "sys/paths.h"

extern char** environ;

namespace foster::cli {
namespace {

namespace fs = std::filesystem;

ReadOptions OptionsHere(const Paths& paths) {
  ReadOptions options;
  for (char** entry = environ; *entry != nullptr; ++entry) {
    std::string text = *entry;
    std::size_t equals = text.find('=');
    if (equals != std::string::npos) options.environment[text.substr(0, equals)] = text.substr(equals + 1);
  }
  options.variables = {{"FOSTER_SERVICES", paths.services},
                       {"FOSTER_WORKLOADS", paths.workloads},
                       {"FOSTER_SEED", paths.seed},
                       {"FOSTER_SOCKET", ClientSocketPath()}};
  std::ifstream("/proc/sys/kernel/hostname") >> options.host_name;
  std::error_code ignored;  // a working directory that was removed: relative paths then start at "/"
  options.working_directory = fs::current_path(ignored).string();
  if (options.working_directory.empty()) options.working_directory = "/";
  return options;
}

bool IsDirectory(const fs::path& path) {
  std::error_code ignored;  // what cannot be looked at is no directory; reading it will say why
  return fs::is_directory(path, ignored);
}

bool Exists(const fs::path& path) {
  std::error_code ignored;
  return fs::exists(path, ignored);
}

std::vector<fs::path> SortedEntries(const fs::path& directory) {
  std::vector<fs::path> entries;
  std::error_code ignored;  // an unreadable directory has no entries here; its reader reports it
  for (const auto& entry : fs::directory_iterator(directory, ignored)) entries.push_back(entry.path());
  std::sort(entries.begin(), entries.end());
  return entries;
}

std::optional<WorkloadFormat> FormatOf(const fs::path& file) {
  const std::string extension = file.extension().string();
  if (extension == ".conf" || extension == ".ini") return WorkloadFormat::kSupervisord;
  if (extension == ".yaml" || extension == ".yml") return WorkloadFormat::kProcessCompose;
  return std::nullopt;
}

// services.d: a directory of directories that have a `type`.
bool HoldsServices(const fs::path& directory) {
  auto entries = SortedEntries(directory);
  return std::any_of(entries.begin(), entries.end(),
                     [](const auto& entry) { return Exists(entry / "type"); });
}

// "workloads/supervisord/project.conf" is workload supervisord; "web.yaml" is workload web.
std::string WorkloadName(const fs::path& file) {
  const std::string stem = file.stem().string();
  const std::string parent = fs::absolute(file).parent_path().filename().string();
  return (stem == "project" || stem == "seed") && !parent.empty() ? parent : stem;
}

// Everything that is to be put together, in the order in which it was named.
class Collector {
 public:
  Collector(const CheckRequest& request, const ReadOptions& options) : request_(request), options_(options) {}

  Result<void> Add(const fs::path& path) {
    if (!Exists(path)) return Error("cannot check " + path.string() + ": there is no such file", ENOENT);
    if (!IsDirectory(path)) return AddFile(path);
    if (Exists(path / "type")) {
      return Error("cannot check " + path.string() + ": it is one service; name the directory that holds it");
    }
    if (HoldsServices(path)) return AddServices(path);
    return AddWorkloadDirectory(path);
  }

  Result<void> AddServices(const fs::path& directory) {
    checked.push_back(directory.string());
    Fragment fragment = ReadServiceDirectories(fs::absolute(directory).string(), options_);
    for (const auto& workload : fragment.workloads) workloads.push_back(ReadBoth(workload));
    Append(&services.services, fragment.services);
    Append(&services.bundles, fragment.bundles);
    Append(&services.workloads, fragment.workloads);
    Append(&services.diagnostics, fragment.diagnostics);
    return Ok();
  }

  Fragment services;
  std::vector<WorkloadFragments> workloads;
  std::vector<std::string> checked;

 private:
  template <class T>
  static void Append(std::vector<T>* to, const std::vector<T>& from) {
    to->insert(to->end(), from.begin(), from.end());
  }

  WorkloadFragments ReadBoth(const Workload& workload) {
    WorkloadFragments both;
    both.name = workload.name;
    if (!workload.project.empty()) both.project = ReadOne(workload, workload.project);
    if (!workload.seed.empty()) both.seed = ReadOne(workload, workload.seed);
    // A project that is not there is what seeds are for: said, but no error.
    if (both.project && both.seed && both.seed->valid && !Exists(workload.project)) {
      for (auto& diagnostic : both.project->diagnostics) diagnostic.severity = Severity::kWarning;
    }
    return both;
  }

  Fragment ReadOne(const Workload& workload, const std::string& path) {
    checked.push_back(path);
    return ReadWorkload(workload.format, workload.name, path, options_);
  }

  Result<void> AddFile(const fs::path& file) {
    auto format = request_.format ? request_.format : FormatOf(file);
    if (!format) {
      return Error("cannot check " + file.string() +
                   ": neither .conf, .ini, .yaml nor .yml; --format names its format");
    }
    Workload workload;
    workload.name = UniqueName(WorkloadName(file));
    workload.format = *format;
    workload.project = fs::absolute(file).string();
    workload.origin.file = workload.project;
    services.workloads.push_back(workload);
    workloads.push_back(ReadBoth(workload));
    return Ok();
  }

  // Two files of one name are two workloads, not one that is defined twice.
  std::string UniqueName(const std::string& name) const {
    std::string unique = name;
    for (int i = 2;
         std::any_of(workloads.begin(), workloads.end(), [&](const auto& w) { return w.name == unique; });
         ++i)
      unique = name + "-" + std::to_string(i);
    return unique;
  }

  // A workloads or seed directory: the files in it and one level below.
  Result<void> AddWorkloadDirectory(const fs::path& directory) {
    std::size_t before = workloads.size();
    for (const auto& entry : SortedEntries(directory)) {
      if (IsDirectory(entry)) {
        for (const auto& file : SortedEntries(entry))
          if (FormatOf(file) && !IsDirectory(file)) FOSTER_TRY(AddFile(file));
      } else if (FormatOf(entry)) {
        FOSTER_TRY(AddFile(entry));
      }
    }
    if (workloads.size() > before) return Ok();
    return Error("cannot check " + directory.string() +
                 ": it holds neither service directories nor workload files");
  }

  const CheckRequest& request_;
  const ReadOptions& options_;
};

// Each diagnostic once: the readers' own, those of the plan, and programs that two workloads define.
class Unique {
 public:
  void Add(const std::vector<Diagnostic>& list) {
    for (const auto& d : list) {
      if (seen_.insert({d.origin.file, d.origin.line, d.origin.column, d.text}).second)
        diagnostics.push_back(d);
    }
  }
  std::vector<Diagnostic> diagnostics;

 private:
  std::set<std::tuple<std::string, std::uint32_t, std::uint32_t, std::string>> seen_;
};

}  // namespace

Result<CheckReport> CheckFiles(const CheckRequest& request) {
  const Paths paths = FindPaths();
  const ReadOptions options = OptionsHere(paths);
  Collector collector(request, options);
  for (const auto& path : request.paths) FOSTER_TRY(collector.Add(path));
  if (request.paths.empty()) {
    if (!IsDirectory(paths.services)) {
      return Error("cannot check " + paths.services +
                   ": there is no such directory (FOSTER_SERVICES names it)");
    }
    FOSTER_TRY(collector.AddServices(paths.services));
  }

  CheckReport report;
  report.plan = Assemble(collector.services, collector.workloads, AssembleOptions{});
  report.checked = collector.checked;
  Unique unique;
  unique.Add(collector.services.diagnostics);
  for (const auto& workload : collector.workloads) {
    if (workload.project) unique.Add(workload.project->diagnostics);
    if (workload.seed) unique.Add(workload.seed->diagnostics);
  }
  for (const auto& workload : report.plan.workloads) unique.Add(workload.diagnostics);
  unique.Add(report.plan.diagnostics);
  unique.Add(FindDoubleDefinitions(report.plan));
  report.diagnostics = std::move(unique.diagnostics);
  return report;
}

}  // namespace foster::cli
