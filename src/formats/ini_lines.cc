// SPDX-License-Identifier: MIT
#include "formats/ini_lines.h"

#include "formats/scalar_values.h"

namespace foster {
namespace {

bool IsSpace(char c) { return std::string_view(" \t\r\n\v\f").find(c) != std::string_view::npos; }

// Where an inline comment begins, or npos. The n-th ';' and the n-th '#' are looked at together and the
// search ends with the first round that has a hit: that is how configparser does it.
std::size_t FindInlineComment(std::string_view line) {
  std::size_t at[2] = {0, 0};
  bool alive[2] = {true, true};
  for (bool first = true; alive[0] || alive[1]; first = false) {
    std::size_t best = std::string_view::npos;
    for (int i = 0; i < 2; ++i) {
      if (!alive[i]) continue;
      at[i] = line.find(";#"[i], first ? 0 : at[i] + 1);
      alive[i] = at[i] != std::string_view::npos;
      if (alive[i] && (at[i] == 0 || IsSpace(line[at[i] - 1]))) best = std::min(best, at[i]);
    }
    if (best != std::string_view::npos) return best;
  }
  return std::string_view::npos;
}

class Cutter {
 public:
  Cutter(const TextSource& source, Report& report) : source_(source), report_(report) {}

  std::vector<IniLine> Run() {
    for (number_ = 1; number_ <= source_.line_count(); ++number_) One(source_.Line(number_));
    Finish();
    return std::move(lines_);
  }

 private:
  Origin At(std::size_t column) const {
    return Origin{source_.path(), static_cast<std::uint32_t>(number_),
                  static_cast<std::uint32_t>(column + 1)};
  }

  void One(std::string_view line) {
    // A byte order mark is what some editors leave; it is no part of the first line.
    std::size_t skipped = number_ == 1 && line.substr(0, 3) == "\xEF\xBB\xBF" ? 3 : 0;
    line.remove_prefix(skipped);
    std::size_t comment = FindInlineComment(line);
    std::string_view stripped = Strip(line);
    if (!stripped.empty() && (stripped[0] == '#' || stripped[0] == ';')) comment = 0;
    std::string_view value = Strip(line.substr(0, comment));
    if (value.empty()) {
      if (comment == std::string_view::npos && has_key_)
        Append("", 0);  // a blank line inside a value is kept
      return;
    }
    auto indent = static_cast<std::size_t>(value.data() - line.data());
    if (has_key_ && indent > indent_) return Append(value, indent);
    indent_ = indent;
    Finish();
    if (Section(value, indent + skipped)) return;
    if (!in_section_) {
      if (!told_no_section_)
        report_.Error(At(indent + skipped), "File contains no section headers",
                      "the first line that is no comment must be a section, like [supervisord]");
      told_no_section_ = true;
      return;
    }
    Key(value, indent + skipped);
  }

  bool Section(std::string_view value, std::size_t column) {
    std::size_t end = value.rfind(']');
    if (value[0] != '[' || end == std::string_view::npos || end < 2) return false;
    IniLine line;
    line.is_section = true;
    line.name = value.substr(1, end - 1);
    line.entry.origin = At(column);
    lines_.push_back(std::move(line));
    in_section_ = true;
    return true;
  }

  void Key(std::string_view value, std::size_t column) {
    std::size_t delimiter = value.find_first_of("=:");
    if (delimiter == std::string_view::npos)
      return report_.Error(At(column), "Source contains parsing errors: " + Quote(value),
                           "a line is [section], key=value, or a comment");
    std::string_view key = Strip(value.substr(0, delimiter));
    if (key.empty()) return report_.Error(At(column), "Source contains parsing errors: no key before '='");
    std::string_view rest = value.substr(delimiter + 1);
    std::string_view text = Strip(rest);
    IniLine line;
    line.name = key;
    line.entry.origin = At(column);
    std::size_t value_column =
        column + (text.empty() ? value.size() : static_cast<std::size_t>(text.data() - value.data()));
    line.entry.value = text;
    line.entry.pieces.push_back(
        {0, static_cast<std::uint32_t>(number_), static_cast<std::uint32_t>(value_column + 1)});
    lines_.push_back(std::move(line));
    has_key_ = true;
  }

  void Append(std::string_view value, std::size_t column) {
    IniEntry& entry = lines_.back().entry;
    entry.value += '\n';
    entry.pieces.push_back(
        {entry.value.size(), static_cast<std::uint32_t>(number_), static_cast<std::uint32_t>(column + 1)});
    entry.value += value;
  }

  void Finish() {
    if (!has_key_) return;
    std::string& value = lines_.back().entry.value;
    while (!value.empty() && IsSpace(value.back())) value.pop_back();
    has_key_ = false;
  }

  const TextSource& source_;
  Report& report_;
  std::vector<IniLine> lines_;
  std::size_t number_ = 0;
  std::size_t indent_ = 0;
  bool has_key_ = false;
  bool in_section_ = false;
  bool told_no_section_ = false;
};

}  // namespace

std::vector<IniLine> CutIniLines(const TextSource& source, Report& report) {
  return Cutter(source, report).Run();
}

}  // namespace foster
