// SPDX-License-Identifier: MIT
#include "cli/change.h"
#include "cli/verbs.h"

namespace foster::cli {
namespace {

// Never asked twice by itself: a oneshot that has completed would run again.
int Run(const Arguments& arguments, Console& console) {
  return RunChange("once", Repeat::kOnce, arguments, console);
}

}  // namespace

const Verb kOnceVerb{
    .name = "once",
    .summary = "start services that are not to be started again when they end",
    .words = "NAME...",
    .kind = WordKind::kServices,
    .least_words = 1,
    .most_words = kAnyWords,
    .options = WaitOptions(),
    .examples = {{"svc once migrate", "run it once, wait for the outcome"}},
    .details = "",
    .run = Run,
};

}  // namespace foster::cli
