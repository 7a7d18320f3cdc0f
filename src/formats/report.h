// SPDX-License-Identifier: MIT
// Report: where readers put what they find. Fills in the source line, keeps the number of diagnostics
// bounded. Not: a printer (diagnostic_printer.h). Called by: every reader. Invariant: an error is never
// dropped in favour of a warning: the first error beyond the bound still counts as one; credentials of
// addresses and what the file says of headers are in no diagnostic.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "foster/diagnostic.h"

namespace foster {

class TextSource;

inline constexpr std::size_t kMaxDiagnostics = 200;

class Report {
 public:
  explicit Report(std::vector<Diagnostic>* out) : out_(out) {}

  // `source` must live as long as this object is used.
  void AddSource(const TextSource* source) { sources_.push_back(source); }

  void Error(const Origin& origin, std::string text, std::string hint = {});
  void Warning(const Origin& origin, std::string text, std::string hint = {});
  void Note(const Origin& origin, std::string text, std::string hint = {});
  bool has_errors() const { return error_count_ > 0; }
  bool is_full() const { return out_->size() > kMaxDiagnostics; }  // what follows is only counted
  std::size_t error_count() const { return error_count_; }

 private:
  void Add(Severity severity, const Origin& origin, std::string text, std::string hint);

  std::vector<Diagnostic>* out_;
  std::vector<const TextSource*> sources_;
  std::size_t error_count_ = 0;
};

// 'text', with control characters made visible and cut to 80 bytes: a value inside a diagnostic.
std::string Quote(std::string_view text);

}  // namespace foster
