// SPDX-License-Identifier: MIT
#include "base/signal_names.h"
#include "cli/change.h"
#include "cli/verbs.h"
#include "formats/suggest.h"

namespace foster::cli {
namespace {

int Run(const Arguments& arguments, Console& console) {
  std::optional<int> number = SignalNumber(arguments.words[0]);
  if (!number || *number == 0) {
    std::string hint = DidYouMean(BareSignalName(arguments.words[0]), KnownSignalNames());
    console.Complain("unknown signal '" + arguments.words[0] + "'" + (hint.empty() ? "" : ": " + hint));
    return kExitUsage;
  }
  Json params = NamesOf({arguments.words.begin() + 1, arguments.words.end()});
  params.Set("signal", *number);
  if (arguments.Has("--scope")) params.Set("scope", arguments.Text("--scope"));
  Session session(arguments, console);
  auto reply = session.Ask("signal", params, kForever, Repeat::kOnce);
  if (!reply) return session.exit_code();
  return PrintResults((*reply)["results"], session.as_json(), console);
}

}  // namespace

const Verb kSignalVerb{
    .name = "signal",
    .summary = "send a signal to services",
    .words = "SIGNAL NAME...",
    .kind = WordKind::kSignalAndServices,
    .least_words = 2,
    .most_words = kAnyWords,
    .options = {{"--scope", "", "SCOPE", "process (default), group, or tree: all that came from it",
                 "process|group|tree"}},
    .examples = {{"svc signal HUP nginx", "by name"},
                 {"svc signal 10 web", "by number"},
                 {"svc signal --scope tree KILL web", "to everything that came from it"}},
    .details = "The signal changes no goal: a service that it ends is started again by its own rule.",
    .run = Run,
};

}  // namespace foster::cli
