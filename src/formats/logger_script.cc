// SPDX-License-Identifier: MIT
#include "formats/logger_script.h"

#include <algorithm>
#include <vector>

#include "formats/scalar_values.h"
#include "model/s6_script.h"

namespace foster {
namespace {

constexpr std::string_view kUsualScript = "n20 s1000000 T";  // of s6-overlay, where nobody says another

// The one line that is neither empty nor a comment.
std::string_view OnlyLine(std::string_view run) {
  std::string_view found;
  for (std::size_t at = 0; at < run.size();) {
    std::size_t end = std::min(run.find('\n', at), run.size());
    std::string_view line = Strip(run.substr(at, end - at));
    at = end + 1;
    if (line.empty() || line[0] == '#') continue;
    if (!found.empty()) return {};
    found = line;
  }
  return found;
}

// Takes the first word off.
std::string_view NextWord(std::string_view* line) {
  *line = Strip(*line);
  std::size_t end = std::min(line->find_first_of(" \t"), line->size());
  std::string_view word = line->substr(0, end);
  line->remove_prefix(end);
  return word;
}

std::string_view BaseOf(std::string_view path) {
  std::size_t slash = path.rfind('/');
  return slash == std::string_view::npos ? path : path.substr(slash + 1);
}

// s6-log's own options, which are for its process and not for what it writes.
void SkipOptions(std::string_view* line) {
  for (std::string_view rest = *line; !rest.empty(); *line = rest) {
    std::string_view word = NextWord(&rest);
    if (word == "--") {
      *line = rest;
      return;
    }
    // "-fatal" is a selection.
    bool is_flag = word.size() >= 2 && word[0] == '-' && word.find_first_not_of("bpqv", 1) == word.npos;
    // -d 3, -d3
    bool has_value = word.size() >= 2 && word[0] == '-' &&
                     std::string_view("dlt").find(word[1]) != word.npos &&
                     word.find_first_not_of("0123456789", 2) == word.npos;
    if (!is_flag && !has_value) return;
    if (has_value && word.size() == 2) NextWord(&rest);
  }
}

bool IsScript(const std::string& text) {
  S6Script script;
  std::vector<S6ScriptError> errors;
  return ParseS6Script(text, &script, &errors);
}

// Nothing that a shell or execline would do something with.
bool IsPlain(std::string_view line) { return line.find_first_of("$`;|&<>{}\\") == std::string_view::npos; }

}  // namespace

std::string LoggerScript(std::string_view run) {
  std::string_view line = OnlyLine(run);
  if (!IsPlain(line)) return {};
  while (!line.empty()) {
    std::string_view program = BaseOf(NextWord(&line));
    std::string script;
    if (program == "logutil-service") {
      script = std::string(kUsualScript) + " " + std::string(NextWord(&line));
      if (!Strip(line).empty()) return {};
    } else if (program == "s6-log") {
      SkipOptions(&line);
      script = std::string(Strip(line));
    } else {
      continue;  // exec, s6-setuidgid nobody and the like stand in front
    }
    return IsScript(script) ? script : std::string();
  }
  return {};
}

}  // namespace foster
