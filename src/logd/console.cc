// SPDX-License-Identifier: MIT
#include "logd/console.h"

#include <fcntl.h>
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

std::int64_t WrittenExtent(int out) {
  struct stat status {};
  if (fstat(out, &status) != 0 || !S_ISREG(status.st_mode)) return -1;
  const int flags = fcntl(out, F_GETFL);
  return flags >= 0 && (flags & O_APPEND) != 0 ? std::int64_t{status.st_size}
                                               : std::int64_t{lseek(out, 0, SEEK_CUR)};
}

void Console::Recover(int out) {
  if (header_.intent.valid.load(std::memory_order_acquire) != 0) Apply();
  // Killed in here, the next logd comes to the same position again: the mark goes last.
  const std::int64_t began = header_.write_began_at;
  const std::int64_t extent = WrittenExtent(out);
  if (began >= 0 && extent >= began) {
    const std::int64_t reached = header_.write_began_sent + (extent - began);
    const std::int64_t end = ConsoleBase() + static_cast<std::int64_t>(End());
    __atomic_store_n(&header_.console_sent, std::min(reached, end), __ATOMIC_RELEASE);
  }
  __atomic_store_n(&header_.write_began_at, std::int64_t{-1}, __ATOMIC_RELEASE);
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
