// SPDX-License-Identifier: MIT
// ResolveIdentity: user and group as a person wrote them -> numbers that init can set. Not: setting them.
// Called by: src/supervise/spawn.cc, right before each spawn (the user may have been made meanwhile).
// Invariant: an unprivileged foster never asks for a change of ids; wanting another user is an error that
// says so.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"

namespace foster {

struct NumericIdentity {
  std::optional<std::uint32_t> uid;
  std::optional<std::uint32_t> gid;
  std::optional<std::vector<std::uint32_t>> groups;
  std::string home;  // of the user, "" when none is given or known
};

// `groups`: supplementary ones instead of the user's own. Nothing given: nothing is to be changed. Error
// codes: ENOENT no such user or group, EPERM not permitted to us.
Result<NumericIdentity> ResolveIdentity(const std::string& user, const std::string& group,
                                        const std::optional<std::vector<std::string>>& groups = std::nullopt);

}  // namespace foster
