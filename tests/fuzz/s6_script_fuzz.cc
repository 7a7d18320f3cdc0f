// SPDX-License-Identifier: MIT
// A logging script in s6-log's language: any bytes are a script within its bounds, or errors with a place
// within the text and words that say why; the same text is always read the same.
#include <cstdlib>

#include "model/s6_script.h"

namespace {

void Require(bool holds) {
  if (!holds) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  foster::S6Script script;
  std::vector<foster::S6ScriptError> errors;
  const bool is_good = foster::ParseS6Script(text, &script, &errors);
  Require(is_good == errors.empty());
  for (const auto& error : errors) Require(error.offset <= size && !error.text.empty());
  foster::S6Script again;
  std::vector<foster::S6ScriptError> errors_again;
  Require(foster::ParseS6Script(text, &again, &errors_again) == is_good && again == script &&
          errors_again.size() == errors.size());
  if (!is_good) return 0;
  std::size_t directories = 0;
  for (const auto& action : script.actions) {
    if (action.kind == foster::S6ActionKind::kDirectory) ++directories;
    Require(action.target.size() <= size && action.prefix.size() <= size && action.processor.size() <= size);
    for (const auto& selection : action.selections) Require(selection.pattern.size() <= size);
  }
  Require(directories <= foster::kMostS6Directories);
  return 0;
}
