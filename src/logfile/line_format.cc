// SPDX-License-Identifier: MIT
#include "logfile/line_format.h"

#include <algorithm>
#include <array>

#include "logfile/go_layout.h"
#include "logfile/json_text.h"
#include "logfile/native_format.h"
#include "logfile/time_stamp.h"

namespace foster {
namespace {

constexpr std::string_view kTime = "time";
constexpr std::string_view kLevel = "level";
constexpr std::string_view kMessage = "message";

void AppendNumber(std::uint64_t value, std::string* out) {
  char text[kNumberSize];
  out->append(text, PutNumber(text, value));
}

// A piece of a line stands on a line of its own, for it has a stamp of its own.
void FormatTai64n(const FormatLineInput& line, std::string* out) {
  char stamp[kTai64nStampSize + 1];
  *PutTai64nStamp(stamp, line.wall) = ' ';
  out->append(stamp, sizeof stamp).append(line.text) += '\n';
}

void FormatIso(const FormatLineInput& line, std::string* out) {
  char stamp[kIsoStampSize + 2];
  char* to = PutIsoStamp(stamp, line.wall);
  to[0] = to[1] = ' ';
  out->append(stamp, sizeof stamp).append(line.text) += '\n';
}

void FormatObject(const FormatLineInput& line, std::string* out) {
  char stamp[kUtcStampSize];
  PutUtcStamp(stamp, line.wall);
  out->append("{\"time\":\"").append(stamp, sizeof stamp).append("\",\"service\":");
  AppendJsonString(line.service, out);
  out->append(line.stream == 0 ? ",\"stream\":\"stdout\",\"incarnation\":"
                               : ",\"stream\":\"stderr\",\"incarnation\":");
  AppendNumber(line.incarnation, out);
  out->append(",\"seq\":");
  AppendNumber(line.seq, out);
  out->append(",\"text\":");
  AppendJsonString(line.text, out);
  if (line.is_continued) out->append(",\"continued\":true");
  if (line.is_cut) out->append(",\"partial\":true");
  out->append("}\n");
}

// As process-compose names it: without the workload.
std::string_view ProcessName(std::string_view service) {
  const std::size_t slash = service.find('/');
  return slash == std::string_view::npos ? service : service.substr(slash + 1);
}

// The layout of the last line of this thread: a sink has one.
const GoLayout& LayoutOf(std::string_view layout) {
  thread_local GoLayout last("");
  if (last.layout() != layout) last = GoLayout(layout);
  return last;
}

// zerolog's three names of units instead of a layout: 0 = none of them.
std::int64_t UnitOf(std::string_view layout) {
  if (layout == "UNIXMS") return 1'000'000;
  if (layout == "UNIXMICRO") return 1'000;
  return layout == "UNIXNANO" ? 1 : 0;
}

void AppendLevelTime(const FormatLineInput& line, std::string_view layout, std::string* out) {
  out->append(",\"time\":");
  const std::int64_t unit = UnitOf(layout);
  if (unit != 0) {
    out->append(std::to_string(line.wall / unit));
    return;
  }
  thread_local std::string text;
  text.clear();
  LayoutOf(layout.empty() ? kGoRfc3339 : layout).Append(line.wall, &text);
  AppendJsonString(text, out);
}

// The members in zerolog's order: what a line was given, then the time, then the message, if there is any.
void FormatProcessJson(const FormatLineInput& line, const LogFormatOptions& options, std::string* out) {
  out->append(line.stream == 0 ? "{\"level\":\"info\"" : "{\"level\":\"error\"");
  if (options.metadata) {
    out->append(",\"process\":");
    AppendJsonString(ProcessName(line.service), out);
    out->append(",\"replica\":");
    AppendNumber(line.replica, out);
  }
  if (options.add_timestamp) AppendLevelTime(line, options.time_layout, out);
  if (!line.text.empty()) {
    out->append(",\"message\":");
    AppendJsonString(line.text, out);
  }
  out->append("}\n");
}

// strconv.Quote where a value would not stand for itself.
void AppendValue(std::string_view text, std::string* out) {
  const bool is_plain = std::all_of(text.begin(), text.end(),
                                    [](char c) { return c > ' ' && c <= '~' && c != '"' && c != '\\'; });
  if (is_plain) {
    out->append(text);
  } else {
    AppendJsonString(text, out);
  }
}

class ConsoleLine {
 public:
  ConsoleLine(const FormatLineInput& line, const LogFormatOptions& options, std::string* out)
      : line_(line), options_(options), out_(*out), begin_(out->size()) {}

  void Write() {
    static const std::vector<std::string> kUsual = {"time", "level", "message"};
    for (const std::string& part : options_.fields.empty() ? kUsual : options_.fields) WritePart(part);
    if (options_.metadata) {
      WriteField("process");
      WriteField("replica");
    }
    out_ += '\n';
  }

 private:
  void Space() {
    if (out_.size() > begin_) out_ += ' ';
  }

  void Coloured(std::string_view colour, std::string_view text) {
    if (options_.colour) out_.append("\x1b[").append(colour) += 'm';
    out_.append(text);
    if (options_.colour) out_.append("\x1b[0m");
  }

  void WriteValue(std::string_view name) {
    if (name == "process") AppendValue(ProcessName(line_.service), &out_);
    if (name == "replica") AppendNumber(line_.replica, &out_);
  }

  void WriteField(std::string_view name) {
    Space();
    Coloured("36", std::string(name) + "=");
    WriteValue(name);
  }

  void WritePart(std::string_view part) {
    scratch_.clear();
    if (part == kTime) {
      LayoutOf(options_.time_layout.empty() ? kGoKitchen : options_.time_layout)
          .Append(line_.wall, &scratch_);
      Space();
      Coloured("90", scratch_);
    } else if (part == kLevel) {
      Space();
      Coloured(line_.stream == 0 ? "32" : "31", line_.stream == 0 ? "INF" : "ERR");
    } else if (part == kMessage && !line_.text.empty()) {
      AppendValidUtf8(line_.text, &scratch_);
      Space();
      Coloured("1", scratch_);
    } else if (options_.metadata && (part == "process" || part == "replica")) {
      Space();
      WriteValue(part);
    }
  }

  const FormatLineInput& line_;
  const LogFormatOptions& options_;
  std::string& out_;
  const std::size_t begin_;
  std::string scratch_;
};

}  // namespace

void FormatLine(const FormatLineInput& line, LogFormat format, const LogFormatOptions& options,
                std::string* out) {
  switch (format) {
    case LogFormat::kRaw:
      out->append(line.text);
      if (!line.is_cut) *out += '\n';
      return;
    case LogFormat::kTai64n:
      return FormatTai64n(line, out);
    case LogFormat::kIso:
      return FormatIso(line, out);
    case LogFormat::kFoster:
      return AppendNativeLine(line, out);
    case LogFormat::kJson:
      return FormatObject(line, out);
    case LogFormat::kProcessComposeJson:
      return FormatProcessJson(line, options, out);
    case LogFormat::kProcessComposeConsole:
      return ConsoleLine(line, options, out).Write();
  }
}

}  // namespace foster
