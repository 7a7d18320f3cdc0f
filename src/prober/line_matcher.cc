// SPDX-License-Identifier: MIT
#include "prober/line_matcher.h"

namespace foster {
namespace {

constexpr char kEscape = '\x1b';

// Length of the escape sequence that `text` begins with; all of it when its end is missing.
std::size_t SequenceLength(std::string_view text) {
  if (text.size() < 2) return text.size();
  std::size_t at = 2;
  if (text[1] == '[') {
    while (at < text.size() && (text[at] < 0x40 || text[at] > 0x7e)) ++at;
    return at < text.size() ? at + 1 : at;
  }
  if (text[1] == ']' || text[1] == 'P' || text[1] == 'X' || text[1] == '^' || text[1] == '_') {
    for (; at < text.size(); ++at) {
      if (text[at] == '\a') return at + 1;
      if (text[at] == '\\' && text[at - 1] == kEscape) return at + 1;
    }
    return at;
  }
  while (at <= text.size() && text[at - 1] >= 0x20 && text[at - 1] <= 0x2f) ++at;  // ESC ( B
  return at < text.size() ? at : text.size();
}

struct FreeRegex {
  void operator()(regex_t* regex) const {
    regfree(regex);
    delete regex;
  }
};

}  // namespace

std::string PlainLine(std::string_view line) {
  if (!line.empty() && line.back() == '\r') line.remove_suffix(1);
  std::string plain;
  plain.reserve(line.size());
  while (!line.empty()) {
    const std::size_t escape = line.find(kEscape);
    plain += line.substr(0, escape);
    if (escape == std::string_view::npos) break;
    line.remove_prefix(escape);
    line.remove_prefix(SequenceLength(line));
  }
  return plain;
}

Result<LineMatcher> LineMatcher::Make(const std::string& pattern, bool is_regex) {
  LineMatcher matcher;
  if (!is_regex) {
    matcher.text_ = pattern;
    return matcher;
  }
  auto regex = std::make_unique<regex_t>();
  const int code = regcomp(regex.get(), pattern.c_str(), REG_EXTENDED | REG_NOSUB);
  if (code != 0) {
    char why[200];
    regerror(code, regex.get(), why, sizeof why);
    return Error("cannot use the pattern '" + pattern + "': " + why);
  }
  matcher.regex_ = std::shared_ptr<const regex_t>(
      regex.release(), [](const regex_t* owned) { FreeRegex()(const_cast<regex_t*>(owned)); });
  return matcher;
}

bool LineMatcher::Matches(const std::string& plain_line, bool is_whole) const {
  if (!regex_) return plain_line.find(text_) != std::string::npos;
  regmatch_t range{};  // with it a NUL is a byte like any other
  range.rm_eo = static_cast<regoff_t>(plain_line.size());
  return regexec(regex_.get(), plain_line.c_str(), 1, &range, REG_STARTEND | (is_whole ? 0 : REG_NOTEOL)) ==
         0;
}

}  // namespace foster
