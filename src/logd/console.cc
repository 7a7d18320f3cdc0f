// SPDX-License-Identifier: MIT
#include "logd/console.h"

#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

namespace foster {
namespace {

bool WriteAll(int fd, std::string_view bytes, std::int64_t offset) {
  while (!bytes.empty()) {
    const ssize_t wrote = pwrite(fd, bytes.data(), bytes.size(), offset);
    if (wrote < 0 && errno == EINTR) continue;
    if (wrote <= 0) return false;
    bytes.remove_prefix(static_cast<std::size_t>(wrote));
    offset += wrote;
  }
  return true;
}

}  // namespace

void Console::Recover(int out) {
  if (header_.intent.valid.load(std::memory_order_acquire) != 0) Apply();
  const std::int64_t began = header_.write_began_at;
  header_.write_began_at = -1;
  struct stat status {};
  if (began < 0 || fstat(out, &status) != 0 || !S_ISREG(status.st_mode) || status.st_size <= began) return;
  const auto grown = static_cast<std::uint64_t>(status.st_size - began);
  const std::int64_t reached = header_.write_began_sent + static_cast<std::int64_t>(grown);
  header_.console_sent = std::min(reached, ConsoleBase() + static_cast<std::int64_t>(End()));
}

bool Console::Append(std::uint32_t slot, std::uint32_t stream, std::uint64_t rendered,
                     std::string_view lines) {
  const std::uint64_t end = End();
  if (!WriteAll(table_.arena_fd(), lines, ConsoleBase() + static_cast<std::int64_t>(end))) return false;
  LogIntent& intent = header_.intent;
  intent.slot = slot;
  intent.stream = stream;
  intent.rendered = rendered;
  intent.console_end = end + lines.size();
  intent.valid.store(1, std::memory_order_release);
  Apply();
  return true;
}

void Console::Apply() {
  LogIntent& intent = header_.intent;
  if (intent.slot < kLogSlots && intent.stream < kLogStreams) {
    header_.slots[intent.slot].streams[intent.stream].rendered.store(intent.rendered,
                                                                     std::memory_order_release);
    header_.console_end.store(intent.console_end, std::memory_order_release);
  }
  intent.valid.store(0, std::memory_order_release);
}

}  // namespace foster
