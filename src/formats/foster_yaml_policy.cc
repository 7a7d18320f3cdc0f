// SPDX-License-Identifier: MIT
#include <algorithm>

#include "base/signal_names.h"
#include "formats/foster_values.h"
#include "formats/foster_yaml_parts.h"

namespace foster {
namespace {

// ---- depends_on

struct GateKeys {
  std::optional<GateKind> kind;
  std::optional<GateStrength> strength;
  std::optional<bool> stop_along, restart_along;
};

void ReadCondition(const FosterNode& value, GateKeys& keys) {
  GateKind kind{};
  if (value.Word(&kind, GateKind::kStopped)) keys.kind = kind;
}

template <std::optional<bool> GateKeys::*member>
void ReadAlong(const FosterNode& value, GateKeys& keys) {
  bool is_wanted = false;
  if (value.Bool(&is_wanted)) keys.*member = is_wanted;
}

const std::vector<FosterKey<GateKeys>> kGateKeys = {
    {"condition", ReadCondition},
    {"strength",
     [](const FosterNode& value, GateKeys& keys) {
       GateStrength strength{};
       if (value.Word(&strength, GateStrength::kOrder)) keys.strength = strength;
     }},
    {"stop_along", ReadAlong<&GateKeys::stop_along>},
    {"restart_along", ReadAlong<&GateKeys::restart_along>},
};

// A gate that is there already keeps what is not said.
void AddGate(const std::string& service, const Origin& origin, const GateKeys& keys,
             std::vector<Gate>& gates) {
  auto gate = std::find_if(gates.begin(), gates.end(), [&](const Gate& g) { return g.service == service; });
  if (gate == gates.end()) {
    gates.emplace_back().service = service;
    gate = gates.end() - 1;
  }
  gate->origin = origin;
  gate->kind = keys.kind.value_or(gate->kind);
  gate->strength = keys.strength.value_or(gate->strength);
  gate->stop_along = keys.stop_along.value_or(gate->stop_along);
  gate->restart_along = keys.restart_along.value_or(gate->restart_along);
}

// ---- restart

template <std::uint32_t RestartPolicy::*member>
void ReadCount(const FosterNode& value, RestartPolicy& restart) {
  std::string text = value.yaml().scalar;
  if (value.yaml().is_scalar() && text == "unlimited") {
    restart.*member = kUnlimited;
    return;
  }
  auto parse = [](std::string_view word) { return ParseNumber(word, 0, 1'000'000'000); };
  std::int64_t count = 0;
  if (value.Value<std::int64_t>(&count, parse, "a whole number, or unlimited"))
    restart.*member = static_cast<std::uint32_t>(count);
}

void ReadDelay(const FosterNode& value, RestartPolicy& restart) {
  if (!value.Duration(&restart.base, Millis{0}, false)) return;
  restart.ending_delay = restart.base;
  restart.step = Millis{0};
}

void ReadFactor(const FosterNode& value, RestartPolicy& restart) {
  auto parse = [](std::string_view text) -> Result<std::uint32_t> {
    auto percent = ParseHundredths(text);
    if (percent.ok() && (*percent < 100 || *percent > 1000)) return Error("out of range: " + Quote(text));
    return percent;
  };
  value.Value<std::uint32_t>(&restart.factor_percent, parse,
                             "a number from 1 to 10, like 1.5; 1 is constant");
}

void ReadJitter(const FosterNode& value, RestartPolicy& restart) {
  auto parse = [](std::string_view text) -> Result<std::uint32_t> {
    if (!text.empty() && text.back() == '%') text.remove_suffix(1);
    auto percent = ParseNumber(text, 0, 100);
    if (!percent.ok()) return percent.error();
    return static_cast<std::uint32_t>(*percent);
  };
  value.Value<std::uint32_t>(&restart.jitter_percent, parse, "like 20%, from 0 to 100");
}

struct Budget {
  std::uint32_t count = kUnlimited;
  Millis window{kForever};
};

Result<Budget> ParseBudget(std::string_view text) {
  if (text == "unlimited") return Budget{};
  std::size_t in = text.find(" in ");
  if (in == std::string_view::npos) return Error("not a budget: " + Quote(text));
  FOSTER_ASSIGN(std::int64_t count, ParseNumber(text.substr(0, in), 0, kMaxBudget));
  FOSTER_ASSIGN(Millis window, ParseDuration(text.substr(in + 4)));
  if (window <= Millis{0}) return Error("no time to count in: " + Quote(text));
  return Budget{static_cast<std::uint32_t>(count), window};
}

void ReadBudget(const FosterNode& value, RestartPolicy& restart) {
  Budget budget;
  std::string hint = "like '5 in 1m', at most " + std::to_string(kMaxBudget) + " restarts; or unlimited";
  if (!value.Value<Budget>(&budget, ParseBudget, hint.c_str())) return;
  restart.budget = budget.count;
  restart.budget_window = budget.window;
}

void ReadRules(const FosterNode& value, bool is_signal, RestartPolicy& restart) {
  if (!value.Map()) return;
  for (const YamlNode::Pair& pair : value.yaml().pairs) {
    ExitRule rule;
    rule.is_signal = is_signal;
    FosterNode verdict = value.Below(pair.key, *pair.value);
    auto code = ParseNumber(pair.key, 0, 255);
    auto number = SignalNumber(pair.key);
    bool is_good = is_signal ? number && *number > 0 : code.ok();
    if (!is_good)
      verdict.Error(
          is_signal ? "there is no signal " + Quote(pair.key) : "not an exit code: " + Quote(pair.key),
          is_signal ? "a name like SEGV, or a number from 1 to 64" : "0 to 255");
    if (!verdict.Word(&rule.verdict, ExitRule::Verdict::kFail) || !is_good) continue;
    rule.value = is_signal ? *number : static_cast<int>(*code);
    restart.rules.push_back(rule);
  }
}

const std::vector<FosterKey<RestartPolicy>> kOnKeys = {
    {"exit", [](const FosterNode& value, RestartPolicy& restart) { ReadRules(value, false, restart); }},
    {"signal", [](const FosterNode& value, RestartPolicy& restart) { ReadRules(value, true, restart); }},
};

const std::vector<FosterKey<RestartPolicy>> kRestartKeys = {
    {"when", [](const FosterNode& value,
                RestartPolicy& restart) { value.Word(&restart.when, RestartWhen::kAlways); }},
    {"delay", ReadDelay},
    {"factor", ReadFactor},
    {"cap", [](const FosterNode& value, RestartPolicy& restart) { value.Duration(&restart.cap); }},
    {"jitter", ReadJitter},
    {"start_retries", ReadCount<&RestartPolicy::start_retries>},
    {"max_restarts", ReadCount<&RestartPolicy::max_restarts>},
    {"budget", ReadBudget},
    {"reset_after",
     [](const FosterNode& value, RestartPolicy& restart) { value.Duration(&restart.reset_after); }},
    {"retry_failed_start",
     [](const FosterNode& value, RestartPolicy& restart) { value.Bool(&restart.retry_failed_start); }},
    {"grow", [](const FosterNode& value, RestartPolicy& restart) { value.Bool(&restart.grow_endings); }},
    {"on",
     [](const FosterNode& value, RestartPolicy& restart) {
       restart.rules.clear();
       ReadKeys(value, kOnKeys, restart);
     }},
};

// ---- stop

void ReadKeystrokes(const FosterNode& value, StopPolicy& stop) {
  if (value.Value<std::string>(&stop.keys, ParseKeys,
                               "like \"^C\", \"q\\n\", \"\\x04\"; \"\\^\" and \"\\\\\" are themselves"))
    stop.method = StopMethod::kKeys;
}

void ReadStopCommand(const FosterNode& value, StopPolicy& stop) {
  stop.method = StopMethod::kCommand;
  ReadFosterCommand(value, stop.command);
}

const std::vector<FosterKey<StopPolicy>> kStopKeys = {
    {"signal", [](const FosterNode& value, StopPolicy& stop) { value.Signal(&stop.signal); }},
    {"command", ReadStopCommand},
    {"keys", ReadKeystrokes},
    {"scope", [](const FosterNode& value, StopPolicy& stop) { value.Word(&stop.scope, SignalScope::kTree); }},
    {"grace", [](const FosterNode& value, StopPolicy& stop) { value.Duration(&stop.grace); }},
    {"keep_rest", [](const FosterNode& value, StopPolicy& stop) { value.Bool(&stop.keep_rest); }},
};

const std::vector<FosterKey<Timeouts>> kTimeoutKeys = {
    {"up", [](const FosterNode& value, Timeouts& out) { value.Duration(&out.up, Millis{1}); }},
    {"down", [](const FosterNode& value, Timeouts& out) { value.Duration(&out.down, Millis{1}); }},
    {"finish", [](const FosterNode& value, Timeouts& out) { value.Duration(&out.finish, Millis{1}); }},
};

const std::vector<FosterKey<Daemon>> kDaemonKeys = {
    {"pid_file",
     [](const FosterNode& value, Daemon& daemon) {
       if (value.Path(&daemon.pid_file)) daemon.follow = Follow::kPidFile;
     }},
};

const std::vector<FosterKey<Command>> kCommandKeys = {
    {"command",
     [](const FosterNode& value, Command& out) {
       if (value.yaml().is_map())
         value.WrongKind("a list of words or a line for the shell");
       else
         ReadFosterCommand(value, out);
     }},
    {"cwd", [](const FosterNode& value, Command& out) { value.Path(&out.cwd); }},
};

}  // namespace

void ReadFosterCommand(const FosterNode& value, Command& out) {
  if (value.yaml().is_map()) return ReadKeys(value, kCommandKeys, out);
  std::vector<std::string> words;
  if (value.yaml().is_sequence()) {
    if (!value.TextList(&words)) return;
  } else {
    words = value.dialect().shell;
    if (!value.Text(&words.emplace_back())) return;
  }
  if (words.empty() || words.front().empty() || words.back().empty())
    return value.Error("no program is named", "like [curl, -f, localhost] or \"curl -f localhost\"");
  out.argv = std::move(words);
}

void ReadFosterGates(const FosterNode& value, ServiceSpec& spec) {
  if (!value.Map()) return;
  for (const YamlNode::Pair& pair : value.yaml().pairs) {
    GateKeys keys;
    FosterNode gate = value.Below(pair.key, *pair.value);
    if (pair.value->is_map())
      ReadKeys(gate, kGateKeys, keys);
    else if (!pair.value->is_null())
      ReadCondition(gate, keys);
    if (pair.key.empty()) {
      gate.Error("no service is named");
      continue;
    }
    std::vector<std::string> names{pair.key};
    if (value.dialect().names_of) names = value.dialect().names_of(pair.key);
    for (const std::string& name : names) AddGate(name, pair.origin, keys, spec.gates);
  }
}

void ReadFosterRestart(const FosterNode& value, ServiceSpec& spec) {
  RestartPolicy& restart = spec.restart;
  const YamlNode& yaml = value.yaml();
  if (yaml.is_scalar()) {
    value.Word(&restart.when, RestartWhen::kAlways);
  } else {
    ReadKeys(value, kRestartKeys, restart);
  }
  // A cap that nobody asked for does not cut what somebody did ask for.
  bool has_delay = yaml.Find("delay") || yaml.Find("factor");
  if (has_delay && !yaml.Find("cap")) restart.cap = std::max(restart.base, Millis{30'000});
  bool has_when = yaml.is_scalar() || yaml.Find("when");
  if (has_when && restart.when == RestartWhen::kNever && !yaml.Find("retry_failed_start"))
    restart.retry_failed_start = false;
}

void ReadFosterStop(const FosterNode& value, ServiceSpec& spec) {
  if (value.yaml().Find("keys") && value.yaml().Find("command"))
    value.Error("either command or keys", "take one of the two out");
  ReadKeys(value, kStopKeys, spec.stop);
}

void ReadFosterTimeouts(const FosterNode& value, ServiceSpec& spec) {
  ReadKeys(value, kTimeoutKeys, spec.timeouts);
}

void ReadFosterDaemon(const FosterNode& value, ServiceSpec& spec) {
  if (value.yaml().is_map()) return ReadKeys(value, kDaemonKeys, spec.daemon);
  Follow follow = Follow::kNone;
  if (!value.Word(&follow, Follow::kLast)) return;
  if (follow == Follow::kPidFile) return value.Error("which file?", "write {pid_file: /run/x.pid}");
  spec.daemon = {follow, ""};
}

}  // namespace foster
