// SPDX-License-Identifier: MIT
#include "model/log_level.h"

#include <algorithm>
#include <array>
#include <string>

#include "base/ascii.h"
#include "base/enum_names.h"

namespace foster {
namespace {

constexpr EnumNames<LogLevel, LogLevel::kFatal> kLevels{{"trace", "debug", "info", "warn", "error", "fatal"}};

struct Alias {
  std::string_view name;
  LogLevel level;
};
constexpr Alias kAliases[] = {
    {"trc", LogLevel::kTrace},          {"finest", LogLevel::kTrace},    {"dbg", LogLevel::kDebug},
    {"debu", LogLevel::kDebug},         {"verbose", LogLevel::kDebug},   {"fine", LogLevel::kDebug},
    {"inf", LogLevel::kInfo},           {"notice", LogLevel::kInfo},     {"information", LogLevel::kInfo},
    {"informational", LogLevel::kInfo}, {"warning", LogLevel::kWarn},    {"wrn", LogLevel::kWarn},
    {"err", LogLevel::kError},          {"erro", LogLevel::kError},      {"severe", LogLevel::kError},
    {"crit", LogLevel::kFatal},         {"critical", LogLevel::kFatal},  {"ftl", LogLevel::kFatal},
    {"panic", LogLevel::kFatal},        {"pnc", LogLevel::kFatal},       {"alert", LogLevel::kFatal},
    {"emerg", LogLevel::kFatal},        {"emergency", LogLevel::kFatal},
};
constexpr std::size_t kLongestName = 13;
constexpr int kWordsLookedAt = 8;  // dates, zones, process ids and names may stand before the level

bool IsDigit(char c) { return c >= '0' && c <= '9'; }
bool IsUpper(char c) { return c >= 'A' && c <= 'Z'; }
bool IsLetter(char c) { return IsUpper(ToUpper(c)); }
bool IsSpace(char c) { return c == ' ' || c == '\t'; }

std::string_view Trimmed(std::string_view text) {
  while (!text.empty() && IsSpace(text.front())) text.remove_prefix(1);
  while (!text.empty() && IsSpace(text.back())) text.remove_suffix(1);
  return text;
}

std::string_view LettersOf(std::string_view text) {
  return text.substr(0, std::find_if_not(text.begin(), text.end(), IsLetter) - text.begin());
}

bool IsAllUpper(std::string_view word) { return std::all_of(word.begin(), word.end(), IsUpper); }

// Colours would stand between a level and its brackets.
std::string WithoutEscapes(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '\x1b') {
      out.push_back(text[i]);
      continue;
    }
    if (i + 1 < text.size() && text[i + 1] == '[') ++i;
    while (i + 1 < text.size() && !IsLetter(text[i + 1])) ++i;
    ++i;
  }
  return out;
}

// "<3>", "<30>": the lower three bits are the severity.
std::optional<LogLevel> OfSyslog(std::string_view text) {
  constexpr std::array kBySeverity{LogLevel::kFatal, LogLevel::kFatal, LogLevel::kFatal, LogLevel::kError,
                                   LogLevel::kWarn,  LogLevel::kInfo,  LogLevel::kInfo,  LogLevel::kDebug};
  unsigned number = 0;
  std::size_t i = 1;
  while (i < text.size() && i < 4 && IsDigit(text[i])) number = number * 10 + (text[i++] - '0');
  if (i == 1 || i == text.size() || text[i] != '>' || number > 191) return std::nullopt;
  return kBySeverity[number & 7];
}

// pino and bunyan: 10 trace .. 60 fatal; what lies between belongs to the one below.
std::optional<LogLevel> OfNumber(std::string_view text) {
  unsigned number = 0;
  std::size_t digits = 0;
  while (digits < text.size() && digits < 3 && IsDigit(text[digits]))
    number = number * 10 + (text[digits++] - '0');
  if (digits == 0 || number < 10 || number >= 70) return std::nullopt;
  return static_cast<LogLevel>(number / 10 - 1);
}

bool IsLevelKey(std::string_view key) {
  constexpr std::string_view kKeys[] = {"level",     "severity", "lvl",       "levelname",
                                        "log.level", "loglevel", "log_level", "severitytext"};
  if (key.size() > kLongestName) return false;
  const std::string lower = ToLower(key);
  return std::find(std::begin(kKeys), std::end(kKeys), lower) != std::end(kKeys);
}

// The end of a JSON string whose opening quote is at `at`: the position of its closing one, or npos.
std::size_t StringEnd(std::string_view text, std::size_t at) {
  for (std::size_t i = at + 1; i < text.size(); ++i) {
    if (text[i] == '\\')
      ++i;
    else if (text[i] == '"')
      return i;
  }
  return std::string_view::npos;
}

// The value of a level's key in the outermost object. What is no JSON gives nothing, too.
std::optional<LogLevel> OfJson(std::string_view text) {
  int depth = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '{' || text[i] == '[') ++depth;
    if (text[i] == '}' || text[i] == ']') --depth;
    if (text[i] != '"') continue;
    const std::size_t end = StringEnd(text, i);
    if (end == std::string_view::npos) return std::nullopt;
    const std::string_view key = text.substr(i + 1, end - i - 1);
    i = end;
    std::string_view rest = Trimmed(text.substr(end + 1));
    if (depth != 1 || rest.empty() || rest.front() != ':' || !IsLevelKey(key)) continue;
    rest = Trimmed(rest.substr(1));
    if (rest.empty()) return std::nullopt;
    if (rest.front() != '"') return OfNumber(rest);
    const std::size_t close = StringEnd(rest, 0);
    if (close == std::string_view::npos) return std::nullopt;
    return LogLevelFromName(rest.substr(1, close - 1));
  }
  return std::nullopt;
}

// key=value or key="value", the key at the start of a word.
std::optional<LogLevel> OfLogfmt(std::string_view text) {
  for (std::size_t at = text.find('='); at != std::string_view::npos; at = text.find('=', at + 1)) {
    std::size_t begin = at;
    while (begin > 0 && !IsSpace(text[begin - 1])) --begin;
    if (!IsLevelKey(text.substr(begin, at - begin))) continue;
    std::string_view value = text.substr(at + 1);
    if (!value.empty() && value.front() == '"') value.remove_prefix(1);
    if (auto level = LogLevelFromName(LettersOf(value))) return level;
    if (auto level = OfNumber(value)) return level;
  }
  return std::nullopt;
}

// glog and klog: I1121 07:32:35.863392, or with the year before the month.
std::optional<LogLevel> OfGlog(std::string_view text) {
  std::size_t digits = 1;
  while (digits < text.size() && IsDigit(text[digits])) ++digits;
  if (digits != 5 && digits != 9) return std::nullopt;
  if (text.size() < digits + 6 || text[digits] != ' ' || text[digits + 3] != ':') return std::nullopt;
  switch (text.front()) {
    case 'I':
      return LogLevel::kInfo;
    case 'W':
      return LogLevel::kWarn;
    case 'E':
      return LogLevel::kError;
    case 'F':
      return LogLevel::kFatal;
    default:
      return std::nullopt;
  }
}

// [WARN], [warn ]; the closing bracket may stand behind a space.
std::optional<LogLevel> OfBrackets(std::string_view text) {
  const std::size_t close = text.substr(0, kLongestName + 4).find(']');
  if (close == std::string_view::npos) return std::nullopt;
  return LogLevelFromName(Trimmed(text.substr(1, close - 1)));
}

struct Before {
  bool is_head = true;     // nothing but dates, numbers, zones and brackets so far
  bool is_place = true;    // the start, or a word that ends with ':': "main.c:3:5: error: ..."
  bool is_column = false;  // a separator: "name - ERROR - text"
};

std::optional<LogLevel> OfWord(std::string_view text, const Before& before) {
  if (text.front() == '[') return OfBrackets(text);
  const std::string_view word = LettersOf(text);
  const char behind = word.size() < text.size() ? text[word.size()] : ' ';
  const bool is_upper = IsAllUpper(word);
  const bool is_label = behind == ':' && (is_upper || before.is_place);
  const bool is_bare = is_upper && (IsSpace(behind) || behind == '[') && (before.is_head || before.is_column);
  if (!is_label && !is_bare) return std::nullopt;
  return LogLevelFromName(word);
}

std::optional<LogLevel> OfWords(std::string_view text) {
  Before before;
  for (int i = 0; i < kWordsLookedAt && !(text = Trimmed(text)).empty(); ++i) {
    if (auto level = OfWord(text, before)) return level;
    const std::string_view word = text.substr(0, text.find_first_of(" \t"));
    text.remove_prefix(word.size());
    const bool has_digit = std::any_of(word.begin(), word.end(), IsDigit);
    before.is_column = word == "-" || word == "|";
    before.is_place = word.back() == ':';
    before.is_head &= has_digit || word.front() == '[' || before.is_column ||
                      (word.size() <= 4 && IsAllUpper(word));  // a zone
  }
  return std::nullopt;
}

}  // namespace

std::optional<LogLevel> LevelOf(std::string_view line) {
  std::string_view text = line.substr(0, kLevelLooksAt);
  std::string plain;
  if (text.find('\x1b') != std::string_view::npos) text = plain = WithoutEscapes(text);
  text = Trimmed(text);
  if (text.empty()) return std::nullopt;
  if (text.front() == '{') return OfJson(text);
  if (text.front() == '<') {
    if (auto level = OfSyslog(text)) return level;
  }
  if (auto level = OfGlog(text)) return level;
  if (auto level = OfLogfmt(text)) return level;
  return OfWords(text);
}

std::string_view NameOf(LogLevel level) { return kLevels.NameOf(level); }

std::optional<LogLevel> LogLevelFromName(std::string_view name) {
  if (name.empty() || name.size() > kLongestName) return std::nullopt;
  const std::string lower = ToLower(name);
  if (auto level = kLevels.FromName(lower)) return level;
  for (const Alias& alias : kAliases)
    if (alias.name == lower) return alias.level;
  return std::nullopt;
}

}  // namespace foster
