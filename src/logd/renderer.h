// SPDX-License-Identifier: MIT
// RenderLines: bytes of one stream into lines for foster's stdout: a prefix before each, the bytes unchanged
// but for secrets. Not: reading or writing anything. Called by: feeder. Invariants: pure; takes whole lines
// only, unless told that no more will come; a line longer than kPieceBytes is cut into pieces, each on a line
// of its own and all but the first marked as continued.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/redactor.h"
#include "logd/prefix.h"

namespace foster {

inline constexpr std::size_t kPieceBytes = 64 * 1024;

enum class Rest { kKeep, kFlush };  // what to do with bytes behind the last '\n'

struct RenderState {
  std::uint64_t position = 0;  // in the stream, of the next byte
  bool is_continued = false;   // the next byte goes on with a line whose beginning was printed
};

// Takes lines from `bytes` until `*out` has `room` bytes. Moves `state` and returns how many bytes were
// taken.
std::size_t RenderLines(std::string_view bytes, Rest rest, const Prefix& prefix, const Redactor& redactor,
                        std::size_t room, RenderState* state, std::string* out);

}  // namespace foster
