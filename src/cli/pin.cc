// SPDX-License-Identifier: MIT
#include "cli/change.h"
#include "cli/verbs.h"

namespace foster::cli {
namespace {

int Run(const Arguments& arguments, Console& console) {
  const std::string& pin = arguments.words[0];
  const std::string word = pin == "off" ? "none" : pin;
  if (word != "down" && word != "up" && word != "none") {
    console.Complain("unknown pin '" + pin + "': down, up or off");
    return kExitUsage;
  }
  Json params = NamesOf({arguments.words.begin() + 1, arguments.words.end()});
  params.Set("pin", word);
  Session session(arguments, console);
  auto reply = session.Ask("pin", params);
  if (!reply) return session.exit_code();
  return PrintResults((*reply)["results"], session.as_json(), console);
}

}  // namespace

const Verb kPinVerb{
    .name = "pin",
    .summary = "hold services down or up, whatever else is asked for",
    .words = "down|up|off NAME...",
    .kind = WordKind::kPinAndServices,
    .least_words = 2,
    .most_words = kAnyWords,
    .options = {},
    .examples = {{"svc pin down web", "stop it and keep it stopped: nothing brings it up"},
                 {"svc pin up db", "start it and keep it: only the container's end stops it"},
                 {"svc pin off web", "let it go; it stays as it is"}},
    .details =
        "A pin is stronger than up, down, depends_on, schedules, connections and reload. It lasts until it "
        "is "
        "taken off or the container ends.",
    .run = Run,
};

}  // namespace foster::cli
