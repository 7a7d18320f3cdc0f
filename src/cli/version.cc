// SPDX-License-Identifier: MIT
#include "cli/session.h"
#include "cli/verbs.h"

namespace foster::cli {
namespace {

int Run(const Arguments& arguments, Console& console) {
  if (!arguments.Has("--running")) {
    Json json;
    json.Set("name", "foster").Set("version", FOSTER_VERSION).Set("protocol", kControlProtocolVersion);
    if (arguments.Has("--json")) {
      PrintJson(json, console);
    } else {
      console.Out("foster " FOSTER_VERSION "\n");
    }
    return kExitOk;
  }
  Session session(arguments, console);
  auto hello = session.Ask("hello", Json(Json::Object{{"client", "svc " FOSTER_VERSION}}));
  if (!hello) return session.exit_code();
  if (session.as_json()) {
    PrintJson(*hello, console);
    return kExitOk;
  }
  console.Out("foster " + (*hello)["version"].AsString() + ", " + (*hello)["state"].AsString() +
              ", supervise pid " + std::to_string((*hello)["supervise_pid"].AsInt()) +
              ((*hello)["safe"].AsBool() ? ", safe mode" : "") + ", access " + (*hello)["access"].AsString() +
              "\n");
  return kExitOk;
}

}  // namespace

const Verb kVersionVerb{
    .name = "version",
    .summary = "the version of this program, or of the foster that runs",
    .words = "",
    .kind = WordKind::kNone,
    .least_words = 0,
    .most_words = 0,
    .options = {{"--running", "", "", "ask the foster that runs"}},
    .examples = {{"svc version", "of this program"},
                 {"svc version --running --json", "hello of the control socket"}},
    .details = "",
    .run = Run,
};

}  // namespace foster::cli
