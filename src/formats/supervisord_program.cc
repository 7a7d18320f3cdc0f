// SPDX-License-Identifier: MIT
#include "formats/supervisord_program.h"

#include <algorithm>
#include <cctype>
#include <limits>

#include "base/ascii.h"
#include "formats/replicas.h"
#include "formats/supervisord_logs.h"
#include "formats/supervisord_socket.h"

namespace foster {
namespace {

constexpr std::int64_t kMostProcesses = 4096;  // as many children as init can hold

// All that is read once per program, not per process.
struct Common {
  ServiceSpec spec;
  std::vector<KeyValue> environment;
  std::int64_t count = 1, first = 0;
};

int ToInt(std::int64_t value) {
  return static_cast<int>(
      std::clamp<std::int64_t>(value, std::numeric_limits<int>::min(), std::numeric_limits<int>::max()));
}

Result<RestartWhen> ParseAutorestart(std::string_view text) {
  if (ToLower(text) == "unexpected") return RestartWhen::kOnFailure;
  auto value = ParseBool(text);
  if (!value.ok()) return Error("invalid 'autorestart' value " + Quote(text));
  return *value ? RestartWhen::kAlways : RestartWhen::kNever;
}

RestartPolicy ReadRestart(const SupervisordSection& section) {
  RestartPolicy restart;
  restart.when = section.Value<RestartWhen>("autorestart", RestartWhen::kOnFailure, ParseAutorestart,
                                            "allowed: unexpected, true, false");
  restart.retry_failed_start = true;
  restart.start_retries = static_cast<std::uint32_t>(
      std::clamp<std::int64_t>(section.Integer("startretries", 3), 0, 1'000'000'000));
  // 1 s, 2 s, 3 s ... without a cap; an exit after `startsecs` is answered at once.
  restart.base = restart.step = Millis{1'000};
  restart.factor_percent = 100;
  restart.cap = Millis{86'400'000};
  restart.ending_delay = restart.reset_after = Millis{0};
  return restart;
}

StopPolicy ReadStop(const SupervisordSection& section) {
  StopPolicy stop;
  stop.signal = section.Value<int>("stopsignal", SIGTERM, ParseSignal, "a name like TERM, or a number");
  stop.grace = SecondsToMillis(section.Integer("stopwaitsecs", 10));
  bool as_group = section.Bool("stopasgroup", false);
  bool kill_as_group = section.Bool("killasgroup", as_group);
  if (as_group && !kill_as_group)
    section.report().Error(section.OriginOf("killasgroup"),
                           "Cannot set stopasgroup=true and killasgroup=false",
                           "take killasgroup out: foster always ends the whole tree");
  stop.scope = as_group ? SignalScope::kGroup : SignalScope::kProcess;
  return stop;
}

void CheckChannels(const SupervisordSection& section) {
  for (std::string channel : {"stdout", "stderr"}) {
    auto capture = section.Value<std::int64_t>(channel + "_capture_maxbytes", 0, ParseByteSize, "like 1MB");
    auto not_yet = [&](const std::string& key) {
      section.report().Warning(section.OriginOf(key), "foster does not do '" + key + "' yet");
    };
    if (capture != 0) not_yet(channel + "_capture_maxbytes");
    if (section.Bool(channel + "_events_enabled", false)) not_yet(channel + "_events_enabled");
  }
}

// Of several processes the first one says everything, the others what is wrong with them alone.
void ReadLogs(const ProgramContext& context, const SupervisordSection& section, bool is_first,
              ServiceSpec& spec) {
  if (is_first) return ReadSupervisordLogs(context, section, spec);
  std::vector<Diagnostic> found;
  Report silent(&found);
  ReadSupervisordLogs(context, section.With(silent), spec);
  for (const Diagnostic& diagnostic : found)
    if (diagnostic.severity == Severity::kError)
      section.report().Error(diagnostic.origin, diagnostic.text, diagnostic.hint);
}

Common ReadCommon(const ProgramContext& context, const SupervisordSection& section) {
  Common common;
  ServiceSpec& spec = common.spec;
  spec.workload = context.workload;
  spec.origin = section.section().origin;
  spec.priority = ToInt(section.Integer("priority", 999));
  spec.autostart = section.Bool("autostart", true);
  spec.restart = ReadRestart(section);
  spec.readiness.start_time = SecondsToMillis(section.Integer("startsecs", 1));
  spec.success_codes = section.Value<std::vector<int>>("exitcodes", {0}, ParseExitCodes, "like 0 or 0,2");
  spec.stop = ReadStop(section);
  spec.identity.user = section.Text("user");
  if (section.Find("umask"))
    spec.identity.umask = section.Value<std::uint32_t>("umask", 022, ParseOctal, "like 022");
  spec.merge_stderr = section.Bool("redirect_stderr", false);
  common.count = section.Integer("numprocs", 1);
  common.first = section.Integer("numprocs_start", 0);
  if (common.count > kMostProcesses) {
    section.Wrong("numprocs", std::to_string(common.count) + " processes", "at most 4096");
    common.count = 1;
  }
  CheckChannels(section);
  ReadSupervisordSocket(section, spec);
  return common;
}

void ReadCommand(const SupervisordSection& section, ServiceSpec& spec) {
  std::size_t errors_before = section.report().error_count();
  std::string text = section.Text("command");
  if (section.report().error_count() != errors_before) return;
  WordError error;
  std::string hint;
  spec.run.argv = SplitCommand(text, &error);
  if (!error.text.empty()) {
    // supervisord takes the file and fails at each start; so do we, but say it now.
    spec.broken = "the command cannot be split into words: " + error.text;
    hint = "a ';' or '#' after a blank begins a comment, even in quotes";
  } else if (spec.run.argv.empty()) {
    spec.broken = "command is empty";
  }
  if (spec.broken.empty()) return;
  spec.run.argv.clear();
  section.report().Warning(section.OriginOf("command"), spec.broken, hint);
}

void AddEnvironment(const ProgramContext& context, const SupervisordSection& section,
                    const std::vector<KeyValue>& own, const std::string& process, const std::string& group,
                    ServiceSpec& spec) {
  std::string server_url = section.Text("serverurl", "AUTO");
  if (ToLower(server_url) == "auto") server_url = context.server_url;
  spec.environment.push_back("SUPERVISOR_ENABLED=1");
  if (!server_url.empty()) spec.environment.push_back("SUPERVISOR_SERVER_URL=" + server_url);
  spec.environment.push_back("SUPERVISOR_PROCESS_NAME=" + process);
  spec.environment.push_back("SUPERVISOR_GROUP_NAME=" + group);
  for (const auto& [key, value] : context.environment) spec.environment.push_back(key + "=" + value);
  for (const auto& [key, value] : own) spec.environment.push_back(key + "=" + value);
}

std::string Directory(const ProgramContext& context, const SupervisordSection& section) {
  std::string base = context.working_directory.empty() ? "/" : context.working_directory;
  std::string path = section.Text("directory");
  if (path.empty()) return base;
  if (path[0] == '/') return path;
  return base + (base.back() == '/' ? "" : "/") + path;
}

// What a person set instead of numprocs.
void Scale(const ProgramContext& context, const SupervisordSection& section, const std::string& declared,
           Common& common) {
  auto scaled = ScaleOf(context.scale, context.workload, declared);
  if (!scaled) return;
  const IniEntry* name = section.Find("process_name");
  bool has_number = name && name->value.find("%(process_num)") != std::string::npos;
  if (*scaled > kMostProcesses || (*scaled > 1 && !has_number))
    return section.report().Warning(section.OriginOf("process_name"),
                                    declared + " cannot be scaled to " + std::to_string(*scaled),
                                    "at most 4096, and process_name has to hold %(process_num)02d");
  common.count = *scaled;
}

}  // namespace

std::vector<ServiceSpec> ReadSupervisordProgram(const ProgramContext& context,
                                                const SupervisordSection& section, const std::string& program,
                                                const SupervisordGroup& group) {
  PercentNames once(&section.names());
  once.Set("program_name", program);
  once.Set("group_name", group.name);
  SupervisordSection shared = section.With(once);
  Report& report = section.report();
  if (!section.Find("command")) {
    report.Error(section.section().origin,
                 "program section " + section.section().name + " does not specify a command",
                 "add a line like command=/usr/bin/program");
  }
  const IniEntry* name = section.Find("process_name");
  Common common = ReadCommon(context, shared);
  if (common.count > 1 && (!name || name->value.find("%(process_num)") == std::string::npos)) {
    report.Error(section.OriginOf(name ? "process_name" : "numprocs"),
                 "%(process_num) must be present within process_name when numprocs > 1",
                 "add process_name=%(program_name)s_%(process_num)02d");
    common.count = 1;
  }
  const std::string declared = program == group.name ? program : group.name + ":" + program;
  Scale(context, shared, declared, common);
  std::vector<ServiceSpec> specs;
  PercentNames each(&once);  // lives over all processes: what one's environment sets, the next ones see
  each.Set("numprocs", common.count);
  for (std::int64_t i = 0; i < common.count; ++i) {
    each.Set("process_num", common.first + i);
    SupervisordSection one = shared.With(each);
    std::size_t errors_before = report.error_count();
    ServiceSpec spec = common.spec;
    std::vector<KeyValue> environment = one.Environment();
    for (const auto& [key, value] : environment) each.Set("ENV_" + key, value);
    std::string process(Strip(name ? one.Text("process_name") : program));
    if (section.Find("command")) ReadCommand(one, spec);
    spec.run.cwd = Directory(context, one);
    ReadLogs(context, one, i == 0, spec);
    AddEnvironment(context, one, environment, process, group.name, spec);
    spec.group = group.name;
    spec.name = context.workload + "/" + (process == group.name ? process : group.name + ":" + process);
    if (group.priority >= 0) spec.priority = ToInt(group.priority);
    if (common.count > 1)
      spec.replica = {context.workload + "/" + declared, static_cast<std::uint32_t>(i),
                      static_cast<std::uint32_t>(common.count)};
    if (!std::any_of(specs.begin(), specs.end(),
                     [&](const ServiceSpec& other) { return other.name == spec.name; })) {
      specs.push_back(std::move(spec));
    } else {
      report.Warning(section.OriginOf("process_name"),
                     "two processes of this program are called " + Quote(process));
    }
    if (report.error_count() != errors_before) break;  // the others would say the same again
  }
  return specs;
}

}  // namespace foster
