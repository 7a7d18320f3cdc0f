// SPDX-License-Identifier: MIT
#include "cli/log_source.h"

#include <fnmatch.h>

#include <algorithm>
#include <charconv>

#include "cli/log_record.h"
#include "logfile/native_format.h"
#include "sys/log_reader.h"
#include "wire/status_codec.h"

namespace foster::cli {
namespace {

// A clock that is set back by more than this may hide lines from --until.
constexpr WallNanos kClockSlack = 600'000'000'000;

bool IsLater(const WallNanos a, const WallNanos b) { return a > b; }

// What the cursor says of a boot is the beginning of its id.
std::string BootPart(const std::string& boot) {
  const std::string part = boot.substr(0, 8);
  return part == "00000000" ? "00000001" : part;
}

}  // namespace

RingStream::RingStream(Session& session, Json params, std::map<std::string, std::uint64_t> skip_to)
    : session_(session), params_(std::move(params)), skip_to_(std::move(skip_to)) {}

bool RingStream::Ask() {
  Json params{Json::Object{}};
  for (const auto& [key, value] : params_.AsObject())
    if (key != "after" || cursors_.is_null()) params.Set(key, value);
  if (!cursors_.is_null()) params.Set("after", cursors_);
  auto reply = session_.Ask("logs", params);
  failed_ = !reply;
  if (!reply) return false;
  for (const auto& item : (*reply)["lines"].AsArray()) page_.push_back(EntryOf(LogRecordFromJson(item)));
  std::reverse(page_.begin(), page_.end());
  has_more_ = (*reply)["more"].AsBool() && !page_.empty();
  if (reply->Has("cursors")) cursors_ = (*reply)["cursors"];
  return true;
}

bool RingStream::Next(LogEntry* entry) {
  for (;;) {
    if (page_.empty() && (!has_more_ || !Ask())) return false;
    if (page_.empty()) continue;
    LogEntry& next = page_.back();
    auto skip = skip_to_.find(next.service);
    if (skip != skip_to_.end() && next.seq <= skip->second) {
      page_.pop_back();
      continue;
    }
    std::uint64_t& last = last_[next.service];
    const bool is_gap = last > 0 && next.seq > last + 1 && !params_.Has("streams");
    if (is_gap) {
      *entry = {};
      entry->service = next.service;
      entry->wall = next.wall;
      entry->skipped = next.seq - last - 1;
      last = next.seq - 1;
      return true;
    }
    last = std::max(last, next.seq);
    *entry = std::move(next);
    page_.pop_back();
    return true;
  }
}

FileStream::FileStream(LogFiles files, FileRange range, const LogQuery& query, bool exact)
    : reader_(std::move(files)), range_(std::move(range)), until_(query.choice.until) {
  is_past_ = range_.after_boot.empty();
  const LogChoice& choice = query.choice;
  LogFilesReader::Place place;
  if (exact || !is_past_) {
    are_known_ = true;  // from the first line
  } else if (query.lines != LogQuery::kAll && !choice.least && !query.has_context() && !choice.searches) {
    place = reader_.FindLast(query.lines, [&](const LogEntry& entry) {
      return IsWithin(entry) && LogFilter::IsWanted(choice, entry) && entry.skipped_bytes == 0;
    });
  } else if (choice.since > 0) {
    place = reader_.FindSince(choice.since);
  }
  reader_.Seek(place);
  are_known_ = place == LogFilesReader::Place{};
}

bool FileStream::IsWithin(const LogEntry& entry) const {
  if (!range_.boot.empty() && entry.boot != range_.boot && BootPart(entry.boot) != range_.boot) return false;
  if (range_.last_boot.empty() || BootPart(entry.boot) != range_.last_boot) return true;
  return entry.seq < range_.before_seq;
}

void FileStream::MarkCursor(LogEntry* entry) {
  if (entry->boot.empty() || entry->end == 0) return;
  if (entry->boot != cursor_boot_) {
    if (!cursor_boot_.empty()) are_known_ = true;
    cursor_boot_ = entry->boot;
    positions_[0] = positions_[1] = 0;
  }
  positions_[entry->stream] = std::max(positions_[entry->stream], entry->end);
  if (!are_known_) return;
  LogCursor cursor;
  const std::string part = BootPart(entry->boot);
  (void)std::from_chars(part.data(), part.data() + part.size(), cursor.boot, 16);  // its digits were checked
  cursor.position = {positions_[0], positions_[1]};
  entry->cursor = ToText(cursor);
}

bool FileStream::Next(LogEntry* entry) {
  while (reader_.Next(entry)) {
    MarkCursor(entry);
    if (until_ < INT64_MAX - kClockSlack && entry->wall > until_ + kClockSlack) return false;
    const bool is_of_after = !range_.after_boot.empty() && BootPart(entry->boot) == range_.after_boot;
    is_past_ = is_past_ || is_of_after;
    if (!is_past_ || !IsWithin(*entry)) continue;
    if (is_of_after && entry->end <= range_.after[entry->stream]) continue;
    return true;
  }
  return false;
}

MergedStream::MergedStream(std::vector<std::unique_ptr<LogStream>> streams) : streams_(std::move(streams)) {
  for (std::size_t i = 0; i < streams_.size(); ++i) Pull(i, 0);
}

void MergedStream::Pull(std::size_t index, WallNanos at_least) {
  Head head;
  if (!streams_[index]->Next(&head.entry)) return;
  // A wall clock may be set back, and not every line has a time: none goes before an earlier one of its own.
  head.order = std::max(head.entry.wall + streams_[index]->slack(), at_least);
  head.index = index;
  heads_.push_back(std::move(head));
  std::push_heap(heads_.begin(), heads_.end(), [](const Head& a, const Head& b) {
    return a.order != b.order ? IsLater(a.order, b.order) : a.index > b.index;
  });
}

bool MergedStream::Next(LogEntry* entry) {
  if (heads_.empty()) return false;
  std::pop_heap(heads_.begin(), heads_.end(), [](const Head& a, const Head& b) {
    return a.order != b.order ? IsLater(a.order, b.order) : a.index > b.index;
  });
  Head head = std::move(heads_.back());
  heads_.pop_back();
  *entry = std::move(head.entry);
  Pull(head.index, head.order);
  return true;
}

bool MergedStream::failed() const {
  return std::any_of(streams_.begin(), streams_.end(), [](const auto& stream) { return stream->failed(); });
}

std::vector<std::string> ListBoots(const std::vector<LogFiles>& files) {
  std::map<std::string, WallNanos> began;
  for (const LogFiles& family : files)
    for (const auto& [boot, when] : BootsIn(family)) began.try_emplace(boot, when);
  std::vector<std::string> boots;
  for (const auto& [boot, when] : began) boots.push_back(boot);
  std::stable_sort(boots.begin(), boots.end(),
                   [&](const std::string& a, const std::string& b) { return began[a] < began[b]; });
  return boots;
}

Result<std::string> ChooseBoot(const std::vector<std::string>& boots, const std::string& text) {
  std::int64_t number = 0;
  auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  const bool is_number =
      error == std::errc() && end == text.data() + text.size() && number <= 0 && text.size() < 8;
  if (is_number) {
    const std::int64_t index = static_cast<std::int64_t>(boots.size()) - 1 + number;
    if (index >= 0) return boots[static_cast<std::size_t>(index)];
    return Error("--boot " + text + ": there are files of " + std::to_string(boots.size()) + " boots");
  }
  std::vector<std::string> fitting;
  for (const std::string& boot : boots)
    if (boot.starts_with(text)) fitting.push_back(boot);
  if (fitting.size() == 1) return fitting[0];
  return Error("--boot '" + text + "': " + (fitting.empty() ? "no boot" : "more than one boot") +
               " of that id");
}

bool IsNamed(const std::vector<std::string>& names, const std::string& service) {
  const std::string last = service.substr(service.rfind('/') + 1);
  for (const std::string& name : names) {
    if (name == service || name == last) return true;
    if (name.ends_with('/') && service.starts_with(name)) return true;
    if (fnmatch(name.c_str(), service.c_str(), 0) == 0 || fnmatch(name.c_str(), last.c_str(), 0) == 0)
      return true;
  }
  return names.empty();
}

}  // namespace foster::cli
