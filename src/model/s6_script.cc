// SPDX-License-Identifier: MIT
#include "model/s6_script.h"

#include <regex.h>

#include <algorithm>
#include <optional>
#include <vector>

namespace foster {
namespace {

constexpr std::uint32_t kLeastSize = 4096;
constexpr std::uint32_t kMostSize = 268435455;
constexpr std::size_t kMostActions = 64;
constexpr std::size_t kLongestPattern = 4096;
constexpr std::uint64_t kMostRepetitions = 1'000;  // the C library copies what + and {n} repeat
constexpr std::string_view kAllowed =
    "allowed are +RE -RE f nN sN SN lN rN RN EN ^N pTEXT !CMD ?CMD t T 1 2 =FILE and a directory that begins "
    "with / or .";

struct Word {
  std::size_t offset;
  std::string text;
};

bool IsSpace(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\f' || c == '\v'; }

std::optional<std::uint64_t> ReadWhole(std::string_view digits, std::uint64_t most) {
  std::uint64_t value = 0;
  if (digits.empty()) return std::nullopt;
  for (const char c : digits) {
    if (c < '0' || c > '9' || __builtin_mul_overflow(value, 10ull, &value) ||
        __builtin_add_overflow(value, static_cast<std::uint64_t>(c - '0'), &value))
      return std::nullopt;
  }
  if (value > most) return std::nullopt;
  return value;
}

// Behind the bracket expression that begins at `at`.
std::size_t BehindBracket(std::string_view pattern, std::size_t at) {
  at += pattern.substr(at + 1).starts_with('^') ? 2 : 1;
  for (bool is_first = true; at < pattern.size(); ++at, is_first = false) {
    if (pattern[at] == ']' && !is_first) return at + 1;
    const bool is_class = pattern[at] == '[' && at + 1 < pattern.size() &&
                          std::string_view(":.=").find(pattern[at + 1]) != std::string_view::npos;
    if (!is_class) continue;
    const char end[] = {pattern[at + 1], ']'};
    at = std::min(pattern.find(std::string_view(end, 2), at + 2), pattern.size() - 1) + 1;
  }
  return pattern.size();
}

// The largest number in the braces at `at`.
std::uint64_t MostOf(std::string_view pattern, std::size_t at) {
  std::uint64_t most = 1;
  std::uint64_t number = 0;
  for (std::size_t i = at + 1; i < pattern.size() && pattern[i] != '}'; ++i) {
    const bool is_digit = pattern[i] >= '0' && pattern[i] <= '9';
    number = is_digit ? std::min<std::uint64_t>(number * 10 + static_cast<std::uint64_t>(pattern[i] - '0'),
                                                kMostRepetitions)
                      : 0;
    most = std::max(most, number);
  }
  return most;
}

// How many parts `pattern` has once everything is copied: x+ is xx*, so each one more doubles what is before
// it.
std::uint64_t Repetitions(std::string_view pattern) {
  struct Group {
    std::uint64_t sum = 0;   // of what is before the last part
    std::uint64_t last = 0;  // what is repeated by a + or {n} behind it
    void Add(std::uint64_t part) {
      sum = std::min(sum + last, kMostRepetitions + 1);
      last = part;
    }
    void Repeat(std::uint64_t times) { last = std::min(last * times, kMostRepetitions + 1); }
  };
  std::vector<Group> groups(1);
  for (std::size_t at = 0; at < pattern.size();) {
    const char c = pattern[at];
    if (c == '(') {
      groups.emplace_back();
    } else if (c == ')' && groups.size() > 1) {
      groups.back().Add(0);
      const std::uint64_t inner = groups.back().sum;
      groups.pop_back();
      groups.back().Add(inner);
    } else if (c == '+' || c == '{') {
      groups.back().Repeat(c == '+' ? 2 : MostOf(pattern, at));
    } else if (c != '*' && c != '?') {
      groups.back().Add(1);
    }
    if (c == '[') {
      at = BehindBracket(pattern, at);
    } else if (c == '{') {
      at = std::min(pattern.find('}', at), pattern.size() - 1) + 1;
    } else {
      at += c == '\\' ? 2 : 1;
    }
  }
  std::uint64_t total = 0;
  for (const Group& group : groups) total += group.sum + group.last;
  return total;
}

// Empty: `pattern` is a POSIX extended regular expression.
std::string PatternFault(const std::string& pattern) {
  if (pattern.size() > kLongestPattern) return "is longer than 4096 bytes";
  if (Repetitions(pattern) > kMostRepetitions) return "repeats too much";
  if (pattern.find('\0') != std::string::npos) return "has a NUL in it";
  regex_t compiled{};
  const int code = regcomp(&compiled, pattern.c_str(), REG_EXTENDED | REG_NOSUB | REG_NEWLINE);
  if (code == 0) {
    regfree(&compiled);
    return "";
  }
  char text[200];
  regerror(code, &compiled, text, sizeof text);
  return text;
}

class ScriptReader {
 public:
  ScriptReader(std::string_view text, S6Script* script, std::vector<S6ScriptError>* errors)
      : text_(text), script_(script), errors_(errors) {}

  bool Read() {
    const std::size_t before = errors_->size();
    script_->actions.clear();
    while (SkipSpace()) {
      Word word{at_, ""};
      if (!TakeWord(&word)) break;
      // A word that is quoted and empty says nothing, as it does for s6-log.
      if (word.text.empty()) {
        Fault(word, "an empty word");
      } else {
        ReadWord(word);
      }
    }
    if (errors_->size() == before && script_->actions.empty())
      errors_->push_back({0, "no action: a script has at least one of 1, 2, =FILE and a directory"});
    return errors_->size() == before;
  }

 private:
  bool SkipSpace() {
    while (at_ < text_.size() && IsSpace(text_[at_])) ++at_;
    return at_ < text_.size();
  }

  // False: a quote has no end, so nothing behind it can be told apart.
  bool TakeWord(Word* word) {
    while (at_ < text_.size() && !IsSpace(text_[at_])) {
      const char c = text_[at_];
      if (c != '"' && c != '\'') {
        word->text += c;
        ++at_;
      } else if (!TakeQuoted(c, word)) {
        errors_->push_back({word->offset, std::string("a ") + c + " without its end"});
        return false;
      }
    }
    return true;
  }

  bool TakeQuoted(char quote, Word* word) {
    for (++at_; at_ < text_.size(); ++at_) {
      const char c = text_[at_];
      const char next = at_ + 1 < text_.size() ? text_[at_ + 1] : '\0';
      if (c == quote) {
        ++at_;
        return true;
      }
      const bool is_escape = quote == '"' && c == '\\' && (next == '"' || next == '\\');
      if (is_escape) ++at_;
      word->text += is_escape ? next : c;
    }
    return false;
  }

  void Fault(const Word& word, const std::string& why) {
    constexpr std::size_t kShown = 60;
    const std::string shown = word.text.size() > kShown ? word.text.substr(0, kShown) + "..." : word.text;
    errors_->push_back({word.offset, "'" + shown + "': " + why});
  }

  void ReadWord(const Word& word) {
    switch (word.text[0]) {
      case '+':
        return ReadPattern(word, S6Selection::Kind::kSelect);
      case '-':
        return ReadPattern(word, S6Selection::Kind::kDeselect);
      case 'f':
        if (!IsAlone(word)) return;
        selections_.push_back({S6Selection::Kind::kUntaken, ""});
        return;
      case 't':
        if (IsAlone(word)) next_.tai64n = true;
        return;
      case 'T':
        if (IsAlone(word)) next_.iso = true;
        return;
      case 'p':
        next_.prefix = word.text.substr(1);
        return;
      case '!':
      case '?':
        next_.processor = word.text.substr(1);
        next_.processor_is_shell = word.text[0] == '?' && !next_.processor.empty();
        return;
      case '1':
      case '2':
      case '=':
      case '/':
      case '.':
        return ReadAction(word);
      default:
        return ReadSetting(word);
    }
  }

  bool IsAlone(const Word& word) {
    if (word.text.size() == 1) return true;
    Fault(word, std::string(1, word.text[0]) + " stands alone; " + std::string(kAllowed));
    return false;
  }

  void ReadPattern(const Word& word, S6Selection::Kind kind) {
    std::string pattern = word.text.substr(1);
    if (std::string why = PatternFault(pattern); !why.empty())
      return Fault(word, "is no POSIX extended regular expression: " + why);
    selections_.push_back({kind, std::move(pattern)});
  }

  bool ReadNumber(const Word& word, std::uint64_t most, std::uint64_t* value) {
    const std::optional<std::uint64_t> number = ReadWhole(std::string_view(word.text).substr(1), most);
    if (!number)
      Fault(word, std::string(1, word.text[0]) + " is followed by a whole number from 0 to " +
                      std::to_string(most));
    *value = number.value_or(0);
    return number.has_value();
  }

  void ReadSetting(const Word& word) {
    constexpr std::string_view kNumbers = "nsSlrRE^";
    if (kNumbers.find(word.text[0]) == std::string_view::npos)
      return Fault(word, "no such directive; " + std::string(kAllowed));
    const std::uint64_t most = word.text[0] == 'S' ? UINT64_MAX : UINT32_MAX;
    std::uint64_t value = 0;
    if (ReadNumber(word, most, &value)) Set(word, value);
  }

  void Set(const Word& word, std::uint64_t value) {
    const auto small = static_cast<std::uint32_t>(value);
    switch (word.text[0]) {
      case 'n':
        next_.archives = small;
        return;
      case 's':
        next_.file_size = std::clamp(small, kLeastSize, kMostSize);
        return;
      case 'S':
        next_.total_size = value;
        return;
      case 'r':
        next_.retry = Millis{static_cast<std::int64_t>(value)};
        return;
      case 'R':
        next_.every = Millis{static_cast<std::int64_t>(value) * 1000};
        return;
      case 'E':
        next_.alert_size = small;
        return;
      case '^':
        next_.status_size = small;
        return;
      default:
        break;
    }
    // Measured against the size as it is here, as s6-log does.
    if (small > next_.file_size / 2)
      return Fault(word,
                   "at most half of the file's size, which is " + std::to_string(next_.file_size) + " here");
    next_.tolerance = small;
  }

  void ReadAction(const Word& word) {
    const char c = word.text[0];
    if ((c == '1' || c == '2') && !IsAlone(word)) return;
    if (c == '=' && word.text.size() == 1) return Fault(word, "= is followed by the name of a file");
    if (word.text.find('\0') != std::string::npos) return Fault(word, "has a NUL in it");
    if (script_->actions.size() == kMostActions) return Fault(word, "more than 64 actions");
    next_.kind = c == '1'   ? S6ActionKind::kStdout
                 : c == '2' ? S6ActionKind::kStderr
                 : c == '=' ? S6ActionKind::kStatusFile
                            : S6ActionKind::kDirectory;
    next_.target = c == '1' || c == '2' ? "" : word.text.substr(c == '=' ? 1 : 0);
    if (next_.kind == S6ActionKind::kDirectory && HasDirectory(next_.target))
      return Fault(word, "is given twice: one directory has one writer");
    if (next_.kind == S6ActionKind::kDirectory && ++directories_ > kMostS6Directories)
      return Fault(word, "more than 8 directories in one script: use several");
    next_.selections = std::move(selections_);
    selections_.clear();
    script_->actions.push_back(next_);
    // Stamps are for one action, everything else for all that follow.
    next_.tai64n = next_.iso = false;
  }

  bool HasDirectory(const std::string& target) const {
    return std::any_of(script_->actions.begin(), script_->actions.end(), [&target](const S6Action& action) {
      return action.kind == S6ActionKind::kDirectory && action.target == target;
    });
  }

  std::string_view text_;
  S6Script* script_;
  std::vector<S6ScriptError>* errors_;
  std::size_t at_ = 0;
  S6Action next_;
  std::size_t directories_ = 0;
  std::vector<S6Selection> selections_;
};

}  // namespace

bool ParseS6Script(std::string_view text, S6Script* script, std::vector<S6ScriptError>* errors) {
  return ScriptReader(text, script, errors).Read();
}

}  // namespace foster
