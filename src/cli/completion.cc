// SPDX-License-Identifier: MIT
#include "cli/verbs.h"

namespace foster::cli {
namespace {

// "status up down" or one a line.
std::string VerbNames(std::string_view separator) {
  std::string text;
  for (const Verb* verb : AllVerbs())
    text += (text.empty() ? "" : std::string(separator)) + std::string(verb->name);
  return text;
}

std::string OptionNames(const Verb& verb) {
  std::string text;
  auto add = [&](const std::vector<OptionSpec>& options) {
    for (const auto& option : options) {
      text += (text.empty() ? "" : " ") + std::string(option.name);
      if (!option.short_name.empty()) text += " " + std::string(option.short_name);
    }
  };
  add(verb.options);
  add(CommonOptions());
  return text;
}

// Shell words that list what a verb takes; the same text for all three shells.
std::string_view WordSource(WordKind kind) {
  switch (kind) {
    case WordKind::kServices:
    case WordKind::kSignalAndServices:
    case WordKind::kPinAndServices:
      return "services";
    case WordKind::kWorkload:
      return "workloads";
    case WordKind::kFiles:
      return "files";
    case WordKind::kVerb:
      return "verbs";
    case WordKind::kShell:
      return "shells";
    case WordKind::kNone:
    case WordKind::kText:
      return "nothing";
  }
  return "nothing";
}

std::string BashCases() {
  std::string text;
  for (const Verb* verb : AllVerbs()) {
    text += "    " + std::string(verb->name) + ") options=\"" + OptionNames(*verb) +
            "\"; kind=" + std::string(WordSource(verb->kind)) + " ;;\n";
  }
  return text;
}

std::string Bash() {
  return "# bash completion of svc; made by 'svc completion bash'\n"
         "_svc() {\n"
         "  local word=${COMP_WORDS[COMP_CWORD]} verb=${COMP_WORDS[1]} options= kind=nothing\n"
         "  COMPREPLY=()\n"
         "  if [ \"$COMP_CWORD\" -eq 1 ]; then\n"
         "    COMPREPLY=($(compgen -W \"" +
         VerbNames(" ") +
         "\" -- \"$word\"))\n"
         "    return\n"
         "  fi\n"
         "  case $verb in\n" +
         BashCases() +
         "  esac\n"
         "  case $word in -*) COMPREPLY=($(compgen -W \"$options\" -- \"$word\")); return ;; esac\n"
         "  case $kind in\n"
         "    services) COMPREPLY=($(compgen -W \"$(svc status --names 2>/dev/null)\" -- \"$word\")) ;;\n"
         "    workloads) COMPREPLY=($(compgen -W \"$(svc status --names 2>/dev/null | sed -n 's,/.*,,p' | "
         "sort -u)\" -- "
         "\"$word\")) ;;\n"
         "    files) COMPREPLY=($(compgen -f -- \"$word\")) ;;\n"
         "    verbs) COMPREPLY=($(compgen -W \"" +
         VerbNames(" ") +
         "\" -- \"$word\")) ;;\n"
         "    shells) COMPREPLY=($(compgen -W \"bash zsh fish\" -- \"$word\")) ;;\n"
         "  esac\n"
         "}\n"
         "complete -F _svc svc\n";
}

std::string Zsh() {
  std::string verbs;
  std::string cases;
  for (const Verb* verb : AllVerbs()) {
    verbs += "    '" + std::string(verb->name) + ":" + std::string(verb->summary) + "'\n";
    cases += "    " + std::string(verb->name) + ") options=(" + OptionNames(*verb) +
             "); kind=" + std::string(WordSource(verb->kind)) + " ;;\n";
  }
  return "#compdef svc\n"
         "# zsh completion of svc; made by 'svc completion zsh'\n"
         "_svc() {\n"
         "  local -a verbs options\n"
         "  local kind=nothing\n"
         "  verbs=(\n" +
         verbs +
         "  )\n"
         "  if (( CURRENT == 2 )); then _describe verb verbs; return; fi\n"
         "  case $words[2] in\n" +
         cases +
         "  esac\n"
         "  if [[ $words[CURRENT] == -* ]]; then compadd -- $options; return; fi\n"
         "  case $kind in\n"
         "    services) compadd -- ${(f)\"$(svc status --names 2>/dev/null)\"} ;;\n"
         "    workloads) compadd -- ${(fu)\"$(svc status --names 2>/dev/null | sed -n 's,/.*,,p')\"} ;;\n"
         "    files) _files ;;\n"
         "    verbs) _describe verb verbs ;;\n"
         "    shells) compadd -- bash zsh fish ;;\n"
         "  esac\n"
         "}\n"
         "compdef _svc svc\n";
}

std::string FishWords(const Verb& verb) {
  std::string_view source = WordSource(verb.kind);
  if (source == "services") return " -a '(svc status --names 2>/dev/null)'";
  if (source == "workloads")
    return " -a '(svc status --names 2>/dev/null | string match -r \"^[^/]+(?=/)\" | sort -u)'";
  if (source == "verbs") return " -a '" + VerbNames(" ") + "'";
  if (source == "shells") return " -a 'bash zsh fish'";
  return "";
}

std::string Fish() {
  std::string text = "# fish completion of svc; made by 'svc completion fish'\ncomplete -c svc -f\n";
  for (const Verb* verb : AllVerbs()) {
    const std::string name(verb->name);
    const std::string seen = "complete -c svc -n '__fish_seen_subcommand_from " + name + "'";
    text +=
        "complete -c svc -n __fish_use_subcommand -a " + name + " -d '" + std::string(verb->summary) + "'\n";
    if (WordSource(verb->kind) == "files") text += seen + " -F\n";
    if (std::string words = FishWords(*verb); !words.empty()) text += seen + words + "\n";
    auto add = [&](const std::vector<OptionSpec>& options) {
      for (const auto& option : options) {
        text += seen + " -l " + std::string(option.name.substr(2));
        if (!option.short_name.empty()) text += " -s " + std::string(option.short_name.substr(1));
        if (!option.value.empty()) text += " -r";
        text += "\n";
      }
    };
    add(verb->options);
    add(CommonOptions());
  }
  return text;
}

int Run(const Arguments& arguments, Console& console) {
  const std::string& shell = arguments.words[0];
  if (shell == "bash") {
    console.Out(Bash());
  } else if (shell == "zsh") {
    console.Out(Zsh());
  } else if (shell == "fish") {
    console.Out(Fish());
  } else {
    console.Complain("unknown shell '" + shell + "': bash, zsh or fish");
    return kExitUsage;
  }
  return kExitOk;
}

}  // namespace

const Verb kCompletionVerb{
    .name = "completion",
    .summary = "a completion script for bash, zsh or fish",
    .words = "SHELL",
    .kind = WordKind::kShell,
    .least_words = 1,
    .most_words = 1,
    .options = {},
    .examples = {{"source <(svc completion bash)", "in ~/.bashrc"},
                 {"svc completion fish | source", "in ~/.config/fish/config.fish"}},
    .details = "",
    .run = Run,
};

}  // namespace foster::cli
