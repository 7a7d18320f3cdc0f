// SPDX-License-Identifier: MIT
// Changes and diagnostics of a plan for people: "+ name", "- name", "~ name (fields)". Called by: plan,
// reload. Not: comparing (model/plan_diff.h).
#pragma once

#include "cli/session.h"

namespace foster::cli {

// Unchanged services are left out; "no changes" when nothing is left.
void PrintChanges(const Json& changes, Console& console);
// An array of diagnostics, on err.
void PrintDiagnosticArray(const Json& diagnostics, Console& console);

}  // namespace foster::cli
