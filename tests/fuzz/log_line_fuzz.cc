// SPDX-License-Identifier: MIT
// Lines that a service prints, colours and half escape sequences included: "PATTERN\nLINE". A plain line has
// no escape left and is plain already; a text is found where it stands; a pattern never goes beyond the line.
#include <algorithm>
#include <cstdint>
#include <cstdlib>

#include "prober/line_matcher.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  const std::size_t newline = std::min(bytes.find('\n'), bytes.size());
  const std::string pattern(bytes.substr(0, std::min<std::size_t>(newline, 64)));
  const std::string_view line = bytes.substr(std::min(newline + 1, bytes.size()));
  const std::string plain = foster::PlainLine(line);
  if (plain.find('\x1b') != std::string::npos || plain.size() > line.size()) std::abort();
  if (line.find('\x1b') == std::string_view::npos && line.substr(0, plain.size()) != plain) std::abort();
  const auto text = foster::LineMatcher::Make(pattern, false);
  if (!text.ok() || text->Matches(plain) != (plain.find(pattern) != std::string::npos)) std::abort();
  // Back references and nested repetitions may take any time and memory: that is the pattern's, and the
  // workers are there for it.
  if (pattern.find_first_of("*+{\\") != std::string::npos) return 0;
  const auto regex = foster::LineMatcher::Make(pattern, true);
  if (!regex.ok() && regex.error().message().empty()) std::abort();
  if (regex.ok() && regex->Matches(plain, false) && pattern.find_first_of("^$") == std::string::npos &&
      !regex->Matches(plain, true))
    std::abort();
  return 0;
}
