// SPDX-License-Identifier: MIT
#include "cli/plan_view.h"
#include "cli/progress.h"
#include "cli/verbs.h"

namespace foster::cli {
namespace {

int Run(const Arguments& arguments, Console& console) {
  Session session(arguments, console);
  std::optional<Json> reply;
  {
    Progress progress(console, "reading the files");
    reply = session.Ask("plan", Json(Json::Object{}));
  }
  if (!reply) return session.exit_code();
  if (session.as_json()) {
    PrintJson(*reply, console);
    return kExitOk;
  }
  PrintChanges((*reply)["changes"], console);
  PrintDiagnosticArray((*reply)["diagnostics"], console);
  return kExitOk;
}

}  // namespace

const Verb kPlanVerb{
    .name = "plan",
    .summary = "what a reload would change, and what is wrong with the files",
    .words = "",
    .kind = WordKind::kNone,
    .least_words = 0,
    .most_words = 0,
    .options = {},
    .examples = {{"svc plan", "+ added, - removed, ~ changed"},
                 {"svc plan --json", "with unchanged services too"}},
    .details = "Reads all files anew and changes nothing.",
    .run = Run,
};

}  // namespace foster::cli
