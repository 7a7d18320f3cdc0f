// SPDX-License-Identifier: MIT
// The keys of process-compose's YAML. Not: their meaning. Called by: process-compose's reader.
#pragma once

#include "formats/key_table.h"

namespace foster {

const KeyTable& ProcessComposeProjectKeys();
const KeyTable& ProcessComposeProcessKeys();
const KeyTable& ProcessComposeAvailabilityKeys();
const KeyTable& ProcessComposeShutdownKeys();
const KeyTable& ProcessComposeShellKeys();
const KeyTable& ProcessComposeProbeKeys();
const KeyTable& ProcessComposeExecKeys();
const KeyTable& ProcessComposeHttpKeys();
const KeyTable& ProcessComposeScheduleKeys();
const KeyTable& ProcessComposeLogKeys();
const KeyTable& ProcessComposeRotationKeys();

}  // namespace foster
