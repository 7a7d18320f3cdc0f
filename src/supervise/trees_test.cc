// SPDX-License-Identifier: MIT
#include "supervise/trees.h"

#include <catch2/catch.hpp>

#include "sys/init_channel.h"

namespace foster {
namespace {

Message About(MessageType type, std::uint64_t incarnation, std::int32_t pid, std::uint32_t role = kRoleMain) {
  Message message = MessageOf(type);
  message.key = KeyOf("web", role, incarnation);
  message.pid = pid;
  return message;
}

}  // namespace

TEST_CASE("a tree is known from the exec until its last process is gone") {
  Trees trees;
  Message spawned = About(kMsgSpawned, 3, 41);
  spawned.tree_tag = 99;
  trees.OnMessage(spawned);
  CHECK(trees.Of("web") == TreeId{"web", 3, 41, 99});
  Message exited = About(kMsgExited, 3, 41);
  exited.value = 1;
  trees.OnMessage(exited);
  CHECK(trees.Of("web").has_value());
  trees.OnMessage(About(kMsgTreeGone, 3, 0));
  CHECK_FALSE(trees.Of("web").has_value());
}

TEST_CASE("an adopted process becomes the main one, the tag stays") {
  Trees trees;
  Message child = About(kMsgChild, 3, 41);
  child.child_state = kChildLingering;
  child.tree_tag = 99;
  trees.OnMessage(child);
  trees.OnMessage(About(kMsgAdopted, 3, 0));  // nobody fitting
  CHECK(trees.Of("web")->pid == 41);
  trees.OnMessage(About(kMsgAdopted, 3, 57));
  CHECK(trees.Of("web") == TreeId{"web", 3, 57, 99});
}

TEST_CASE("older incarnations and other roles change nothing") {
  Trees trees;
  trees.OnMessage(About(kMsgSpawned, 4, 50));
  trees.OnMessage(About(kMsgExited, 3, 41));
  trees.OnMessage(About(kMsgSpawned, 3, 41));
  trees.OnMessage(About(kMsgSpawned, 5, 60, kRoleFinish));
  CHECK(trees.Of("web")->incarnation == 4);
  CHECK(trees.Of("web")->pid == 50);
  Message ended = About(kMsgChild, 7, 70);
  ended.child_state = kChildExited;
  trees.OnMessage(ended);
  CHECK(trees.Of("web")->incarnation == 4);
  trees.OnMessage(About(kMsgExited, 4, 50));
  CHECK_FALSE(trees.Of("web").has_value());
}

}  // namespace foster
