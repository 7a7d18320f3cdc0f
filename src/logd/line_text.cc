// SPDX-License-Identifier: MIT
#include "logd/line_text.h"

#include <charconv>

#include "logd/strip_ansi.h"
#include "logfile/line_format.h"
#include "logfile/native_format.h"

namespace foster {

LineText::LineText(const SinkPlace& place) : place_(place) {
  constexpr std::string_view kLabel = "replica=";
  for (const std::string& label : place.spec.labels)
    if (label.rfind(kLabel, 0) == 0)
      std::from_chars(label.data() + kLabel.size(), label.data() + label.size(), replica_);
}

void LineText::AddHeader() {
  const LogHeader& header = place_.table->header();
  AppendNativeHeader({BootText(header.boot), header.boot_wall, place_.service}, &out_);
}

void LineText::AddSkip(std::uint64_t bytes, std::string_view reason, std::int64_t wall) {
  if (place_.spec.format == LogFormat::kFoster) return AppendNativeSkip({bytes, reason}, &out_);
  const std::string text = "foster: " + std::to_string(bytes) + " bytes skipped: " + std::string(reason);
  FormatLineInput line;
  line.service = place_.service;
  line.replica = replica_;
  line.wall = wall;
  line.text = text;
  FormatLine(line, place_.spec.format, place_.spec.format_options, &out_);
}

void LineText::Format(const SourceLine& line) {
  FormatLineInput input;
  input.service = place_.service;
  input.replica = replica_;
  input.stream = line.stream;
  input.is_continued = line.is_continued;
  input.is_cut = line.is_cut;
  input.seq = line.seq;
  input.wall = line.wall;
  input.mono = line.mono;
  input.incarnation = line.incarnation;
  input.end = line.end;
  input.text = line.text;
  if (place_.spec.strip_ansi && StripAnsi(input.text, &stripped_)) input.text = stripped_;
  if (!place_.redactor.empty() && place_.redactor.Redact(input.text, &redacted_)) input.text = redacted_;
  FormatLine(input, place_.spec.format, place_.spec.format_options, &out_);
}

bool LineText::AddLine(const SourceLine& line, std::uint64_t* end) {
  const std::size_t before = out_.size();
  Format(line);
  if (out_.size() <= kStagingBytes) {
    *end = line.end;
    return true;
  }
  out_.resize(before);
  return before == 0 && AddHead(line, end);
}

// A line that grows beyond all measure (JSON writes a control character as six) is given in pieces, like one
// that came too long.
bool LineText::AddHead(SourceLine line, std::uint64_t* end) {
  const std::uint64_t begin = line.end - line.text.size() - (line.is_cut ? 0 : 1);
  line.is_cut = true;
  do {
    out_.clear();
    line.text = line.text.substr(0, line.text.size() / 2);
    line.end = begin + line.text.size();
    Format(line);
  } while (out_.size() > kStagingBytes && line.text.size() > 1);
  *end = line.end;
  return true;
}

}  // namespace foster
