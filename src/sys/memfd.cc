// SPDX-License-Identifier: MIT
#include "sys/memfd.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

namespace foster {
namespace {

constexpr int kSeals = F_SEAL_WRITE | F_SEAL_GROW | F_SEAL_SHRINK;

Result<void> WriteAll(int fd, std::string_view bytes) {
  std::size_t done = 0;
  while (done < bytes.size()) {
    ssize_t n = pwrite(fd, bytes.data() + done, bytes.size() - done, static_cast<off_t>(done));
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) return Error::FromErrno("cannot write to a memory file");
    done += static_cast<std::size_t>(n);
  }
  return Ok();
}

}  // namespace

Result<UniqueFd> CreateMemfd(const char* name, std::uint64_t size) {
  UniqueFd fd(memfd_create(name, MFD_CLOEXEC | MFD_ALLOW_SEALING));
  if (!fd) return Error::FromErrno("cannot make a memory file");
  if (size > 0 && ftruncate(fd.get(), static_cast<off_t>(size)) != 0)
    return Error::FromErrno("cannot size a memory file");
  return fd;
}

Result<UniqueFd> SealedMemfd(const char* name, std::string_view bytes) {
  FOSTER_ASSIGN(UniqueFd fd, CreateMemfd(name));
  FOSTER_TRY(WriteAll(fd.get(), bytes));
  (void)fcntl(fd.get(), F_ADD_SEALS,
              kSeals);  // some sandboxes lack it; the reader checks every offset anyway
  return fd;
}

Result<std::string> ReadWholeFd(int fd, std::uint64_t limit) {
  struct stat info {};
  if (fstat(fd, &info) != 0) return Error::FromErrno("cannot look at a memory file");
  auto size = static_cast<std::uint64_t>(info.st_size);
  if (size > limit) return Error("larger than " + std::to_string(limit) + " bytes", EFBIG);
  std::string text(size, '\0');
  std::size_t done = 0;
  while (done < size) {
    ssize_t n = pread(fd, text.data() + done, size - done, static_cast<off_t>(done));
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return Error::FromErrno("cannot read a memory file");
    if (n == 0) break;
    done += static_cast<std::size_t>(n);
  }
  text.resize(done);
  return text;
}

Result<UniqueFd> Duplicate(int fd) {
  UniqueFd copy(fcntl(fd, F_DUPFD_CLOEXEC, 3));
  if (!copy) return Error::FromErrno("cannot duplicate an fd");
  return copy;
}

bool SealingWorks() {
  UniqueFd fd(memfd_create("foster-probe", MFD_CLOEXEC | MFD_ALLOW_SEALING));
  return fd && fcntl(fd.get(), F_ADD_SEALS, kSeals) == 0;
}

}  // namespace foster
