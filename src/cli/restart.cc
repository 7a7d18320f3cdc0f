// SPDX-License-Identifier: MIT
#include "cli/change.h"
#include "cli/verbs.h"

namespace foster::cli {
namespace {

// Never asked twice by itself: a restart that was done would be done again.
int Run(const Arguments& arguments, Console& console) {
  return RunChange("restart", Repeat::kOnce, arguments, console);
}

}  // namespace

const Verb kRestartVerb{
    .name = "restart",
    .summary = "stop services and start them again; wait until they run",
    .words = "NAME...",
    .kind = WordKind::kServices,
    .least_words = 1,
    .most_words = kAnyWords,
    .options = WaitOptions(),
    .examples = {{"svc restart web", "stop and start"},
                 {"svc restart --json web", "with the outcome as JSON"}},
    .details = "What is down is started.",
    .run = Run,
};

}  // namespace foster::cli
