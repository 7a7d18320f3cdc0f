// SPDX-License-Identifier: MIT
#include "cli/change.h"
#include "cli/text_width.h"
#include "cli/verbs.h"

namespace foster::cli {
namespace {

// What goes down along is said before anything is done.
int SayWhoElse(const Arguments& arguments, Console& console) {
  Session session(arguments, console);
  Json params = NamesOf(arguments.words);
  params.Set("look", true);
  auto reply = session.Ask("down", params);
  if (!reply) return session.exit_code();
  std::string names;
  for (const Json& name : (*reply)["also"].AsArray())
    names += (names.empty() ? "" : ", ") + Harmless(name.AsString());
  if (!names.empty()) console.Err("also goes down, for it needs what is stopped: " + names + "\n");
  return kExitOk;
}

int Run(const Arguments& arguments, Console& console) {
  const bool alone = arguments.Has("--alone");
  if (!alone && !arguments.Has("--json")) {
    if (const int code = SayWhoElse(arguments, console); code != kExitOk) return code;
  }
  Json also = Json::Object{};
  if (alone) also.Set("alone", true);
  return RunChange("down", Repeat::kMayRepeat, arguments, console, also);
}

std::vector<OptionSpec> DownOptions() {
  std::vector<OptionSpec> options = WaitOptions();
  options.push_back({"--alone", "", "", "leave those up that need what is stopped"});
  return options;
}

}  // namespace

const Verb kDownVerb{
    .name = "down",
    .summary = "stop services; wait until they have ended",
    .words = "NAME...",
    .kind = WordKind::kServices,
    .least_words = 1,
    .most_words = kAnyWords,
    .options = DownOptions(),
    .examples = {{"svc down web", "stop one"},
                 {"svc down --alone db", "and leave up what needs it"},
                 {"svc down --no-wait '*'", "ask only"}},
    .details =
        "What needs a service goes down before it. A stopped service stays stopped until it is started "
        "again.",
    .run = Run,
};

}  // namespace foster::cli
