// SPDX-License-Identifier: MIT
// The sections and keys of supervisord's INI. Not: their meaning. Called by: supervisord's reader, docs test.
#pragma once

#include "formats/key_table.h"

namespace foster {

const KeyTable& SupervisordMainKeys();
const KeyTable& SupervisordServerKeys();  // unix and inet
const KeyTable& SupervisorctlKeys();
const KeyTable& SupervisordProgramKeys();
const KeyTable& SupervisordFcgiKeys();  // those of a program, and the socket
const KeyTable& SupervisordGroupKeys();
const KeyTable& SupervisordIncludeKeys();
const std::vector<std::string_view>& SupervisordSectionNames();  // for did-you-mean

}  // namespace foster
