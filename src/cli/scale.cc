// SPDX-License-Identifier: MIT
#include <charconv>

#include "cli/plan_view.h"
#include "cli/progress.h"
#include "cli/session.h"
#include "cli/verbs.h"

namespace foster::cli {
namespace {

constexpr int kMostReplicas = 1000;

// "web=3"; error: the complaint.
Result<std::pair<std::string, int>> ParseScale(const std::string& word) {
  const std::size_t equals = word.rfind('=');
  int count = 0;
  const char* end = word.data() + word.size();
  const bool has_count = equals != std::string::npos && equals > 0 &&
                         std::from_chars(word.data() + equals + 1, end, count).ptr == end &&
                         equals + 1 < word.size();
  if (!has_count || count < 1 || count > kMostReplicas)
    return Error("'" + word + "' is not NAME=COUNT with a count of 1 to " + std::to_string(kMostReplicas));
  return std::pair(word.substr(0, equals), count);
}

int Run(const Arguments& arguments, Console& console) {
  Session session(arguments, console);
  Json params = Json::Object{};
  Json scale = Json::Object{};
  for (const std::string& word : arguments.words) {
    auto parsed = ParseScale(word);
    if (!parsed.ok()) {
      console.Complain(parsed.error().message());
      return kExitUsage;
    }
    scale.Set(parsed->first, parsed->second);
  }
  params.Set("scale", std::move(scale));
  std::optional<Json> reply;
  {
    Progress progress(console, "scaling");
    reply = session.Ask("scale", params);
  }
  if (!reply) return session.exit_code();
  if (session.as_json()) {
    PrintJson(*reply, console);
    return kExitOk;
  }
  PrintChanges((*reply)["changes"], console);
  return kExitOk;
}

}  // namespace

const Verb kScaleVerb{
    .name = "scale",
    .summary = "run more or fewer of a service",
    .words = "NAME=COUNT...",
    .kind = WordKind::kText,
    .least_words = 1,
    .most_words = kAnyWords,
    .options = {},
    .examples = {{"svc scale web=3", "three of it"},
                 {"svc scale web=1 worker=8", "several services at once"}},
    .details =
        "They are numbered as their file's format does it (web-0, web-1, ...). The count holds until the "
        "container ends, over reloads too.",
    .run = Run,
};

}  // namespace foster::cli
