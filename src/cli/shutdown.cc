// SPDX-License-Identifier: MIT
#include "cli/session.h"
#include "cli/verbs.h"

namespace foster::cli {
namespace {

int Run(const Arguments& arguments, Console& console) {
  auto code = arguments.Number("--exit-code", 0, 255);
  if (!code) {
    console.Complain(code.error().message());
    return kExitUsage;
  }
  Session session(arguments, console);
  auto reply = session.Ask("shutdown", Json(Json::Object{{"exit_code", *code}}), kForever, Repeat::kOnce);
  if (!reply) return session.exit_code();
  if (session.as_json()) {
    PrintJson(*reply, console);
  } else {
    console.Out("the container is being ended\n");
  }
  return kExitOk;
}

}  // namespace

const Verb kShutdownVerb{
    .name = "shutdown",
    .summary = "stop all services in order and end the container",
    .words = "",
    .kind = WordKind::kNone,
    .least_words = 0,
    .most_words = 0,
    .options = {{"--exit-code", "", "N", "the container's exit code (default 0)"}},
    .examples = {{"svc shutdown", "as docker stop"}, {"svc shutdown --exit-code 3", "with an exit code"}},
    .details = "",
    .run = Run,
};

}  // namespace foster::cli
