// SPDX-License-Identifier: MIT
#include "cli/plan_view.h"
#include "cli/progress.h"
#include "cli/verbs.h"

namespace foster::cli {
namespace {

void PrintRefused(const Json& refused, Console& console) {
  for (const auto& item : refused.AsArray()) {
    PrintDiagnosticArray(item["diagnostics"], console);
    console.Complain("workload " + item["workload"].AsString() +
                     " was not reloaded: what ran goes on running");
  }
}

int Run(const Arguments& arguments, Console& console) {
  Session session(arguments, console);
  Json params = Json::Object{};
  if (!arguments.words.empty()) params.Set("workload", arguments.words[0]);
  std::optional<Json> reply;
  {
    Progress progress(console, "reading the files");
    reply = session.Ask("reload", params);
  }
  if (!reply) return session.exit_code();
  const Json& refused = (*reply)["refused"];
  const int code = refused.AsArray().empty() ? kExitOk : kExitRefused;
  if (session.as_json()) {
    PrintJson(*reply, console);
    return code;
  }
  PrintChanges((*reply)["changes"], console);
  PrintDiagnosticArray((*reply)["diagnostics"], console);
  PrintRefused(refused, console);
  return code;
}

}  // namespace

const Verb kReloadVerb{
    .name = "reload",
    .summary = "read the files anew and do what changed",
    .words = "[WORKLOAD]",
    .kind = WordKind::kWorkload,
    .least_words = 0,
    .most_words = 1,
    .options = {},
    .examples = {{"svc reload", "everything"}, {"svc reload supervisord", "one workload alone"}},
    .details =
        "Only what changed restarts. A file that is not valid is refused (exit code 7): what runs goes on "
        "running.",
    .run = Run,
};

}  // namespace foster::cli
