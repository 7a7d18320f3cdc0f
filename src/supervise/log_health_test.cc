// SPDX-License-Identifier: MIT
#include "supervise/log_health.h"

#include <cerrno>

#include <catch2/catch.hpp>

#include "sys/sink_identity.h"
#include "wire/log_codec.h"

namespace foster {
namespace {

struct Service {
  LogTable table = std::move(LogTable::Create().value());
  int slot = table.Allocate("web");
  LogSlotConfig config;
  LogHealth health;

  Service() {
    config.service = "web";
    config.spec.sinks.resize(2);
    config.spec.sinks[0].target = "/var/log/web";
    config.spec.sinks[1].target = "/mnt/tango/web";
    config.secrets = {"tango"};
    REQUIRE(table.Configure(slot, EncodeSlotConfig(config)));
    // The states lie in another order than the sinks.
    State(3).identity.store(SinkIdentity(config.spec.sinks[0], 0));
    State(1).identity.store(SinkIdentity(config.spec.sinks[1], 0));
  }
  LogSinkState& State(std::size_t i) { return table.header().slots[slot].sinks[i]; }
  std::string Trouble(std::uint32_t sink, int error, LogSinkHealth kind = LogSinkHealth::kFull) {
    State(sink).last_error.store(error);
    State(sink).health.store(static_cast<std::uint32_t>(kind));
    return health.Changed(table, 0, sink, true);
  }
  std::string Recovery(std::uint32_t sink) { return health.Changed(table, 0, sink, false); }
};

TEST_CASE("a sink's state is found by what it is a sink of") {
  Service service;
  const LogSlot& slot = service.table.header().slots[0];
  CHECK(StateOf(slot, service.config, 0) == &service.State(3));
  CHECK(StateOf(slot, service.config, 1) == &service.State(1));
  CHECK(SinkOf(slot, service.config, 3) == &service.config.spec.sinks[0]);
  CHECK(SinkOf(slot, service.config, 0) == nullptr);
}

TEST_CASE("each change is told once, with what happens meanwhile") {
  Service service;
  CHECK(service.Trouble(3, ENOSPC) ==
        "web: cannot write to the file /var/log/web: No space left on device; its ring goes on; writing goes "
        "on "
        "by itself and says what is missing");
  CHECK(service.Trouble(3, ENOSPC).empty());
  CHECK(service.Trouble(3, EROFS).find("Read-only file system") != std::string::npos);
  service.State(3).skipped[1].store(120);
  CHECK(service.Recovery(3) == "web: writes to the file /var/log/web again, 120 bytes are missing");
  CHECK(service.Recovery(3).empty());
  CHECK_FALSE(service.Trouble(3, ENOSPC).empty());
  CHECK(service.Recovery(3) == "web: writes to the file /var/log/web again");
}

TEST_CASE("no text shows a secret, and none is told of a sink that is gone") {
  Service service;
  const std::string text = service.Trouble(1, EACCES, LogSinkHealth::kBroken);
  CHECK(text.find("/mnt/[redacted]/web: Permission denied; it is tried again") != std::string::npos);
  CHECK(service.Trouble(0, EACCES).empty());
}

}  // namespace
}  // namespace foster
