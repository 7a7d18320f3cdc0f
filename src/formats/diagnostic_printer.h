// SPDX-License-Identifier: MIT
// Diagnostics as a person reads them: `file:line:column: error: text`, the source line, a caret, `hint: ...`.
// Not: finding them. As JSON: ToJson(Diagnostic) of wire/plan_codec.h. Called by: supervise's banner, `foster
// validate`, tests. Invariant: output is UTF-8 lines that each end in '\n'; no colour unless asked.
#pragma once

#include <string>
#include <vector>

#include "foster/diagnostic.h"

namespace foster {

enum class PrintColour : bool { kNo, kYes };

std::string PrintDiagnostic(const Diagnostic& diagnostic, PrintColour colour);
std::string PrintDiagnostics(const std::vector<Diagnostic>& diagnostics, PrintColour colour);
// A JSON array, one line.
std::string DiagnosticsToJson(const std::vector<Diagnostic>& diagnostics);

}  // namespace foster
