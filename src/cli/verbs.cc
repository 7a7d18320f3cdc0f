// SPDX-License-Identifier: MIT
#include "cli/verbs.h"

namespace foster::cli {

const std::vector<const Verb*>& AllVerbs() {
  static const std::vector<const Verb*> verbs = {
      &kStatusVerb,     &kUpVerb,     &kDownVerb,     &kRestartVerb, &kOnceVerb,     &kPinVerb,
      &kScaleVerb,      &kCheckVerb,  &kStatsVerb,    &kSignalVerb,  &kLogsVerb,     &kEventsVerb,
      &kPlanVerb,       &kReloadVerb, &kValidateVerb, &kDoctorVerb,  &kShutdownVerb, &kTuiVerb,
      &kCompletionVerb, &kHelpVerb,   &kVersionVerb,
  };
  return verbs;
}

const Verb* FindVerb(std::string_view name) {
  for (const Verb* verb : AllVerbs())
    if (verb->name == name) return verb;
  return nullptr;
}

const std::vector<OptionSpec>& CommonOptions() {
  static const std::vector<OptionSpec> options = {
      {"--json", "", "", "print JSON"},
      {"--socket", "", "PATH", "foster's control socket (default: FOSTER_SOCKET, else where foster puts it)"},
      {"--color", "", "WHEN", "colours: auto, always or never; NO_COLOR switches auto off",
       "auto|always|never"},
      {"--help", "", "", "print this help"},
  };
  return options;
}

}  // namespace foster::cli
