// SPDX-License-Identifier: MIT
#include "sys/sink_identity.h"

#include <catch2/catch.hpp>

namespace foster {

TEST_CASE("a sink is the same while it writes the same to the same place") {
  LogSink spec;
  spec.target = "/var/log/web";
  LogSink changed = spec;
  changed.rotation.max_bytes = 5;
  changed.mode = 0600;
  CHECK(SinkIdentity(spec, 0) == SinkIdentity(changed, 0));
  changed.target = "/var/log/db";
  CHECK(SinkIdentity(spec, 0) != SinkIdentity(changed, 0));
  changed = spec;
  changed.takes_err = false;
  CHECK(SinkIdentity(spec, 0) != SinkIdentity(changed, 0));
  const auto both = SinkIdentities({spec, spec, changed});
  REQUIRE(both.size() == 3);
  CHECK((both[0] != both[1] && both[1] != both[2] && both[0] != both[2]));
  CHECK(both[0] == SinkIdentity(spec, 0));
  CHECK(both[1] == SinkIdentity(spec, 1));
}

}  // namespace foster
