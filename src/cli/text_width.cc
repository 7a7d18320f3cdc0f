// SPDX-License-Identifier: MIT
#include "cli/text_width.h"

#include "tui/text_width.h"

namespace foster::cli {

int DisplayWidth(std::string_view text) {
  int width = 0;
  for (std::size_t at = 0; at < text.size();) width += tui::CharWidth(tui::NextChar(text, &at));
  return width;
}

std::string CutToWidth(std::string_view text, int width) {
  if (DisplayWidth(text) <= width) return std::string(text);
  if (width <= 0) return "";
  std::size_t end = 0;
  int used = 0;
  for (std::size_t at = 0; at < text.size();) {
    used += tui::CharWidth(tui::NextChar(text, &at));
    if (used > width - 1) break;
    end = at;
  }
  return std::string(text.substr(0, end)) + "\u2026";
}

std::string Harmless(std::string_view text) {
  std::string result(text);
  for (char& c : result) {
    auto byte = static_cast<unsigned char>(c);
    if (byte < 0x20 || byte == 0x7f) c = '?';
  }
  return result;
}

}  // namespace foster::cli
