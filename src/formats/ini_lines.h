// SPDX-License-Identifier: MIT
// The lines of an INI file by configparser's rules: comments cut, continuations joined, each with its place.
// Not: the document (ini_reader.h). Called by: ini_reader.cc. Invariant: pure; every line is classified or
// reported.
#pragma once

#include <string>
#include <vector>

#include "formats/ini_reader.h"

namespace foster {

// A section header (key empty) or a key with its whole value.
struct IniLine {
  bool is_section = false;
  std::string name;  // of the section, or the key as written
  IniEntry entry;    // value, origin and pieces; of a section only the origin
};

std::vector<IniLine> CutIniLines(const TextSource& source, Report& report);

}  // namespace foster
