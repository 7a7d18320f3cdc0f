// SPDX-License-Identifier: MIT
#include "formats/foster_yaml.h"

#include <algorithm>

#include "formats/foster_values.h"
#include "formats/foster_yaml_parts.h"
#include "model/check_spec.h"

namespace foster {
namespace {

// The spec and what is no member of it.
struct Whole {
  ServiceSpec& spec;
  FosterYaml out;
};

template <void (*read)(const FosterNode&, ServiceSpec&)>
void Of(const FosterNode& value, Whole& whole) {
  read(value, whole.spec);
}

template <bool ServiceSpec::*member>
void ReadFlag(const FosterNode& value, Whole& whole) {
  value.Bool(&(whole.spec.*member));
}

template <Consequence ServiceSpec::*member>
void ReadConsequence(const FosterNode& value, Whole& whole) {
  value.Word(&(whole.spec.*member), Consequence::kEndContainer);
}

void ReadEnvironment(const FosterNode& value, Whole& whole) {
  if (!value.Map()) return;
  for (const YamlNode::Pair& pair : value.yaml().pairs) {
    FosterNode variable = value.Below(pair.key, *pair.value);
    std::string text;
    if (pair.key.empty() || pair.key.find_first_of(std::string_view("=\0", 2)) != std::string::npos)
      variable.Error("not a variable's name: " + Quote(pair.key), "it cannot hold '='");
    else if (pair.value->is_null() || variable.Text(&text))
      whole.spec.environment.push_back(pair.key + "=" + text);
  }
}

void ReadSuccessCodes(const FosterNode& value, Whole& whole) {
  if (!value.List()) return;
  std::vector<int> codes;
  for (std::size_t i = 0; i < value.yaml().items.size(); ++i)
    value.At(i).Number(&codes.emplace_back(), 0, 255);
  whole.spec.success_codes = std::move(codes);
}

void ReadSuccessSignals(const FosterNode& value, Whole& whole) {
  if (!value.List()) return;
  std::vector<int> signals;
  for (std::size_t i = 0; i < value.yaml().items.size(); ++i) {
    int number = 0;
    if (value.At(i).Signal(&number)) signals.push_back(number);
  }
  whole.spec.success_signals = std::move(signals);
}

void ReadStdin(const FosterNode& value, Whole& whole) {
  if (value.yaml().is_null())
    whole.spec.stdin_from = Stdin::kNull;  // null without quotes is no word to YAML
  else
    value.Word(&whole.spec.stdin_from, Stdin::kTerminal);
}

void ReadReplicas(const FosterNode& value, Whole& whole) {
  if (!value.dialect().is_directory)
    return value.Error("is not possible here", "write 'replicas' of the process itself");
  value.Number(&whole.out.replicas, 1, 4096);
}

const std::vector<FosterKey<Whole>> kKeys = {
    {"description", [](const FosterNode& value, Whole& whole) { value.Text(&whole.spec.description); }},
    {"autostart", ReadFlag<&ServiceSpec::autostart>},
    {"env", ReadEnvironment},
    {"depends_on", Of<ReadFosterGates>},
    {"readiness", Of<ReadFosterReadiness>},
    {"liveness", Of<ReadFosterLiveness>},
    {"restart", Of<ReadFosterRestart>},
    {"success_codes", ReadSuccessCodes},
    {"success_signals", ReadSuccessSignals},
    {"stop", Of<ReadFosterStop>},
    {"timeouts", Of<ReadFosterTimeouts>},
    {"daemon", Of<ReadFosterDaemon>},
    {"stdin", ReadStdin},
    {"merge_stderr", ReadFlag<&ServiceSpec::merge_stderr>},
    {"schedule", Of<ReadFosterSchedule>},
    {"sockets", Of<ReadFosterSockets>},
    {"activation", [](const FosterNode& value,
                      Whole& whole) { value.Word(&whole.spec.activation, Activation::kOnDemand); }},
    {"idle_stop",
     [](const FosterNode& value, Whole& whole) { value.Duration(&whole.spec.idle_stop, Millis{0}, false); }},
    {"replicas", ReadReplicas},
    {"when_ended", ReadConsequence<&ServiceSpec::when_ended>},
    {"when_failed", ReadConsequence<&ServiceSpec::when_failed>},
    {"isolation", Of<ReadFosterIsolation>},
    {"log", Of<ReadFosterLog>},
    {"secrets", Of<ReadFosterSecrets>},
};

// The value at "restart.budget", or as far as the path leads.
const YamlNode* Descend(const YamlNode* node, std::string_view path) {
  while (node && !path.empty()) {
    std::size_t dot = std::min(path.find('.'), path.size());
    const YamlNode* next = node->Find(path.substr(0, dot));
    if (!next) return node;
    node = next;
    path.remove_prefix(std::min(dot + 1, path.size()));
  }
  return node;
}

}  // namespace

FosterYaml ReadFosterYaml(const YamlNode& node, const FosterDialect& dialect, Report& report,
                          ServiceSpec& spec) {
  Whole whole{spec, {}};
  if (node.is_null()) return {};
  FosterNode root(node, dialect.is_directory ? "" : "x-foster", dialect, report);
  if (!node.is_map()) return root.WrongKind("a map", "write 'key: value' lines"), FosterYaml{};
  for (const YamlNode::Pair& pair : node.pairs) {
    std::size_t errors_before = report.error_count();
    ReadKey(root, pair, kKeys, whole);
    if (pair.key == "log") whole.out.log = pair.origin;
    if (report.error_count() != errors_before) whole.out.faulty_keys.push_back(pair.key);
  }
  // What runs by the clock is over when it has ended, unless somebody says otherwise.
  const YamlNode* restart = node.Find("restart");
  bool has_when = restart && (restart->is_scalar() || restart->Find("when"));
  if (node.Find("schedule") && !has_when) {
    spec.restart.when = RestartWhen::kNever;
    spec.restart.retry_failed_start = false;
  }
  return std::move(whole.out);
}

void ReportSpecFaults(const ServiceSpec& spec, const YamlNode* node, const FosterYaml& read,
                      const Origin& otherwise, Report& report) {
  const auto& known = read.faulty_keys;
  for (const SpecFault& fault : CheckSpec(spec)) {
    std::string first = fault.key.substr(0, fault.key.find('.'));
    if (std::find(known.begin(), known.end(), first) != known.end()) continue;
    const YamlNode* place = Descend(node, fault.key);
    report.Error(place && place != node ? place->origin : otherwise, fault.key + ": " + fault.text,
                 fault.hint);
  }
}

void FillWorkingDirectories(ServiceSpec& spec) {
  for (Command* command : {&spec.readiness.probe.command, &spec.liveness.probe.command, &spec.stop.command})
    if (!command->argv.empty() && command->cwd.empty()) command->cwd = spec.run.cwd;
}

}  // namespace foster
