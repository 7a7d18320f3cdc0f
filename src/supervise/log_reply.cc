// SPDX-License-Identifier: MIT
#include "supervise/log_reply.h"

#include <algorithm>
#include <chrono>

#include "wire/status_codec.h"

namespace foster {
namespace {

constexpr std::size_t kWriteStep = 256;  // lines

}  // namespace

LogReply::LogReply(const LogTable& table, LogRedactors& redactors, LogQuery query,
                   std::vector<std::string> names)
    : table_(table), redactors_(redactors), query_(std::move(query)), names_(std::move(names)) {
  if (names_.empty()) stage_ = Stage::kWrite;
}

bool LogReply::Step() {
  const auto begin = std::chrono::steady_clock::now();
  while (stage_ != Stage::kDone && std::chrono::steady_clock::now() - begin < kLogSlice) Work();
  return stage_ == Stage::kDone;
}

void LogReply::Work() {
  switch (stage_) {
    case Stage::kBegin:
      return Begin();
    case Stage::kRead:
      return Read();
    case Stage::kMerge:
      return Merge();
    case Stage::kWrite:
      return Write();
    case Stage::kDone:
      return;
  }
}

void LogReply::Begin() {
  slot_ = table_.Find(name());
  stage_ = slot_ < 0 ? Stage::kMerge : Stage::kRead;
  if (slot_ < 0) return;
  const std::uint64_t most = KeepsOldest() ? UINT64_MAX : query_.max_bytes;
  const auto after = query_.after.find(name());
  const bool is_after = after != query_.after.end();
  const LogSpan span = FindLast(table_, slot_, query_.filter, is_after ? SIZE_MAX : query_.lines, most);
  at_ = span.begin;
  end_ = span.end;
  if (is_after && after->second.boot != 0 && after->second.boot != at_.boot) {
    other_boot_.push_back(name());
    at_.position = {};
  } else if (is_after) {
    at_.position = after->second.position;
  }
  record_ = begins_[name()] = at_;
}

void LogReply::Read() {
  // The service may have gone between two slices.
  if (table_.Find(name()) != slot_) {
    stage_ = Stage::kMerge;
    return;
  }
  LogBudget budget;
  budget.lines = kLogStepLines;
  budget.bytes = kLogStepBytes;
  LogBatch batch = ReadLines(table_, slot_, &at_, query_.filter, budget, &end_);
  Take(std::move(batch.lines));
  const bool is_full = KeepsOldest() && bytes_ > query_.max_bytes;
  if (batch.has_more && !is_full) return;
  if (batch.has_more) {
    if (!lines_.empty()) horizon_ = std::min(horizon_, lines_.back().order);
    is_more_ = true;
  } else {
    record_ = at_;
    Take(ReadRests(table_, slot_, at_, query_.filter));
  }
  stage_ = Stage::kMerge;
}

void LogReply::Take(std::vector<LogLine> lines) {
  const Redactor& redactor = redactors_.Of(table_, slot_);
  for (const LogLine& line : lines) {
    Line taken;
    taken.order = lines_.empty() ? line.mono : std::max(line.mono, lines_.back().order);
    taken.place = place_;
    AppendJson(RecordOf(name(), line, redactor, &record_), &taken.json);
    taken.cursor = record_;
    bytes_ += taken.json.size() + 1;
    lines_.push_back(std::move(taken));
  }
}

// One service is read: its lines among the others', what is too much is left out.
void LogReply::Merge() {
  if (slot_ >= 0) cursors_[name()] = record_;
  const bool is_after = query_.after.contains(name());
  if (!is_after && lines_.size() > query_.lines) {
    const auto first = lines_.end() - static_cast<std::ptrdiff_t>(query_.lines);
    for (auto line = lines_.begin(); line != first; ++line) bytes_ -= line->json.size() + 1;
    lines_.erase(lines_.begin(), first);
  }
  const auto is_earlier = [](const Line& a, const Line& b) { return a.order < b.order; };
  const auto middle = static_cast<std::ptrdiff_t>(all_.size());
  std::move(lines_.begin(), lines_.end(), std::back_inserter(all_));
  lines_.clear();
  std::inplace_merge(all_.begin(), all_.begin() + middle, all_.end(), is_earlier);
  if (KeepsOldest()) {
    LeaveOutNewest();
  } else if (bytes_ > query_.max_bytes) {
    LeaveOutOldest();
  }
  ++place_;
  stage_ = place_ < names_.size() ? Stage::kBegin : Stage::kWrite;
}

void LogReply::LeaveOutOldest() {
  auto first = all_.begin();
  for (; first != all_.end() && bytes_ > query_.max_bytes; ++first) bytes_ -= first->json.size() + 1;
  all_.erase(all_.begin(), first);
  is_more_ = true;
}

// At least one line stays.
void LogReply::LeaveOutNewest() {
  while (all_.size() > 1 && (bytes_ > query_.max_bytes || all_.back().order > horizon_)) {
    bytes_ -= all_.back().json.size() + 1;
    all_.pop_back();
    is_more_ = true;
  }
}

// Before what was left out, for the next call begins there.
void LogReply::GoBack() {
  cursors_ = begins_;
  for (const Line& line : all_) cursors_[names_[line.place]] = line.cursor;
}

void LogReply::Write() {
  if (text_.empty()) {
    text_.reserve(bytes_ + 4096);
    text_ = "{\"lines\":[";
  }
  const std::size_t end = std::min(all_.size(), written_ + kWriteStep);
  for (; written_ < end; ++written_) {
    if (written_ > 0) text_.push_back(',');
    text_ += all_[written_].json;
  }
  if (written_ == all_.size()) Close();
}

void LogReply::Close() {
  if (KeepsOldest() && is_more_) GoBack();
  Json cursors{Json::Object{}};
  for (const auto& [service, cursor] : cursors_) cursors.Set(service, ToText(cursor));
  Json others{Json::Array{}};
  for (const std::string& service : other_boot_) others.Push(service);
  text_ += "],\"cursors\":" + cursors.Dump() + ",\"more\":" + (is_more_ ? "true" : "false") +
           ",\"other_boot\":" + others.Dump() + "}";
  stage_ = Stage::kDone;
}

}  // namespace foster
