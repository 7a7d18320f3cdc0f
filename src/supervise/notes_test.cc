// SPDX-License-Identifier: MIT
#include "supervise/notes.h"

#include <catch2/catch.hpp>

#include "supervise/cgroups.h"
#include "supervise/held_fds.h"

namespace foster {

TEST_CASE("notes are read as they were written, and anything else is none") {
  ServiceNotes notes{
      7, "half of \"it\"\nis done", {"nice: Permission denied", "cgroup: no"}, "no such user 'x'"};
  CHECK(DecodeNotes(EncodeNotes(notes)) == notes);
  CHECK(DecodeNotes("") == ServiceNotes{});
  CHECK(DecodeNotes("[1]") == ServiceNotes{});
}

TEST_CASE("a long service name gets a short name in the store, and no two the same") {
  std::string name(115, 'x');
  CHECK(StoreNameOf("stdin:", "web") == "stdin:web");
  CHECK(StoreNameOf("stdin:", name).size() < kMaxNameLength);
  CHECK(StoreNameOf("stdin:", name + "a") != StoreNameOf("stdin:", name + "b"));
}

TEST_CASE("a service's cgroup has a name that no file of the kernel has") {
  CHECK(CgroupNameOf("web") == "svc-web");
  CHECK(CgroupNameOf("app/web").starts_with("svc-app_web-"));
  CHECK(CgroupNameOf("app/web") != CgroupNameOf("app:web"));
  CHECK(CgroupNameOf("..").starts_with("svc-__-"));
  CHECK(CgroupNameOf(std::string(119, 'x')).size() < 255);
}

TEST_CASE("held fds lie from 3 on, with their names") {
  SpawnWish wish;
  wish.environment = {"A=1", "LISTEN_FDS=9"};
  REQUIRE(AddListenFds({{"socket:web", 0, "http"}, {"fd:1:000000:box", 0, "box"}}, &wish));
  CHECK(wish.fds == std::vector<FdWish>{{kFdStore, 0, "socket:web", 3}, {kFdStore, 0, "fd:1:000000:box", 4}});
  CHECK(wish.environment ==
        std::vector<std::string>{"A=1", "LISTEN_FDS=2", "LISTEN_FDNAMES=http:box", "LISTEN_PID="});
  SpawnWish taken;
  taken.fds = {{kFdMessage, 0, "", 4}};
  CHECK(AddListenFds({{"a", 0, "a"}}, &taken));
  CHECK_FALSE(AddListenFds({{"a", 0, "a"}, {"b", 0, "b"}}, &taken));
  SpawnWish none;
  CHECK(AddListenFds({}, &none));
  CHECK(none.environment.empty());
}

}  // namespace foster
