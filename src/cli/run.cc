// SPDX-License-Identifier: MIT
#include "cli/run.h"

#include "cli/command_line.h"
#include "cli/help.h"
#include "cli/s6_svc.h"

namespace foster::cli {
namespace {

// A single dash opens the s6 spelling: svc's own options before a verb all have two.
bool IsS6Spelling(const std::vector<std::string>& words) {
  if (words.empty() || words[0].size() < 2 || words[0][0] != '-' || words[0][1] == '-') return false;
  return words.size() > 1 || words[0] != "-h";
}

ColourWhen WhenOf(const std::string& text) {
  if (text == "always") return ColourWhen::kAlways;
  return text == "never" ? ColourWhen::kNever : ColourWhen::kAuto;
}

int RunWords(const std::vector<std::string>& words, Console& console) {
  if (words.size() == 1 && words[0] == "--version") return RunSvc({"version"}, console);
  if (words.size() == 1 && words[0] == "-h") return RunSvc({"help"}, console);
  if (IsS6Spelling(words)) return RunS6Svc("svc", words, console);
  Result<CommandLine> line = ParseCommandLine(words);
  if (!line) {
    console.Complain(line.error().message());
    return kExitUsage;
  }
  if (line->arguments.Has("--color")) console.SetColour(WhenOf(line->arguments.Text("--color")));
  if (line->verb != nullptr && line->arguments.Has("--help")) {
    console.Out(HelpFor(*line->verb));
    return kExitOk;
  }
  if (line->verb != nullptr) return line->verb->run(line->arguments, console);
  if (line->arguments.Has("--help")) {
    console.Out(GeneralHelp());
    return kExitOk;
  }
  console.Err(GeneralHelp());
  return kExitUsage;
}

}  // namespace

int RunSvc(const std::vector<std::string>& words, Console& console) {
  int code = RunWords(words, console);
  console.Flush();
  return code;
}

}  // namespace foster::cli
