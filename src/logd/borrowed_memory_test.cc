// SPDX-License-Identifier: MIT
#include "logd/borrowed_memory.h"

#include <catch2/catch.hpp>
#include <thread>

#include "s6_rig.h"

namespace foster {
namespace {

TEST_CASE("a thread's buffers go from one borrower to the next") {
  LogTable table = std::move(LogTable::Create().value());
  LineSource sources[2] = {{table, 0, {true, true}}, {table, 1, {true, true}}};
  LineBatch batches[2];
  std::string texts[2];
  std::thread([&] {
    const std::size_t before = KeptMemory();
    const char* where = nullptr;
    {
      const BorrowedMemory memory(&sources[0], &batches[0], {&texts[0]});
      texts[0].assign(200'000, 'x');
      where = texts[0].data();
    }
    CHECK(texts[0].capacity() < 100);
    CHECK(KeptMemory() >= before + 200'000);
    const BorrowedMemory memory(&sources[1], &batches[1], {&texts[1]});
    CHECK(texts[1].empty());
    CHECK(texts[1].data() == where);
  }).join();
}

TEST_CASE("all threads together keep a bounded amount") {
  LogTable table = std::move(LogTable::Create().value());
  LineSource source(table, 0, {true, true});
  LineBatch batch;
  std::string text;
  const std::size_t before = KeptMemory();
  std::thread([&] {
    {
      const BorrowedMemory memory(&source, &batch, {&text});
      text.assign(kMostKept + 1, 'x');
    }
    CHECK(KeptMemory() == before);
    const BorrowedMemory memory(&source, &batch, {&text});
    CHECK(text.capacity() < 100);
  }).join();
  CHECK(KeptMemory() == before);
}

TEST_CASE("sinks of one thread write what is theirs out of the same buffers") {
  S6Rig one("%/a");
  S6Rig two("%/a - +7 %/b");
  one.Make();
  two.Make();
  for (int i = 0; i < 5; ++i) {
    one.Write(Numbered(i * 100, i * 100 + 100));
    two.Write(Numbered(i * 10, i * 10 + 10));
    one.Work();
    two.Work();
  }
  CHECK(one.All("a") == Numbered(0, 500));
  CHECK(two.All("a") == Numbered(0, 50));
  CHECK(two.All("b").size() == 4 * 20 + 19);
}

}  // namespace
}  // namespace foster
