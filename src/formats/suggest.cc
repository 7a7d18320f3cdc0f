// SPDX-License-Identifier: MIT
#include "formats/suggest.h"

#include <algorithm>

#include "base/ascii.h"

namespace foster {

std::size_t EditDistance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> before(b.size() + 1), last(b.size() + 1), row(b.size() + 1);
  for (std::size_t j = 0; j <= b.size(); ++j) last[j] = j;
  for (std::size_t i = 1; i <= a.size(); ++i) {
    row[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      bool same = ToLower(a[i - 1]) == ToLower(b[j - 1]);
      row[j] = std::min({last[j] + 1, row[j - 1] + 1, last[j - 1] + (same ? 0u : 1u)});
      bool swapped =
          i > 1 && j > 1 && ToLower(a[i - 1]) == ToLower(b[j - 2]) && ToLower(a[i - 2]) == ToLower(b[j - 1]);
      if (swapped) row[j] = std::min(row[j], before[j - 2] + 1);
    }
    before.swap(last);
    last.swap(row);
  }
  return last[b.size()];
}

std::string Nearest(std::string_view word, const std::vector<std::string_view>& known) {
  if (word.empty() || word.size() > 64) return {};
  std::size_t best = std::clamp<std::size_t>(word.size() / 3, 1, 3) + 1;
  std::string found;
  for (std::string_view candidate : known) {
    if (candidate.size() > word.size() + 3 || word.size() > candidate.size() + 3) continue;
    std::size_t distance = EditDistance(word, candidate);
    if (distance >= best) continue;
    best = distance;
    found = candidate;
  }
  return found;
}

std::string DidYouMean(std::string_view word, const std::vector<std::string_view>& known) {
  std::string nearest = Nearest(word, known);
  return nearest.empty() ? "" : "did you mean '" + nearest + "'?";
}

}  // namespace foster
