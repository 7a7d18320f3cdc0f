// SPDX-License-Identifier: MIT
#include "logfile/native_format.h"

#include <catch2/catch.hpp>
#include <limits>
#include <random>

namespace foster {
namespace {

FormatLineInput Sample() {
  FormatLineInput line;
  line.wall = 1'795'246'355'863'392'026;
  line.mono = 12'000'000'345;
  line.seq = 7;
  line.incarnation = 2;
  line.end = 4096;
  line.text = "hello world";
  return line;
}

std::string Written(const FormatLineInput& line) {
  std::string out;
  AppendNativeLine(line, &out);
  return out;
}

void CheckBack(const FormatLineInput& line) {
  const std::string written = Written(line);
  REQUIRE(written.back() == '\n');
  const auto read = ReadNativeLine(std::string_view(written).substr(0, written.size() - 1));
  REQUIRE(read.has_value());
  CHECK(read->wall == line.wall);
  CHECK(read->mono == line.mono);
  CHECK(read->seq == line.seq);
  CHECK(read->incarnation == line.incarnation);
  CHECK(read->stream == line.stream);
  CHECK(read->is_continued == line.is_continued);
  CHECK(read->is_cut == line.is_cut);
  CHECK(read->end == line.end);
  CHECK(read->text == line.text);
}

TEST_CASE("a line of a foster file has every field") {
  FormatLineInput line = Sample();
  CHECK(Written(line) == "2026-11-21T07:32:35.863392026Z 12.000000345 7 2 o 4096 hello world\n");
  line.stream = 1;
  line.is_continued = true;
  line.is_cut = true;
  line.text = "";
  CHECK(Written(line) == "2026-11-21T07:32:35.863392026Z 12.000000345 7 2 e+- 4096 \n");
}

TEST_CASE("whatever a foster file's line holds reads back") {
  CheckBack(Sample());
  FormatLineInput line = Sample();
  line.text = std::string_view("\0\r\x1b[1m\xff\xfe# \t", 12);
  CheckBack(line);
  line.text = "";
  line.wall = std::numeric_limits<std::int64_t>::min() + 1'000'000'000;
  line.mono = std::numeric_limits<std::int64_t>::max();
  line.seq = line.incarnation = line.end = std::numeric_limits<std::uint64_t>::max();
  CheckBack(line);
  line.wall = std::numeric_limits<std::int64_t>::max();
  line.mono = 0;
  line.seq = 0;
  CheckBack(line);
  for (int flags = 0; flags < 8; ++flags) {
    line.stream = flags & 1;
    line.is_continued = (flags & 2) != 0;
    line.is_cut = (flags & 4) != 0;
    CheckBack(line);
  }
}

TEST_CASE("moments read back at random") {
  std::mt19937_64 random(4);
  FormatLineInput line = Sample();
  for (int i = 0; i < 20'000; ++i) {
    line.wall = static_cast<std::int64_t>(random()) / 2;
    line.mono = static_cast<std::int64_t>(random() >> (1 + random() % 60));
    line.seq = random() >> (random() % 64);
    CheckBack(line);
  }
}

TEST_CASE("what is no line of a foster file is refused") {
  const std::string good = Written(Sample());
  REQUIRE(ReadNativeLine(good.substr(0, good.size() - 1)));
  for (const char* bad : {"",
                          " ",
                          "text",
                          "#foster-log 1 ",
                          "2026-11-21T07:32:35.863392026Z",
                          "2026-11-21 07:32:35.863392026Z 12.000000345 7 2 o 4096 x",
                          "2026-02-30T07:32:35.863392026Z 12.000000345 7 2 o 4096 x",
                          "2026-11-21T24:32:35.863392026Z 12.000000345 7 2 o 4096 x",
                          "2026-11-21T07:32:35.86339202Z 12.000000345 7 2 o 4096 x",
                          "2026-11-21T07:32:35.863392026Z 12.00000345 7 2 o 4096 x",
                          "2026-11-21T07:32:35.863392026Z 012.000000345 7 2 o 4096 x",
                          "2026-11-21T07:32:35.863392026Z 12.00000034x 7 2 o 4096 x",
                          "2026-11-21T07:32:35.863392026Z 9223372037.000000000 7 2 o 1 x",
                          "2026-11-21T07:32:35.863392026Z 12.000000345 -7 2 o 4096 x",
                          "2026-11-21T07:32:35.863392026Z 12.000000345 07 2 o 4096 x",
                          "2026-11-21T07:32:35.863392026Z 12.000000345 18446744073709551616 2 o 4096 x",
                          "2026-11-21T07:32:35.863392026Z 12.000000345 7 2 x 4096 x",
                          "2026-11-21T07:32:35.863392026Z 12.000000345 7 2 o-+ 4096 x",
                          "2026-11-21T07:32:35.863392026Z 12.000000345 7 2 o++ 4096 x",
                          "2026-11-21T07:32:35.863392026Z 12.000000345 7 2  4096 x",
                          "2026-11-21T07:32:35.863392026Z 12.000000345 7 2 o 4096",
                          "9999-11-21T07:32:35.863392026Z 12.000000345 7 2 o 4096 x"}) {
    INFO(bad);
    CHECK_FALSE(ReadNativeLine(bad));
  }
}

TEST_CASE("headers and notices of a foster file read back") {
  std::uint8_t boot[16];
  for (std::uint8_t i = 0; i < 16; ++i) boot[i] = static_cast<std::uint8_t>(i * 17);
  const NativeHeader header{BootText(boot), 1'795'246'355'000'000'007, "supervisord/web:web_00 x"};
  CHECK(header.boot == "00112233445566778899aabbccddeeff");
  std::string out;
  AppendNativeHeader(header, &out);
  CHECK(out ==
        "#foster-log 1 boot=00112233445566778899aabbccddeeff began=2026-11-21T07:32:35.000000007Z "
        "service=supervisord/web:web_00 x\n");
  out.pop_back();
  CHECK(ReadNativeHeader(out) == header);
  CHECK_FALSE(ReadNativeHeader(out.substr(1)));
  CHECK_FALSE(ReadNativeHeader("#foster-log 2" + out.substr(13)));
  CHECK_FALSE(ReadNativeHeader("#foster-log 1 boot=0 began=2026-11-21T07:32:35.000000007Z service=x"));

  std::string skip;
  AppendNativeSkip({120, "disk full"}, &skip);
  CHECK(skip == "#skipped 120 disk full\n");
  skip.pop_back();
  CHECK(ReadNativeSkip(skip) == NativeSkip{120, "disk full"});
  CHECK(ReadNativeSkip("#skipped 0 ") == NativeSkip{0, ""});
  CHECK_FALSE(ReadNativeSkip("#skipped 120"));
  CHECK_FALSE(ReadNativeSkip("#skipped x y"));
}

}  // namespace
}  // namespace foster
