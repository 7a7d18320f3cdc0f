// SPDX-License-Identifier: MIT
#include "supervise/savepoint.h"

#include <catch2/catch.hpp>
#include <cstring>

#include "sys/memfd.h"

namespace foster {
namespace {

SavedService Service(const char* name, std::uint32_t restarts) {
  SavedService service;
  std::memset(static_cast<void*>(&service), 0, sizeof service);
  std::strncpy(service.name, name, sizeof service.name - 1);
  service.record.restarts = restarts;
  return service;
}

// What a next supervise would find now.
std::vector<SavedService> Reopened(const Savepoint& savepoint) {
  auto copy = Duplicate(savepoint.fd());
  REQUIRE(copy.ok());
  auto again = Savepoint::Open(std::move(*copy));
  REQUIRE(again.ok());
  return again->Services();
}

}  // namespace

TEST_CASE("a committed batch is there, an uncommitted one is not") {
  auto savepoint = Savepoint::Create();
  REQUIRE(savepoint.ok());
  REQUIRE(savepoint->Put(Service("a", 1)));
  savepoint->Commit();
  REQUIRE(savepoint->Put(Service("a", 2)));
  REQUIRE(savepoint->Put(Service("b", 1)));
  auto found = Reopened(*savepoint);
  REQUIRE(found.size() == 1);
  CHECK(found[0].record.restarts == 1);
}

TEST_CASE("a torn batch leaves nothing behind in the next one") {
  auto savepoint = Savepoint::Create();
  REQUIRE(savepoint.ok());
  savepoint->Put(Service("a", 1));
  savepoint->Commit();
  savepoint->Put(Service("a", 2));  // the kill falls here
  auto next = Savepoint::Open(std::move(*Duplicate(savepoint->fd())));
  REQUIRE(next.ok());
  next->Put(Service("b", 7));
  next->Commit();
  auto found = Reopened(*next);
  REQUIRE(found.size() == 2);
  for (const SavedService& service : found)
    CHECK(service.record.restarts == (std::string(service.name) == "a" ? 1u : 7u));
}

TEST_CASE("writing one service twice in a batch keeps the last, and many batches keep the newest") {
  auto savepoint = Savepoint::Create();
  REQUIRE(savepoint.ok());
  for (std::uint32_t i = 1; i <= 9; ++i) {
    savepoint->Put(Service("a", 100 + i));
    savepoint->Put(Service("a", i));
    savepoint->Commit();
    auto found = Reopened(*savepoint);
    REQUIRE(found.size() == 1);
    CHECK(found[0].record.restarts == i);
  }
}

TEST_CASE("places are bounded, and given again after a removal") {
  auto savepoint = Savepoint::Create();
  REQUIRE(savepoint.ok());
  for (std::uint32_t i = 0; i < kMaxSavedServices; ++i)
    REQUIRE(savepoint->Put(Service(("s" + std::to_string(i)).c_str(), i)));
  CHECK_FALSE(savepoint->Put(Service("one-more", 1)));
  savepoint->Commit();
  savepoint->Remove("s7");
  CHECK_FALSE(savepoint->Put(Service("one-more", 1)));  // not before the removal is committed
  savepoint->Commit();
  CHECK(savepoint->Put(Service("one-more", 1)));
  savepoint->Commit();
  CHECK(Reopened(*savepoint).size() == kMaxSavedServices);
}

}  // namespace foster
