// SPDX-License-Identifier: MIT
// The environments that init passes on: its own one with the variables of its flags, for CMD; the same plus
// FOSTER_INIT_FD for supervise; the one it was started with plus FOSTER_INIT_STATE for its next image. Not:
// the services' (their plans carry it). Invariant: the arrays are made once at the start, without the heap.
#pragma once

#include <stdint.h>

namespace foster::init {

inline constexpr char kStateVariable[] = "FOSTER_INIT_STATE";

// `settings`: "NAME=value" strings that override, ended by a null. False: no memory for the arrays.
bool PrepareEnvironment(char** environment, const char* const* settings);
const char* Variable(const char* name);
// A number of seconds, fractions allowed, in nanoseconds; `standard` if it is not set or no number.
int64_t SecondsVariable(const char* name, double standard);

char* const* CommandEnvironment();
char* const* SuperviseEnvironment();
char* const* ReexecEnvironment(int state_fd);

}  // namespace foster::init
