// SPDX-License-Identifier: MIT
#include "cli/change.h"
#include "cli/verbs.h"

namespace foster::cli {
namespace {

int Run(const Arguments& arguments, Console& console) {
  return RunChange("up", Repeat::kMayRepeat, arguments, console);
}

}  // namespace

const Verb kUpVerb{
    .name = "up",
    .summary = "start services, and what they need; wait until they run",
    .words = "NAME...",
    .kind = WordKind::kServices,
    .least_words = 1,
    .most_words = kAnyWords,
    .options = WaitOptions(),
    .examples = {{"svc up web", "start one, wait for it, say how it went"},
                 {"svc up --timeout 5 db web", "at most five seconds"},
                 {"svc up supervisord/", "all services of a workload"}},
    .details =
        "What is up already is left alone. A service that does not come up is reported with its cause and "
        "its last log lines.",
    .run = Run,
};

}  // namespace foster::cli
