// SPDX-License-Identifier: MIT
#include "cli/progress.h"
#include "cli/session.h"
#include "cli/table.h"
#include "cli/text_width.h"
#include "cli/verbs.h"
#include "wire/probe_codec.h"

namespace foster::cli {
namespace {

void PrintChecks(const Json& checks, Console& console) {
  Table table({{"NAME"}, {"PROBE"}, {"KIND"}, {"RESULT"}, {"TOOK", Align::kRight}, {"ANSWER"}});
  for (const Json& item : checks.AsArray()) {
    const CheckResult check = CheckResultFromJson(item);
    table.Add({{Harmless(check.name)},
               {check.probe},
               {check.kind},
               {check.ok ? "ok" : "failed", check.ok ? Colour::kGreen : Colour::kRed},
               {std::to_string(check.took_ms) + " ms"},
               {Harmless(check.text)}});
  }
  console.Out(table.Render(console.width(), console.out_colour()));
}

int Run(const Arguments& arguments, Console& console) {
  Session session(arguments, console);
  std::optional<Json> reply;
  {
    Progress progress(console, "probing");
    reply = session.Ask("check", NamesOf(arguments.words));
  }
  if (!reply) return session.exit_code();
  int code = kExitOk;
  for (const Json& item : (*reply)["checks"].AsArray())
    if (!item["ok"].AsBool()) code = kExitFailed;
  if (session.as_json()) {
    PrintJson(*reply, console);
    return code;
  }
  if (!(*reply)["checks"].AsArray().empty()) PrintChecks((*reply)["checks"], console);
  for (const Json& name : (*reply)["without"].AsArray())
    console.Out(Harmless(name.AsString()) + " has no probe\n");
  return code;
}

}  // namespace

const Verb kCheckVerb{
    .name = "check",
    .summary = "run the probes of services now and say what they answer",
    .words = "NAME...",
    .kind = WordKind::kServices,
    .least_words = 1,
    .most_words = kAnyWords,
    .options = {},
    .examples = {{"svc check web", "its readiness and liveness probes"}, {"svc check '*'", "all of them"}},
    .details = "A check changes nothing and counts for nothing. Exit code 1 when one failed.",
    .run = Run,
};

}  // namespace foster::cli
