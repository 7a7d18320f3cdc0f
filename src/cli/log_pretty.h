// SPDX-License-Identifier: MIT
// PrettyObject: a line that is one JSON object, as people read it: level, time, message, then k=v; texts of
// several lines (stack traces) below. Not: half an object, nor one with text around it. Called by:
// log_printer. Invariants: pure; nothing of the object is left out; no control character but '\n' comes out.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace foster::cli {

// Without '\n' at the end; nullopt: `text` is no object.
std::optional<std::string> PrettyObject(std::string_view text, bool colour);

}  // namespace foster::cli
