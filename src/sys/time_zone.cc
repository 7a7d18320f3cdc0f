// SPDX-License-Identifier: MIT
#include "sys/time_zone.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include <cstdlib>
#include <cstring>
#include <optional>

#include "base/unique_fd.h"

namespace foster {
namespace {

constexpr std::int64_t kDay = 86'400;

std::string Directory() {
  const char* set = std::getenv("TZDIR");
  return set != nullptr && *set != '\0' ? set : "/usr/share/zoneinfo";
}

bool IsZoneFile(const std::string& path) {
  UniqueFd fd(open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  char magic[4];
  return fd && read(fd.get(), magic, sizeof magic) == sizeof magic && std::memcmp(magic, "TZif", 4) == 0;
}

// TZ while it lives.
class InZone {
 public:
  explicit InZone(const std::string& text) {
    const char* before = std::getenv("TZ");
    if (before != nullptr) before_ = before;
    is_set_ = !text.empty();
    if (is_set_) setenv("TZ", text.c_str(), 1);
    tzset();
  }
  ~InZone() {
    if (!is_set_) return;
    if (before_) {
      setenv("TZ", before_->c_str(), 1);
    } else {
      unsetenv("TZ");
    }
    tzset();
  }
  InZone(const InZone&) = delete;
  InZone& operator=(const InZone&) = delete;

 private:
  std::optional<std::string> before_;
  bool is_set_ = false;
};

}  // namespace

std::int64_t SecondsOfUtc(const CivilTime& civil) {
  tm parts{};
  parts.tm_year = civil.year - 1900;
  parts.tm_mon = civil.month - 1;
  parts.tm_mday = civil.day;
  parts.tm_hour = civil.hour;
  parts.tm_min = civil.minute;
  parts.tm_sec = civil.second;
  return timegm(&parts);
}

CivilTime CivilOfUtc(std::int64_t seconds) {
  time_t when = seconds;
  tm parts{};
  gmtime_r(&when, &parts);
  return {parts.tm_year + 1900, parts.tm_mon + 1, parts.tm_mday, parts.tm_hour, parts.tm_min, parts.tm_sec};
}

Result<TimeZone> TimeZone::Open(const std::string& name) {
  if (name.empty()) return TimeZone("");
  if (name == "UTC" || name == "Etc/UTC" || name == "GMT") return TimeZone("UTC0");  // needs no file
  std::string directory = Directory();
  bool is_inside = name[0] != '/' && name.find("..") == std::string::npos &&
                   name.find('\0') == std::string::npos && name.size() < 256;
  if (is_inside && IsZoneFile(directory + "/" + name)) return TimeZone(":" + name);
  if (access(directory.c_str(), F_OK) != 0)
    return Error("cannot use time zone '" + name + "': there is no " + directory + " here (package tzdata)",
                 ENOENT);
  return Error("there is no time zone '" + name + "' in " + directory + " (a name as Europe/Berlin, or UTC)",
               ENOENT);
}

std::int64_t TimeZone::OffsetAt(std::int64_t seconds) const {
  InZone zone(text_);
  time_t when = seconds;
  tm parts{};
  localtime_r(&when, &parts);
  return parts.tm_gmtoff;
}

CivilTime TimeZone::CivilAt(std::int64_t seconds) const { return CivilOfUtc(seconds + OffsetAt(seconds)); }

std::int64_t TimeZone::SecondsOf(const CivilTime& civil) const {
  std::int64_t utc = SecondsOfUtc(civil);
  std::int64_t before = utc - OffsetAt(utc - kDay);
  std::int64_t after = utc - OffsetAt(utc + kDay);
  if (CivilAt(before) == civil) return before;  // of two moments this is the first
  if (CivilAt(after) == civil) return after;
  return ChangeBetween(utc - kDay, utc + kDay);
}

std::int64_t TimeZone::ChangeBetween(std::int64_t from, std::int64_t to) const {
  std::int64_t offset = OffsetAt(from);
  if (OffsetAt(to) == offset) return to;
  while (to - from > 1) {
    std::int64_t middle = from + (to - from) / 2;
    if (OffsetAt(middle) == offset) {
      from = middle;
    } else {
      to = middle;
    }
  }
  return to;
}

}  // namespace foster
