// SPDX-License-Identifier: MIT
#include "supervise/log_configs.h"

#include <catch2/catch.hpp>
#include <cstdlib>

#include "base/redactor.h"
#include "wire/log_codec.h"

namespace foster {
namespace {

TEST_CASE("without wishes a service has its spec") {
  LogSpec spec;
  spec.console = false;
  const LogSlotConfig config = MakeLogConfig("web", spec, false, {}, {"hunter2"});
  CHECK(config.service == "web");
  CHECK(config.spec == spec);
  CHECK(config.secrets == std::vector<std::string>{"hunter2"});
}

TEST_CASE("a directory of logs gives a file to each that has none of this kind") {
  LogOptions options;
  options.directory = "/var/log/foster";
  LogSpec spec;
  const auto sinks = [&](const std::string& name, bool internal = false) {
    return MakeLogConfig(name, spec, internal, options, {}).spec.sinks;
  };
  REQUIRE(sinks("supervisord/web").size() == 1);
  const LogSink sink = sinks("supervisord/web")[0];
  CHECK(sink.target == "/var/log/foster/supervisord/web/current");
  CHECK(sink.format == LogFormat::kFoster);
  CHECK(sink.rotation.max_bytes == 10u << 20);
  CHECK(sink.rotation.backups == 10);
  CHECK(sink.rotation.naming == LogNaming::kTai64n);
  CHECK(sink.rotation.compression == LogCompression::kZstd);
  CHECK(sinks("foster/logd", true).empty());
  for (const char* odd : {"..", "a/../b", "/etc", "a//b", "a/", "."}) CHECK(sinks(odd).empty());
  spec.sinks.resize(1);
  spec.sinks[0].target = "/tmp/own";
  CHECK(sinks("web").size() == 2);
  spec.sinks[0].format = LogFormat::kFoster;
  CHECK(sinks("web").size() == 1);
  spec.sinks[0].format = LogFormat::kRaw;
  spec.sinks.resize(kMaxLogSinks);
  CHECK(sinks("web").size() == kMaxLogSinks);
}

TEST_CASE("a wish for rings is for those that have the usual one") {
  LogOptions options;
  options.ring_bytes = 1u << 20;
  LogSpec spec;
  CHECK(MakeLogConfig("web", spec, false, options, {}).spec.ring_bytes == 1u << 20);
  CHECK(MakeLogConfig("foster/logd", spec, true, options, {}).spec.ring_bytes == 1u << 20);
  spec.ring_bytes = kLeastRingBytes;
  CHECK(MakeLogConfig("web", spec, false, options, {}).spec.ring_bytes == kLeastRingBytes);
}

TEST_CASE("however many values there are, all are hidden and pass the codec") {
  LogOptions options;
  std::vector<std::string> hidden;
  for (int i = 0; i < 150; ++i) hidden.push_back("value-" + std::to_string(i) + "-");
  options.credentials = {"credential"};
  const LogSlotConfig config = MakeLogConfig("web", {}, false, options, hidden);
  const auto decoded = DecodeSlotConfig(EncodeSlotConfig(config));
  REQUIRE(decoded.ok());
  const Redactor redactor(decoded->secrets);
  for (const std::string& value : hidden) {
    std::string shown;
    REQUIRE(redactor.Redact(value, &shown));
    CHECK(shown == "[redacted]");
  }
  std::string shown;
  CHECK(redactor.Redact("credential", &shown));
}

TEST_CASE("the environment's wishes are checked") {
  Voice voice;
  setenv("FOSTER_LOG_DIR", "relative", 1);
  setenv("FOSTER_LOG_RING", "12", 1);
  CHECK(LogOptionsHere(voice).directory.empty());
  CHECK(LogOptionsHere(voice).ring_bytes == 0);
  setenv("FOSTER_LOG_DIR", "/logs//", 1);
  setenv("FOSTER_LOG_RING", "2M", 1);
  CHECK(LogOptionsHere(voice).directory == "/logs");
  CHECK(LogOptionsHere(voice).ring_bytes == 2u << 20);
  unsetenv("FOSTER_LOG_DIR");
  unsetenv("FOSTER_LOG_RING");
}

}  // namespace
}  // namespace foster
