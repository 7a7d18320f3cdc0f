// SPDX-License-Identifier: MIT
// The verbs, one per file of the same name. Not: their order or look-up (verbs.cc). Called by: verbs.cc,
// tests.
#pragma once

#include "cli/verb.h"

namespace foster::cli {

extern const Verb kStatusVerb;
extern const Verb kUpVerb;
extern const Verb kDownVerb;
extern const Verb kRestartVerb;
extern const Verb kOnceVerb;
extern const Verb kPinVerb;
extern const Verb kScaleVerb;
extern const Verb kCheckVerb;
extern const Verb kStatsVerb;
extern const Verb kDoctorVerb;
extern const Verb kSignalVerb;
extern const Verb kLogsVerb;
extern const Verb kEventsVerb;
extern const Verb kPlanVerb;
extern const Verb kReloadVerb;
extern const Verb kValidateVerb;
extern const Verb kShutdownVerb;
extern const Verb kTuiVerb;
extern const Verb kCompletionVerb;
extern const Verb kHelpVerb;
extern const Verb kVersionVerb;

}  // namespace foster::cli
