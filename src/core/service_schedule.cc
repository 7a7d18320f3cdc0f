// SPDX-License-Identifier: MIT
// The part of ServiceMachine that starts by the clock and stops for want of connections.
#include "core/service_machine.h"

namespace foster {

void ServiceMachine::OnScheduleTimer() {}
void ServiceMachine::OnIdleTimer() {}

}  // namespace foster
