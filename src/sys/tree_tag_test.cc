// SPDX-License-Identifier: MIT
#include "sys/tree_tag.h"

#include <linux/capability.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <csignal>

namespace foster {
namespace {

constexpr std::uint64_t kTag = 4242;
constexpr uid_t kOther = 65534;

// A process of its own with `limit` as its tag, as user `uid` (0: ours), until it is killed.
pid_t Tagged(std::uint64_t tag, uid_t uid) {
  int ready[2];
  REQUIRE(pipe(ready) == 0);
  pid_t pid = fork();
  if (pid == 0) {
    rlimit limit{tag, tag};
    bool done = setrlimit(RLIMIT_LOCKS, &limit) == 0;
    if (uid != 0) done = done && setresgid(uid, uid, uid) == 0 && setresuid(uid, uid, uid) == 0;
    if (!done || write(ready[1], "x", 1) != 1) _exit(1);
    for (;;) pause();
  }
  char byte;
  close(ready[1]);
  REQUIRE(read(ready[0], &byte, 1) == 1);
  close(ready[0]);
  return pid;
}

// The answer of a process that may not look at the limits of others; 0 = none.
std::uint64_t AskedWithoutRights(pid_t pid) {
  int answer[2];
  REQUIRE(pipe(answer) == 0);
  pid_t asker = fork();
  if (asker == 0) {
    __user_cap_header_struct header{_LINUX_CAPABILITY_VERSION_3, 0};
    __user_cap_data_struct none[2] = {};
    (void)syscall(SYS_capset, &header, none);
    std::uint64_t tag = TreeTagOf(pid).value_or(0);
    _exit(write(answer[1], &tag, sizeof tag) == sizeof tag ? 0 : 1);
  }
  std::uint64_t tag = 0;
  close(answer[1]);
  CHECK(read(answer[0], &tag, sizeof tag) == sizeof tag);
  close(answer[0]);
  (void)waitpid(asker, nullptr, 0);
  return tag;
}

void End(pid_t pid) {
  (void)kill(pid, SIGKILL);
  (void)waitpid(pid, nullptr, 0);
}

}  // namespace

TEST_CASE("a process wears its tag, and one that is gone has none") {
  pid_t pid = Tagged(kTag, 0);
  CHECK(TreeTagOf(pid) == kTag);
  CHECK(AskedWithoutRights(pid) == kTag);
  End(pid);
  CHECK_FALSE(TreeTagOf(pid));
  CHECK_FALSE(TreeTagOf(0));
}

TEST_CASE("the tag of another user's process is seen without any capability") {
  if (geteuid() != 0) return;  // nobody else's process can be made: the case above is all there is
  for (std::uint64_t tag : {kTag, std::uint64_t{1} << 61, std::uint64_t{RLIM_INFINITY}}) {
    pid_t pid = Tagged(tag, kOther);
    CHECK(AskedWithoutRights(pid) == tag);
    End(pid);
  }
}

}  // namespace foster
