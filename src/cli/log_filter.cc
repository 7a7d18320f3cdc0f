// SPDX-License-Identifier: MIT
#include "cli/log_filter.h"

namespace foster::cli {
namespace {

// A stack trace comes at once with the line it belongs to.
constexpr WallNanos kSameBreath = 1'000'000'000;

}  // namespace

LogFilter::LogFilter(LogChoice choice, std::optional<LogPattern> pattern, Emit emit)
    : choice_(std::move(choice)), pattern_(std::move(pattern)), emit_(std::move(emit)) {}

bool LogFilter::IsWanted(const LogChoice& choice, const LogEntry& entry) {
  if (entry.skipped > 0 || entry.skipped_bytes > 0) return true;
  if (entry.stream > 1 || !choice.takes[entry.stream]) return false;
  // A line whose time nobody knows is left out of no span of time.
  if (entry.wall != 0 && (entry.wall < choice.since || entry.wall > choice.until)) return false;
  auto life = choice.lives.find(entry.service);
  return life == choice.lives.end() || life->second == entry.incarnation;
}

// A line that says no level has that of the line before it (a stack trace), if it came in the same breath;
// else it is info on stdout and warn on stderr.
bool LogFilter::IsBadEnough(const LogEntry& entry) {
  if (!choice_.least) return true;
  Saying& saying = sayings_[{entry.service, entry.stream}];
  const bool is_new_life = saying.incarnation != entry.incarnation;
  const bool is_late = entry.wall - saying.wall > kSameBreath;
  if (auto level = entry.is_continued ? std::nullopt : LevelOf(entry.text)) {
    saying.level = *level;
    saying.is_said = true;
  } else if (!entry.is_continued && (!saying.is_said || is_new_life || is_late)) {
    saying.level = entry.stream == 0 ? LogLevel::kInfo : LogLevel::kWarn;
    saying.is_said = false;
  }
  saying.wall = entry.wall;
  saying.incarnation = entry.incarnation;
  return saying.level >= *choice_.least;
}

bool LogFilter::IsMatch(const LogEntry& entry) {
  return !pattern_ || pattern_->Matches(entry.text) != choice_.invert;
}

void LogFilter::Show(LogEntry entry, LogLineRole role) {
  LogLineShown line;
  line.role = role;
  line.begins_group = choice_.before + choice_.after > 0 && is_gap_ && !is_first_;
  if (choice_.highlight && pattern_ && !choice_.invert) line.spans = pattern_->All(entry.text);
  line.entry = std::move(entry);
  is_gap_ = is_first_ = false;
  emit_(std::move(line));
}

void LogFilter::Add(LogEntry entry) {
  if (!IsWanted(choice_, entry)) return;
  const bool is_gap = entry.skipped > 0 || entry.skipped_bytes > 0;
  if (is_gap) return Show(std::move(entry), LogLineRole::kGap);
  if (!IsBadEnough(entry)) return;
  if (IsMatch(entry)) {
    ++matches_;
    for (LogEntry& line : before_) Show(std::move(line), LogLineRole::kBefore);
    before_.clear();
    before_bytes_ = 0;
    after_left_ = choice_.after;
    return Show(std::move(entry), LogLineRole::kMatch);
  }
  if (after_left_ > 0) {
    --after_left_;
    return Show(std::move(entry), LogLineRole::kAfter);
  }
  before_bytes_ += entry.text.size();
  before_.push_back(std::move(entry));
  while (before_.size() > choice_.before || before_bytes_ > kMostKeptBytes) {
    before_bytes_ -= before_.front().text.size();
    before_.pop_front();
    is_gap_ = true;
  }
}

void TailKeeper::Add(LogLineShown line) {
  bytes_ += line.entry.text.size();
  const std::string service = line.entry.service;
  if (line.role == LogLineRole::kMatch) ++matches_;
  if (!has_context_) by_service_[service].push_back(next_);
  lines_.emplace(next_++, std::move(line));
  if (!has_context_ && by_service_[service].size() > count_) DropOldest(service);
  while (has_context_ && matches_ > count_) DropOldestGroup();
  while (bytes_ > kMostKeptBytes && lines_.size() > 1) {
    const std::string oldest = lines_.begin()->second.entry.service;
    if (has_context_) {
      DropOldestGroup();
    } else {
      DropOldest(oldest);
    }
  }
}

void TailKeeper::DropOldest(const std::string& service) {
  auto& own = by_service_[service];
  auto found = lines_.find(own.front());
  bytes_ -= found->second.entry.text.size();
  lines_.erase(found);
  own.pop_front();
}

// Up to the oldest match, with it, and what stood behind it alone.
void TailKeeper::DropOldestGroup() {
  bool is_behind = false;
  while (!lines_.empty()) {
    LogLineShown& line = lines_.begin()->second;
    if (is_behind && line.role != LogLineRole::kAfter) break;
    if (line.role == LogLineRole::kMatch) {
      --matches_;
      is_behind = true;
    }
    bytes_ -= line.entry.text.size();
    lines_.erase(lines_.begin());
  }
  if (!lines_.empty()) lines_.begin()->second.begins_group = false;
}

void TailKeeper::Drain(const LogFilter::Emit& emit) {
  for (auto& [order, line] : lines_) emit(std::move(line));
  lines_.clear();
  by_service_.clear();
  bytes_ = matches_ = 0;
}

}  // namespace foster::cli
