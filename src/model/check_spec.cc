// SPDX-License-Identifier: MIT
#include "model/check_spec.h"

#include <regex.h>

#include <algorithm>
#include <cstdlib>

#include "model/check_log.h"
#include "model/cron.h"

namespace foster {
namespace {

constexpr std::size_t kLongestPattern = 1000;
constexpr std::uint64_t kMostRepeats = 1000;  // all {m,n} of a pattern multiplied
constexpr int kFirstListenFd = 3;             // SD_LISTEN_FDS_START

class Checker {
 public:
  explicit Checker(const ServiceSpec& spec) : spec_(spec) {}

  std::vector<SpecFault> Run() {
    CheckProbe("readiness", spec_.readiness.probe);
    CheckProbe("liveness", spec_.liveness.probe);
    CheckKinds();
    CheckOneshot();
    CheckSockets();
    CheckDemand();
    CheckRestart();
    CheckStop();
    CheckPaths();
    CheckSchedule();
    CheckIsolation();
    for (SpecFault& fault : CheckLog(spec_, kLeastFileBytes)) faults_.push_back(std::move(fault));
    return std::move(faults_);
  }

 private:
  void Fault(std::string key, std::string text, std::string hint = {}) {
    faults_.push_back({std::move(key), std::move(text), std::move(hint)});
  }

  void Absolute(const std::string& key, const std::string& path) {
    if (!path.empty() && path[0] != '/')
      Fault(key, "not an absolute path: '" + path + "'", "begin it with /");
  }

  void CheckProbe(const std::string& key, const Probe& probe) {
    if (probe.kind == ProbeKind::kNone) return;
    bool needs_port = probe.kind == ProbeKind::kTcp || probe.kind == ProbeKind::kHttp;
    if (needs_port && probe.port == 0) Fault(key, "no port to connect to", "a port from 1 to 65535");
    if (probe.kind == ProbeKind::kExec && probe.command.argv.empty())
      Fault(key + ".exec", "no program is named");
    if (probe.kind == ProbeKind::kFile) Absolute(key + ".file", probe.file);
    if (probe.kind == ProbeKind::kLogLine && probe.is_regex)
      if (std::string why = PatternFault(probe.pattern); !why.empty())
        Fault(key + ".log_line.pattern", why, "a POSIX extended regular expression");
    if (probe.period <= Millis{0}) Fault(key + ".period", "0 is no time to wait", "like 10s");
    if (probe.timeout <= Millis{0}) Fault(key + ".timeout", "0 is no time to answer in", "like 1s");
    if (probe.success_threshold == 0) Fault(key + ".success_threshold", "0 is no threshold", "from 1 on");
    if (probe.failure_threshold == 0) Fault(key + ".failure_threshold", "0 is no threshold", "from 1 on");
  }

  void CheckKinds() {
    ProbeKind kind = spec_.liveness.probe.kind;
    bool is_once = kind == ProbeKind::kLogLine || kind == ProbeKind::kListen;
    if (is_once)
      Fault("liveness." + std::string(NameOf(kind)),
            "says that a service became ready, not that it still lives",
            "use it for readiness; for liveness there are exec, http, tcp and file");
  }

  void CheckOneshot() {
    if (spec_.type != ServiceType::kOneshot) return;
    if (spec_.readiness.Any()) Fault("readiness", "a oneshot is ready when it has succeeded", "take it out");
    bool has_liveness = spec_.liveness.probe.kind != ProbeKind::kNone || spec_.liveness.watchdog > Millis{0};
    if (has_liveness) Fault("liveness", "a oneshot does not go on", "take it out");
    if (spec_.daemon.follow != Follow::kNone)
      Fault("daemon", "a oneshot does not go on", "make it a longrun");
    if (!spec_.sockets.empty()) Fault("sockets", "a oneshot serves nobody", "make it a longrun");
  }

  void CheckSockets() {
    const auto& sockets = spec_.sockets;
    auto on_stdin = std::count_if(sockets.begin(), sockets.end(), [](const auto& s) { return s.as_stdin; });
    int handed_over = static_cast<int>(sockets.size()) - static_cast<int>(on_stdin);
    int fd = spec_.readiness.notify_fd;
    if (fd >= kFirstListenFd && fd < kFirstListenFd + handed_over)
      Fault("readiness.notify_fd", "fd " + std::to_string(fd) + " is that of a socket",
            "sockets have the numbers 3 to " + std::to_string(kFirstListenFd + handed_over - 1));
    if (on_stdin > 1) Fault("sockets", "only one socket can be stdin", "leave as_stdin out of the others");
    if (on_stdin > 0 && spec_.stdin_from != Stdin::kNull)
      Fault("stdin", "a socket is stdin already", "take stdin or as_stdin out");
  }

  void CheckDemand() {
    bool is_on_demand = spec_.activation == Activation::kOnDemand;
    if (is_on_demand && spec_.sockets.empty())
      Fault("activation", "on_demand without a socket: nobody could ask for it", "add sockets");
    if (!is_on_demand && spec_.idle_stop > Millis{0})
      Fault("idle_stop", "nothing would start it again", "add activation: on_demand");
    if (is_on_demand && spec_.schedule.kind != ScheduleKind::kNone)
      Fault("schedule", "a service is started by the clock or on demand", "take one of the two out");
  }

  void CheckRestart() {
    const RestartPolicy& restart = spec_.restart;
    if (restart.budget == kUnlimited) return;
    if (restart.budget > kMaxBudget)
      Fault("restart.budget", std::to_string(restart.budget) + " restarts are more than foster remembers",
            "at most " + std::to_string(kMaxBudget));
    if (restart.budget_window <= Millis{0}) Fault("restart.budget", "no time to count in", "like '5 in 1m'");
  }

  void CheckStop() {
    const StopPolicy& stop = spec_.stop;
    if (stop.method == StopMethod::kKeys && spec_.stdin_from == Stdin::kNull)
      Fault("stop.keys", "there is nothing to write the keys to", "add stdin: pipe or stdin: terminal");
    if (stop.method == StopMethod::kKeys && stop.keys.empty()) Fault("stop.keys", "no keys");
    if (stop.method == StopMethod::kCommand && stop.command.argv.empty())
      Fault("stop.command", "no program is named");
  }

  void CheckPaths() {
    Absolute("daemon.pid_file", spec_.daemon.pid_file);
    Absolute("isolation.chroot", spec_.isolation.chroot);
    Absolute("isolation.cwd", spec_.run.cwd);
    Absolute("readiness.exec.cwd", spec_.readiness.probe.command.cwd);
    Absolute("liveness.exec.cwd", spec_.liveness.probe.command.cwd);
    Absolute("stop.command.cwd", spec_.stop.command.cwd);
  }

  void CheckSchedule() {
    const Schedule& schedule = spec_.schedule;
    bool has_zone = !schedule.timezone.empty();
    if (has_zone && schedule.kind != ScheduleKind::kCron)
      Fault("schedule.timezone", "means something for cron alone", "write the zone into 'at'");
    if (schedule.kind == ScheduleKind::kInterval && schedule.interval <= Millis{0})
      Fault("schedule.every", "0 is no time to wait", "like 30s");
  }

  void CheckIsolation() {
    const Isolation& isolation = spec_.isolation;
    if (isolation.private_pids && spec_.daemon.follow != Follow::kNone)
      Fault("isolation.private_pids", "a process that goes into the background cannot be followed there",
            "take daemon or private_pids out");
    if (!isolation.capabilities) return;
    for (const std::string& name : isolation.ambient_capabilities)
      if (std::find(isolation.capabilities->begin(), isolation.capabilities->end(), name) ==
          isolation.capabilities->end())
        Fault("isolation.ambient_capabilities", "'" + name + "' is not among capabilities", "add it there");
  }

  const ServiceSpec& spec_;
  std::vector<SpecFault> faults_;
};

// All upper bounds of {m,n} multiplied: regcomp writes repeats out.
std::uint64_t Repeats(const std::string& pattern) {
  std::uint64_t product = 1;
  for (std::size_t at = 0; (at = pattern.find('{', at)) != std::string::npos; ++at) {
    std::size_t end = std::min(pattern.find('}', at), pattern.size());
    std::size_t comma = pattern.rfind(',', end);
    std::size_t number = comma != std::string::npos && comma > at ? comma + 1 : at + 1;
    std::uint64_t most = std::strtoull(pattern.c_str() + number, nullptr, 10);
    std::uint64_t least = std::strtoull(pattern.c_str() + at + 1, nullptr, 10);
    product *= std::clamp<std::uint64_t>(std::max(most, least), 1, kMostRepeats + 1);
    if (product > kMostRepeats) break;
  }
  return product;
}

}  // namespace

Result<void> SetCron(std::string_view line, Schedule* schedule) {
  auto [zone, rest] = SplitCronZone(line);
  std::size_t first = rest.find_first_not_of(" \t");
  rest.remove_prefix(std::min(first, rest.size()));
  schedule->kind = ScheduleKind::kCron;
  schedule->cron = std::string(rest);
  if (!zone.empty()) schedule->timezone = std::string(zone);
  FOSTER_ASSIGN(schedule->fields, ParseCron(rest));
  if (NeverFires(schedule->fields)) return Error("'" + std::string(rest) + "' never comes");
  return Ok();
}

std::string PatternFault(const std::string& pattern) {
  if (pattern.size() > kLongestPattern)
    return "the pattern has " + std::to_string(pattern.size()) + " bytes; at most 1000";
  if (Repeats(pattern) > kMostRepeats) return "the pattern repeats too much: '" + pattern + "'";
  if (std::count(pattern.begin(), pattern.end(), '(') > 100) return "the pattern has more than 100 groups";
  regex_t compiled;
  int code = ::regcomp(&compiled, pattern.c_str(), REG_EXTENDED | REG_NOSUB);
  if (code == 0) {
    ::regfree(&compiled);
    return {};
  }
  char why[128] = "";
  ::regerror(code, nullptr, why, sizeof why);
  return "not a pattern: '" + pattern + "': " + why;
}

std::vector<SpecFault> CheckSpec(const ServiceSpec& spec) { return Checker(spec).Run(); }

}  // namespace foster
