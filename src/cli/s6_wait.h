// SPDX-License-Identifier: MIT
// What -wu -wU -wd -wD -wr -wR wait for, as a question about one status. Pure. Called by: s6_svc, tests.
#pragma once

#include <cstdint>

#include "cli/s6_letters.h"
#include "foster/service_status.h"

namespace foster::cli {

enum class S6Answer { kNotYet, kYes, kFailed };

// `incarnation`: the service's before anything was done.
S6Answer AnswerOf(S6Wait wait, const ServiceStatus& service, std::uint64_t incarnation);

}  // namespace foster::cli
