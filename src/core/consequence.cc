// SPDX-License-Identifier: MIT
// What the end of one service does to others, beyond the gates.
#include "core/engine_impl.h"

namespace foster {

void Engine::Impl::EndWorkload(ServiceId) {}

}  // namespace foster
