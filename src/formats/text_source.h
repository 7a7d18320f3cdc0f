// SPDX-License-Identifier: MIT
// TextSource: the text of one config file with its line table, so that every offset can be said as
// line:column. Not: a parser. Called by: every reader of this folder. Invariant: lines and columns count from
// 1, columns in bytes; `text` outlives the object.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "foster/service_spec.h"

namespace foster {

inline constexpr std::size_t kMaxLineBytes = 1u << 20;

class Report;

class TextSource {
 public:
  TextSource(std::string path, std::string_view text);

  const std::string& path() const { return path_; }
  std::string_view text() const { return text_; }
  std::size_t line_count() const { return starts_.size(); }
  // The line without its line end; "" when there is no such line.
  std::string_view Line(std::size_t number) const;
  Origin At(std::size_t offset) const;
  Origin Whole() const { return Origin{path_, 0, 0}; }

 private:
  std::string path_;
  std::string_view text_;
  std::vector<std::size_t> starts_;
};

// The whole file. Errors: missing, not a regular file, unreadable, over kMaxConfigBytes (found before reading
// it).
Result<std::string> ReadConfigFile(const std::string& path);

// The last line, cut to 200 bytes on a character boundary, as a diagnostic carries it.
std::string CutLine(std::string_view line);

// Reports a NUL, a line over kMaxLineBytes, a text over kMaxConfigBytes and bytes that are not UTF-8. False:
// do not parse it.
bool CheckText(const TextSource& source, Report& report);

// Offset of the first byte that is not UTF-8, or npos.
std::size_t FindInvalidUtf8(std::string_view text);

}  // namespace foster
