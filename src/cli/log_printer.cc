// SPDX-License-Identifier: MIT
#include "cli/log_printer.h"

#include <algorithm>
#include <array>

#include "cli/text_width.h"

namespace foster::cli {
namespace {

constexpr std::array kColours = {Colour::kCyan, Colour::kYellow, Colour::kGreen, Colour::kMagenta,
                                 Colour::kBlue};
constexpr int kWidestPrefix = 40;

}  // namespace

LogPrinter::LogPrinter(Console& console, const std::vector<std::string>& names, LogStyle style)
    : console_(console), style_(style) {
  for (const auto& name : names) {
    width_ = std::max(width_, std::min(DisplayWidth(name), kWidestPrefix));
    (void)ColourOf(name);  // gives it its colour, in the order of the names
  }
}

Colour LogPrinter::ColourOf(const std::string& name) {
  auto [found, is_new] = colours_.try_emplace(name, kColours[colours_.size() % kColours.size()]);
  (void)is_new;  // a service that came by a reload takes the next colour
  return found->second;
}

void LogPrinter::Print(const LogRecord& line) {
  std::string out;
  if (style_.time) out += console_.PaintOut(Colour::kGrey, line.time) + " ";
  if (style_.prefix) {
    std::string name = line.name;
    name.append(static_cast<std::size_t>(std::max(0, width_ - DisplayWidth(line.name))), ' ');
    out += console_.PaintOut(ColourOf(line.name), name + " |") + " ";
  }
  console_.Out(out + line.text + "\n");
}

std::vector<LogRecord> MergeByTime(std::vector<LogRecord> lines) {
  // A wall clock may be set back: a line is never put before an earlier one of its own service.
  std::map<std::string, std::string> latest;
  std::vector<std::pair<std::string, LogRecord>> dated;
  for (auto& line : lines) {
    std::string& time = latest[line.name];
    time = std::max(time, line.time);
    dated.emplace_back(time, std::move(line));
  }
  std::stable_sort(dated.begin(), dated.end(),
                   [](const auto& a, const auto& b) { return a.first < b.first; });
  lines.clear();
  for (auto& [time, line] : dated) lines.push_back(std::move(line));
  return lines;
}

}  // namespace foster::cli
