// SPDX-License-Identifier: MIT
#include "supervise/voice.h"

#include <fcntl.h>

#include "sys/unix_socket.h"

namespace foster {

void Voice::SetPipe(UniqueFd pipe) {
  fcntl(pipe.get(), F_SETFL, fcntl(pipe.get(), F_GETFL) | O_NONBLOCK);
  pipe_ = std::move(pipe);
}

void Voice::Say(std::string_view text) {
  std::string line = pipe_ ? std::string(text) : "foster: " + std::string(text);
  if (line.empty() || line.back() != '\n') line += '\n';
  std::string_view rest = line;
  while (!rest.empty()) {
    std::string_view piece = rest.substr(0, 4096);  // pipes take this much wholly or not at all
    if (pipe_ && WriteSome(pipe_.get(), piece).ok()) {
      rest.remove_prefix(piece.size());
      continue;
    }
    (void)WriteSome(2, rest);  // the last resort; nothing is left to report a failure to
    return;
  }
}

}  // namespace foster
