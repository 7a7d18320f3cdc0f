// SPDX-License-Identifier: MIT
#include <catch2/catch.hpp>

#include "formats/diagnostic_printer.h"
#include "formats/foster_variables.h"
#include "formats/scalar_values.h"
#include "formats/suggest.h"
#include "formats/text_source.h"

namespace foster {

TEST_CASE("text_source: offsets become lines and columns") {
  TextSource source("f", "ab\r\n\ncde");
  CHECK(source.line_count() == 3);
  CHECK(source.Line(1) == "ab");
  CHECK(source.Line(3) == "cde");
  CHECK(source.Line(4).empty());
  Origin origin = source.At(7);
  CHECK(origin.line == 3);
  CHECK(origin.column == 3);
}

TEST_CASE("text_source: what is UTF-8 and what is not") {
  CHECK(FindInvalidUtf8("a日本\xF0\x9F\x98\x80") == std::string_view::npos);
  CHECK(FindInvalidUtf8("ab\x80") == 2);
  CHECK(FindInvalidUtf8("\xC0\xAF") == 0);
  CHECK(FindInvalidUtf8("\xE0\x80\x80") == 0);
  CHECK(FindInvalidUtf8("\xF4\x90\x80\x80") == 0);
  CHECK(FindInvalidUtf8("x\xE3\x81") == 1);
}

TEST_CASE("suggest: near words are found, far ones are not") {
  CHECK(EditDistance("autostrat", "autostart") == 1);
  CHECK(DidYouMean("autostrat", {"autostart", "autorestart"}) == "did you mean 'autostart'?");
  CHECK(DidYouMean("LongRun", {"longrun"}) == "did you mean 'longrun'?");
  CHECK(DidYouMean("zzzz", {"autostart"}).empty());
  CHECK(DidYouMean("", {"a"}).empty());
}

TEST_CASE("diagnostic_printer: place, line, caret, hint") {
  Diagnostic diagnostic{Severity::kError, {"a.conf", 3, 4}, "no", "yes", "日本x=1"};
  CHECK(PrintDiagnostic(diagnostic, PrintColour::kNo) ==
        "a.conf:3:4: error: no\n    日本x=1\n      ^\nhint: yes\n");
  diagnostic.origin.column = 7;
  CHECK(PrintDiagnostic(diagnostic, PrintColour::kNo) ==
        "a.conf:3:7: error: no\n    日本x=1\n        ^\nhint: yes\n");
  CHECK(PrintDiagnostic(diagnostic, PrintColour::kYes).find("\x1b[1;31merror:\x1b[0m") != std::string::npos);
  diagnostic.source_line = "\x1b[2J";
  CHECK(PrintDiagnostic(diagnostic, PrintColour::kNo).find('\x1b') == std::string::npos);
  CHECK(DiagnosticsToJson({diagnostic}).find("\"no\"") != std::string::npos);
}

TEST_CASE("foster_variables: known names only") {
  std::map<std::string, std::string> variables = {{"A", "/x"}};
  VariableError error;
  CHECK(ExpandVariables("${A}/y $$ $A", variables, &error) == "/x/y $ $A");
  CHECK(error.text.empty());
  CHECK(ExpandVariables("z${B}", variables, &error).empty());
  CHECK(error.text == "unknown variable 'B'");
  CHECK(error.offset == 1);
}

TEST_CASE("scalar_values: as Python reads them") {
  CHECK(*ParseInteger(" -1_0 ") == -10);
  CHECK_FALSE(ParseInteger("1__0").ok());
  CHECK_FALSE(ParseInteger("").ok());
  CHECK_FALSE(ParseInteger("99999999999999999999").ok());
  CHECK(*ParseByteSize("1 GB") == 1 << 30);
  CHECK_FALSE(ParseByteSize("99999999999999GB").ok());
  CHECK(*ParseSignal("sigterm") == 15);
  CHECK(*ParseSignal("0") == 0);
  CHECK(ParseSignal("99").error().message() == "value '99' is not a valid signal number");
  CHECK(ParseExitCodes("0,300").error().message() == "not a valid list of exit codes: '0,300'");
  CHECK(ParseExitCodes("0,2")->size() == 2);
  CHECK(*ParseOctal("0700") == 0700);
  CHECK(SecondsToMillis(INT64_MAX) == kForever);
  CHECK(SecondsToMillis(-4) == Millis{0});
}

}  // namespace foster
