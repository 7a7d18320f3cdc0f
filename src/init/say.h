// SPDX-License-Identifier: MIT
// What init says on stderr, and the monotonic clock. Not: a log; services write through their own pipes. Used
// by every file of init. Invariant: a reader that does not read never holds init up: then it stays unsaid.
#pragma once

#include <stdint.h>

namespace foster::init {

inline constexpr int64_t kMillisecond = 1000000;
inline constexpr int64_t kSecond = 1000 * kMillisecond;

__attribute__((format(printf, 1, 2))) void Say(const char* format, ...);
int64_t Now();
// A number of seconds, fractions allowed, in nanoseconds; `standard` if it is not set or no number.
int64_t SecondsVariable(const char* name, double standard);

}  // namespace foster::init
