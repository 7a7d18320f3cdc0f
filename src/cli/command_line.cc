// SPDX-License-Identifier: MIT
#include "cli/command_line.h"

#include <CLI/CLI.hpp>
#include <list>

#include "formats/suggest.h"

namespace foster::cli {
namespace {

const OptionSpec* FindOption(const std::vector<OptionSpec>& options, std::string_view word) {
  for (const auto& option : options)
    if (word == option.name || (!option.short_name.empty() && word == option.short_name)) return &option;
  return nullptr;
}

// The verb is the first word that is neither an option nor the value of a common one.
std::size_t VerbPosition(const std::vector<std::string>& words) {
  for (std::size_t i = 0; i < words.size(); ++i) {
    if (words[i].empty() || words[i][0] != '-') return i;
    const OptionSpec* option = FindOption(CommonOptions(), words[i]);
    if (option != nullptr && !option->value.empty()) ++i;
  }
  return words.size();
}

Error UnknownVerb(const std::string& word) {
  std::vector<std::string_view> known;
  for (const Verb* verb : AllVerbs()) known.push_back(verb->name);
  std::string hint = DidYouMean(word, known);
  if (hint.empty()) hint = "'svc help' lists them";
  return Error("unknown verb '" + word + "': " + hint);
}

std::string NameList(const OptionSpec& option) {
  std::string names(option.name);
  if (!option.short_name.empty()) names = std::string(option.short_name) + "," + names;
  return names;
}

Error UnknownOption(const Verb* verb, const std::string& word) {
  std::vector<std::string_view> known;
  for (const auto& option : CommonOptions()) known.push_back(option.name);
  if (verb != nullptr)
    for (const auto& option : verb->options) known.push_back(option.name);
  std::string bare = word.substr(0, word.find('='));
  std::string hint = DidYouMean(bare, known);
  if (hint.empty())
    hint = verb ? "'svc " + std::string(verb->name) + " --help' lists them" : "see 'svc help'";
  return Error("unknown option '" + bare + "': " + hint);
}

std::string Usage(const Verb& verb) {
  return "usage: svc " + std::string(verb.name) + (verb.words.empty() ? "" : " ") + std::string(verb.words);
}

// CLI11 fills these; they live as long as its App.
struct Slot {
  const OptionSpec* option;
  std::string text;
  bool flag = false;
  CLI::Option* given = nullptr;
};

void AddOptions(const std::vector<OptionSpec>& options, CLI::App* app, std::list<Slot>* slots) {
  for (const auto& option : options) {
    Slot& slot = slots->emplace_back(Slot{&option, "", false, nullptr});
    if (option.value.empty()) {
      slot.given = app->add_flag(NameList(option), slot.flag);
    } else {
      slot.given = app->add_option(NameList(option), slot.text);
      slot.given->take_last();
    }
  }
}

Result<void> CheckChoice(const Slot& slot) {
  std::string_view choices = slot.option->choices;
  if (choices.empty()) return Ok();
  for (std::string_view rest = choices;;) {
    std::size_t bar = rest.find('|');
    if (rest.substr(0, bar) == slot.text) return Ok();
    if (bar == std::string_view::npos) break;
    rest.remove_prefix(bar + 1);
  }
  return Error(std::string(slot.option->name) + " '" + slot.text + "' is none of " + std::string(choices));
}

Result<void> CheckWords(const Verb& verb, const std::vector<std::string>& words) {
  if (words.size() < verb.least_words)
    return Error("'" + std::string(verb.name) + "' needs more words: " + Usage(verb));
  if (words.size() > verb.most_words) {
    return Error("'" + words[verb.most_words] + "' is one word too many: " + Usage(verb));
  }
  return Ok();
}

Result<Arguments> Parse(const Verb* verb, const std::vector<std::string>& words) {
  CLI::App app;
  app.set_help_flag();
  app.allow_extras(false);
  std::list<Slot> slots;
  AddOptions(CommonOptions(), &app, &slots);
  if (verb != nullptr) AddOptions(verb->options, &app, &slots);
  Arguments arguments;
  if (verb != nullptr) app.add_option("WORDS", arguments.words);
  try {
    app.parse(std::vector<std::string>(words.rbegin(), words.rend()));
  } catch (const CLI::ExtrasError&) {
    for (const auto& word : app.remaining())
      if (word.size() > 1 && word[0] == '-') return UnknownOption(verb, word);
    return Error("a word too many");
  } catch (const CLI::ParseError& error) {
    return Error(error.what());
  }
  for (const auto& slot : slots) {
    if (slot.given->count() == 0) continue;
    if (!slot.option->value.empty()) FOSTER_TRY(CheckChoice(slot));
    arguments.Set(slot.option->name, slot.text);
  }
  return arguments;
}

}  // namespace

Result<CommandLine> ParseCommandLine(const std::vector<std::string>& words) {
  CommandLine line;
  std::vector<std::string> rest = words;
  std::size_t position = VerbPosition(words);
  if (position < words.size()) {
    line.verb = FindVerb(words[position]);
    if (line.verb == nullptr) return UnknownVerb(words[position]);
    rest.erase(rest.begin() + static_cast<std::ptrdiff_t>(position));
  }
  FOSTER_ASSIGN(line.arguments, Parse(line.verb, rest));
  if (line.verb != nullptr && !line.arguments.Has("--help"))
    FOSTER_TRY(CheckWords(*line.verb, line.arguments.words));
  return line;
}

}  // namespace foster::cli
