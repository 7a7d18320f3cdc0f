// SPDX-License-Identifier: MIT
#include "cli/log_fold.h"

#include <cctype>

namespace foster::cli {
namespace {

constexpr std::size_t kLongHex = 8;

bool IsDigit(char c) { return c >= '0' && c <= '9'; }
bool IsHex(char c) { return IsDigit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F'); }
bool IsWord(char c) { return IsHex(c) || (c >= 'g' && c <= 'z') || (c >= 'G' && c <= 'Z') || c == '_'; }

}  // namespace

std::string LooseText(std::string_view text) {
  std::string out;
  for (std::size_t at = 0; at < text.size();) {
    std::size_t hex = at;
    while (hex < text.size() && IsHex(text[hex])) ++hex;
    const bool begins_word = at == 0 || !IsWord(text[at - 1]);
    const bool ends_word = hex == text.size() || !IsWord(text[hex]);
    if (begins_word && ends_word && hex - at >= kLongHex) {
      out += '#';
      at = hex;
    } else if (IsDigit(text[at])) {
      while (at < text.size() && IsDigit(text[at])) ++at;
      out += '#';
    } else {
      out += text[at++];
    }
  }
  return out;
}

LogFold::LogFold(FoldHow how, LogFilter::Emit emit, Repeats repeats)
    : how_(how), emit_(std::move(emit)), repeats_(std::move(repeats)) {}

void LogFold::Tell(Run* run) {
  if (run->times > 1) repeats_(run->last, run->times, run->first);
  run->times = 0;
}

void LogFold::Add(LogLineShown line) {
  if (how_ == FoldHow::kNot) return emit_(std::move(line));
  Run& run = runs_[line.entry.service];
  std::string text = how_ == FoldHow::kLoose ? LooseText(line.entry.text) : line.entry.text;
  text += line.entry.stream == 0 ? 'o' : 'e';
  const bool is_line = line.role != LogLineRole::kGap;
  if (is_line && run.times > 0 && text == run.text && !line.begins_group) {
    ++run.times;
    run.last = std::move(line);
    return;
  }
  Tell(&run);
  if (is_line) {
    run.text = std::move(text);
    run.first = line.entry.wall;
    run.times = 1;
  }
  emit_(std::move(line));
}

void LogFold::Flush() {
  for (auto& [service, run] : runs_) Tell(&run);
}

}  // namespace foster::cli
