// SPDX-License-Identifier: MIT
#include "formats/process_compose_process.h"

#include <algorithm>

#include "formats/foster_yaml.h"
#include "formats/process_compose_keys.h"
#include "formats/process_compose_log.h"
#include "formats/process_compose_policy.h"
#include "formats/scalar_values.h"
#include "formats/suggest.h"

namespace foster {
namespace {

constexpr std::int64_t kMostPerProcess = 100'000;

class ProcessReader {
 public:
  ProcessReader(const ProcessComposeContext& context, const std::string& name, const Origin& origin,
                const YamlMap& process)
      : context_(context), name_(name), origin_(origin), process_(process), report_(process.report()) {}

  std::vector<ServiceSpec> Run() {
    process_.CheckKeys(ProcessComposeProcessKeys(), context_.is_strict);
    vars_ = context_.vars;
    for (auto& [key, value] : ReadVars(YamlMap(process_.Find("vars"), "vars", report_))) vars_[key] = value;
    ServiceSpec common = Common();
    std::vector<std::string> environment = context_.environment;
    for (const std::string& pair : process_.TextList("environment")) {
      if (pair.find('=') == std::string::npos)
        report_.Warning(OriginOf("environment"), Quote(pair) + " is no KEY=value");
      environment.push_back(pair);
    }
    std::int64_t count = context_.replicas.at(name_);
    std::int64_t gates = count * static_cast<std::int64_t>(common.gates.size());
    std::int64_t variables = count * static_cast<std::int64_t>(environment.size());
    if (gates > kMostPerProcess || variables > kMostPerProcess) {
      report_.Error(origin_, "over all replicas there are more than 100000 dependencies or variables");
      return {};
    }
    std::vector<ServiceSpec> specs;
    for (std::int64_t number = 0; number < count; ++number) {
      vars_["PC_REPLICA_NUM"] = std::to_string(number);
      ServiceSpec spec = common;
      std::string full = ReplicaName(name_, number, count);
      spec.name = context_.workload + "/" + full;
      spec.environment = {"PC_PROC_NAME=" + full, "PC_REPLICA_NUM=" + std::to_string(number)};
      std::size_t globals = context_.environment.size();
      for (std::size_t i = 0; i < environment.size(); ++i)
        spec.environment.push_back(i < globals ? environment[i] : Render(environment[i], "environment"));
      spec.description = Render(process_.Text("description"), "description");
      if (count > 1)
        spec.replica = {context_.workload + "/" + name_, static_cast<std::uint32_t>(number),
                        static_cast<std::uint32_t>(count)};
      ReadCommand(spec);
      spec.run.cwd = Directory();
      spec.log = Logs(number, count);
      ReadProbesAndDialect(spec, number, count);
      specs.push_back(std::move(spec));
    }
    return specs;
  }

 private:
  Origin OriginOf(std::string_view key) const {
    const YamlNode* node = process_.Find(key);
    return node ? node->origin : origin_;
  }

  ServiceSpec Common() {
    ServiceSpec spec;
    spec.workload = context_.workload;
    spec.origin = origin_;
    spec.group = Namespace();
    spec.autostart = !IsDisabled();
    spec.readiness.start_time = Millis{0};
    ReadProcessPolicies(process_, name_, context_.shell, context_.is_strict, spec);
    ReadGates(spec.gates);
    for (const YamlNode* item : process_.List("success_exit_codes")) {
      auto code = item->is_scalar() && item->is_plain ? ParseInteger(item->scalar) : Error("");
      if (code.ok() && *code >= 0 && *code <= 255) {
        if (*code != 0) spec.success_codes.push_back(static_cast<int>(*code));
      } else {
        std::string text = "invalid success_exit_codes value " + KindName(*item) + " in process '" + name_ +
                           "': exit codes must be in the range 0-255";
        if (context_.is_strict || !code.ok())
          report_.Error(item->origin, text);
        else
          report_.Warning(item->origin, text);
      }
    }
    return spec;
  }

  // What may differ between replicas; only the first one reports.
  void ReadProbesAndDialect(ServiceSpec& spec, std::int64_t number, std::int64_t count) {
    std::vector<Diagnostic> unheard;
    Report silent(&unheard);
    Report& report = number == 0 ? report_ : silent;
    ReadProcessProbes(
        process_, name_, context_.shell, [&](const std::string& text) { return Render(text, "command"); },
        report, spec);
    FosterDialect dialect{context_.shell, false, [&](const std::string& name) { return NamesOf(name); }};
    const YamlNode* own = process_.Find("x-foster");
    FosterYaml read;
    const std::vector<LogSink> numbered = spec.log.sinks;
    if (own) read = ReadFosterYaml(*own, dialect, report, spec);
    if (std::string why = NumberLogs(spec.log, number, count, numbered); !why.empty())
      report.Error(read.log, why, "write {PC_REPLICA_NUM} into it");
    FillWorkingDirectories(spec);
    AbsoluteDirectory(spec.readiness.probe.command);
    AbsoluteDirectory(spec.liveness.probe.command);
    ReportSpecFaults(spec, own, read, origin_, report);
  }

  // Files, whose names may differ between replicas; only the first one reports.
  LogSpec Logs(std::int64_t number, std::int64_t count) {
    std::vector<Diagnostic> unheard;
    Report silent(&unheard);
    ProcessLogPlace place{Render(process_.Text("log_location"), "log_location"), context_.working_directory,
                          context_.log, number == 0 ? &report_ : &silent};
    LogSpec log = ReadProcessLog(process_, name_, place);
    NumberLogs(log, number, count, context_.log.sinks);  // the project's own file is one for all
    return log;
  }

  void AbsoluteDirectory(Command& command) const {
    if (command.cwd.empty() || command.cwd[0] == '/') return;
    std::string base = context_.working_directory.empty() ? "/" : context_.working_directory;
    command.cwd = base + (base.back() == '/' ? "" : "/") + command.cwd;
  }

  // The services that a name of this file stands for.
  std::vector<std::string> NamesOf(const std::string& name) const {
    auto group = context_.replicas.find(name);
    std::int64_t count = group == context_.replicas.end() ? 1 : group->second;
    std::vector<std::string> names;
    for (std::int64_t number = 0; number < count; ++number) names.push_back(ReplicaName(name, number, count));
    return names;
  }

  bool IsDisabled() const {
    std::string word = process_.Text("is_disabled");
    if (word == "true") return true;
    if (word == "false") return false;
    if (!word.empty())
      report_.Warning(OriginOf("is_disabled"), "is_disabled is neither \"true\" nor \"false\"");
    return process_.Bool("disabled", false);
  }

  std::string Namespace() const {
    const YamlNode* node = process_.Find("namespace");
    if (!node) return "default";
    if (node->is_scalar()) return node->scalar.empty() ? "default" : node->scalar;
    std::string joined;
    std::set<std::string> seen;
    for (const YamlNode::Pointer& item : node->items) {
      if (!item->is_scalar() || item->scalar.empty() || !seen.insert(item->scalar).second) continue;
      joined += (joined.empty() ? "" : ",") + item->scalar;
    }
    if (node->is_map()) report_.Error(node->origin, "namespace must be a string or a list of strings");
    return joined.empty() ? "default" : joined;
  }

  void ReadGates(std::vector<Gate>& gates) {
    YamlMap map(process_.Find("depends_on"), "depends_on of process '" + name_ + "'", report_);
    for (const YamlNode::Pair& pair : map.pairs()) {
      if (pair.key.rfind("x-", 0) == 0) continue;
      YamlMap condition(pair.value.get(), "depends_on '" + pair.key + "'", report_);
      Gate gate;
      gate.kind = Condition(condition, pair.key);
      gate.origin = pair.origin;
      if (pair.key == name_) {
        report_.Error(pair.origin, "circular dependency found in '" + name_ + "'", "it depends on itself");
        continue;
      }
      std::vector<std::string> names = NamesOf(pair.key);
      for (const std::string& name : names) {
        gate.service = name;
        if (names.size() == 1 || !map.Find(name)) gates.push_back(gate);  // an entry for the one replica wins
      }
    }
  }

  // A condition that nothing in the other process could ever fulfil.
  void CheckCondition(const std::string& other, const std::set<std::string>& able, const char* kind,
                      const char* missing, bool is_error, const Origin& origin) {
    if (!context_.replicas.count(other) || able.count(other)) return;
    std::string text = std::string(kind) + " dependency defined in '" + name_ + "' but no " + missing +
                       " exists in '" + other + "'";
    if (is_error)
      report_.Error(origin, text);
    else
      report_.Warning(origin, text, "it waits until the process runs");
  }

  GateKind Condition(const YamlMap& map, const std::string& other) {
    std::string word = map.Text("condition", "process_completed");
    if (word == "process_completed") return GateKind::kCompleted;
    if (word == "process_completed_successfully") return GateKind::kCompletedSuccessfully;
    if (word == "process_started") return GateKind::kStarted;
    const Origin& origin = map.Find("condition")->origin;
    if (word == "process_healthy") {
      CheckCondition(other, context_.with_health, "health", "health check", context_.is_strict, origin);
      return GateKind::kHealthy;
    }
    if (word == "process_log_ready") {
      CheckCondition(other, context_.with_log_line, "log ready", "ready log line", true, origin);
      return GateKind::kReady;
    }
    static const std::vector<std::string_view> kWords = {"process_completed",
                                                         "process_completed_successfully", "process_healthy",
                                                         "process_started", "process_log_ready"};
    std::string hint = DidYouMean(word, kWords);
    report_.Error(origin, "invalid process dependency condition: " + Quote(word),
                  hint.empty()
                      ? "allowed: process_completed, process_completed_successfully, process_healthy, "
                        "process_started, process_log_ready"
                      : hint);
    return GateKind::kCompleted;
  }

  void ReadCommand(ServiceSpec& spec) {
    std::string command = process_.Text("command");
    if (!process_.Bool("is_template_disabled", false)) command = Render(command, "command");
    std::vector<std::string> entrypoint = process_.TextList("entrypoint");
    bool is_first = spec.environment[1] == "PC_REPLICA_NUM=0";
    if (!command.empty()) {
      if (!entrypoint.empty() && is_first)
        report_.Warning(OriginOf("entrypoint"), "'command' and 'entrypoint' are set; the command is used");
      spec.run.argv = context_.shell;
      spec.run.argv.push_back(command);
    } else if (!entrypoint.empty()) {
      spec.run.argv = entrypoint;
    } else {
      spec.run.argv = {context_.shell.front()};
      if (is_first && !process_.Find("command") && !process_.Find("entrypoint"))
        report_.Warning(origin_, "process '" + name_ + "' has neither command nor entrypoint",
                        "a bare shell runs, finds no input and ends");
    }
  }

  std::string Directory() {
    std::string base = context_.working_directory.empty() ? "/" : context_.working_directory;
    std::string path = Render(process_.Text("working_dir"), "working_dir");
    if (path.empty()) return base;
    if (path[0] == '/') return path;
    return base + (base.back() == '/' ? "" : "/") + path;
  }

  // `{{.NAME}}` alone; any other template stays as it is, with a warning.
  std::string Render(const std::string& text, const char* key) {
    std::string out;
    std::size_t at = 0;
    for (std::size_t open; (open = text.find("{{", at)) != std::string::npos;) {
      std::size_t close = text.find("}}", open);
      std::string_view inner = close == std::string::npos
                                   ? std::string_view()
                                   : Strip(std::string_view(text).substr(open + 2, close - open - 2));
      bool is_simple =
          inner.size() > 1 && inner[0] == '.' &&
          inner.find_first_not_of("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_", 1) ==
              std::string_view::npos;
      if (!is_simple) {
        Once(key, "foster does not do this template yet: " + Quote(std::string_view(text).substr(open)),
             "{{.NAME}} of vars and PC_REPLICA_NUM are done");
        return out + text.substr(at);
      }
      std::string name(inner.substr(1));
      auto found = vars_.find(name);
      if (found == vars_.end())
        Once(key, "no variable " + Quote(name) + " in vars: Go prints <no value>", "");
      out.append(text, at, open - at).append(found == vars_.end() ? "<no value>" : found->second);
      at = close + 2;
    }
    return out + text.substr(at);
  }

  void Once(const char* key, std::string text, std::string hint) {
    if (told_.insert(text).second) report_.Warning(OriginOf(key), std::move(text), std::move(hint));
  }

  const ProcessComposeContext& context_;
  const std::string& name_;
  const Origin& origin_;
  const YamlMap& process_;
  Report& report_;
  std::map<std::string, std::string> vars_;
  std::set<std::string> told_;
};

}  // namespace

std::map<std::string, std::string> ReadVars(const YamlMap& map) {
  std::map<std::string, std::string> vars;
  for (const YamlNode::Pair& pair : map.pairs())
    if (pair.value->is_scalar()) vars[pair.key] = pair.value->scalar;
  return vars;
}

std::vector<ServiceSpec> ReadProcess(const ProcessComposeContext& context, const std::string& name,
                                     const Origin& origin, const YamlMap& process) {
  return ProcessReader(context, name, origin, process).Run();
}

}  // namespace foster
