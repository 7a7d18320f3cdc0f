// SPDX-License-Identifier: MIT
// Which keys a format has and which of them foster does: the tables behind "unknown key" and "not yet".
// Not: what a key means. Called by: the readers. Invariant: a key is in one table once.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "formats/report.h"

namespace foster {

enum class KeyState {
  kDone,      // read, and done
  kAccepted,  // read and without effect: foster does it otherwise, or there is nothing to do
  kNotYet,    // the tool has it, foster does not yet
};

struct KeyRow {
  std::string_view name;
  KeyState state;
};

using KeyTable = std::vector<KeyRow>;

const KeyRow* FindKey(const KeyTable& table, std::string_view name);
std::vector<std::string_view> NamesOf(const KeyTable& table);

// Warns of a key that the table does not have (with a did-you-mean) or that is not done yet. `where` is
// "[program:x]" or "process 'x'".
void CheckKey(const KeyTable& table, std::string_view key, const std::string& where, const Origin& origin,
              Report& report);

}  // namespace foster
