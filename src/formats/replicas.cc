// SPDX-License-Identifier: MIT
#include "formats/replicas.h"

#include <algorithm>

namespace foster {

std::string ReplicaName(const std::string& name, std::int64_t number, std::int64_t count) {
  if (count <= 1) return name;
  std::string digits = std::to_string(number), widest = std::to_string(count);
  return name + "-" + std::string(widest.size() - std::min(widest.size(), digits.size()), '0') + digits;
}

std::optional<std::uint32_t> ScaleOf(const std::map<std::string, std::uint32_t>& scale,
                                     const std::string& workload, const std::string& name) {
  auto found = scale.find(workload.empty() ? name : workload + "/" + name);
  return found == scale.end() ? std::nullopt : std::optional<std::uint32_t>(found->second);
}

namespace {

// Lines in process-compose's formats say which replica they are of; 0 needs no saying.
void LabelReplica(LogSink& sink, std::int64_t index) {
  const bool says_it = sink.kind == LogSinkKind::kFile && (sink.format == LogFormat::kProcessComposeJson ||
                                                           sink.format == LogFormat::kProcessComposeConsole);
  if (says_it && index > 0) sink.labels.push_back("replica=" + std::to_string(index));
}

}  // namespace

std::string NumberLogs(LogSpec& log, std::int64_t index, std::int64_t count,
                       const std::vector<LogSink>& done) {
  const std::string number = std::to_string(index);
  std::string fault;
  for (LogSink& sink : log.sinks) {
    if (sink.kind != LogSinkKind::kFile && sink.kind != LogSinkKind::kS6) continue;
    const bool is_done = std::find(done.begin(), done.end(), sink) != done.end();
    if (sink.labels.empty()) LabelReplica(sink, index);
    if (is_done) continue;
    bool has_number = false;
    for (const std::string_view mark : {"{replica}", "{PC_REPLICA_NUM}"})
      for (std::size_t at = 0; (at = sink.target.find(mark, at)) != std::string::npos; at += number.size()) {
        sink.target.replace(at, mark.size(), number);
        has_number = true;
      }
    if (has_number || count <= 1) continue;
    if (sink.kind == LogSinkKind::kFile)
      sink.target += "." + number;
    else
      fault = "log.s6: each of " + std::to_string(count) + " replicas needs a directory of its own";
  }
  return fault;
}

std::vector<ServiceSpec> Replicate(const ServiceSpec& spec, std::uint32_t count) {
  std::vector<ServiceSpec> specs(std::max(count, 1u), spec);
  NumberLogs(specs[0].log, 0, count);
  if (count <= 1) return specs;
  for (std::uint32_t index = 0; index < count; ++index) {
    if (index > 0) NumberLogs(specs[index].log, index, count);
    specs[index].replica = {spec.name, index, count};
    specs[index].name = ReplicaName(spec.name, index, count);
    specs[index].environment.push_back("FOSTER_REPLICA=" + std::to_string(index));
  }
  return specs;
}

}  // namespace foster
