// SPDX-License-Identifier: MIT
// Diagnostic: one thing that is wrong, or doubtful, in a file that a person wrote.
// Printed as `file:line:column: error: text`, the source line, a caret, `hint: ...`
// (src/formats/diagnostic_printer.h). Not: a run-time failure (base/result.h). Invariant: text names the bad
// value; hint says what is allowed.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "foster/service_spec.h"

namespace foster {

enum class Severity : std::uint8_t { kError, kWarning, kNote };

struct Diagnostic {
  Severity severity = Severity::kError;
  Origin origin;
  std::string text;
  std::string hint;         // may be empty
  std::string source_line;  // the line of the file, cut to 200 bytes; may be empty
  bool operator==(const Diagnostic& other) const {
    return severity == other.severity && text == other.text && hint == other.hint;
  }
};

std::string_view NameOf(Severity severity);  // "error", "warning", "note"
std::optional<Severity> SeverityFromName(std::string_view name);
bool HasErrors(const std::vector<Diagnostic>& diagnostics);

}  // namespace foster
