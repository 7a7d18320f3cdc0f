// SPDX-License-Identifier: MIT
// Did-you-mean: the known word that a wrong one most likely was meant to be.
// Not: a search. Called by: the readers, for keys, types and names. Invariant: never suggests a word that is
// further away than a third of the word's length (at least one, at most three edits).
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace foster {

// Optimal string alignment: insertions, deletions, replacements and swaps of neighbours. Case does not count.
std::size_t EditDistance(std::string_view a, std::string_view b);

// The nearest of `known`, or "".
std::string Nearest(std::string_view word, const std::vector<std::string_view>& known);

// "did you mean 'x'?", or "" when nothing is near.
std::string DidYouMean(std::string_view word, const std::vector<std::string_view>& known);

}  // namespace foster
