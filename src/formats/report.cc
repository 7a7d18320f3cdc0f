// SPDX-License-Identifier: MIT
#include "formats/report.h"

#include "base/ascii.h"
#include "formats/text_source.h"

namespace foster {

void Report::Error(const Origin& origin, std::string text, std::string hint) {
  ++error_count_;
  Add(Severity::kError, origin, std::move(text), std::move(hint));
}

void Report::Warning(const Origin& origin, std::string text, std::string hint) {
  Add(Severity::kWarning, origin, std::move(text), std::move(hint));
}

void Report::Note(const Origin& origin, std::string text, std::string hint) {
  Add(Severity::kNote, origin, std::move(text), std::move(hint));
}

void Report::Add(Severity severity, const Origin& origin, std::string text, std::string hint) {
  if (out_->size() == kMaxDiagnostics) {
    // The last one says so; it is an error as soon as one of those left out is.
    out_->push_back({severity, {origin.file, 0, 0}, "more was found and is left out here", "", ""});
    return;
  }
  if (out_->size() > kMaxDiagnostics) {
    if (severity == Severity::kError) out_->back().severity = severity;
    return;
  }
  std::string line;
  for (const TextSource* source : sources_) {
    if (origin.line == 0 || source->path() != origin.file) continue;
    line = CutLine(source->Line(origin.line));
    break;
  }
  out_->push_back({severity, origin, std::move(text), std::move(hint), std::move(line)});
}

std::string Quote(std::string_view text) {
  constexpr std::size_t kMost = 80;
  bool is_cut = text.size() > kMost;
  std::size_t end = is_cut ? kMost : text.size();
  while (is_cut && end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0u) == 0x80u) --end;
  std::string out = "'";
  for (char c : text.substr(0, end)) {
    auto byte = static_cast<unsigned char>(c);
    if (c == '\n') {
      out += "\\n";
    } else if (c == '\t') {
      out += "\\t";
    } else if (byte < 0x20 || byte == 0x7F) {
      out += "\\x";
      out += kHexDigits[byte >> 4];
      out += kHexDigits[byte & 15];
    } else {
      out += c;
    }
  }
  out += is_cut ? "…'" : "'";
  return out;
}

}  // namespace foster
