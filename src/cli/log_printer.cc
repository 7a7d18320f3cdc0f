// SPDX-License-Identifier: MIT
#include "cli/log_printer.h"

#include <algorithm>
#include <array>

#include "cli/duration.h"
#include "cli/log_pretty.h"
#include "cli/log_record.h"
#include "cli/text_width.h"
#include "wire/status_codec.h"

namespace foster::cli {
namespace {

constexpr std::array kColours = {Colour::kCyan, Colour::kYellow, Colour::kGreen, Colour::kMagenta,
                                 Colour::kBlue};
constexpr int kWidestPrefix = 40;

Json JsonOf(const LogEntry& entry) {
  Json json = ToJson(RecordOf(entry));
  if (!entry.boot.empty()) json.Set("boot", entry.boot);
  return json;
}

Json GapJson(const LogEntry& entry) {
  Json json;
  json.Set("name", entry.service);
  if (entry.skipped > 0) json.Set("skipped", entry.skipped);
  if (entry.skipped_bytes > 0) json.Set("skipped_bytes", entry.skipped_bytes);
  if (!entry.text.empty()) json.Set("reason", entry.text);
  return json;
}

std::string Counted(std::uint64_t count, const char* what) {
  return std::to_string(count) + " " + what + (count == 1 ? "" : "s");
}

}  // namespace

LogPrinter::LogPrinter(const std::vector<std::string>& names, LogStyle style, TimeZone zone)
    : style_(style), zone_(std::move(zone)) {
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

std::string LogPrinter::Front(const LogEntry& entry, WallNanos now) {
  std::string out;
  if (style_.time && style_.output == LogOutput::kText) {
    const std::string time = ShowTime(*style_.time, entry.wall, entry.mono, now, zone_);
    out += Console::Paint(style_.colour, Colour::kGrey, time) + " ";
  }
  if (style_.prefix && style_.output == LogOutput::kText) {
    std::string name = Harmless(entry.service);
    name.append(static_cast<std::size_t>(std::max(0, width_ - DisplayWidth(name))), ' ');
    out += Console::Paint(style_.colour, ColourOf(entry.service), name + " |") + " ";
  }
  return out;
}

void LogPrinter::PrintGap(const LogEntry& entry, std::string* out) {
  if (style_.output == LogOutput::kRaw) return;  // nothing but the services' own bytes
  if (style_.output == LogOutput::kJson) {
    *out += GapJson(entry).Dump() + "\n";
    return;
  }
  std::string what =
      entry.skipped > 0 ? Counted(entry.skipped, "line") : Counted(entry.skipped_bytes, "byte");
  if (style_.prefix) what += " of " + Harmless(entry.service);
  what += " skipped";
  if (!entry.text.empty()) what += ": " + Harmless(entry.text);
  *out += Console::Paint(style_.colour, Colour::kYellow, "-- " + what + " --") + "\n";
}

void LogPrinter::Print(const LogLineShown& line, WallNanos now, std::string* out) {
  const LogEntry& entry = line.entry;
  if (line.begins_group && style_.output != LogOutput::kJson && style_.output != LogOutput::kRaw)
    *out += Console::Paint(style_.colour, Colour::kGrey, "--") + "\n";
  if (entry.skipped > 0 || entry.skipped_bytes > 0) return PrintGap(entry, out);
  switch (style_.output) {
    case LogOutput::kJson:
      *out += JsonOf(entry).Dump() + "\n";
      return;
    case LogOutput::kRaw:
      *out += entry.text;
      if (!entry.is_cut) *out += "\n";
      return;
    case LogOutput::kText:
    case LogOutput::kCat:
      break;
  }
  std::optional<std::string> pretty;
  if (style_.pretty && !entry.is_cut && !entry.is_continued) pretty = PrettyObject(entry.text, style_.colour);
  *out += Front(entry, now);
  *out += pretty ? *pretty : style_.colour ? Highlighted(entry.text, line.spans) : entry.text;
  *out += "\n";
}

void LogPrinter::PrintRepeats(const LogLineShown& last, std::uint64_t times, WallNanos first, WallNanos now,
                              std::string* out) {
  if (style_.output == LogOutput::kRaw) return;
  if (style_.output == LogOutput::kJson) {
    *out += JsonOf(last.entry).Set("times", times).Dump() + "\n";
    return;
  }
  std::string span;
  if (first > 0 && last.entry.wall > first)
    span = " in " + FormatAge((last.entry.wall - first + 999'999'999) / 1'000'000'000 * 1000);
  *out += Front(last.entry, now) +
          Console::Paint(style_.colour, Colour::kGrey, "... x " + std::to_string(times) + span) + "\n";
}

std::string Highlighted(const std::string& text, const std::vector<LogPattern::Span>& spans) {
  std::string out;
  std::size_t at = 0;
  for (const auto& span : spans) {
    out += text.substr(at, span.begin - at);
    out += "\033[1;31m" + text.substr(span.begin, span.end - span.begin) + "\033[0m";
    at = span.end;
  }
  return out + text.substr(at);
}

}  // namespace foster::cli
