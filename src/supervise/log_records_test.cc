// SPDX-License-Identifier: MIT
#include "supervise/log_records.h"

#include <catch2/catch.hpp>

#include "wire/log_codec.h"

namespace foster {
namespace {

TEST_CASE("every record has the cursor behind itself, in both streams") {
  std::vector<LogLine> lines(4);
  lines[0].begin = 10, lines[0].end = 15;
  lines[1].stream = 1, lines[1].begin = 3, lines[1].end = 7;
  lines[2].begin = 15, lines[2].end = 20, lines[2].is_cut = true;
  lines[3].begin = 20, lines[3].end = 22, lines[3].partial = true, lines[3].is_continued = true;
  LogCursor cursor{0x01ab23cd, {10, 3}};
  std::vector<LogRecord> records;
  for (const LogLine& line : lines) records.push_back(RecordOf("web", line, Redactor(), &cursor));
  CHECK(records[0].cursor == "01ab23cd.15.3");
  CHECK(records[1].cursor == "01ab23cd.15.7");
  CHECK(records[2].cursor == "01ab23cd.20.7");
  CHECK(records[3].cursor == "01ab23cd.20.7");
  CHECK(records[1].stream == "stderr");
  CHECK((records[2].cut && !records[2].continued && !records[2].partial));
  CHECK((records[3].partial && records[3].continued && !records[3].cut));
}

TEST_CASE("what is hidden follows the slot's config") {
  LogTable table = std::move(LogTable::Create().value());
  const int slot = table.Allocate("web");
  LogRedactors redactors;
  LogLine line;
  line.text = "password hunter2, token tango";
  const auto shown = [&] {
    LogCursor cursor;
    return RecordOf("web", line, redactors.Of(table, slot), &cursor).text;
  };
  CHECK(shown() == "password hunter2, token tango");
  LogSlotConfig config;
  config.service = "web";
  config.secrets = {"hunter2"};
  REQUIRE(table.Configure(slot, EncodeSlotConfig(config)));
  CHECK(shown() == "password [redacted], token tango");
  config.secrets = {"hunter2", "tango"};
  REQUIRE(table.Configure(slot, EncodeSlotConfig(config)));
  CHECK(shown() == "password [redacted], token [redacted]");
  table.Free(slot);
  CHECK(shown() == "password hunter2, token tango");
}

}  // namespace
}  // namespace foster
