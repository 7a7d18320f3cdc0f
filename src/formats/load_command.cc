// SPDX-License-Identifier: MIT
#include "formats/load_command.h"

#include <charconv>
#include <filesystem>

#include "sys/paths.h"
#include "sys/reader_process.h"

extern char** environ;

namespace foster {

std::vector<std::string> LoadArguments(const LoadRequest& request) {
  std::string output = "--output-fd=" + std::to_string(request.output_fd);
  if (!request.is_workload) return {"foster", "load", "services", "--directory=" + request.directory, output};
  return {"foster",
          "load",
          "workload",
          "--name=" + request.workload,
          "--format=" + std::string(NameOf(request.format)),
          "--file=" + request.file,
          output};
}

namespace {

bool TakeOption(const std::string& name, const std::string& value, LoadRequest* request) {
  if (name == "--directory") {
    request->directory = value;
  } else if (name == "--name") {
    request->workload = value;
  } else if (name == "--file") {
    request->file = value;
  } else if (name == "--format") {
    auto format = WorkloadFormatFromName(value);
    if (!format) return false;
    request->format = *format;
  } else if (name == "--output-fd") {
    auto [end, error] = std::from_chars(value.data(), value.data() + value.size(), request->output_fd);
    return error == std::errc() && end == value.data() + value.size() && request->output_fd >= 0;
  } else {
    return false;
  }
  return true;
}

}  // namespace

std::optional<LoadRequest> ParseLoad(const std::vector<std::string>& words, std::string* error) {
  LoadRequest request;
  bool is_known = !words.empty() && (words[0] == "services" || words[0] == "workload");
  if (!is_known) return *error = "first word: services or workload", std::nullopt;
  request.is_workload = words[0] == "workload";
  for (std::size_t i = 1; i < words.size(); ++i) {
    std::size_t equals = words[i].find('=');
    if (equals == std::string::npos ||
        !TakeOption(words[i].substr(0, equals), words[i].substr(equals + 1), &request))
      return *error = "cannot use " + words[i], std::nullopt;
  }
  if (request.is_workload && (request.workload.empty() || request.file.empty()))
    return *error = "--name and --file are needed", std::nullopt;
  if (!request.is_workload && request.directory.empty())
    return *error = "--directory is needed", std::nullopt;
  return request;
}

ReadOptions CurrentReadOptions() {
  ReadOptions options;
  for (char** entry = environ; entry && *entry; ++entry) {
    std::string_view pair = *entry;
    if (std::size_t equals = pair.find('='); equals != std::string_view::npos)
      options.environment.emplace(pair.substr(0, equals), pair.substr(equals + 1));
  }
  Paths paths = FindPaths();
  options.variables = {{"FOSTER_SERVICES", paths.services},
                       {"FOSTER_WORKLOADS", paths.workloads},
                       {"FOSTER_SEED", paths.seed},
                       {"FOSTER_SOCKET", ClientSocketPath()}};
  options.host_name = HostName();
  std::error_code error;
  options.working_directory = std::filesystem::current_path(error).string();
  if (error) options.working_directory = "/";
  return options;
}

Fragment Load(const LoadRequest& request, const ReadOptions& options) {
  if (!request.is_workload) return ReadServiceDirectories(request.directory, options);
  return ReadWorkload(request.format, request.workload, request.file, options);
}

}  // namespace foster
