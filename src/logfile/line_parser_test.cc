// SPDX-License-Identifier: MIT
#include "logfile/line_parser.h"

#include <catch2/catch.hpp>
#include <cstdlib>
#include <random>

#include "logfile/line_format.h"

namespace foster {
namespace {

constexpr LogFormat kFormats[] = {LogFormat::kRaw,
                                  LogFormat::kTai64n,
                                  LogFormat::kIso,
                                  LogFormat::kFoster,
                                  LogFormat::kJson,
                                  LogFormat::kProcessComposeJson,
                                  LogFormat::kProcessComposeConsole};

FormatLineInput Sample() {
  FormatLineInput line;
  line.service = "project/web";
  line.replica = 2;
  line.stream = 1;
  line.wall = 1'795'246'355'863'392'026;
  line.mono = 12'000'000'345;
  line.seq = 7;
  line.incarnation = 3;
  line.end = 4096;
  line.text = "hello \"world\" = 1";
  return line;
}

std::string Formatted(const FormatLineInput& line, LogFormat format) {
  LogFormatOptions options;
  options.add_timestamp = true;
  std::string out;
  FormatLine(line, format, options, &out);
  if (!out.empty() && out.back() == '\n') out.pop_back();
  return out;
}

TEST_CASE("each format is known by its lines and read back") {
  const FormatLineInput line = Sample();
  for (const LogFormat format : kFormats) {
    INFO(NameOf(format));
    const std::string written = Formatted(line, format);
    CHECK(DetectLogFormat(written + "\n" + written + "\n" + written.substr(0, 9)) == format);
    LineParser parser(format);
    const ParsedLine read = parser.Parse(written);
    CHECK(read.kind == ParsedKind::kText);
    CHECK(read.text == line.text);
    const bool has_stream =
        format != LogFormat::kRaw && format != LogFormat::kTai64n && format != LogFormat::kIso;
    CHECK(read.stream == (has_stream ? std::optional<std::uint32_t>(1) : std::nullopt));
    if (format == LogFormat::kTai64n || format == LogFormat::kIso || format == LogFormat::kFoster ||
        format == LogFormat::kJson)
      CHECK(read.wall == line.wall);
    if (format == LogFormat::kProcessComposeJson)
      CHECK(read.wall == line.wall / 1'000'000'000 * 1'000'000'000);
    if (format == LogFormat::kFoster || format == LogFormat::kJson) {
      CHECK(read.seq == 7);
      CHECK(read.incarnation == 3);
    }
    if (format == LogFormat::kJson) CHECK(read.service == "project/web");
    if (format == LogFormat::kProcessComposeJson || format == LogFormat::kProcessComposeConsole) {
      CHECK(read.service == "web");
      CHECK(read.replica == 2);
    }
  }
}

TEST_CASE("a foster file names its boots and what it left out") {
  std::string header;
  AppendNativeHeader({"00112233445566778899aabbccddeeff", 1'795'246'355'000'000'000, "w/web"}, &header);
  header.pop_back();
  LineParser parser(DetectLogFormat(header + "\n"));
  REQUIRE(parser.format() == LogFormat::kFoster);
  CHECK(parser.Parse(header).kind == ParsedKind::kHeader);
  CHECK(parser.header().boot == "00112233445566778899aabbccddeeff");
  FormatLineInput line = Sample();
  line.is_continued = line.is_cut = true;
  const std::string written = Formatted(line, LogFormat::kFoster);
  const ParsedLine read = parser.Parse(written);
  CHECK(read.service == "w/web");
  CHECK(read.mono == line.mono);
  CHECK(read.end == line.end);
  CHECK(read.is_continued);
  CHECK(read.is_cut);
  const ParsedLine skip = parser.Parse("#skipped 12 disk full");
  CHECK(skip.kind == ParsedKind::kSkip);
  CHECK(skip.skipped_bytes == 12);
  CHECK(skip.text == "disk full");
  CHECK(parser.Parse("# a comment").text == "# a comment");
}

TEST_CASE("what a service writes itself is not taken for a format") {
  CHECK(DetectLogFormat("") == LogFormat::kRaw);
  CHECK(DetectLogFormat("\n\n") == LogFormat::kRaw);
  CHECK(DetectLogFormat("{\"level\":\"info\",\"message\":\"x\",\"user\":4}\n") == LogFormat::kRaw);
  CHECK(DetectLogFormat("{\"level\":\"info\",\"message\":\"x\"}\n") == LogFormat::kProcessComposeJson);
  CHECK(DetectLogFormat("2026-11-21 07:32:35 hello\n") == LogFormat::kRaw);
  const std::string stamped = Formatted(Sample(), LogFormat::kTai64n) + "\n";
  CHECK(DetectLogFormat(stamped + "plain\n") == LogFormat::kRaw);
  // The start of a file may be the rest of a line.
  CHECK(DetectLogFormat("rest of a line\n" + stamped) == LogFormat::kTai64n);
  LineParser parser(LogFormat::kTai64n);
  CHECK(parser.Parse("plain").text == "plain");
  CHECK_FALSE(parser.Parse("plain").wall);
  LineParser objects(LogFormat::kJson);
  CHECK(objects.Parse("{\"time\":1}").text == "{\"time\":1}");
  CHECK(objects.Parse("{\"time\"").text == "{\"time\"");
}

TEST_CASE("any bytes are a line") {
  std::mt19937 random(7);
  for (int round = 0; round < 4'000; ++round) {
    const LogFormat format = kFormats[random() % std::size(kFormats)];
    std::string line = Formatted(Sample(), format);
    for (int i = 0; i < 3 && !line.empty(); ++i) {
      const std::size_t at = random() % line.size();
      if (random() % 2 == 0) {
        line[at] = static_cast<char>(random());
      } else {
        line.erase(at, random() % 9);
      }
    }
    (void)DetectLogFormat(line);
    for (const LogFormat other : kFormats) {
      LineParser parser(other);
      const ParsedLine read = parser.Parse(line);
      REQUIRE(read.text.size() <= 3 * line.size());
    }
  }
}

}  // namespace
}  // namespace foster
