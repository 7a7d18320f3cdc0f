// SPDX-License-Identifier: MIT
#include "formats/ini_reader.h"

#include <catch2/catch.hpp>

namespace foster {
namespace {

struct Read {
  explicit Read(std::string t) : text(std::move(t)), source("f.conf", text), report(&diagnostics) {
    report.AddSource(&source);
    ReadIni(source, report, document);
  }
  std::string text;
  TextSource source;
  std::vector<Diagnostic> diagnostics;
  Report report;
  IniDocument document;
  std::string Value(const std::string& section, const std::string& key) const {
    const IniSection* found = document.Find(section);
    const IniEntry* entry = found ? found->Find(key) : nullptr;
    return entry ? entry->value : "(none)";
  }
};

}  // namespace

TEST_CASE("ini_reader: a value of 64 KiB comes through byte for byte") {
  std::string value;
  for (std::size_t i = 0; value.size() < 65'536; ++i) {
    unsigned byte = 1 + static_cast<unsigned>(i * 7919 % 255);
    if (byte == '\n' || byte == '\r' || byte == ';' || byte == '#') byte = '=';
    value += static_cast<char>(byte);
  }
  value.front() = value.back() = 'x';
  Read read("[s]\nkey=" + value + "\nnext=1\n");
  CHECK(read.Value("s", "key") == value);
  CHECK(read.Value("s", "next") == "1");
  CHECK(read.diagnostics.empty());
}

TEST_CASE("ini_reader: every length around the pieces' borders") {
  for (std::size_t length = 0; length < 700; ++length) {
    std::string value(length, 'v');
    for (std::size_t i = 3; i + 1 < length; i += 11) value[i] = ' ';
    Read read("[s]\nk=" + value + "\n");
    REQUIRE(read.Value("s", "k") == value);
  }
}

TEST_CASE("ini_reader: long names stay whole") {
  std::string name(300, 'n');
  Read read("[" + name + "]\n" + name + "=1\n[" + name + "x]\n" + name + "=2\n");
  CHECK(read.Value(name, name) == "1");
  CHECK(read.Value(name + "x", name) == "2");
}

TEST_CASE("ini_reader: continuation, comments and places") {
  Read read("[s] ; c\nk = one ; cut\n  two#kept\n\n  # dropped\n\tthree\nj:2\n");
  CHECK(read.Value("s", "k") == "one\ntwo#kept\n\nthree");
  CHECK(read.Value("s", "j") == "2");
  const IniEntry* entry = read.document.Find("s")->Find("k");
  CHECK(entry->At(0).line == 2);
  CHECK(entry->At(0).column == 5);
  CHECK(entry->At(5).line == 3);
  CHECK(entry->At(5).column == 4);
  CHECK(entry->At(15).line == 6);
}

TEST_CASE("ini_reader: all junk lines are reported") {
  Read read("[s]\njunk\nk=1\n=2\nmore\n");
  REQUIRE(read.diagnostics.size() == 3);
  CHECK(read.diagnostics[0].origin.line == 2);
  CHECK(read.diagnostics[1].origin.line == 4);
  CHECK(read.diagnostics[2].origin.line == 5);
  CHECK(read.diagnostics[2].source_line == "more");
  CHECK(read.Value("s", "k") == "1");
}

}  // namespace foster
