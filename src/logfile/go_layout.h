// SPDX-License-Identifier: MIT
// Moments in a layout of Go's time package ("2006-01-02 15:04:05.000", "3:04PM", "Jan _2"), for files that
// process-compose's users configure. Not: reading times. Called by: line_format, formats (checks). Invariant:
// every layout is valid; what Go does not know is copied.
#pragma once

#include <cstdint>
#include <ctime>
#include <string>
#include <string_view>
#include <vector>

namespace foster {

inline constexpr std::string_view kGoRfc3339 = "2006-01-02T15:04:05Z07:00";
inline constexpr std::string_view kGoKitchen = "3:04PM";

class GoLayout {
 public:
  explicit GoLayout(std::string_view layout);

  // Local time; `wall` in ns since 1970.
  void Append(std::int64_t wall, std::string* out) const;
  const std::string& layout() const { return layout_; }

 private:
  struct Piece {
    std::string text;         // copied before the part
    std::uint8_t part = 0;    // go_layout.cc's Part
    int digits = 0;           // of a fraction
    char mark = '.';          // what stands before a fraction
    bool is_trimmed = false;  // a fraction without zeros at its end
  };
  bool TakeFraction(std::size_t* at, Piece* piece) const;
  bool TakeName(std::size_t* at, Piece* piece) const;
  static void AppendPart(const Piece& piece, const std::tm& time, std::int64_t nanos, std::string* out);

  std::string layout_;
  std::vector<Piece> pieces_;
};

}  // namespace foster
