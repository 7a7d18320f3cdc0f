// SPDX-License-Identifier: MIT
#include "logd/syslog_message.h"

#include <catch2/catch.hpp>

#include "logd/syslog_socket.h"

namespace foster {
namespace {

const SyslogOrigin kOrigin{"box", "app/web", 3};

SourceLine Line(std::string_view text, std::uint32_t stream = 0) {
  SourceLine line;
  line.stream = stream;
  line.seq = 7;
  line.wall = 1'795'246'355'863'392'026;
  line.mono = 42;
  line.incarnation = 2;
  line.text = text;
  return line;
}

// What stands behind the structured data.
std::string Text(std::string_view text, std::size_t most = 2048) {
  const std::string message = SyslogMessage(kOrigin, Line(text), most);
  return message.substr(message.find("] ") + 2);
}

TEST_CASE("a message of RFC 5424, byte for byte") {
  CHECK(SyslogMessage(kOrigin, Line("hello"), 2048) ==
        "<30>1 2026-11-21T07:32:35.863392Z box app/web 2 stdout [foster@32473 seq=\"7\" mono=\"42\" "
        "incarnation=\"2\"] hello");
  SourceLine piece = Line("x");
  piece.incarnation = 0;
  piece.is_continued = piece.is_cut = true;
  CHECK(
      SyslogMessage({"", "", 99}, piece, 2048) ==
      "<190>1 2026-11-21T07:32:35.863392Z - - - stdout [foster@32473 seq=\"7\" mono=\"42\" incarnation=\"0\" "
      "continued=\"1\" cut=\"1\"] x");
  CHECK(SyslogSkipMessage(kOrigin, 12, Line("").wall) ==
        "<28>1 2026-11-21T07:32:35.863392Z box app/web - skipped [foster@32473 skipped=\"12\"] foster: 12 "
        "bytes "
        "skipped: they could not be sent in time");
}

TEST_CASE("severity: the line's own level, else its stream") {
  const auto pri = [](std::string_view text, std::uint32_t stream) {
    const std::string message = SyslogMessage(kOrigin, Line(text, stream), 2048);
    return message.substr(0, message.find('>') + 1);
  };
  CHECK(pri("plain", 0) == "<30>");
  CHECK(pri("plain", 1) == "<28>");
  CHECK(pri("level=debug x", 1) == "<31>");
  CHECK(pri("[error] x", 0) == "<27>");
  CHECK(pri("FATAL: x", 0) == "<26>");
}

TEST_CASE("names have only bytes that RFC 5424 allows, and not too many") {
  const SyslogOrigin odd{"a b", "sp ace\xc3\xa4" + std::string(100, 'x'), 0};
  const std::string message = SyslogMessage(odd, Line(""), 2048);
  CHECK(message.find(" a_b sp_ace__" + std::string(40, 'x') + " 2 ") != std::string::npos);
}

TEST_CASE("control bytes are written as numbers, UTF-8 begins with a BOM") {
  CHECK(Text(std::string_view("a\0b\tc\x1b\x7f", 7)) == "a#000b#011c#033#177");
  CHECK(Text("gr\xc3\xbcn") == "\xef\xbb\xbfgr\xc3\xbcn");
  CHECK(Text("bad\xff") == "bad\xff");
  CHECK(Text("") == "");
}

TEST_CASE("a message never exceeds its limit and says what is missing") {
  for (std::size_t length : {300u, 380u, 400u, 420u, 450u, 5000u}) {
    for (const char* unit : {"x", "\xc3\xa4", "\x01"}) {
      std::string text;
      while (text.size() < length) text += unit;
      const std::string message = SyslogMessage(kOrigin, Line(text), 512);
      REQUIRE(message.size() <= 512);
      const std::size_t mark = message.find(" bytes cut]");
      if (mark == std::string::npos) {
        CHECK(message.size() >= length);
        continue;
      }
      const std::size_t begin = message.rfind('[', mark) + 1;
      const std::size_t missing = std::stoul(message.substr(begin, mark - begin));
      const std::string body = Text(text, 512);
      const std::size_t bom = body.substr(0, 3) == "\xef\xbb\xbf" ? 3 : 0;
      const std::size_t shown = body.rfind(" [") - bom;
      CHECK(shown / (*unit == '\x01' ? 4 : 1) + missing == text.size());
    }
  }
}

TEST_CASE("targets of syslog") {
  CHECK(ParseSyslogTarget("unix:/dev/log").value().path == "/dev/log");
  CHECK(ParseSyslogTarget("udp:logs:5514").value().port == 5514);
  CHECK(ParseSyslogTarget("udp:logs").value().port == 514);
  CHECK(ParseSyslogTarget("udp:[::1]:99").value().host == "[::1]");
  CHECK(ParseSyslogTarget("udp:[::1]").value().port == 514);
  CHECK(ParseSyslogTarget("udp:::1").value().host == "::1");
  for (const char* bad :
       {"", "unix:", "unix:log", "udp:", "udp::5", "udp:h:0", "udp:h:65536", "udp:h:", "udp:h:x", "tcp:h:1"})
    CHECK_FALSE(ParseSyslogTarget(bad).ok());
  CHECK_FALSE(ParseSyslogTarget("unix:/" + std::string(200, 'x')).ok());
}

}  // namespace
}  // namespace foster
