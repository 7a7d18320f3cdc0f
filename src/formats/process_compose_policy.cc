// SPDX-License-Identifier: MIT
#include "formats/process_compose_policy.h"

#include <algorithm>

#include "base/ascii.h"
#include "formats/foster_values.h"
#include "formats/process_compose_keys.h"
#include "formats/scalar_values.h"
#include "model/check_spec.h"

namespace foster {
namespace {

// As send_keys writes them: what is no escape stands for itself.
std::string Unescape(const std::string& text) {
  std::string out;
  for (std::size_t at = 0; at < text.size();) {
    std::size_t length = text[at] != '\\' ? 1 : text.substr(at, 2) == "\\x" ? 4 : 2;
    bool is_known = length > 1 && at + length <= text.size() && text[at + 1] != '^';
    auto keys = is_known ? ParseKeys(text.substr(at, length)) : Error("");
    if (keys.ok()) {
      out += *keys;
      at += length;
    } else {
      out += text[at++];
    }
  }
  return out;
}

class PolicyReader {
 public:
  PolicyReader(const YamlMap& process, const std::string& name, const std::vector<std::string>& shell,
               bool is_strict, ServiceSpec& spec)
      : process_(process),
        name_(name),
        shell_(shell),
        is_strict_(is_strict),
        spec_(spec),
        report_(process.report()) {}

  void Run() {
    Availability();
    Terminal();
    Shutdown();
    ScheduleKeys();
    LogLine();
    // A process that goes into the background is there as long as anything of it is.
    if (process_.Bool("is_daemon", false)) spec_.daemon.follow = Follow::kLast;
  }

 private:
  YamlMap Below(const char* key) const {
    return YamlMap(process_.Find(key), std::string(key) + " of process '" + name_ + "'", report_);
  }

  void Availability() {
    RestartPolicy& restart = spec_.restart;
    YamlMap map = Below("availability");
    map.CheckKeys(ProcessComposeAvailabilityKeys(), false);
    std::string word = map.Text("restart", "no");
    restart.retry_failed_start = false;
    restart.when = RestartWhen::kNever;
    if (word == "always") {
      restart.when = RestartWhen::kAlways;
    } else if (word == "on_failure") {
      restart.when = RestartWhen::kOnFailure;
    } else if (word == "exit_on_failure") {
      spec_.when_failed = Consequence::kEndWorkload;
    } else if (word != "no" && !word.empty()) {
      report_.Error(map.Find("restart")->origin, "invalid restart policy: " + Quote(word),
                    "allowed: no, always, on_failure, exit_on_failure");
    }
    if (map.Bool("exit_on_end", false)) spec_.when_ended = Consequence::kEndWorkload;
    if (map.Bool("exit_on_skipped", false)) {
      spec_.when_failed = Consequence::kEndWorkload;
      report_.Note(map.Find("exit_on_skipped")->origin,
                   "exit_on_skipped: it also ends the others when it fails itself");
    }
    // The same delay every time, counted from the end.
    Millis backoff = SecondsToMillis(std::max<std::int64_t>(1, map.Integer("backoff_seconds", 1)));
    restart.base = restart.cap = restart.ending_delay = backoff;
    restart.step = restart.reset_after = Millis{0};
    restart.factor_percent = 100;
    restart.grow_endings = true;
    std::int64_t most = map.Integer("max_restarts", 0);
    restart.max_restarts = most <= 0 || most >= kUnlimited ? kUnlimited : static_cast<std::uint32_t>(most);
  }

  void Terminal() {
    bool is_tty = process_.Bool("is_tty", false), is_interactive = process_.Bool("is_interactive", false);
    if (!is_tty && !is_interactive) return;
    spec_.stdin_from = Stdin::kTerminal;
    report_.Warning(
        process_.Find(is_tty ? "is_tty" : "is_interactive")->origin,
        "process '" + name_ + "' reads from a terminal, but foster does not yet give it one to write to",
        "its output goes to foster's log: svc logs");
  }

  void Shutdown() {
    StopPolicy& stop = spec_.stop;
    YamlMap map = Below("shutdown");
    map.CheckKeys(ProcessComposeShutdownKeys(), false);
    std::int64_t signal = map.Integer("signal", SIGTERM);
    if (signal < 1 || signal > 31) {
      report_.Warning(map.Find("signal")->origin,
                      "signal " + std::to_string(signal) + " is not 1 to 31; 15 is used");
      signal = SIGTERM;
    }
    bool has_terminal = spec_.stdin_from == Stdin::kTerminal;
    stop.signal = has_terminal && signal == SIGTERM ? SIGHUP : static_cast<int>(signal);
    std::int64_t seconds = map.Integer("timeout_seconds", 0);
    stop.grace = seconds > 0 ? SecondsToMillis(seconds) : Millis{10'000};
    stop.scope = map.Bool("parent_only", false) ? SignalScope::kProcess : SignalScope::kGroup;
    std::string command = map.Text("command"), keys = map.Text("send_keys");
    if (!keys.empty() && !has_terminal)
      report_.Error(map.Find("send_keys")->origin,
                    "process '" + name_ + "': shutdown.send_keys requires is_interactive (or is_tty)",
                    "add is_tty: true");
    if (!command.empty()) {
      stop.method = StopMethod::kCommand;
      stop.command.argv = shell_;
      stop.command.argv.push_back(command);
    } else if (!keys.empty() && has_terminal) {
      stop.method = StopMethod::kKeys;
      stop.keys = Unescape(keys);
    }
  }

  void ScheduleKeys() {
    Schedule& schedule = spec_.schedule;
    YamlMap map = Below("schedule");
    map.CheckKeys(ProcessComposeScheduleKeys(), false);
    std::string cron = map.Text("cron"), interval = map.Text("interval");
    schedule.run_on_start = map.Bool("run_on_start", false);
    if (map.Integer("max_concurrent", 1) > 1)
      report_.Warning(map.Find("max_concurrent")->origin, "one run at a time: a second one is left out",
                      "the tool does the same");
    if (!cron.empty()) {
      Cron(map, cron);
    } else if (!interval.empty()) {
      Interval(map, interval);
    } else if (process_.Find("schedule")) {
      report_.Error(process_.Find("schedule")->origin,
                    "schedule of process '" + name_ + "' says nothing about when", "add cron or interval");
    }
    if (schedule.kind != ScheduleKind::kNone && is_strict_ && process_.Integer("replicas", 1) > 1)
      report_.Error(process_.Find("schedule")->origin,
                    "scheduled process '" + name_ + "' cannot be scaled (replicas > 1)");
  }

  void Cron(const YamlMap& map, const std::string& cron) {
    Schedule& schedule = spec_.schedule;
    auto done = SetCron(cron, &schedule);
    if (!done.ok())
      report_.Error(map.Find("cron")->origin, done.error().message(), "like '*/5 * * * *' or @daily");
    if (!map.Find("timezone")) return;
    schedule.timezone = map.Text("timezone");
    std::string why = TimeZoneFault(schedule.timezone);
    if (!why.empty())
      report_.Error(map.Find("timezone")->origin, why, "a name like Europe/Berlin, Asia/Tokyo or UTC");
  }

  void Interval(const YamlMap& map, const std::string& interval) {
    auto every = ParseDuration(interval);
    bool is_good = every.ok() && *every >= Millis{1'000} && *every != kForever;
    if (!is_good)
      return report_.Error(map.Find("interval")->origin,
                           every.ok() ? "no interval: " + Quote(interval) : every.error().message(),
                           "like 30s or 1h30m, at least 1s");
    spec_.schedule.kind = ScheduleKind::kInterval;
    spec_.schedule.interval = *every;
  }

  void LogLine() {
    std::string line = process_.Text("ready_log_line");
    if (line.empty()) return;
    if (process_.Find("readiness_probe"))
      report_.Error(process_.Find("ready_log_line")->origin,
                    "'ready_log_line' and readiness probe defined in '" + name_ + "' are incompatible",
                    "take one of the two out");
    spec_.readiness.probe.kind = ProbeKind::kLogLine;
    spec_.readiness.probe.pattern = line;
  }

  const YamlMap& process_;
  const std::string& name_;
  const std::vector<std::string>& shell_;
  bool is_strict_;
  ServiceSpec& spec_;
  Report& report_;
};

// ---- probes

class ProbeReader {
 public:
  ProbeReader(YamlMap map, const std::vector<std::string>& shell,
              const std::function<std::string(const std::string&)>& render)
      : map_(std::move(map)), report_(map_.report()), shell_(shell), render_(render) {}

  Probe Run() {
    Probe probe;
    map_.CheckKeys(ProcessComposeProbeKeys(), false);
    if (map_.Find("exec")) {
      Exec(probe);
    } else if (map_.Find("http_get")) {
      Http(probe);
    } else {
      report_.Warning(Place(""), "no probes [http_get, exec] configured for " + map_.where(),
                      "it is left out");
    }
    probe.initial_delay = Seconds("initial_delay_seconds", 0, 0);
    probe.period = Seconds("period_seconds", 10, 1);
    probe.timeout = Seconds("timeout_seconds", 1, 1);
    probe.success_threshold = Threshold("success_threshold", 1);
    probe.failure_threshold = Threshold("failure_threshold", 3);
    return probe;
  }

  void SetPlace(const Origin& origin) { origin_ = origin; }

 private:
  Origin Place(std::string_view key) const {
    const YamlNode* node = key.empty() ? nullptr : map_.Find(key);
    return node ? node->origin : origin_;
  }

  Millis Seconds(const char* key, std::int64_t otherwise, std::int64_t least) const {
    return SecondsToMillis(std::max(least, std::min<std::int64_t>(map_.Integer(key, otherwise), 86'400)));
  }

  std::uint32_t Threshold(const char* key, std::int64_t otherwise) const {
    return static_cast<std::uint32_t>(std::clamp<std::int64_t>(map_.Integer(key, otherwise), 1, 1'000'000));
  }

  void Exec(Probe& probe) {
    YamlMap exec(map_.Find("exec"), "exec of " + map_.where(), report_);
    exec.CheckKeys(ProcessComposeExecKeys(), false);
    std::string command = render_(exec.Text("command"));
    if (command.empty()) return report_.Error(Place("exec"), "exec of " + map_.where() + " has no command");
    probe.kind = ProbeKind::kExec;
    probe.command.argv = shell_;
    probe.command.argv.push_back(command);
    probe.command.cwd = exec.Text("working_dir");
  }

  void Http(Probe& probe) {
    YamlMap http(map_.Find("http_get"), "http_get of " + map_.where(), report_);
    http.CheckKeys(ProcessComposeHttpKeys(), false);
    probe.kind = ProbeKind::kHttp;
    probe.tls = ToLower(render_(http.Text("scheme"))) == "https";
    if (std::string host = render_(http.Text("host")); !host.empty()) probe.host = host;
    std::string path = render_(http.Text("path"));
    probe.path = (path.empty() || path[0] != '/' ? "/" : "") + path;
    Port(http, probe);
    std::int64_t status = http.Integer("status_code", 200);
    probe.status_min = probe.status_max =
        static_cast<std::uint16_t>(status < 1 || status >= 400 ? 200 : status);
    YamlMap headers(http.Find("headers"), "headers of " + http.where(), report_);
    for (const YamlNode::Pair& pair : headers.pairs()) {
      std::string line = pair.key + ": " + headers.Text(pair.key);
      if (line.find_first_of("\r\n") != std::string::npos)
        report_.Error(pair.value->origin, "a header of several lines: " + Quote(line));
      else
        probe.headers.push_back(std::move(line));
    }
  }

  // Without a port, that of the scheme.
  void Port(const YamlMap& http, Probe& probe) {
    probe.port = probe.tls ? 443 : 80;
    std::string text = render_(http.Text("port"));
    if (text.empty()) return;
    auto number = ParseNumber(text, 1, 65535);
    if (number.ok())
      probe.port = static_cast<std::uint16_t>(*number);
    else
      report_.Error(http.Find("port")->origin, "not a port: " + Quote(text), "1 to 65535");
  }

  YamlMap map_;
  Report& report_;
  const std::vector<std::string>& shell_;
  const std::function<std::string(const std::string&)>& render_;
  Origin origin_;
};

}  // namespace

void ReadProcessPolicies(const YamlMap& process, const std::string& name,
                         const std::vector<std::string>& shell, bool is_strict, ServiceSpec& spec) {
  PolicyReader(process, name, shell, is_strict, spec).Run();
}

void ReadProcessProbes(const YamlMap& process, const std::string& name, const std::vector<std::string>& shell,
                       const std::function<std::string(const std::string&)>& render, Report& report,
                       ServiceSpec& spec) {
  auto read = [&](const char* key) {
    ProbeReader reader(YamlMap(process.Find(key), std::string(key) + " of process '" + name + "'", report),
                       shell, render);
    reader.SetPlace(process.Find(key)->origin);
    return reader.Run();
  };
  if (process.Find("readiness_probe")) spec.readiness.probe = read("readiness_probe");
  if (process.Find("liveness_probe")) spec.liveness.probe = read("liveness_probe");
  // The tool stops a process that fails its readiness, then asks the restart policy; so it is for both here.
  if (spec.readiness.probe.kind == ProbeKind::kExec || spec.readiness.probe.kind == ProbeKind::kHttp)
    spec.readiness.action = FailureAction::kByPolicy;
  if (spec.liveness.probe.kind != ProbeKind::kNone) spec.liveness.action = FailureAction::kByPolicy;
}

}  // namespace foster
