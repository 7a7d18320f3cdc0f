// SPDX-License-Identifier: MIT
// A file's beginning decides its format, then every line is parsed: a text never grows beyond its line, but
// where JSON is unescaped to what it stands for; a native line that is read is written back as it was.
#include <cstdlib>

#include "logfile/line_parser.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  foster::LineParser parser(foster::DetectLogFormat(bytes));
  for (std::size_t at = 0; at < bytes.size();) {
    const std::size_t end = std::min(bytes.find('\n', at), bytes.size());
    const std::string_view line = bytes.substr(at, end - at);
    const auto parsed = parser.Parse(line);
    if (parsed.text.size() > line.size() * 3) std::abort();
    if (auto native = foster::ReadNativeLine(line)) {
      std::string again;
      foster::AppendNativeLine(*native, &again);
      if (again != std::string(line) + "\n") std::abort();
    }
    at = end + 1;
  }
  return 0;
}
