// SPDX-License-Identifier: MIT
// The first byte says how the rest is cut into packets: however it is cut, the same lines come out, none is
// longer than the limit, and one that is too long is said once.
#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <vector>

#include "wire/rpc.h"

namespace {

constexpr std::size_t kLimit = 16;

std::vector<std::string> Split(std::string_view bytes, std::size_t step) {
  foster::LineSplitter splitter(kLimit);
  std::vector<std::string> lines;
  for (std::size_t at = 0; at < bytes.size(); at += step) {
    splitter.Append(bytes.substr(at, step));
    std::string line;
    for (;;) {
      auto kind = splitter.Next(&line);
      if (kind == foster::LineSplitter::Kind::kNone) break;
      if (kind == foster::LineSplitter::Kind::kLine && line.size() > kLimit) std::abort();
      lines.push_back(kind == foster::LineSplitter::Kind::kLine ? line : "\n");
    }
  }
  return lines;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  std::string_view bytes(reinterpret_cast<const char*>(data + 1), size - 1);
  std::size_t step = std::max<std::size_t>(1, data[0]);
  std::vector<std::string> lines = Split(bytes, step);
  if (lines != Split(bytes, std::max<std::size_t>(1, bytes.size()))) std::abort();
  if (lines != Split(bytes, 1)) std::abort();
  return 0;
}
