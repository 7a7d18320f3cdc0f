// SPDX-License-Identifier: MIT
#include "supervise/matcher.h"

#include <algorithm>

namespace foster {
namespace {

std::string_view BareName(const Nameable& service) {
  std::string_view name = service.name;
  if (!service.workload.empty() && name.starts_with(service.workload + "/"))
    name.remove_prefix(service.workload.size() + 1);
  return name;
}

std::string_view WithoutSlashes(std::string_view path) {
  while (path.size() > 1 && path.back() == '/') path.remove_suffix(1);
  return path;
}

// Levenshtein, cut off by the caller's interest in small distances only.
std::size_t Distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> row(b.size() + 1);
  for (std::size_t j = 0; j <= b.size(); ++j) row[j] = j;
  for (std::size_t i = 1; i <= a.size(); ++i) {
    std::size_t diagonal = row[0];
    row[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      std::size_t above = row[j];
      row[j] = std::min({above + 1, row[j - 1] + 1, diagonal + (a[i - 1] == b[j - 1] ? 0 : 1)});
      diagonal = above;
    }
  }
  return row[b.size()];
}

std::string CloseNames(std::string_view pattern, std::span<const Nameable> all) {
  std::vector<std::pair<std::size_t, std::string>> close;
  std::size_t limit = std::max<std::size_t>(2, pattern.size() / 3);
  if (pattern.size() > 120) return "";
  for (const Nameable& service : all) {
    std::size_t distance = std::min(Distance(pattern, service.name), Distance(pattern, BareName(service)));
    if (distance <= limit && !service.internal) close.emplace_back(distance, service.name);
  }
  std::sort(close.begin(), close.end());
  std::string text;
  for (std::size_t i = 0; i < close.size() && i < 5; ++i) text += (i == 0 ? "" : ", ") + close[i].second;
  return text;
}

bool IsGlob(std::string_view pattern) { return pattern.find_first_of("*?[") != std::string_view::npos; }

using Marks = std::vector<bool>;

bool MarkIf(std::span<const Nameable> all, Marks* marks, auto matches) {
  bool any = false;
  for (std::size_t i = 0; i < all.size(); ++i) {
    if (!matches(all[i])) continue;
    (*marks)[i] = true;
    any = true;
  }
  return any;
}

// True: it was a bare name and is dealt with; an ambiguous one leaves an error.
Result<bool> MarkBare(std::string_view pattern, std::span<const Nameable> all, Marks* marks) {
  std::vector<std::size_t> found;
  for (std::size_t i = 0; i < all.size(); ++i)
    if (!all[i].internal && BareName(all[i]) == pattern) found.push_back(i);
  if (found.empty()) return false;
  if (found.size() > 1) {
    std::string text = "'" + std::string(pattern) + "' is not unique: ";
    for (std::size_t i = 0; i < found.size(); ++i) text += (i == 0 ? "" : ", ") + all[found[i]].name;
    return Error(text);
  }
  (*marks)[found[0]] = true;
  return true;
}

Result<void> MarkPattern(std::string_view pattern, std::span<const Nameable> all,
                         std::span<const Bundle> bundles, Marks* marks) {
  if (MarkIf(all, marks, [&](const Nameable& each) { return each.name == pattern; })) return Ok();
  FOSTER_ASSIGN(bool was_bare, MarkBare(pattern, all, marks));
  if (was_bare) return Ok();
  if (pattern.size() > 1 && pattern.back() == '/' && pattern.front() != '/') {
    std::string_view workload = pattern.substr(0, pattern.size() - 1);
    if (MarkIf(all, marks, [&](const Nameable& each) { return each.workload == workload && !each.internal; }))
      return Ok();
  }
  for (const Bundle& bundle : bundles) {
    if (bundle.name != pattern) continue;
    MarkIf(all, marks, [&](const Nameable& each) {
      return std::find(bundle.members.begin(), bundle.members.end(), each.name) != bundle.members.end();
    });
    return Ok();
  }
  if (pattern.find('/') != std::string_view::npos) {
    std::string_view path = WithoutSlashes(pattern);
    auto is_directory = [&](const Nameable& each) {
      return !each.directory.empty() && WithoutSlashes(each.directory) == path;
    };
    if (MarkIf(all, marks, is_directory)) return Ok();
  }
  if (IsGlob(pattern)) {
    auto fits = [&](const Nameable& each) {
      return !each.internal && (GlobMatches(pattern, each.name) || GlobMatches(pattern, BareName(each)));
    };
    if (MarkIf(all, marks, fits)) return Ok();
  }
  std::string text = "no service matches '" + std::string(pattern.substr(0, 200)) + "'";
  if (std::string close = CloseNames(pattern, all); !close.empty()) text += "; close: " + close;
  return Error(text);
}

// Matches the set at the head of `pattern` ("[a-z]...").
bool InSet(std::string_view pattern, char c, std::size_t* length) {
  std::size_t i = 1;
  bool negated = i < pattern.size() && (pattern[i] == '!' || pattern[i] == '^');
  if (negated) ++i;
  bool found = false;
  std::size_t first = i;
  while (i < pattern.size() && (pattern[i] != ']' || i == first)) {
    if (i + 2 < pattern.size() && pattern[i + 1] == '-' && pattern[i + 2] != ']') {
      found = found || (pattern[i] <= c && c <= pattern[i + 2]);
      i += 3;
    } else {
      found = found || pattern[i] == c;
      ++i;
    }
  }
  if (i >= pattern.size()) return *length = 1, c == '[';  // never closed: it is itself
  return *length = i + 1, found != negated;
}

}  // namespace

bool GlobMatches(std::string_view pattern, std::string_view text) {
  std::size_t p = 0, t = 0;
  std::size_t star = std::string_view::npos, star_text = 0;
  while (t < text.size()) {
    std::size_t length = 1;
    bool fits = p < pattern.size() &&
                (pattern[p] == '?' || (pattern[p] == '[' ? InSet(pattern.substr(p), text[t], &length)
                                                         : pattern[p] != '*' && pattern[p] == text[t]));
    if (p < pattern.size() && pattern[p] == '*') {
      star = p++;
      star_text = t;
    } else if (fits) {
      p += length;
      ++t;
    } else if (star != std::string_view::npos) {
      p = star + 1;
      t = ++star_text;
    } else {
      return false;
    }
  }
  while (p < pattern.size() && pattern[p] == '*') ++p;
  return p == pattern.size();
}

Result<std::vector<std::string>> MatchNames(std::span<const std::string> patterns,
                                            std::span<const Nameable> all, std::span<const Bundle> bundles,
                                            bool internals) {
  Marks marks(all.size(), false);
  if (patterns.empty())
    MarkIf(all, &marks, [&](const Nameable& each) { return internals || !each.internal; });
  for (const std::string& pattern : patterns) FOSTER_TRY(MarkPattern(pattern, all, bundles, &marks));
  std::vector<std::string> names;
  for (std::size_t i = 0; i < all.size(); ++i)
    if (marks[i]) names.push_back(all[i].name);
  return names;
}

}  // namespace foster
