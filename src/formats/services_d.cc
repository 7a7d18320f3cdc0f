// SPDX-License-Identifier: MIT
// services.d as a whole: every directory in it, in the order of their names.
#include <algorithm>
#include <filesystem>

#include "formats/read.h"
#include "formats/report.h"
#include "formats/service_directory.h"

namespace foster {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kMostDirectories = 4096;  // as many children as init can hold

}  // namespace

Fragment ReadServiceDirectories(const std::string& directory, const ReadOptions& options) {
  Fragment fragment;
  Report report(&fragment.diagnostics);
  std::error_code error;
  fs::path root = fs::absolute(directory, error).lexically_normal();
  if (!root.has_filename()) root = root.parent_path();  // "services.d/"
  Origin whole{root.string(), 0, 0};
  std::vector<std::string> names;
  fs::directory_iterator iterator(root, error);
  for (; !error && iterator != fs::directory_iterator(); iterator.increment(error)) {
    std::string name = iterator->path().filename().string();
    std::error_code no_status;
    if (name[0] != '.' && iterator->is_directory(no_status)) names.push_back(std::move(name));
  }
  if (error == std::errc::no_such_file_or_directory) {
    report.Warning(whole, "there is no such directory: no service comes from it");
    return fragment;
  }
  if (error) report.Error(whole, "cannot read " + root.string() + ": " + error.message());
  std::sort(names.begin(), names.end());
  if (names.size() > kMostDirectories) {
    report.Error(whole, "more than 4096 service directories; the rest is left out");
    names.resize(kMostDirectories);
  }
  for (const std::string& name : names) {
    if (name.find('\n') != std::string::npos) {
      report.Error(whole, "a service directory's name holds a line end");
      continue;
    }
    ReadServiceDirectory((root / name).string(), options, fragment);
  }
  return fragment;
}

}  // namespace foster
