// SPDX-License-Identifier: MIT
// What is done once: at the first start (limits, standard fds, subreaper), and by an image that goes on where
// another was. Called by main. Invariant: what is missing is said in a line and lived with.
#pragma once

#include <signal.h>

namespace foster::init {

// Before the first fd is opened.
void OpenStandardFds();
// `has_leftovers`: fds of an image whose memory was lost are open; nobody knows what they are.
void SetUpFirstStart(const sigset_t& mask, const char* own_name, bool has_leftovers);
void Resume();

}  // namespace foster::init
