// SPDX-License-Identifier: MIT
#include "formats/foster_values.h"
#include "formats/foster_yaml_parts.h"

namespace foster {
namespace {

// Readiness and liveness share the keys of the probe; one of the two pointers is set.
struct ProbeOwner {
  Probe* probe = nullptr;
  FailureAction* action = nullptr;
  Readiness* readiness = nullptr;
  Liveness* liveness = nullptr;
  std::string kind;  // the key that said what to look at
  bool has_times = false;
};

// Of several kinds the first one counts; what another format said is forgotten, its times are kept.
bool Begin(const FosterNode& value, ProbeOwner& owner, ProbeKind kind) {
  std::string key(NameOf(kind));
  if (!owner.kind.empty()) {
    value.Error("a probe looks at one thing, and there is " + owner.kind + " already",
                "take one of the two out");
    return false;
  }
  owner.kind = key;
  Probe old = *owner.probe;
  *owner.probe = Probe{};
  owner.probe->kind = kind;
  owner.probe->initial_delay = old.initial_delay;
  owner.probe->quick_period = old.quick_period;
  owner.probe->period = old.period;
  owner.probe->timeout = old.timeout;
  owner.probe->success_threshold = old.success_threshold;
  owner.probe->failure_threshold = old.failure_threshold;
  return true;
}

void ReadPort(const FosterNode& value, Probe& probe) { value.Number(&probe.port, 1, 65535); }

void ReadHeaders(const FosterNode& value, Probe& probe) {
  if (!value.Map()) return;
  for (const YamlNode::Pair& pair : value.yaml().pairs) {
    std::string text;
    FosterNode header = value.Below(pair.key, *pair.value);
    if (!header.Text(&text)) continue;
    bool is_bad = pair.key.empty() || pair.key.find_first_of(" :\t\r\n") != std::string::npos ||
                  text.find_first_of("\r\n") != std::string::npos;
    if (is_bad)
      header.Error("not a header: " + Quote(pair.key + ": " + text), "one line, no blank in the name");
    else
      probe.headers.push_back(pair.key + ": " + text);
  }
}

Result<std::pair<std::uint16_t, std::uint16_t>> ParseStatus(std::string_view text) {
  std::size_t dash = text.find('-');
  auto least = ParseNumber(text.substr(0, dash), 100, 599);
  auto most = dash == std::string_view::npos ? least : ParseNumber(text.substr(dash + 1), 100, 599);
  if (!least.ok() || !most.ok() || *most < *least)
    return Error("not a range of status codes: " + Quote(text));
  return std::pair{static_cast<std::uint16_t>(*least), static_cast<std::uint16_t>(*most)};
}

void ReadStatus(const FosterNode& value, Probe& probe) {
  std::pair<std::uint16_t, std::uint16_t> range;
  if (!value.Value<decltype(range)>(&range, ParseStatus, "like 200 or 200-399, from 100 to 599")) return;
  probe.status_min = range.first;
  probe.status_max = range.second;
}

void ReadUrl(const FosterNode& value, Probe& probe) {
  std::string text;
  if (!value.Text(&text)) return;
  auto done = ParseUrl(text, &probe);
  if (!done.ok()) value.Error(done.error().message(), "like http://127.0.0.1:8080/health");
}

void ReadPathOfUrl(const FosterNode& value, Probe& probe) {
  std::string text;
  if (!value.Text(&text)) return;
  if (text.empty() || text[0] != '/' || text.find_first_of(" \t\r\n#") != std::string::npos)
    value.Error("not a path of a URL: " + Quote(text), "begin it with /");
  else
    probe.path = text;
}

void ReadMethod(const FosterNode& value, Probe& probe) {
  std::string text;
  if (!value.Text(&text)) return;
  bool is_word = !text.empty() && text.find_first_not_of("ABCDEFGHIJKLMNOPQRSTUVWXYZ") == std::string::npos;
  if (is_word)
    probe.method = text;
  else
    value.Error("not a method: " + Quote(text), "GET, HEAD or the like");
}

void ReadHost(const FosterNode& value, Probe& probe) {
  std::string text;
  if (!value.Text(&text)) return;
  if (text.empty() || text.find_first_of(" \t\r\n/") != std::string::npos)
    value.Error("not a host: " + Quote(text), "a name or an address");
  else
    probe.host = text;
}

const std::vector<FosterKey<Probe>> kHttpKeys = {
    {"url", ReadUrl},         {"tls", [](const FosterNode& value, Probe& probe) { value.Bool(&probe.tls); }},
    {"host", ReadHost},       {"port", ReadPort},
    {"path", ReadPathOfUrl},  {"method", ReadMethod},
    {"headers", ReadHeaders}, {"status", ReadStatus},
};

void ReadExec(const FosterNode& value, ProbeOwner& owner) {
  if (Begin(value, owner, ProbeKind::kExec)) ReadFosterCommand(value, owner.probe->command);
}

void ReadHttp(const FosterNode& value, ProbeOwner& owner) {
  if (!Begin(value, owner, ProbeKind::kHttp)) return;
  if (value.yaml().is_scalar()) return ReadUrl(value, *owner.probe);
  ReadKeys(value, kHttpKeys, *owner.probe);
  bool has_port = value.yaml().Find("port") || value.yaml().Find("url");
  if (value.yaml().is_map() && !has_port)
    value.Error("no port is given", "add port: 8080 or url: http://...");
}

void ReadTcp(const FosterNode& value, ProbeOwner& owner) {
  if (!Begin(value, owner, ProbeKind::kTcp)) return;
  HostPort address;
  auto parse = [](std::string_view text) { return ParseHostPort(text, "127.0.0.1"); };
  if (!value.Value<HostPort>(&address, parse, "a port, or host:port; ports are 1 to 65535")) return;
  if (address.host.empty()) return value.Error("no host to connect to", "like 127.0.0.1:5432");
  owner.probe->host = address.host;
  owner.probe->port = address.port;
}

void ReadFile(const FosterNode& value, ProbeOwner& owner) {
  if (Begin(value, owner, ProbeKind::kFile)) value.Path(&owner.probe->file);
}

const std::vector<FosterKey<Probe>> kLogLineKeys = {
    {"text", [](const FosterNode& value, Probe& probe) { value.Text(&probe.pattern); }},
    {"pattern", [](const FosterNode& value, Probe& probe) { probe.is_regex = value.Text(&probe.pattern); }},
};

void ReadLogLine(const FosterNode& value, ProbeOwner& owner) {
  if (!Begin(value, owner, ProbeKind::kLogLine)) return;
  std::size_t errors_before = owner.probe->pattern.size();
  if (value.yaml().is_map()) {
    if (value.yaml().Find("text") && value.yaml().Find("pattern"))
      value.Error("either text or pattern", "take one of the two out");
    ReadKeys(value, kLogLineKeys, *owner.probe);
  } else {
    value.Text(&owner.probe->pattern);
  }
  if (owner.probe->pattern.size() == errors_before && (value.yaml().is_map() || value.yaml().is_scalar()))
    value.Error("no text to look for", "like \"listening on\", or {pattern: \"listening on .*:80\"}");
}

void ReadListen(const FosterNode& value, ProbeOwner& owner) {
  bool is_wanted = false;
  if (!value.Bool(&is_wanted)) return;
  if (!is_wanted) return value.Error("can only be true", "leave it out otherwise");
  Begin(value, owner, ProbeKind::kListen);
}

template <Millis Probe::*member, int least>
void ReadTime(const FosterNode& value, ProbeOwner& owner) {
  owner.has_times = true;
  value.Duration(&(owner.probe->*member), Millis{least}, false);
}

template <std::uint32_t Probe::*member>
void ReadThreshold(const FosterNode& value, ProbeOwner& owner) {
  owner.has_times = true;
  value.Number(&(owner.probe->*member), 1, 1000);
}

std::vector<FosterKey<ProbeOwner>> WithProbeKeys(std::vector<FosterKey<ProbeOwner>> own) {
  own.insert(own.end(), {{"exec", ReadExec},
                         {"http", ReadHttp},
                         {"tcp", ReadTcp},
                         {"file", ReadFile},
                         {"log_line", ReadLogLine},
                         {"listen", ReadListen},
                         {"initial_delay", ReadTime<&Probe::initial_delay, 0>},
                         {"quick_period", ReadTime<&Probe::quick_period, 10>},
                         {"period", ReadTime<&Probe::period, 10>},
                         {"timeout", ReadTime<&Probe::timeout, 1>},
                         {"success_threshold", ReadThreshold<&Probe::success_threshold>},
                         {"failure_threshold", ReadThreshold<&Probe::failure_threshold>},
                         {"action", [](const FosterNode& value, ProbeOwner& owner) {
                            value.Word(owner.action, FailureAction::kByPolicy);
                          }}});
  return own;
}

void ReadNotifyFd(const FosterNode& value, ProbeOwner& owner) {
  value.Number(&owner.readiness->notify_fd, 1, 65535);
}
void ReadSdNotify(const FosterNode& value, ProbeOwner& owner) { value.Bool(&owner.readiness->sd_notify); }
void ReadStartTime(const FosterNode& value, ProbeOwner& owner) {
  value.Duration(&owner.readiness->start_time, Millis{0}, false);
}
void ReadWatchdog(const FosterNode& value, ProbeOwner& owner) {
  value.Duration(&owner.liveness->watchdog, Millis{10}, false);
}

void Read(const FosterNode& value, const std::vector<FosterKey<ProbeOwner>>& table, ProbeOwner owner) {
  ReadKeys(value, table, owner);
  if (owner.has_times && owner.kind.empty() && owner.probe->kind == ProbeKind::kNone)
    value.Error("says when to look, but not at what", "add one of exec, http, tcp, file, log_line, listen");
}

}  // namespace

void ReadFosterReadiness(const FosterNode& value, ServiceSpec& spec) {
  static const auto table = WithProbeKeys(
      {{"notify_fd", ReadNotifyFd}, {"sd_notify", ReadSdNotify}, {"start_time", ReadStartTime}});
  Readiness& readiness = spec.readiness;
  Read(value, table, {&readiness.probe, &readiness.action, &readiness, nullptr, {}, false});
}

void ReadFosterLiveness(const FosterNode& value, ServiceSpec& spec) {
  static const auto table = WithProbeKeys({{"watchdog", ReadWatchdog}});
  Liveness& liveness = spec.liveness;
  Read(value, table, {&liveness.probe, &liveness.action, nullptr, &liveness, {}, false});
}

}  // namespace foster
