// SPDX-License-Identifier: MIT
// The small files of one service directory: text, first line, number, names in a sub-directory, with their
// faults. Not: what they mean. Called by: service_directory.cc. Invariant: the first fault is kept as
// `fault()`.
#pragma once

#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "formats/report.h"
#include "formats/text_source.h"

namespace foster {

class DirectoryFiles {
 public:
  DirectoryFiles(std::string directory, Report& report) : directory_(std::move(directory)), report_(report) {}

  const std::string& directory() const { return directory_; }
  Report& report() const { return report_; }
  const std::string& fault() const { return fault_; }
  std::string Path(const std::string& name) const { return directory_ + "/" + name; }
  bool Has(const std::string& name) const;
  bool IsExecutable(const std::string& name) const;

  // The file's text, checked (NUL, long lines, UTF-8); null when there is none or it is faulty, which is
  // reported.
  const TextSource* Read(const std::string& name);
  // The first line, blanks cut. A CRLF is a warning.
  std::optional<std::string> FirstLine(const std::string& name);
  // Its first line as a whole number of at least `least`.
  std::optional<std::int64_t> Number(const std::string& name, std::int64_t least);
  // Names of the entries of a sub-directory, sorted; those with a leading dot are left out.
  std::vector<std::string> Names(const std::string& name);

  // What another reader found, of whatever severity.
  void Take(const Diagnostic& diagnostic);
  void Error(const Origin& origin, const std::string& text, const std::string& hint = {});
  void Error(const std::string& file, const std::string& text, const std::string& hint = {});

 private:
  struct Loaded {
    std::string name, text;
    std::unique_ptr<TextSource> source;
    bool is_good = false;
  };

  std::string directory_;
  Report& report_;
  std::string fault_;
  std::deque<Loaded> loaded_;  // kept: diagnostics look at the lines
};

}  // namespace foster
