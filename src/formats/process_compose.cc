// SPDX-License-Identifier: MIT
// A process-compose file as a whole: interpolation, YAML, the project's keys, then the processes.
#include <charconv>
#include <filesystem>

#include "formats/envsubst.h"
#include "formats/process_compose_keys.h"
#include "formats/process_compose_log.h"
#include "formats/process_compose_process.h"
#include "formats/read.h"
#include "formats/scalar_values.h"
#include "formats/text_source.h"

namespace foster {
namespace {

class ProcessComposeReader {
 public:
  ProcessComposeReader(std::string_view workload, const std::string& path, std::string_view text,
                       const ReadOptions& options)
      : workload_(workload), source_(path, text), options_(options), report_(&fragment_.diagnostics) {
    report_.AddSource(&source_);
  }

  Fragment Run() {
    if (CheckText(source_, report_))
      if (YamlNode::Pointer root = Parse()) Project(*root);
    fragment_.valid = !report_.has_errors();
    return std::move(fragment_);
  }

 private:
  // Interpolated; if the file itself then says that it does not want that, once more as it is written.
  YamlNode::Pointer Parse() {
    std::string_view text = source_.text();
    std::size_t mark = text.substr(0, 3) == "\xEF\xBB\xBF" ? 3 : 0;
    text.remove_prefix(mark);
    std::map<std::string, std::string> values = options_.environment;
    values.insert(options_.variables.begin(), options_.variables.end());  // FOSTER_*, where they are not set
    substitution_ = Substitute(text, values);
    if (!substitution_.error.empty()) {
      report_.Error(source_.At(mark + substitution_.error_offset), substitution_.error,
                    "write '$${' for a '${' that is not meant for process-compose, also in comments");
      return nullptr;
    }
    auto mapped = [&](std::size_t offset) { return source_.At(mark + substitution_.OriginalOffset(offset)); };
    YamlNode::Pointer root = ParseYaml(substitution_.text, mapped, report_);
    if (!root || !root->is_map()) return root;
    const YamlNode* raw = root->Find("disable_env_expansion");
    bool wants_raw = false;
    if (!raw || !ReadYamlBool(*raw, &wants_raw) || !wants_raw) return root;
    return ParseYaml(
        text, [&](std::size_t offset) { return source_.At(mark + offset); }, report_);
  }

  void Project(const YamlNode& root) {
    YamlMap project(&root, "the project file", report_);
    context_.workload = workload_;
    context_.working_directory = options_.working_directory;
    context_.is_strict = project.Bool("is_strict", false);
    project.CheckKeys(ProcessComposeProjectKeys(), context_.is_strict);
    if (const YamlNode* misplaced = root.Find("x-foster"))
      report_.Warning(misplaced->origin, "x-foster has no meaning here", "write it below a process");
    std::string directory = std::filesystem::path(options_.working_directory).filename().string();
    fragment_.identifier = project.Text("name", directory);
    context_.environment = project.TextList("environment");
    context_.vars = ReadVars(YamlMap(project.Find("vars"), "vars", report_));
    context_.log = ReadProjectLog(project, options_.working_directory);
    LogLevel(project);
    Shell(project);
    Server();
    Processes(YamlMap(project.Find("processes"), "processes", report_));
  }

  void LogLevel(const YamlMap& project) {
    std::string level = project.Text("log_level", "info");
    for (const char* known : {"trace", "debug", "info", "warn", "error", "fatal", "panic"})
      if (level == known) return;
    std::string text = "unknown log level " + Quote(level);
    const char* hint = "allowed: trace, debug, info, warn, error, fatal, panic";
    if (context_.is_strict)
      report_.Error(project.Find("log_level")->origin, text, hint);
    else
      report_.Warning(project.Find("log_level")->origin, text, hint);
  }

  std::string FromEnvironment(const char* name) const {
    auto found = options_.environment.find(name);
    return found == options_.environment.end() ? std::string() : found->second;
  }

  bool IsInPath(const std::string& program) const {
    auto is_program = [](const std::string& path) {
      std::error_code error;
      auto status = std::filesystem::status(path, error);
      constexpr auto kExecutable = std::filesystem::perms::owner_exec | std::filesystem::perms::group_exec |
                                   std::filesystem::perms::others_exec;
      return std::filesystem::is_regular_file(status) &&
             (status.permissions() & kExecutable) != std::filesystem::perms::none;
    };
    if (program.find('/') != std::string::npos) return is_program(program);
    std::string path = FromEnvironment("PATH");
    for (std::size_t at = 0; at <= path.size();) {
      std::size_t end = std::min(path.find(':', at), path.size());
      if (end > at && is_program(path.substr(at, end - at) + "/" + program)) return true;
      at = end + 1;
    }
    return false;
  }

  void Shell(const YamlMap& project) {
    YamlMap map(project.Find("shell"), "shell", report_);
    map.CheckKeys(ProcessComposeShellKeys(), false);
    std::string own = map.Text("shell_command"), from_environment = FromEnvironment("COMPOSE_SHELL");
    std::string command = !own.empty() ? own : !from_environment.empty() ? from_environment : "bash";
    if (!IsInPath(command)) {
      if (!own.empty()) {
        report_.Error(map.Find("shell_command")->origin,
                      "exec: " + Quote(own) + ": executable file not found in $PATH");
      } else {
        report_.Warning(source_.Whole(), Quote(command) + " is not in PATH; commands run with 'sh -c'");
        command = "sh";
      }
    }
    context_.shell = {command, map.Text("shell_argument", "-c")};
  }

  // process-compose serves REST unless the variable is there, whatever it says.
  void Server() {
    if (options_.environment.count("PC_NO_SERVER")) return;
    Listener listener;
    listener.protocol = "rest";
    listener.origin = source_.Whole();
    listener.path = FromEnvironment("PC_SOCKET_PATH");
    if (listener.path.empty()) {
      listener.host = FromEnvironment("PC_ADDRESS");
      if (listener.host.empty()) listener.host = "localhost";
      listener.port = 8080;
      std::string port = FromEnvironment("PC_PORT_NUM");
      unsigned number = 0;
      auto [end, error] = std::from_chars(port.data(), port.data() + port.size(), number);
      bool good = error == std::errc() && end == port.data() + port.size() && number >= 1 && number <= 65535;
      if (good)
        listener.port = static_cast<std::uint16_t>(number);
      else if (!port.empty())
        report_.Warning(source_.Whole(), "PC_PORT_NUM is " + Quote(port) + ", no port; 8080 is used");
    }
    fragment_.listeners.push_back(std::move(listener));
  }

  void Processes(const YamlMap& processes) {
    std::map<std::string, YamlMap> maps;
    std::int64_t total = 0;
    for (const YamlNode::Pair& pair : processes.pairs()) {
      YamlMap process(pair.value.get(), "process '" + pair.key + "'", report_);
      std::int64_t count = process.Integer("replicas", 1);
      if (auto scaled = ScaleOf(options_.scale, workload_, pair.key)) count = *scaled;
      total += count;
      if (count > kMaxReplicas || total > kMaxReplicas) {
        report_.Error(process.Find("replicas") ? process.Find("replicas")->origin : pair.origin,
                      "more than 4096 processes");
        return;
      }
      context_.replicas[pair.key] = std::max<std::int64_t>(1, count);
      NoteChecks(pair.key, process);
      maps.emplace(pair.key, std::move(process));
    }
    for (const YamlNode::Pair& pair : processes.pairs()) {
      if (pair.key.empty() || pair.key.find('\n') != std::string::npos) {
        report_.Error(pair.origin, "a process needs a name of one line");
        continue;
      }
      auto map = maps.find(pair.key);
      if (map == maps.end()) continue;
      for (ServiceSpec& spec : ReadProcess(context_, pair.key, pair.origin, map->second))
        fragment_.services.push_back(std::move(spec));
      maps.erase(map);  // a key that stands twice was reported; the first one is read
    }
  }

  void NoteChecks(const std::string& name, const YamlMap& process) {
    const YamlNode* own = process.Find("x-foster");
    bool is_ready_own = own && own->Find("readiness");
    bool has_health = process.Find("readiness_probe") || process.Find("liveness_probe") || is_ready_own ||
                      (own && own->Find("liveness"));
    if (has_health) context_.with_health.insert(name);
    if (is_ready_own || process.Find("ready_log_line")) context_.with_log_line.insert(name);
  }

  std::string workload_;
  TextSource source_;
  const ReadOptions& options_;
  Fragment fragment_;
  Report report_;
  Substitution substitution_;
  ProcessComposeContext context_;
};

}  // namespace

Fragment ReadProcessCompose(std::string_view workload, const std::string& path, std::string_view text,
                            const ReadOptions& options) {
  return ProcessComposeReader(workload, path, text, options).Run();
}

}  // namespace foster
