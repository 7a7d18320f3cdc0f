// SPDX-License-Identifier: MIT
#include "cli/change.h"
#include "cli/verbs.h"

namespace foster::cli {
namespace {

int Run(const Arguments& arguments, Console& console) {
  return RunChange("down", Repeat::kMayRepeat, arguments, console);
}

}  // namespace

const Verb kDownVerb{
    .name = "down",
    .summary = "stop services; wait until they have ended",
    .words = "NAME...",
    .kind = WordKind::kServices,
    .least_words = 1,
    .most_words = kAnyWords,
    .options = WaitOptions(),
    .examples = {{"svc down web", "stop one"}, {"svc down --no-wait '*'", "ask only"}},
    .details = "A stopped service stays stopped until it is started again.",
    .run = Run,
};

}  // namespace foster::cli
