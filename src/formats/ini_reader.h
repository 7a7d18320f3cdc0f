// SPDX-License-Identifier: MIT
// An INI file as Python's configparser reads it for supervisord: sections, keys, values, each with its place.
// Not: what the keys mean (supervisord.cc). Called by: supervisord's reader. Invariant: values come through
// byte for byte at any length; a duplicate section is merged, the last of two equal keys wins; keys are lower
// case.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "formats/report.h"
#include "formats/text_source.h"

namespace foster {

// The part of a value that stands on one line: value[offset...] is at line:column.
struct IniPiece {
  std::size_t offset = 0;
  std::uint32_t line = 0, column = 0;
};

struct IniEntry {
  std::string key, value;
  Origin origin;  // of the key
  std::vector<IniPiece> pieces;

  Origin At(std::size_t offset) const;  // where value[offset] was written
};

class IniSection {
 public:
  std::string name;
  Origin origin;  // of its first header
  const IniEntry* Find(const std::string& key) const;
  const std::vector<IniEntry>& entries() const { return entries_; }
  void Put(IniEntry entry);

 private:
  std::vector<IniEntry> entries_;
  std::map<std::string, std::size_t> index_;
};

class IniDocument {
 public:
  const IniSection* Find(const std::string& name) const;
  const std::vector<IniSection>& sections() const { return sections_; }
  IniSection& Open(const std::string& name, const Origin& origin);

 private:
  std::vector<IniSection> sections_;
  std::map<std::string, std::size_t> index_;
};

// Reads `source` into `document`, over what is there. Lines that are neither are errors, all of them.
void ReadIni(const TextSource& source, Report& report, IniDocument& document);

}  // namespace foster
