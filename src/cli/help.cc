// SPDX-License-Identifier: MIT
#include "cli/help.h"

#include "cli/table.h"
#include "cli/verbs.h"
#include "formats/suggest.h"

namespace foster::cli {
namespace {

std::string Indented(const std::string& text) {
  std::string result;
  for (std::size_t at = 0; at < text.size();) {
    std::size_t end = text.find('\n', at) + 1;
    result += "  " + text.substr(at, end - at);
    at = end;
  }
  return result;
}

std::string OptionTable(const std::vector<OptionSpec>& options) {
  Table table({{""}, {""}});
  for (const auto& option : options) {
    std::string left = option.short_name.empty() ? "    " : std::string(option.short_name) + ", ";
    left += std::string(option.name) + (option.value.empty() ? "" : " ") + std::string(option.value);
    table.Add({{left}, {std::string(option.help)}});
  }
  return Indented(table.Render(0, false));
}

std::string ExampleTable(const std::vector<Example>& examples) {
  Table table({{""}, {""}});
  for (const auto& example : examples)
    table.Add({{std::string(example.command)}, {std::string(example.meaning)}});
  return Indented(table.Render(0, false));
}

int Run(const Arguments& arguments, Console& console) {
  if (arguments.words.empty()) {
    console.Out(GeneralHelp());
    return kExitOk;
  }
  const Verb* verb = FindVerb(arguments.words[0]);
  if (verb != nullptr) {
    console.Out(HelpFor(*verb));
    return kExitOk;
  }
  std::vector<std::string_view> known;
  for (const Verb* each : AllVerbs()) known.push_back(each->name);
  std::string hint = DidYouMean(arguments.words[0], known);
  console.Complain("unknown verb '" + arguments.words[0] + "'" + (hint.empty() ? "" : ": " + hint));
  return kExitUsage;
}

}  // namespace

std::string GeneralHelp() {
  std::string text = "usage: svc VERB [OPTION...] [WORD...]\n\nverbs:\n";
  Table table({{""}, {""}});
  for (const Verb* verb : AllVerbs()) {
    std::string left = std::string(verb->name) + (verb->words.empty() ? "" : " ") + std::string(verb->words);
    table.Add({{left}, {std::string(verb->summary)}});
  }
  text += Indented(table.Render(0, false));
  text += "\noptions of every verb:\n" + OptionTable(CommonOptions());
  text +=
      "\nnames: a full name (supervisord/web), a bare one while it is unique (web), a whole workload "
      "(supervisord/),\n"
      "a bundle, a glob ('web*'), or the path of a service directory.\n"
      "s6 spelling: svc -u|-d|-t|-o|-k|-h|-i|-1|-2|-p|-c PATH-OR-NAME... does as s6-svc does.\n"
      "exit codes: 0 done, 1 failed, 2 wrong words, 3 no such service, 4 timeout, 5 not allowed, 6 foster "
      "not reached,\n"
      "7 refused (invalid config).\n";
  return text;
}

std::string HelpFor(const Verb& verb) {
  std::string text = "usage: svc " + std::string(verb.name);
  if (!verb.options.empty()) text += " [OPTION...]";
  if (!verb.words.empty()) text += " " + std::string(verb.words);
  text += "\n\n" + std::string(verb.summary) + "\n";
  if (!verb.details.empty()) text += "\n" + std::string(verb.details) + "\n";
  text += "\noptions:\n";
  std::vector<OptionSpec> options = verb.options;
  options.insert(options.end(), CommonOptions().begin(), CommonOptions().end());
  text += OptionTable(options);
  if (!verb.examples.empty()) text += "\nexamples:\n" + ExampleTable(verb.examples);
  return text;
}

const Verb kHelpVerb{
    .name = "help",
    .summary = "what svc or one verb does",
    .words = "[VERB]",
    .kind = WordKind::kVerb,
    .least_words = 0,
    .most_words = 1,
    .options = {},
    .examples = {{"svc help", "all verbs"}, {"svc help logs", "one verb, as svc logs --help"}},
    .details = "",
    .run = Run,
};

}  // namespace foster::cli
