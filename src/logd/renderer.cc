// SPDX-License-Identifier: MIT
#include "logd/renderer.h"

#include <algorithm>
#include <cstring>

namespace foster {

std::size_t RenderLines(std::string_view bytes, Rest rest, const Prefix* prefix, std::size_t room,
                        RenderState* state, std::string* out) {
  std::size_t at = 0;
  while (at < bytes.size() && (prefix == nullptr || out->size() < room)) {
    const char* begin = bytes.data() + at;
    const std::size_t reach = std::min(bytes.size() - at, kPieceBytes + 1);
    const char* newline = static_cast<const char*>(std::memchr(begin, '\n', reach));
    if (newline == nullptr && reach <= kPieceBytes && rest == Rest::kKeep) break;
    const std::size_t taken =
        newline != nullptr ? static_cast<std::size_t>(newline - begin) + 1 : std::min(reach, kPieceBytes);
    // The newline that ends a flushed piece was printed with it.
    const bool is_bare_end = state->is_continued && newline == begin;
    if (prefix != nullptr && !is_bare_end) {
      out->append(state->is_continued ? prefix->continued : prefix->whole).append(begin, taken);
      if (newline == nullptr) out->push_back('\n');
    }
    state->is_continued = newline == nullptr;
    at += taken;
    state->marks.LineEnded(state->position + at);
  }
  state->position += at;
  return at;
}

}  // namespace foster
