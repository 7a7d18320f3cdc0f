// SPDX-License-Identifier: MIT
#include "gap.h"

#include "say.h"
#include "state.h"

namespace foster::init {
namespace {

constexpr int64_t kTick = kSecond;
constexpr int64_t kLate = kSecond;

int64_t last_wake = 0;  // 0: this image has not waited yet

struct Deadlines {
  int64_t* list[6];
};

Deadlines All() {
  return {{&state->supervise.restart_at, &state->supervise.kill_at, &state->command.start_at,
           &state->send_again_at, &state->stop.deadline, &state->stop.look_again}};
}

}  // namespace

int64_t NextDeadline() {
  int64_t next = 0;
  for (const int64_t* each : All().list)
    if (*each != 0 && (next == 0 || *each < next)) next = *each;
  return next;
}

int WaitTime() {
  int64_t next = NextDeadline();
  if (next == 0) return -1;
  int64_t left = next - Now();
  if (left <= 0) return 0;
  if (left > kTick) left = kTick;
  return static_cast<int>((left + kMillisecond - 1) / kMillisecond);
}

void NoteTime(int wait) {
  int64_t now = Now();
  int64_t passed = now - last_wake;
  bool is_late = last_wake != 0 && wait >= 0 && passed > wait * kMillisecond + kLate;
  last_wake = now;
  if (!is_late || NextDeadline() == 0) return;
  // How much of it went by before the standstill is not known: all of it is given again.
  for (int64_t* each : All().list)
    if (*each != 0) *each += passed;
  Say("stood still for about %lld ms; what was due is due that much later",
      static_cast<long long>(passed / kMillisecond));
}

}  // namespace foster::init
