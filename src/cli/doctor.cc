// SPDX-License-Identifier: MIT
#include "cli/session.h"
#include "cli/table.h"
#include "cli/text_width.h"
#include "cli/verbs.h"

namespace foster::cli {
namespace {

int Run(const Arguments& arguments, Console& console) {
  Session session(arguments, console);
  auto reply = session.Ask("doctor", Json::Object{});
  if (!reply) return session.exit_code();
  if (session.as_json()) {
    PrintJson((*reply)["features"], console);
    return kExitOk;
  }
  Table table({{"FEATURE"}, {""}, {"WHAT IS SO"}});
  for (const Json& item : (*reply)["features"].AsArray()) {
    const bool ok = item["ok"].AsBool();
    std::string text = Harmless(item["text"].AsString());
    const std::string fix = Harmless(item["fix"].AsString());
    if (!ok && !fix.empty()) text += "; " + fix;
    table.Add({{Harmless(item["feature"].AsString())},
               {ok ? "ok" : "no", ok ? Colour::kGreen : Colour::kYellow},
               {text}});
  }
  console.Out(table.Render(console.width(), console.out_colour()));
  return kExitOk;
}

}  // namespace

const Verb kDoctorVerb{
    .name = "doctor",
    .summary = "what this container allows, and what would allow more",
    .words = "",
    .kind = WordKind::kNone,
    .least_words = 0,
    .most_words = 0,
    .options = {},
    .examples = {{"svc doctor", "cgroups, priorities, namespaces, ..."}},
    .details =
        "What is missing is left out, not an error; the last column says which option of the container "
        "engine "
        "would give it.",
    .run = Run,
};

}  // namespace foster::cli
