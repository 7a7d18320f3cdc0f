// SPDX-License-Identifier: MIT
// Lines of foster's own files: any bytes are one of a header, a line, a note of what was skipped, or none;
// and what is read is written back as it was, with the text and the reason within the line.
#include <algorithm>
#include <cstdlib>

#include "logfile/native_format.h"

namespace {

void Require(bool holds) {
  if (!holds) std::abort();
}

void Check(std::string_view line) {
  const std::string whole = std::string(line) + "\n";
  int kinds = 0;
  if (auto header = foster::ReadNativeHeader(line)) {
    std::string again;
    foster::AppendNativeHeader(*header, &again);
    Require(foster::ReadNativeHeader(again.substr(0, again.size() - 1)) == header && again.back() == '\n');
    ++kinds;
  }
  if (auto parsed = foster::ReadNativeLine(line)) {
    std::string again;
    foster::AppendNativeLine(*parsed, &again);
    Require(again == whole && parsed->text.size() <= line.size());
    ++kinds;
  }
  if (auto skip = foster::ReadNativeSkip(line)) {
    std::string again;
    foster::AppendNativeSkip(*skip, &again);
    Require(foster::ReadNativeSkip(again.substr(0, again.size() - 1)) == skip);
    Require(skip->reason.size() <= line.size());
    ++kinds;
  }
  Require(kinds <= 1);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  for (std::size_t at = 0; at <= bytes.size();) {
    const std::size_t end = std::min(bytes.find('\n', at), bytes.size());
    Check(bytes.substr(at, end - at));
    at = end + 1;
  }
  return 0;
}
