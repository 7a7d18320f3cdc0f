// SPDX-License-Identifier: MIT
#include "sys/capabilities.h"

#include <linux/capability.h>
#include <sys/resource.h>

#include <catch2/catch.hpp>

#include "sys/rlimits.h"

namespace foster {

TEST_CASE("capabilities have the numbers of the kernel") {
  CHECK(CapabilityNumber("chown") == CAP_CHOWN);
  CHECK(CapabilityNumber("CAP_NET_BIND_SERVICE") == CAP_NET_BIND_SERVICE);
  CHECK(CapabilityNumber("sys_admin") == CAP_SYS_ADMIN);
  CHECK(CapabilityNumber("sys_resource") == CAP_SYS_RESOURCE);
  CHECK(CapabilityNumber("setfcap") == CAP_SETFCAP);
  CHECK(CapabilityNumber("checkpoint_restore") == CAP_CHECKPOINT_RESTORE);
  CHECK_FALSE(CapabilityNumber("fly"));
}

TEST_CASE("a set of capabilities names the one that is none") {
  auto set = CapabilitySet({"chown", "bpf"});
  REQUIRE(set.ok());
  CHECK(*set == (1ull << CAP_CHOWN | 1ull << CAP_BPF));
  CHECK(*CapabilitySet({}) == 0);
  auto wrong = CapabilitySet({"chown", "fly"});
  REQUIRE_FALSE(wrong.ok());
  CHECK(wrong.error().message() == "there is no capability 'fly'");
  CHECK(wrong.error().code() == EINVAL);
}

TEST_CASE("limits have names, and the tag of a tree is none of them") {
  CHECK(RlimitNumber("nofile") == RLIMIT_NOFILE);
  CHECK(RlimitNumber("as") == RLIMIT_AS);
  CHECK(RlimitNumber("nproc") == RLIMIT_NPROC);
  CHECK_FALSE(RlimitNumber("locks"));
  CHECK_FALSE(RlimitNumber(""));
}

}  // namespace foster
