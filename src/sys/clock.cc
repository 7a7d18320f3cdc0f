// SPDX-License-Identifier: MIT
#include "sys/clock.h"

#include <time.h>

#include <cstdio>

namespace foster {

MonoTime MonoNow() {
  timespec now{};
  clock_gettime(CLOCK_MONOTONIC, &now);
  return MonoTime(Millis(std::int64_t{now.tv_sec} * 1000 + now.tv_nsec / 1'000'000));
}

WallNanos WallNow() {
  timespec now{};
  clock_gettime(CLOCK_REALTIME, &now);
  return std::int64_t{now.tv_sec} * 1'000'000'000 + now.tv_nsec;
}

Millis AsleepSoFar() {
  timespec boot{};
  timespec mono{};
  clock_gettime(CLOCK_MONOTONIC, &mono);
  clock_gettime(CLOCK_BOOTTIME, &boot);
  return Millis((std::int64_t{boot.tv_sec} - mono.tv_sec) * 1000 + (boot.tv_nsec - mono.tv_nsec) / 1'000'000);
}

std::string ToRfc3339(WallNanos wall) {
  if (wall <= 0) return "";
  time_t seconds = wall / 1'000'000'000;
  auto millis = static_cast<int>(wall / 1'000'000 % 1000);
  tm parts{};
  gmtime_r(&seconds, &parts);
  char text[96];
  std::snprintf(text, sizeof text, "%04d-%02d-%02dT%02d:%02d:%02d.%03dZ", parts.tm_year + 1900,
                parts.tm_mon + 1, parts.tm_mday, parts.tm_hour, parts.tm_min, parts.tm_sec, millis);
  return text;
}

}  // namespace foster
