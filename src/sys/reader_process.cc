// SPDX-License-Identifier: MIT
#include "sys/reader_process.h"

#include <sys/resource.h>
#include <sys/utsname.h>
#include <unistd.h>

namespace foster {
namespace {

#if defined(__SANITIZE_ADDRESS__)
constexpr bool kHasAddressSanitizer = true;
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
constexpr bool kHasAddressSanitizer = true;
#else
constexpr bool kHasAddressSanitizer = false;
#endif
#else
constexpr bool kHasAddressSanitizer = false;
#endif

// Lowers the soft limit to `most`; a lower one that is set already stays.
Result<void> Limit(int resource, rlim_t most, const char* name) {
  rlimit limit{};
  if (::getrlimit(static_cast<__rlimit_resource>(resource), &limit) != 0)
    return Error::FromErrno(std::string("cannot get ") + name);
  if (limit.rlim_cur != RLIM_INFINITY && limit.rlim_cur <= most) return Ok();
  limit.rlim_cur = most;
  if (::setrlimit(static_cast<__rlimit_resource>(resource), &limit) != 0)
    return Error::FromErrno(std::string("cannot set ") + name);
  return Ok();
}

}  // namespace

Result<void> LimitReader() {
  FOSTER_TRY(Limit(RLIMIT_CPU, kReaderSeconds, "RLIMIT_CPU"));
  FOSTER_TRY(Limit(RLIMIT_CORE, 0, "RLIMIT_CORE"));
  if (!kHasAddressSanitizer) FOSTER_TRY(Limit(RLIMIT_AS, kReaderBytes, "RLIMIT_AS"));
  return Ok();
}

std::string HostName() {
  utsname names{};
  return ::uname(&names) == 0 ? names.nodename : "localhost";
}

Result<void> WriteWhole(int fd, std::string_view bytes) {
  while (!bytes.empty()) {
    ssize_t written = ::write(fd, bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) return Error::FromErrno("cannot write to fd " + std::to_string(fd));
    bytes.remove_prefix(static_cast<std::size_t>(written));
  }
  return Ok();
}

}  // namespace foster
