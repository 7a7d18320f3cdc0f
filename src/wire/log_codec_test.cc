// SPDX-License-Identifier: MIT
// Round trips, and input that somebody else wrote into the shared memory.
#include "wire/log_codec.h"

#include <catch2/catch.hpp>
#include <random>

namespace foster {
namespace {

LogSlotConfig Full() {
  LogSlotConfig config;
  config.service = "w/web:1";
  config.spec.ring_bytes = 1 << 20;
  config.spec.overflow = LogOverflow::kDropOldest;
  config.spec.console = false;
  LogSink file;
  file.target = "/var/log/web \xff.log";
  file.rotation.every = Millis(3'600'000);
  file.rotation.backups = UINT32_MAX;
  file.format_options.fields = {"time", "message"};
  LogSink syslog;
  syslog.kind = LogSinkKind::kSyslog;
  syslog.target = "unix:/dev/log";
  config.spec.sinks = {file, syslog};
  config.secrets = {"hunter2", std::string("a\0b\xfe", 4), ""};
  return config;
}

TEST_CASE("a slot's settings come back as they went, bytes included") {
  for (const LogSlotConfig& config : {LogSlotConfig{}, Full()}) {
    auto again = DecodeSlotConfig(EncodeSlotConfig(config));
    REQUIRE(again.ok());
    CHECK(*again == config);
  }
}

TEST_CASE("settings of a later foster are read, defaults of an earlier one kept") {
  auto config = DecodeSlotConfig(R"({"service":"a","log":{"console":false,"new":1},"colour":7})");
  REQUIRE(config.ok());
  CHECK(config->service == "a");
  CHECK_FALSE(config->spec.console);
  CHECK(config->spec.ring_bytes == kDefaultRingBytes);
}

TEST_CASE("hostile settings are refused, whatever is in them") {
  CHECK_FALSE(DecodeSlotConfig("").ok());
  CHECK_FALSE(DecodeSlotConfig("[1]").ok());
  CHECK_FALSE(DecodeSlotConfig(R"({"service":"a","log":{"overflow":"x"}})").ok());
  CHECK_FALSE(DecodeSlotConfig(R"({"service":"a","log":{"ring_bytes":1}})").ok());
  CHECK_FALSE(DecodeSlotConfig(R"({"service":"a","log":{"ring_bytes":-1}})").ok());
  CHECK_FALSE(DecodeSlotConfig(std::string((1 << 20) + 1, ' ')).ok());
  LogSlotConfig many = Full();
  many.secrets.assign(kMaxSecrets + 1, "x");
  CHECK_FALSE(DecodeSlotConfig(EncodeSlotConfig(many)).ok());
  many = Full();
  many.spec.sinks.resize(kMaxLogSinks + 1);
  CHECK_FALSE(DecodeSlotConfig(EncodeSlotConfig(many)).ok());
}

// What is read at all is within its bounds and is written again as it was read.
TEST_CASE("settings with bytes changed at random never break their bounds") {
  const std::string good = EncodeSlotConfig(Full());
  std::mt19937 random(7);
  int read = 0;
  for (int i = 0; i < 20'000; ++i) {
    std::string bytes = good.substr(0, random() % 8 == 0 ? random() % good.size() : good.size());
    for (unsigned n = random() % 4; n > 0 && !bytes.empty(); --n)
      bytes[random() % bytes.size()] = static_cast<char>(random());
    auto config = DecodeSlotConfig(bytes);
    if (!config.ok()) continue;
    ++read;
    REQUIRE(config->spec.sinks.size() <= kMaxLogSinks);
    REQUIRE(config->secrets.size() <= kMaxSecrets);
    auto again = DecodeSlotConfig(EncodeSlotConfig(*config));
    REQUIRE(again.ok());
    REQUIRE(*again == *config);
  }
  CHECK(read > 100);
}

}  // namespace
}  // namespace foster
