// SPDX-License-Identifier: MIT
#include "formats/load_command.h"

#include <charconv>
#include <filesystem>

#include "sys/paths.h"
#include "sys/reader_process.h"

extern char** environ;

namespace foster {

std::vector<std::string> LoadArguments(const LoadRequest& request) {
  std::vector<std::string> words{"foster", "load"};
  if (request.is_workload) {
    words.insert(words.end(), {"workload", "--name=" + request.workload,
                               "--format=" + std::string(NameOf(request.format)), "--file=" + request.file});
  } else {
    words.insert(words.end(), {"services", "--directory=" + request.directory});
  }
  for (const auto& [name, count] : request.scale)
    words.push_back("--scale=" + name + "=" + std::to_string(count));
  words.push_back("--output-fd=" + std::to_string(request.output_fd));
  return words;
}

namespace {

// NAME=COUNT
bool TakeScale(const std::string& value, LoadRequest* request) {
  const std::size_t equals = value.rfind('=');
  if (equals == std::string::npos || equals == 0) return false;
  std::uint32_t count = 0;
  const char* end = value.data() + value.size();
  auto [at, error] = std::from_chars(value.data() + equals + 1, end, count);
  if (error != std::errc() || at != end || count == 0) return false;
  request->scale[value.substr(0, equals)] = count;
  return true;
}

bool TakeOption(const std::string& name, const std::string& value, LoadRequest* request) {
  if (name == "--directory") {
    request->directory = value;
  } else if (name == "--name") {
    request->workload = value;
  } else if (name == "--file") {
    request->file = value;
  } else if (name == "--scale") {
    return TakeScale(value, request);
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

Fragment Load(const LoadRequest& request, const ReadOptions& given) {
  ReadOptions options = given;
  for (const auto& [name, count] : request.scale) options.scale[name] = count;
  if (!request.is_workload) return ReadServiceDirectories(request.directory, options);
  return ReadWorkload(request.format, request.workload, request.file, options);
}

}  // namespace foster
