// SPDX-License-Identifier: MIT
#include "logd/renderer.h"

#include <catch2/catch.hpp>

namespace foster {
namespace {

const Prefix kPrefix{"p| ", "p+ "};

struct Rig {
  RenderState state;
  std::string out;
  Redactor redactor;
  std::size_t Feed(const std::string& bytes, Rest rest = Rest::kKeep, std::size_t room = 1 << 20) {
    return RenderLines(bytes, rest, kPrefix, redactor, room, &state, &out);
  }
};

TEST_CASE("whole lines get a prefix, the rest waits") {
  Rig r;
  CHECK(r.Feed("a\n\nb\nrest") == 5);
  CHECK(r.out == "p| a\np| \np| b\n");
  CHECK(r.state.position == 5);
  CHECK(r.Feed("rest") == 0);
  CHECK(r.Feed("rest", Rest::kFlush) == 4);
  CHECK(r.out == "p| a\np| \np| b\np| rest\n");
  CHECK(r.Feed(" goes on\nnext\n") == 14);
  CHECK(r.out == "p| a\np| \np| b\np| rest\np+  goes on\np| next\n");
}

TEST_CASE("a newline that comes after a flushed line prints no empty line") {
  Rig r;
  r.Feed("prompt", Rest::kFlush);
  CHECK(r.Feed("\n\n") == 2);
  CHECK(r.out == "p| prompt\np| \n");
}

TEST_CASE("bytes pass unchanged") {
  Rig r;
  const std::string odd("\0\xff\x1b[31m\r\n", 9);
  CHECK(r.Feed(odd) == 9);
  CHECK(r.out == "p| " + odd);
}

TEST_CASE("long lines are cut into marked pieces") {
  Rig r;
  const std::string big(kPieceBytes, 'x');
  CHECK(r.Feed(big) == 0);
  CHECK(r.Feed(big + "\n") == big.size() + 1);
  CHECK(r.out == "p| " + big + "\n");
  r.out.clear();
  CHECK(r.Feed(big + "yy\nz\n") == big.size() + 5);
  CHECK(r.out == "p| " + big + "\np+ yy\np| z\n");
}

TEST_CASE("output is bounded") {
  Rig r;
  CHECK(r.Feed("aaaa\nbbbb\ncccc\n", Rest::kKeep, 9) == 10);
  CHECK(r.out == "p| aaaa\np| bbbb\n");
}

TEST_CASE("secrets are not shown, and take their bytes nevertheless") {
  Rig r;
  r.redactor = Redactor({"hunter22"});
  CHECK(r.Feed("pass hunter22 !\nfine\n") == 21);
  CHECK(r.out == "p| pass [redacted] !\np| fine\n");
}

}  // namespace
}  // namespace foster
