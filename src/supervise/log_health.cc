// SPDX-License-Identifier: MIT
#include "supervise/log_health.h"

#include <cstring>

#include "base/redactor.h"
#include "model/check_log.h"
#include "sys/sink_identity.h"
#include "wire/log_codec.h"

namespace foster {
namespace {

std::string Place(const LogSink& sink) {
  switch (sink.kind) {
    case LogSinkKind::kFile:
      return "the file " + sink.target;
    case LogSinkKind::kS6:
      return "the s6-log directory of '" + sink.target + "'";
    case LogSinkKind::kSyslog:
      return "syslog at " + ShownTarget(sink);
    case LogSinkKind::kOtlp:
    case LogSinkKind::kLoki:
      return "the collector " + ShownTarget(sink);
  }
  return sink.target;
}

std::string Meanwhile(const LogSlotConfig& config, const LogSink& sink, LogSinkHealth health) {
  const bool is_file = sink.kind == LogSinkKind::kFile || sink.kind == LogSinkKind::kS6;
  if (health == LogSinkHealth::kBroken) return "it is tried again at a reload or a reopen, its ring goes on";
  if (is_file && config.spec.full_disk == LogFullDisk::kWait)
    return "it waits once its ring is full; writing goes on by itself";
  return "its ring goes on; writing goes on by itself and says what is missing";
}

// A target may hold a value that nobody is to see.
std::string Hidden(const LogSlotConfig& config, std::string text) {
  (void)Redactor(config.secrets).Redact(text, &text);  // nothing to hide: as it is
  return text;
}

}  // namespace

std::string_view NameOf(LogSinkHealth health) {
  switch (health) {
    case LogSinkHealth::kIdle:
      return "idle";
    case LogSinkHealth::kGood:
      return "good";
    case LogSinkHealth::kBehind:
      return "behind";
    case LogSinkHealth::kFull:
      return "full";
    case LogSinkHealth::kBroken:
      return "broken";
  }
  return "";  // of a newer logd
}

const LogSinkState* StateOf(const LogSlot& slot, const LogSlotConfig& config, std::size_t sink) {
  const std::uint64_t identity = SinkIdentities(config.spec.sinks)[sink];
  for (const LogSinkState& state : slot.sinks)
    if (state.identity.load(std::memory_order_acquire) == identity) return &state;
  return nullptr;
}

const LogSink* SinkOf(const LogSlot& slot, const LogSlotConfig& config, std::uint32_t index) {
  const std::uint64_t identity = slot.sinks[index].identity.load(std::memory_order_acquire);
  const auto identities = SinkIdentities(config.spec.sinks);
  for (std::size_t i = 0; i < identities.size(); ++i)
    if (identities[i] == identity) return &config.spec.sinks[i];
  return nullptr;
}

std::string TroubleText(const LogSlotConfig& config, const LogSink& sink, LogSinkHealth health, int error) {
  std::string text = config.service + ": cannot write to " + Place(sink);
  if (error != 0) text += std::string(": ") + std::strerror(error);
  return Hidden(config, text + "; " + Meanwhile(config, sink, health));
}

std::string RecoveryText(const LogSlotConfig& config, const LogSink& sink, std::uint64_t skipped) {
  std::string text = config.service + ": writes to " + Place(sink) + " again";
  if (skipped > 0) text += ", " + std::to_string(skipped) + " bytes are missing";
  return Hidden(config, text);
}

std::string LogHealth::Changed(const LogTable& table, std::uint32_t slot, std::uint32_t sink,
                               bool is_trouble) {
  const LogSlot& entry = table.header().slots[slot];
  const LogSinkState& state = entry.sinks[sink];
  auto config = DecodeSlotConfig(table.ConfigOf(static_cast<int>(slot)));
  const LogSink* spec = config.ok() ? SinkOf(entry, *config, sink) : nullptr;
  Told now{state.identity.load(), is_trouble, is_trouble ? state.last_error.load() : 0, 0};
  for (const auto& skipped : state.skipped) now.skipped += skipped.load();
  const Told before = std::exchange(told_[{slot, sink}], now);
  const bool is_same_sink = before.identity == now.identity;
  if (spec == nullptr || (is_same_sink && before.is_trouble == is_trouble && before.error == now.error)) {
    if (is_same_sink && is_trouble) told_[{slot, sink}].skipped = before.skipped;
    return "";
  }
  if (is_trouble)
    return TroubleText(*config, *spec, static_cast<LogSinkHealth>(state.health.load()), now.error);
  const std::uint64_t skipped = is_same_sink ? now.skipped - std::min(before.skipped, now.skipped) : 0;
  return RecoveryText(*config, *spec, skipped);
}

}  // namespace foster
