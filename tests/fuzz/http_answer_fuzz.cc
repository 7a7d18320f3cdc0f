// SPDX-License-Identifier: MIT
// What any server may answer to an HTTP probe, whole and cut in two at every place that the first byte names:
// both ways lead to the same status, within the bound.
#include <cstdint>
#include <cstdlib>
#include <string>

#include "sys/http_answer.h"

namespace {

using foster::HttpAnswer;

void Check(const HttpAnswer& answer, HttpAnswer::Progress progress) {
  if (answer.bytes_seen() > foster::kMaxAnswerBytes) std::abort();
  if (progress == HttpAnswer::Progress::kBad && answer.error().empty()) std::abort();
  if (progress != HttpAnswer::Progress::kDone) return;
  if (answer.status() < 101 || answer.status() > 999) std::abort();
  if (answer.status_text().substr(0, 3) != std::to_string(answer.status())) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const std::string_view bytes(reinterpret_cast<const char*>(data) + 1, size - 1);
  HttpAnswer whole;
  const auto at_once = whole.Append(bytes);
  Check(whole, at_once);
  HttpAnswer cut;
  const std::size_t step = data[0] + std::size_t{1};
  auto progress = HttpAnswer::Progress::kNeedMore;
  for (std::size_t at = 0; at < bytes.size() && progress == HttpAnswer::Progress::kNeedMore; at += step)
    progress = cut.Append(bytes.substr(at, step));
  Check(cut, progress);
  // Bytes behind the status may be wrong, too, where they came with it.
  if (at_once == HttpAnswer::Progress::kDone && progress != at_once) std::abort();
  if (at_once == HttpAnswer::Progress::kDone && whole.status_text() != cut.status_text()) std::abort();
  return 0;
}
