// SPDX-License-Identifier: MIT
// JSON, as the plan's codec writes a LogSpec: a reader skips members that it does not know, and what is not
// there keeps its default. Both ends bound what they take: the bytes lie in memory that others write too.
#include "wire/log_codec.h"

#include "wire/plan_codec.h"

namespace foster {
namespace {

constexpr std::size_t kMostBytes = 1u << 20;
constexpr std::size_t kLongestName = 4096;

Result<void> CheckBounds(const LogSlotConfig& config) {
  if (config.service.size() > kLongestName) return Error("the service's name is too long");
  if (config.secrets.size() > kMaxSecrets) return Error("too many secrets");
  if (config.spec.sinks.size() > kMaxLogSinks) return Error("too many sinks");
  if (config.spec.ring_bytes < kLeastRingBytes || config.spec.ring_bytes > kMostRingBytes)
    return Error("a ring of " + std::to_string(config.spec.ring_bytes) + " bytes");
  return Ok();
}

}  // namespace

std::string EncodeSlotConfig(const LogSlotConfig& config) {
  Json json = Json::Object();
  json.Set("service", TextToJson(config.service));
  json.Set("log", ToJson(config.spec));
  Json::Array secrets;
  for (const std::string& value : config.secrets) secrets.push_back(TextToJson(value));
  json.Set("secrets", std::move(secrets));
  return json.Dump();
}

Result<LogSlotConfig> DecodeSlotConfig(std::string_view bytes) {
  if (bytes.size() > kMostBytes) return Error("cannot read the log's settings: they are too long");
  auto json = ParseJson(bytes);
  if (!json.ok()) return json.error().WithContext("cannot read the log's settings");
  LogSlotConfig config;
  FOSTER_ASSIGN(config.service, TextFromJson((*json)["service"]));
  FOSTER_ASSIGN(config.spec, LogSpecFromJson((*json)["log"]));
  for (const Json& value : (*json)["secrets"].AsArray()) {
    FOSTER_ASSIGN(std::string text, TextFromJson(value));
    config.secrets.push_back(std::move(text));
  }
  if (auto bounds = CheckBounds(config); !bounds.ok())
    return bounds.error().WithContext("cannot read the log's settings");
  return config;
}

}  // namespace foster
