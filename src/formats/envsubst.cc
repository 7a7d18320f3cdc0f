// SPDX-License-Identifier: MIT
#include "formats/envsubst.h"

#include <fnmatch.h>

#include <algorithm>
#include <charconv>

#include "base/ascii.h"

namespace foster {

std::size_t Substitution::OriginalOffset(std::size_t offset) const {
  auto next = std::upper_bound(spans.begin(), spans.end(), offset,
                               [](std::size_t value, const Span& span) { return value < span.result; });
  if (next == spans.begin()) return offset;
  const Span& span = *std::prev(next);
  return span.is_literal ? span.original + (offset - span.result) : span.original;
}

namespace {

bool IsNameCharacter(char c) {
  return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_' ||
         static_cast<unsigned char>(c) >= 0x80;
}

std::string ReplaceAll(std::string value, std::string_view from, std::string_view to, bool only_first) {
  if (from.empty()) return value;
  std::string out;
  std::size_t at = 0;
  for (std::size_t hit; (hit = value.find(from, at)) != std::string::npos; at = hit + from.size()) {
    out.append(value, at, hit - at).append(to);
    if (out.size() > kMaxSubstitutedBytes) return out;  // the caller reports it
    if (only_first) {
      at = hit + from.size();
      break;
    }
  }
  return out.append(value, std::min(at, value.size()));
}

bool Matches(const std::string& pattern, const std::string& text) {
  return ::fnmatch(pattern.c_str(), text.c_str(), FNM_PATHNAME) == 0;
}

// A prefix (or suffix) that matches the pattern is cut off: the shortest or the longest one. The value is
// bounded because every length is tried.
std::string Remove(const std::string& value, const std::string& pattern, bool prefix, bool longest) {
  constexpr std::size_t kMost = 4096;
  if (value.size() > kMost) return value;
  for (std::size_t step = 0; step <= value.size(); ++step) {
    std::size_t length = longest ? value.size() - step : step;
    std::string part = prefix ? value.substr(0, length) : value.substr(value.size() - length);
    if (!Matches(pattern, part)) continue;
    return prefix ? value.substr(length) : value.substr(0, value.size() - length);
  }
  return value;
}

class Substituter {
 public:
  Substituter(std::string_view text, const std::map<std::string, std::string>& environment)
      : text_(text), environment_(environment) {}

  Substitution Run() {
    while (at_ < text_.size() && out_.error.empty()) {
      std::size_t start = at_;
      if (AtExpression()) {
        std::string value = Expression(0);
        Add(value, start, false);
      } else {
        char c = Plain();
        Add(std::string_view(&c, 1), at_ - 1, true);
      }
      if (out_.text.size() > kMaxSubstitutedBytes) Fail("the result is over 32 MiB", start);
    }
    return std::move(out_);
  }

 private:
  bool AtExpression() const { return text_.substr(at_, 2) == "${"; }

  // One plain character: `$$`, `\\` and `\/` each stand for their second one.
  char Plain() {
    std::string_view two = text_.substr(at_, 2);
    bool is_pair = two == "$$" || two == "\\\\" || two == "\\/";
    at_ += is_pair ? 2 : 1;
    return text_[at_ - 1];
  }

  void Add(std::string_view value, std::size_t original, bool is_literal) {
    bool goes_on = false;
    if (is_literal && !out_.spans.empty()) {
      const Substitution::Span& last = out_.spans.back();
      goes_on = last.is_literal && original - last.original == out_.text.size() - last.result;
    }
    if (!goes_on) out_.spans.push_back({out_.text.size(), original, is_literal});
    out_.text += value;
  }

  std::string Fail(std::string text, std::size_t offset) {
    if (out_.error.empty()) {
      out_.error = std::move(text);
      out_.error_offset = offset;
    }
    at_ = text_.size();
    return {};
  }

  char Peek() const { return at_ < text_.size() ? text_[at_] : '\0'; }
  bool Accept(char c) {
    if (Peek() != c) return false;
    ++at_;
    return true;
  }

  std::string Lookup(const std::string& name) const {
    auto found = environment_.find(name);
    return found == environment_.end() ? std::string() : found->second;
  }

  std::string Name() {
    std::size_t start = at_;
    while (at_ < text_.size() && IsNameCharacter(text_[at_])) ++at_;
    return std::string(text_.substr(start, at_ - start));
  }

  // Text up to one of `ends`, nested expressions resolved.
  std::string Argument(std::string_view ends, int depth) {
    std::string out;
    while (at_ < text_.size() && ends.find(text_[at_]) == std::string_view::npos) {
      if (AtExpression()) {
        out += Expression(depth + 1);
      } else {
        out += Plain();
      }
      if (out.size() > kMaxSubstitutedBytes) return Fail("the result is over 32 MiB", at_);
    }
    return out;
  }

  // `${ ... }`, standing on the dollar sign.
  std::string Expression(int depth) {
    std::size_t start = at_;
    if (depth > kMaxSubstitutionDepth) return Fail("'${' nested deeper than 64", start);
    at_ += 2;
    bool wants_length = Accept('#');
    std::string name = Name();
    if (name.empty()) return Fail("bad substitution: no name after '${'", start);
    std::string value = Lookup(name);
    if (wants_length) {
      value = std::to_string(value.size());
    } else {
      value = Operator(std::move(value), start, depth);
    }
    if (!out_.error.empty()) return {};
    if (!Accept('}')) return Fail("bad substitution of " + name, start);
    return value;
  }

  std::string Operator(std::string value, std::size_t start, int depth) {
    switch (Peek()) {
      case '}':
        return value;
      case '^':
      case ',':
        return Casing(std::move(value));
      case '#':
      case '%': {
        char side = text_[at_++];
        bool longest = Accept(side);
        return Remove(value, Argument("}", depth), side == '#', longest);
      }
      case '/':
        return Replace(std::move(value), start, depth);
      case '=':
        ++at_;
        return OrElse(std::move(value), depth);
      case ':': {
        ++at_;
        if (std::string_view("=-?+").find(Peek()) != std::string_view::npos && Peek() != '\0') {
          ++at_;
          return OrElse(std::move(value), depth);
        }
        return Part(value, start, depth);
      }
      default:
        return Fail("bad substitution", start);
    }
  }

  // All of := :- :? :+ mean this one thing in process-compose.
  std::string OrElse(std::string value, int depth) {
    std::string otherwise = Argument("}", depth);
    return value.empty() ? otherwise : value;
  }

  std::string Casing(std::string value) {
    char letter = text_[at_++];
    bool all = Accept(letter);
    std::size_t count = all ? value.size() : std::min<std::size_t>(1, value.size());
    for (std::size_t i = 0; i < count; ++i) value[i] = letter == '^' ? ToUpper(value[i]) : ToLower(value[i]);
    return value;
  }

  std::string Replace(std::string value, std::size_t start, int depth) {
    ++at_;
    bool all = Accept('/');
    bool prefix = !all && Accept('#');
    bool suffix = !all && !prefix && Accept('%');
    std::string from = Argument("/}", depth);
    if (!Accept('/')) return Fail("bad substitution: no second '/'", start);
    std::string to = Argument("}", depth);
    if (prefix) return value.compare(0, from.size(), from) == 0 ? to + value.substr(from.size()) : value;
    if (suffix) {
      bool ends =
          value.size() >= from.size() && value.compare(value.size() - from.size(), from.size(), from) == 0;
      return ends ? value.substr(0, value.size() - from.size()) + to : value;
    }
    return ReplaceAll(std::move(value), from, to, !all);
  }

  bool ToNumber(const std::string& text, long* number) {
    std::size_t first = text.find_first_not_of(" \t");
    const char* begin = text.data() + (first == std::string::npos ? text.size() : first);
    auto [end, error] = std::from_chars(begin, text.data() + text.size(), *number);
    return error == std::errc() && end == text.data() + text.size();
  }

  std::string Part(const std::string& value, std::size_t start, int depth) {
    auto size = static_cast<long>(value.size());
    long from = 0, length = size;
    if (!ToNumber(Argument(":}", depth), &from))
      return Fail("bad substitution: a number is needed after ':'", start);
    if (Accept(':') && !ToNumber(Argument("}", depth), &length))
      return Fail("bad substitution: a number is needed after the second ':'", start);
    if (from < 0) from = std::max(0L, size + from);
    from = std::min(from, size);
    // A negative length counts from the end.
    long end = length < 0 ? size + length : (length > size - from ? size : from + length);
    if (end <= from) return {};
    return value.substr(static_cast<std::size_t>(from), static_cast<std::size_t>(end - from));
  }

  std::string_view text_;
  const std::map<std::string, std::string>& environment_;
  std::size_t at_ = 0;
  Substitution out_;
};

}  // namespace

Substitution Substitute(std::string_view text, const std::map<std::string, std::string>& environment) {
  return Substituter(text, environment).Run();
}

}  // namespace foster
