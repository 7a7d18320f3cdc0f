// SPDX-License-Identifier: MIT
#include "fuzz/entries.h"

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <set>

#include "formats/diagnostic_printer.h"
#include "formats/envsubst.h"
#include "formats/foster_yaml.h"
#include "formats/percent.h"
#include "formats/read.h"
#include "formats/shlex.h"
#include "formats/text_source.h"
#include "wire/plan_codec.h"

namespace foster::fuzz {
namespace {

void Require(bool is_true) {
  if (!is_true) std::abort();
}

ReadOptions Options() {
  ReadOptions options;
  options.environment = {{"HOME", "/h"}, {"USER", "u"}, {"PATH", "/nowhere"}, {"E", ""}};
  options.variables = {{"FOSTER_SEED", "/s"}};
  options.host_name = "h";
  options.working_directory = "/w";
  return options;
}

void CheckFragment(const Fragment& fragment) {
  std::set<std::string> names;
  for (const ServiceSpec& service : fragment.services) {
    Require(names.insert(service.name).second);
    Require(!service.name.empty());
  }
  Require(fragment.diagnostics.size() <= 201);
  Require(!PrintDiagnostics(fragment.diagnostics, PrintColour::kYes).empty() || fragment.diagnostics.empty());
  auto json = ParseJson(ToJson(fragment).Dump());
  Require(json.ok());
  Require(FragmentFromJson(*json).ok());
}

class ScratchDirectory {
 public:
  ScratchDirectory() {
    std::string pattern = (std::filesystem::temp_directory_path() / "foster-fuzz-XXXXXX").string();
    Require(::mkdtemp(pattern.data()) != nullptr);
    path_ = pattern;
  }
  ~ScratchDirectory() { std::filesystem::remove_all(path_); }
  const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
};

}  // namespace

void Ini(std::string_view bytes) {
  // No [include]: a fuzzer would read the machine's files.
  if (bytes.find("include") != std::string_view::npos) return;
  Fragment fragment = ReadSupervisord("w", "/x/f.conf", bytes, Options());
  Require(fragment.valid != HasErrors(fragment.diagnostics));
  CheckFragment(fragment);
}

void Yaml(std::string_view bytes) {
  Fragment fragment = ReadProcessCompose("w", "/x/f.yaml", bytes, Options());
  Require(fragment.valid != HasErrors(fragment.diagnostics));
  CheckFragment(fragment);
}

void Envsubst(std::string_view bytes) {
  Substitution result = Substitute(bytes, Options().environment);
  if (!result.error.empty()) return Require(result.error_offset <= bytes.size());
  std::size_t step = result.text.size() / 64 + 1;
  for (std::size_t at = 0; at <= result.text.size(); at += step)
    Require(result.OriginalOffset(at) <= bytes.size());
  PercentNames names;
  names.Set("a", "v");
  names.Set("n", std::int64_t{-7});
  PercentError error;
  (void)ExpandPercent(bytes, names, &error);  // only that it ends and stays in bounds
  Require(error.offset <= bytes.size());
}

void Shlex(std::string_view bytes) {
  WordError error;
  (void)SplitCommand(bytes, &error);  // only that it ends and stays in bounds, as below
  Require(error.offset <= bytes.size());
  (void)SplitEnvironment(bytes, &error);
  error = {};
  (void)SplitExecline(bytes, &error);
  Require(error.offset <= bytes.size());
}

void FosterYaml(std::string_view bytes) {
  Fragment fragment;
  Report report(&fragment.diagnostics);
  TextSource source("/x/foster.yaml", bytes);
  report.AddSource(&source);
  if (!CheckText(source, report)) return;
  auto at = [&](std::size_t offset) { return source.At(offset); };
  YamlNode::Pointer root = ParseYaml(bytes, at, report);
  if (!root) return Require(report.has_errors());
  ServiceSpec spec;
  spec.name = "x";
  spec.run.cwd = "/";
  foster::FosterYaml read = ReadFosterYaml(*root, FosterDialect{}, report, spec);
  FillWorkingDirectories(spec);
  ReportSpecFaults(spec, root.get(), read, source.Whole(), report);
  Require(read.replicas <= 4096);
  Require(report.has_errors() || spec.restart.budget == kUnlimited || spec.restart.budget <= kMaxBudget);
  fragment.services.push_back(std::move(spec));
  CheckFragment(fragment);
}

void ServiceDirectory(std::string_view bytes) {
  static const ScratchDirectory scratch;
  std::filesystem::path directory = scratch.path() / "service";
  std::filesystem::remove_all(directory);
  std::filesystem::create_directories(directory / "env");
  std::filesystem::create_directories(directory / "dependencies.d");
  static constexpr const char* kNames[] = {
      "type",        "up",    "down",   "run",     "finish", "notification-fd", "timeout-up", "timeout-kill",
      "down-signal", "env/A", "format", "project", "seed",   "dependencies",    "contents"};
  for (const char* name : kNames) {
    if (bytes.empty()) break;
    std::size_t end = std::min(bytes.find('\0'), bytes.size());
    // An empty part stands for a file that is not there.
    if (end > 0) {
      std::ofstream(directory / name, std::ios::binary) << bytes.substr(0, end);
      std::filesystem::permissions(directory / name, std::filesystem::perms::owner_exec,
                                   std::filesystem::perm_options::add);
    }
    bytes.remove_prefix(std::min(end + 1, bytes.size()));
  }
  Fragment fragment = ReadServiceDirectories(scratch.path().string(), Options());
  Require(fragment.valid);
  Require(fragment.services.size() + fragment.bundles.size() + fragment.workloads.size() == 1);
  CheckFragment(fragment);
}

}  // namespace foster::fuzz
