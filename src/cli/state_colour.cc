// SPDX-License-Identifier: MIT
#include "cli/state_colour.h"

namespace foster::cli {

Colour ColourOf(State state) {
  switch (state) {
    case State::kRunning:
      return Colour::kGreen;
    case State::kWaiting:
    case State::kStarting:
    case State::kStopping:
    case State::kKilling:
    case State::kFinishing:
    case State::kBackoff:
      return Colour::kYellow;
    case State::kFailed:
      return Colour::kRed;
    case State::kStopped:
    case State::kExited:
      return Colour::kGrey;
  }
  return Colour::kNone;
}

}  // namespace foster::cli
