// SPDX-License-Identifier: MIT
#include "tui/log_view.h"

#include <algorithm>

namespace foster::tui {
namespace {

// A line of this length is a piece of a longer one, not the beginning of a line that comes again when it is
// whole.
constexpr std::size_t kPiece = 65536;

}  // namespace

void LogView::Clear() {
  first_ = end();
  lines_.clear();
  bytes_ = 0;
  follow_ = true;
}

void LogView::Append(const LogRecord& record) {
  bool is_error = record.stream == "stderr";
  bool again = !lines_.empty() && lines_.back().partial && lines_.back().is_error == is_error;
  if (again) {
    bytes_ -= lines_.back().text.size();
    lines_.pop_back();
  }
  LogEntry entry{record.text, record.time, is_error, record.partial && record.text.size() < kPiece};
  if (entry.text.size() > kMaxText) {
    entry.text.resize(kMaxText);
    entry.text += "\xe2\x80\xa6";
  }
  bytes_ += entry.text.size();
  lines_.push_back(std::move(entry));
  while (lines_.size() > kMaxLines || (bytes_ > kMaxBytes && lines_.size() > 1)) {
    bytes_ -= lines_.front().text.size();
    lines_.pop_front();
    ++first_;
  }
  bottom_ = std::clamp(bottom_, first_, end());
}

void LogView::Scroll(std::int64_t lines, std::size_t page) {
  if (lines < 0 && size() <= page) return;  // all of it is on the screen
  auto least = static_cast<std::int64_t>(first_ + std::min(page, size()));
  auto last = static_cast<std::int64_t>(end());
  std::int64_t to = std::clamp(static_cast<std::int64_t>(bottom()) + lines, least, last);
  bottom_ = static_cast<std::uint64_t>(to);
  follow_ = lines > 0 ? to == last : false;
}

void LogView::ToOldest(std::size_t page) {
  if (size() <= page) return;
  bottom_ = first_ + page;
  follow_ = false;
}

void LogView::SetFollow(bool follow) {
  if (!follow) bottom_ = bottom();
  follow_ = follow;
}

}  // namespace foster::tui
