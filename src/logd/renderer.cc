// SPDX-License-Identifier: MIT
#include "logd/renderer.h"

#include <algorithm>
#include <cstring>

namespace foster {

std::size_t RenderLines(std::string_view bytes, Rest rest, const Prefix& prefix, const Redactor& redactor,
                        std::size_t room, RenderState* state, std::string* out) {
  std::string redacted;
  std::size_t at = 0;
  while (at < bytes.size() && out->size() < room) {
    const char* begin = bytes.data() + at;
    const std::size_t reach = std::min(bytes.size() - at, kPieceBytes + 1);
    const char* newline = static_cast<const char*>(std::memchr(begin, '\n', reach));
    if (newline == nullptr && reach <= kPieceBytes && rest == Rest::kKeep) break;
    const std::size_t taken =
        newline != nullptr ? static_cast<std::size_t>(newline - begin) + 1 : std::min(reach, kPieceBytes);
    // The newline that ends a flushed piece was printed with it.
    const bool is_bare_end = state->is_continued && newline == begin;
    if (!is_bare_end) {
      out->append(state->is_continued ? prefix.continued : prefix.whole);
      const std::string_view line(begin, taken);
      const bool has_secret = !redactor.empty() && redactor.Redact(line, &redacted);
      out->append(has_secret ? redacted : line);
      if (newline == nullptr) out->push_back('\n');
    }
    state->is_continued = newline == nullptr;
    at += taken;
  }
  state->position += at;
  return at;
}

}  // namespace foster
