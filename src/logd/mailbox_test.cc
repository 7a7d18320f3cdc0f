// SPDX-License-Identifier: MIT
#include "logd/mailbox.h"

#include <poll.h>
#include <sys/eventfd.h>

#include <catch2/catch.hpp>

#include "base/unique_fd.h"

namespace foster {
namespace {

TEST_CASE("letters come out as they went in, and the bell rings for the first") {
  Mailbox box;
  const UniqueFd bell(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK));
  box.UseBell(bell.get());
  CHECK(box.IsEmpty());
  REQUIRE(box.Put({3, 17, "one"}));
  REQUIRE(box.Put({4, 18, ""}));
  REQUIRE(box.Put({3, 19, std::string_view("n\0l", 3)}));
  std::uint64_t rings = 0;
  REQUIRE(eventfd_read(bell.get(), &rings) == 0);
  CHECK(rings == 1);
  CHECK_FALSE(box.IsEmpty());
  std::string packed;
  box.TakeAll(&packed);
  std::size_t at = 0;
  Mailbox::Letter letter;
  REQUIRE(Mailbox::Next(packed, &at, &letter));
  CHECK((letter.slot == 3 && letter.wall == 17 && letter.line == "one"));
  REQUIRE(Mailbox::Next(packed, &at, &letter));
  CHECK((letter.slot == 4 && letter.wall == 18 && letter.line.empty()));
  REQUIRE(Mailbox::Next(packed, &at, &letter));
  CHECK(letter.line == std::string_view("n\0l", 3));
  CHECK_FALSE(Mailbox::Next(packed, &at, &letter));
  box.TakeAll(&packed);
  CHECK(packed.empty());
}

TEST_CASE("a full mailbox refuses, and takes again once it was emptied") {
  Mailbox box;
  const std::string line(1000, 'x');
  std::size_t count = 0;
  while (box.Put({0, 0, line})) ++count;
  CHECK(count == kMostMail / 1016);
  std::string packed;
  box.TakeAll(&packed);
  CHECK(packed.size() <= kMostMail);
  CHECK(box.Put({0, 0, line}));
}

}  // namespace
}  // namespace foster
