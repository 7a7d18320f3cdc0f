// SPDX-License-Identifier: MIT
#include "logd/line_marks.h"

#include <algorithm>

#include "sys/log_table.h"

namespace foster {

void LineMarks::Mark(std::uint64_t position) {
  marks_.push_back({position, lines_});
  marked_lines_ = lines_;
  marked_position_ = position;
  // A mark is of no more use when the one behind it, too, lies before everything that is to be kept.
  std::size_t useless = 0;
  while (useless + 1 < marks_.size() && (lines_ - marks_[useless + 1].lines >= kRetainLines ||
                                         position - marks_[useless + 1].position >= kRetainBytes))
    ++useless;
  marks_.erase(marks_.begin(), marks_.begin() + static_cast<std::ptrdiff_t>(useless));
}

std::uint64_t LineMarks::Tail(std::uint64_t tail, std::uint64_t newest) const {
  std::uint64_t best = tail;
  for (const Entry& mark : marks_)
    if (lines_ - mark.lines >= kRetainLines) best = std::max(best, mark.position);
  if (newest - best <= kRetainBytes) return best;
  for (const Entry& mark : marks_)
    if (mark.position > best && newest - mark.position <= kRetainBytes) return mark.position;
  return newest - kRetainBytes;  // no line begins in what may be kept
}

}  // namespace foster
