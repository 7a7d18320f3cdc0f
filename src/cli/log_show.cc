// SPDX-License-Identifier: MIT
#include "cli/log_show.h"

#include "foster/exit_code.h"
#include "sys/clock.h"
#include "wire/json.h"

namespace foster::cli {

LogShow::LogShow(LogQuery& query, const std::vector<std::string>& names, TimeZone zone, Console& console)
    : query_(query),
      console_(console),
      printer_(names, query.style, std::move(zone)),
      fold_(
          query.fold,
          [this](LogLineShown line) {
            std::string text;
            printer_.Print(line, WallNow(), &text);
            Out(std::move(text));
          },
          [this](const LogLineShown& last, std::uint64_t times, WallNanos first) {
            std::string text;
            printer_.PrintRepeats(last, times, first, WallNow(), &text);
            Out(std::move(text));
          }),
      tail_(query.lines, query.has_context()),
      filter_(query.choice, std::move(query.pattern), [this](LogLineShown line) { Kept(std::move(line)); }),
      holds_tail_(query.lines != LogQuery::kAll) {}

void LogShow::Add(LogEntry entry) {
  // What is behind --until was not asked for, so going on begins before it.
  if (!entry.cursor.empty() && entry.wall <= query_.choice.until) cursors_[entry.service] = entry.cursor;
  filter_.Add(std::move(entry));
}

void LogShow::Kept(LogLineShown line) {
  if (holds_tail_) {
    tail_.Add(std::move(line));
  } else {
    fold_.Add(std::move(line));
  }
}

void LogShow::Out(std::string text) {
  if (!query_.max_bytes || is_live_) return console_.Out(text);
  waiting_bytes_ += text.size();
  waiting_.push_back(std::move(text));
  while (waiting_bytes_ > *query_.max_bytes) {
    ++left_out_;
    left_out_bytes_ += waiting_.front().size();
    waiting_bytes_ -= waiting_.front().size();
    waiting_.pop_front();
  }
}

void LogShow::Finish(bool is_live) {
  if (holds_tail_) tail_.Drain([this](LogLineShown line) { fold_.Add(std::move(line)); });
  fold_.Flush();
  for (const std::string& text : waiting_) console_.Out(text);
  waiting_.clear();
  waiting_bytes_ = 0;
  if (left_out_ > 0) TellLeftOut();
  left_out_ = left_out_bytes_ = 0;
  if (!is_live) return;
  holds_tail_ = false;
  is_live_ = true;
}

void LogShow::TellLeftOut() {
  std::string text = std::to_string(left_out_) + (left_out_ == 1 ? " older line (" : " older lines (") +
                     std::to_string(left_out_bytes_) + " bytes) left out by --max-bytes";
  if (!cursors_.empty()) text += "; go on behind the last line with --after '" + JoinCursors(cursors_) + "'";
  console_.Complain(text);
}

void LogShow::Pause() { fold_.Flush(); }

void LogShow::PrintCursor() {
  if (cursors_.empty()) return;
  const std::string text = JoinCursors(cursors_);
  if (query_.style.output == LogOutput::kJson) {
    console_.Out(Json(Json::Object{{"cursor", text}}).Dump() + "\n");
  } else if (query_.style.output == LogOutput::kRaw) {
    console_.Err("-- cursor: " + text + "\n");
  } else {
    console_.Out("-- cursor: " + text + "\n");
  }
}

int LogShow::ExitCode() {
  if (filter_.exhausted()) {
    console_.Complain("the pattern takes too long: given up");
    return kExitFailed;
  }
  if (filter_.given_up() > 0)
    console_.Complain(std::to_string(filter_.given_up()) +
                      " lines took the pattern too long: taken as no match");
  return query_.choice.searches && filter_.matches() == 0 ? kExitFailed : kExitOk;
}

}  // namespace foster::cli
