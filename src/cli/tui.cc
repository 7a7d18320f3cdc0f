// SPDX-License-Identifier: MIT
#include "tui/tui.h"

#include "cli/verbs.h"

namespace foster::cli {
namespace {

int Run(const Arguments& arguments, Console& console) {
  TuiOptions options;
  options.socket = arguments.Text("--socket");
  // The screen is stdout's: what decides about colours there decides here.
  options.colour = console.out_colour();
  options.mouse = !arguments.Has("--no-mouse");
  console.Flush();
  return RunTui(options);
}

}  // namespace

const Verb kTuiVerb{
    .name = "tui",
    .summary = "the services on a full screen, with keys and mouse",
    .words = "",
    .kind = WordKind::kNone,
    .least_words = 0,
    .most_words = 0,
    .options = {{"--no-mouse", "", "", "leave the mouse to the terminal"}},
    .examples = {{"svc tui", "? shows the keys, q quits"}},
    .details = "",
    .run = Run,
};

}  // namespace foster::cli
