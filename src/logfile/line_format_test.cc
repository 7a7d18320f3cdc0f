// SPDX-License-Identifier: MIT
#include "logfile/line_format.h"

#include <catch2/catch.hpp>
#include <cstdlib>

#include "logfile/json_text.h"
#include "wire/json.h"

namespace foster {
namespace {

FormatLineInput Sample() {
  FormatLineInput line;
  line.service = "process-compose/web";
  line.replica = 2;
  line.wall = 1'795'246'355'863'392'026;
  line.mono = 12'000'000'345;
  line.seq = 7;
  line.incarnation = 3;
  line.end = 4096;
  line.text = "hello";
  return line;
}

std::string Formatted(const FormatLineInput& line, LogFormat format, const LogFormatOptions& options = {}) {
  setenv("TZ", "UTC", 1);
  tzset();
  std::string out;
  FormatLine(line, format, options, &out);
  return out;
}

TEST_CASE("plain formats are those of s6-log") {
  FormatLineInput line = Sample();
  CHECK(Formatted(line, LogFormat::kRaw) == "hello\n");
  CHECK(Formatted(line, LogFormat::kTai64n) == "@400000006b0149383376511a hello\n");
  CHECK(Formatted(line, LogFormat::kIso) == "2026-11-21 07:32:35.863392026  hello\n");
  line.is_cut = true;
  CHECK(Formatted(line, LogFormat::kRaw) == "hello");
  CHECK(Formatted(line, LogFormat::kTai64n) == "@400000006b0149383376511a hello\n");
}

TEST_CASE("the object names every field") {
  FormatLineInput line = Sample();
  line.stream = 1;
  line.text = "a\"b";
  CHECK(Formatted(line, LogFormat::kJson) ==
        "{\"time\":\"2026-11-21T07:32:35.863392026Z\",\"service\":\"process-compose/"
        "web\",\"stream\":\"stderr\","
        "\"incarnation\":3,\"seq\":7,\"text\":\"a\\\"b\"}\n");
  line.is_cut = line.is_continued = true;
  CHECK(Formatted(line, LogFormat::kJson).find(",\"continued\":true,\"partial\":true}\n") !=
        std::string::npos);
}

TEST_CASE("process-compose's JSON is zerolog's") {
  FormatLineInput line = Sample();
  LogFormatOptions options;
  CHECK(Formatted(line, LogFormat::kProcessComposeJson) ==
        "{\"level\":\"info\",\"process\":\"web\",\"replica\":2,\"message\":\"hello\"}\n");
  line.stream = 1;
  options.add_timestamp = true;
  CHECK(Formatted(line, LogFormat::kProcessComposeJson, options) ==
        "{\"level\":\"error\",\"process\":\"web\",\"replica\":2,\"time\":\"2026-11-21T07:32:35Z\","
        "\"message\":\"hello\"}\n");
  options.time_layout = "2006-01-02 15:04:05.000";
  options.metadata = false;
  line.text = "";
  CHECK(Formatted(line, LogFormat::kProcessComposeJson, options) ==
        "{\"level\":\"error\",\"time\":\"2026-11-21 07:32:35.863\"}\n");
  options.time_layout = "UNIXMS";
  CHECK(Formatted(line, LogFormat::kProcessComposeJson, options) ==
        "{\"level\":\"error\",\"time\":1795246355863}\n");
}

TEST_CASE("process-compose's console lines are zerolog's") {
  FormatLineInput line = Sample();
  LogFormatOptions options;
  CHECK(Formatted(line, LogFormat::kProcessComposeConsole) ==
        "\x1b[90m7:32AM\x1b[0m \x1b[32mINF\x1b[0m \x1b[1mhello\x1b[0m \x1b[36mprocess=\x1b[0mweb "
        "\x1b[36mreplica=\x1b[0m2\n");
  options.colour = false;
  line.stream = 1;
  CHECK(Formatted(line, LogFormat::kProcessComposeConsole, options) ==
        "7:32AM ERR hello process=web replica=2\n");
  options.fields = {"message", "level"};
  line.text =
      "br\xff"
      "oken";
  CHECK(Formatted(line, LogFormat::kProcessComposeConsole, options) ==
        "br\xef\xbf\xbd"
        "oken ERR process=web replica=2\n");
  options.metadata = false;
  options.fields = {"process", "message", "nothing"};
  line.text = "";
  CHECK(Formatted(line, LogFormat::kProcessComposeConsole, options) == "\n");
  options.fields = {};
  CHECK(Formatted(line, LogFormat::kProcessComposeConsole, options) == "7:32AM ERR\n");
}

TEST_CASE("zerolog escapes any bytes") {
  const auto json = [](std::string_view text) {
    std::string out;
    AppendJsonString(text, &out);
    return out.substr(1, out.size() - 2);
  };
  CHECK(json("\b\f\n\r\t\x01\x7f\x1b") == "\\b\\f\\n\\r\\t\\u0001\\u007f\\u001b");
  CHECK(json("gr\xc3\xbc\xc3\x9f \xe2\x82\xac \xf0\x9f\x98\x80") ==
        "gr\xc3\xbc\xc3\x9f \xe2\x82\xac \xf0\x9f\x98\x80");
  CHECK(json("\xff\xc3(") == "\\ufffd\\ufffd(");
  CHECK(json("\xed\xa0\x80\xc0\x80\xf4\x90\x80\x80") ==
        "\\ufffd\\ufffd\\ufffd\\ufffd\\ufffd\\ufffd\\ufffd\\ufffd\\ufffd");
  CHECK(json("\xe2\x82") == "\\ufffd\\ufffd");
  std::string every;
  for (int i = 0; i < 256; ++i) every += static_cast<char>(i);
  std::string out;
  AppendJsonString(every, &out);
  const auto back = ParseJson(out);
  REQUIRE(back.ok());
  CHECK(back->AsString().substr(0, 128) == every.substr(0, 128));
}

}  // namespace
}  // namespace foster
