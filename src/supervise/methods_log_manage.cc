// SPDX-License-Identifier: MIT
// logs.stats, logs.rotate, logs.reopen, logs.clear: what is known of logs, and what is done to them.
#include <algorithm>
#include <cstring>

#include "base/redactor.h"
#include "model/check_log.h"
#include "supervise/log_health.h"
#include "supervise/methods.h"
#include "sys/clock.h"
#include "sys/log_index.h"
#include "wire/log_codec.h"

namespace foster {
namespace {

constexpr Millis kClearPatience{10'000};

std::string Hidden(const Redactor& redactor, std::string text) {
  (void)redactor.Redact(text, &text);  // nothing to hide: as it is
  return text;
}

Json SinkStats(const LogSlot& slot, const LogSlotConfig& config, std::size_t i, const Redactor& redactor) {
  const LogSink& sink = config.spec.sinks[i];
  Json json;
  json.Set("kind", NameOf(sink.kind)).Set("target", Hidden(redactor, ShownTarget(sink)));
  json.Set("format", NameOf(sink.format));
  const LogSinkState* state = StateOf(slot, config, i);
  if (state == nullptr) return std::move(json.Set("health", NameOf(LogSinkHealth::kIdle)));
  std::uint64_t behind = 0, skipped = 0;
  for (std::uint32_t s = 0; s < kLogStreams; ++s) {
    if (!(s == 0 ? sink.takes_out : sink.takes_err)) continue;
    const std::uint64_t position = state->position[s].load();
    behind += slot.streams[s].indexed.load() - std::min(slot.streams[s].indexed.load(), position);
    skipped += state->skipped[s].load();
  }
  const auto health = static_cast<LogSinkHealth>(state->health.load());
  const bool is_in_trouble = health == LogSinkHealth::kFull || health == LogSinkHealth::kBroken;
  const int error = state->last_error.load();
  json.Set("health", NameOf(health)).Set("behind", behind).Set("skipped", skipped);
  json.Set("written", state->written.load()).Set("lines", state->lines.load());
  json.Set("size", state->size.load()).Set("rotations", state->rotations.load());
  json.Set("failures", state->failures.load());
  json.Set("error", is_in_trouble && error != 0 ? std::strerror(error) : "");
  json.Set("last_error", error != 0 ? std::strerror(error) : "");
  return json;
}

// Its writer is made to wait: a stream's ring is full of what some place still needs.
bool IsPaused(const LogSlot& slot, const LogSlotConfig& config) {
  for (const LogStream& stream : slot.streams) {
    const std::uint64_t kept = stream.indexed.load() - std::min(stream.indexed.load(), stream.tail.load());
    if (stream.indexed.load() > stream.rendered.load() && kept >= config.spec.ring_bytes) return true;
  }
  for (std::size_t i = 0; i < config.spec.sinks.size(); ++i) {
    const LogSinkState* state = StateOf(slot, config, i);
    if (state == nullptr || config.spec.overflow != LogOverflow::kBlock) continue;
    for (std::uint32_t s = 0; s < kLogStreams; ++s) {
      const std::uint64_t end = slot.streams[s].indexed.load();
      if (end - std::min(end, state->position[s].load()) >= config.spec.ring_bytes) return true;
    }
  }
  return false;
}

void SetSpan(const LogTable& table, int number, std::uint64_t used, Json* json) {
  const LogIndex index(table, static_cast<std::uint32_t>(number));
  LogIndexEntry first{}, last{};
  const bool has_lines = index.first() < index.last() && index.Read(index.first(), &first) &&
                         index.Read(index.last() - 1, &last);
  const std::int64_t now = MonoNow().time_since_epoch() / std::chrono::nanoseconds(1);
  const double seconds =
      has_lines ? static_cast<double>(std::max<std::int64_t>(now - first.mono, 1)) / 1e9 : 1;
  json->Set("first", has_lines ? Json(ToRfc3339(first.wall)) : Json());
  json->Set("last", has_lines ? Json(ToRfc3339(last.wall)) : Json());
  json->Set("rate", static_cast<std::int64_t>(static_cast<double>(used) / std::max(seconds, 1e-3)));
}

Json SlotStats(const MethodParts& parts, const std::string& name, int number) {
  const LogTable& table = parts.logs.table();
  const LogSlot& slot = table.header().slots[number];
  auto config = DecodeSlotConfig(table.ConfigOf(number));
  if (!config.ok()) config = LogSlotConfig{};
  std::uint64_t bytes = 0, used = 0;
  for (const LogStream& stream : slot.streams) {
    bytes += stream.indexed.load();
    used += stream.indexed.load() - std::min(stream.indexed.load(), stream.tail.load());
  }
  Json json;
  json.Set("name", name).Set("ring_used", used).Set("ring_bytes", config->spec.ring_bytes);
  json.Set("bytes", bytes).Set("lines", slot.lines.load());
  SetSpan(table, number, used, &json);
  json.Set("paused", IsPaused(slot, *config)).Set("followers", slot.followers.load());
  std::uint64_t skipped = 0;
  for (const LogStream& stream : slot.streams) skipped += stream.skipped.load();
  json.Set("console", config->spec.console).Set("console_skipped", skipped);
  Json sinks{Json::Array{}};
  const Redactor& redactor = parts.followers.redactors().Of(table, number);
  for (std::size_t i = 0; i < config->spec.sinks.size(); ++i)
    sinks.Push(SinkStats(slot, *config, i, redactor));
  json.Set("sinks", std::move(sinks));
  return json;
}

// Those that have a slot.
std::optional<std::vector<std::string>> SlotNames(const MethodParts& parts, const CallPointer& call) {
  auto names = LogNames(parts, call);
  if (!names) return std::nullopt;
  if (!parts.logs.usable()) {
    call->Fail(kRpcFailed, "there are no logs: their memory could not be made");
    return std::nullopt;
  }
  std::erase_if(*names, [&](const std::string& name) { return parts.logs.table().Find(name) < 0; });
  return names;
}

Json Named(const char* what, const std::vector<std::string>& names) {
  Json array{Json::Array{}};
  for (const std::string& name : names) array.Push(name);
  return std::move(Json().Set(what, std::move(array)));
}

void Stats(const MethodParts& parts, const CallPointer& call) {
  auto names = SlotNames(parts, call);
  if (!names) return;
  Json services{Json::Array{}};
  for (const std::string& name : *names) services.Push(SlotStats(parts, name, parts.logs.table().Find(name)));
  call->Succeed(std::move(Json().Set("services", std::move(services))));
}

void Rotate(const MethodParts& parts, const CallPointer& call) {
  auto names = SlotNames(parts, call);
  if (!names) return;
  for (const std::string& name : *names) parts.logs.Rotate(name);
  call->Succeed(Named("rotated", *names));
}

// All of them: whoever moved files away moved any.
void Reopen(const MethodParts& parts, const CallPointer& call) {
  parts.logs.Reopen();
  call->Succeed(Json(Json::Object{}));
}

// Answered when logd has done it for all.
void Clear(const MethodParts& parts, const CallPointer& call) {
  auto names = SlotNames(parts, call);
  if (!names) return;
  auto left = std::make_shared<std::size_t>(names->size() + 1);
  auto limit = std::make_shared<Timers::Id>(0);
  auto one_less = [parts, call, left, limit, names = *names] {
    if (*left == 0 || --*left > 0) return;
    parts.timers.Cancel(*limit);
    call->Succeed(Named("cleared", names));
  };
  *limit = parts.timers.In(kClearPatience, [call, left] {
    if (*left == 0) return;
    *left = 0;
    call->Fail(kRpcTimeout, "logd did not answer within 10 s; it clears them when it can");
  });
  for (const std::string& name : *names)
    if (!parts.logs.Empty(name, one_less)) one_less();
  one_less();
}

}  // namespace

void AddLogManageMethods(MethodParts parts) {
  const auto add = [&parts](const char* name, Access needs, auto run) {
    parts.server.Add(name, needs, [parts, run](const CallPointer& call) { run(parts, call); });
  };
  add("logs.stats", Access::kRead, Stats);
  add("logs.rotate", Access::kFull, Rotate);
  add("logs.reopen", Access::kFull, Reopen);
  add("logs.clear", Access::kFull, Clear);
}

}  // namespace foster
