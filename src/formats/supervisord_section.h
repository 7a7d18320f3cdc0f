// SPDX-License-Identifier: MIT
// One section of a supervisord INI with its names: reads a key, expands it, converts it, reports what is
// wrong. Not: the section's meaning. Called by: supervisord.cc, supervisord_program.cc. Invariant: a wrong
// value is reported once, at its place, and the default is used so that the rest of the section is still
// read.
#pragma once

#include <string>
#include <vector>

#include "formats/ini_reader.h"
#include "formats/percent.h"
#include "formats/scalar_values.h"
#include "formats/shlex.h"

namespace foster {

class SupervisordSection {
 public:
  // `defaults` is [DEFAULT], may be null.
  SupervisordSection(const IniSection& section, const IniSection* defaults, const PercentNames& names,
                     Report& report)
      : section_(section), defaults_(defaults), names_(names), report_(report) {}

  const IniSection& section() const { return section_; }
  const PercentNames& names() const { return names_; }
  Report& report() const { return report_; }
  // The entry of the section, else of [DEFAULT], else null.
  const IniEntry* Find(const std::string& key) const;
  Origin OriginOf(const std::string& key) const;

  // The same section with other names.
  SupervisordSection With(const PercentNames& names) const {
    return SupervisordSection(section_, defaults_, names, report_);
  }

  SupervisordSection With(Report& report) const {
    return SupervisordSection(section_, defaults_, names_, report);
  }

  std::string Text(const std::string& key, const std::string& otherwise = {}) const;
  bool Bool(const std::string& key, bool otherwise) const;
  std::int64_t Integer(const std::string& key, std::int64_t otherwise) const;
  std::vector<KeyValue> Environment() const;

  // Any other kind: `parse` is one of scalar_values.h.
  template <class T>
  T Value(const std::string& key, T otherwise, Result<T> (*parse)(std::string_view),
          const char* hint = "") const {
    if (!Find(key)) return otherwise;
    bool is_good = true;
    std::string text = Expand(key, &is_good);
    if (!is_good) return otherwise;
    Result<T> value = parse(text);
    if (value.ok()) return *value;
    Wrong(key, value.error().message(), hint);
    return otherwise;
  }

  void Wrong(const std::string& key, const std::string& text, const std::string& hint) const;

 private:
  std::string Expand(const std::string& key, bool* is_good) const;

  const IniSection& section_;
  const IniSection* defaults_;
  const PercentNames& names_;
  Report& report_;
};

}  // namespace foster
