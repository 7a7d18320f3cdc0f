// SPDX-License-Identifier: MIT
#include "formats/diagnostic_printer.h"

#include <algorithm>

#include "wire/plan_codec.h"

namespace foster {
namespace {

struct Painter {
  PrintColour colour;
  std::string Paint(const char* code, const std::string& text) const {
    return colour == PrintColour::kYes ? std::string("\x1b[") + code + "m" + text + "\x1b[0m" : text;
  }
};

const char* CodeOf(Severity severity) {
  switch (severity) {
    case Severity::kError:
      return "1;31";
    case Severity::kWarning:
      return "1;35";
    case Severity::kNote:
      return "1;36";
  }
  return "0";
}

std::string Where(const Origin& origin) {
  if (origin.file.empty()) return "";
  return origin.file + ":" + std::to_string(origin.line) + ":" + std::to_string(origin.column) + ": ";
}

// Blanks as wide as `prefix` on a terminal: tabs stay tabs, wide characters (CJK) take two columns.
std::string Padding(std::string_view prefix) {
  std::string out;
  for (std::size_t i = 0; i < prefix.size(); ++i) {
    auto byte = static_cast<unsigned char>(prefix[i]);
    if ((byte & 0xC0u) == 0x80u) continue;
    out += prefix[i] == '\t' ? "\t" : " ";
    bool is_wide = (byte >= 0xE3 && byte <= 0xED) || byte == 0xF0;
    if (is_wide) out += ' ';
  }
  return out;
}

// Control characters would reach the terminal otherwise.
std::string Visible(std::string_view line) {
  std::string out(line);
  for (char& c : out)
    if ((static_cast<unsigned char>(c) < 0x20 && c != '\t') || c == 0x7F) c = '?';
  return out;
}

}  // namespace

std::string PrintDiagnostic(const Diagnostic& diagnostic, PrintColour colour) {
  Painter painter{colour};
  std::string out = painter.Paint("1", Where(diagnostic.origin));
  out += painter.Paint(CodeOf(diagnostic.severity), std::string(NameOf(diagnostic.severity)) + ":");
  out += " " + Visible(diagnostic.text) + "\n";
  std::string_view line = diagnostic.source_line;
  if (!line.empty()) {
    out += "    " + Visible(line) + "\n";
    std::uint32_t column = diagnostic.origin.column;
    if (column > 0 && column - 1 <= line.size())
      out += "    " + Padding(line.substr(0, column - 1)) + painter.Paint("1;32", "^") + "\n";
  }
  if (!diagnostic.hint.empty()) out += painter.Paint("1;36", "hint:") + " " + Visible(diagnostic.hint) + "\n";
  return out;
}

std::string PrintDiagnostics(const std::vector<Diagnostic>& diagnostics, PrintColour colour) {
  std::string out;
  for (const Diagnostic& diagnostic : diagnostics) out += PrintDiagnostic(diagnostic, colour);
  return out;
}

std::string DiagnosticsToJson(const std::vector<Diagnostic>& diagnostics) {
  Json array{Json::Array{}};
  for (const Diagnostic& diagnostic : diagnostics) array.Push(ToJson(diagnostic));
  return array.Dump();
}

}  // namespace foster
