// SPDX-License-Identifier: MIT
// Verb: everything that is known of one word of `svc`: summary, words, options, examples, and what it does.
// Help, parsing, completion and the man page are all made from these tables. Not: parsing (command_line.h).
// One file per verb defines one `const Verb`. Invariant: `run` returns an exit code of foster/exit_code.h and
// writes to the Console alone.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "cli/console.h"
#include "foster/exit_code.h"
#include "foster/time.h"

namespace foster::cli {

struct OptionSpec {
  std::string_view name;        // "--lines"
  std::string_view short_name;  // "-n", or ""
  std::string_view value;       // "N"; "" = a flag
  std::string_view help;
  std::string_view choices = "";  // "auto|always|never"
};

struct Example {
  std::string_view command;
  std::string_view meaning;
};

// What the words after the verb are; decides what the shell completes.
enum class WordKind {
  kNone,
  kServices,
  kSignalAndServices,
  kPinAndServices,
  kWorkload,
  kFiles,
  kVerb,
  kShell,
  kText
};

// The words and options that were given, by the long names of the options.
class Arguments {
 public:
  std::vector<std::string> words;

  void Set(std::string_view name, std::string value) { values_[std::string(name)] = std::move(value); }
  bool Has(std::string_view name) const { return values_.find(name) != values_.end(); }
  std::string Text(std::string_view name) const;
  // `otherwise` when the option was not given. Error: no number, or not within [0, most].
  Result<std::int64_t> Number(std::string_view name, std::int64_t otherwise, std::int64_t most) const;
  // "1.5" seconds; nullopt when not given.
  Result<std::optional<Millis>> Seconds(std::string_view name) const;

 private:
  std::map<std::string, std::string, std::less<>> values_;
};

struct Verb {
  std::string_view name;
  std::string_view summary;
  std::string_view words;  // "[NAME...]"
  WordKind kind = WordKind::kNone;
  std::size_t least_words = 0;
  std::size_t most_words = 0;
  std::vector<OptionSpec> options;
  std::vector<Example> examples;
  std::string_view details;  // a paragraph under the summary; may be empty
  int (*run)(const Arguments& arguments, Console& console) = nullptr;
};

inline constexpr std::size_t kAnyWords = SIZE_MAX;

// In the order in which `svc help` lists them.
const std::vector<const Verb*>& AllVerbs();
const Verb* FindVerb(std::string_view name);
// --json, --socket, --color, --help: every verb takes them.
const std::vector<OptionSpec>& CommonOptions();

}  // namespace foster::cli
