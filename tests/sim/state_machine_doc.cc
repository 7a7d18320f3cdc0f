// SPDX-License-Identifier: MIT
// Makes docs/state-machine.md from the transition table: `state_machine_doc --write FILE`, or `--check FILE`,
// which fails when the file is not what would be written.
#include <cstdio>
#include <fstream>
#include <sstream>
#include <string>

#include "core/transition_table.h"

namespace foster {
namespace {

constexpr std::string_view kMeaning[] = {
    "no process, and none is wanted",
    "wanted, but a gate is closed, or its time or connection has not come",
    "spawn asked for, or spawned and not yet ready",
    "ready, or past its start time",
    "told to stop, or its down script or the rest of its tree runs; the grace runs",
    "SIGKILL sent; again every 5 s until nothing is left",
    "the finish script runs",
    "waits before the next try",
    "ended by itself and is not to be restarted",
    "gave up, or cannot be started",
};
static_assert(std::size(kMeaning) == static_cast<std::size_t>(kLastState) + 1);

std::string TriggerNames(TriggerSet triggers) {
  std::string names;
  for (unsigned i = 0; i <= static_cast<unsigned>(kLastTrigger); ++i) {
    if ((triggers & TriggerSet{1} << i) == 0) continue;
    if (!names.empty()) names += ", ";
    names += NameOf(static_cast<Trigger>(i));
  }
  return names;
}

std::string Page() {
  std::ostringstream out;
  out << "# The state machine of a service\n\n"
         "Made by `state_machine_doc --write` from src/core/transition_table.cc; a test says when it is "
         "stale.\n"
         "Every change of state that foster can make is here; any other aborts supervise, and init starts it "
         "again.\n"
         "\n| state | meaning |\n|---|---|\n";
  for (unsigned i = 0; i <= static_cast<unsigned>(kLastState); ++i) {
    out << "| " << NameOf(static_cast<State>(i)) << " | " << kMeaning[i] << " |\n";
  }
  out << "\nTriggers: `up`, `down`, `once` and `restart` are requests; `spawned`, `spawn failed`, `exited` "
         "and\n"
         "`tree gone` come from init; `ready` from the readiness fd; `timer` is the timer that the state "
         "armed; `gate`\n"
         "is a change of a service that a gate names; `reload`, `restore` and `shutdown` are calls of the "
         "engine;\n"
         "`nothing to run` and `again` are steps that follow at once. A row from a state to itself changes "
         "only the\n"
         "cause or the timer.\n";
  for (unsigned i = 0; i <= static_cast<unsigned>(kLastState); ++i) {
    out << "\n## " << NameOf(static_cast<State>(i)) << "\n\n| on | to | because |\n|---|---|---|\n";
    for (const Transition& row : Transitions()) {
      if (row.from != static_cast<State>(i)) continue;
      out << "| " << TriggerNames(row.triggers) << " | " << NameOf(row.to) << " | " << row.text << " |\n";
    }
  }
  return out.str();
}

int Check(const char* path) {
  std::ifstream file(path);
  std::ostringstream content;
  content << file.rdbuf();
  if (file && content.str() == Page()) return 0;
  std::fprintf(stderr, "%s is stale: run state_machine_doc --write %s\n", path, path);
  return 1;
}

int Write(const char* path) {
  std::ofstream file(path);
  file << Page();
  file.close();
  if (file) return 0;
  std::fprintf(stderr, "cannot write %s\n", path);
  return 1;
}

}  // namespace
}  // namespace foster

int main(int argc, char** argv) {
  if (argc == 3 && std::string_view(argv[1]) == "--check") return foster::Check(argv[2]);
  if (argc == 3 && std::string_view(argv[1]) == "--write") return foster::Write(argv[2]);
  std::fprintf(stderr, "usage: state_machine_doc --check|--write FILE\n");
  return 2;
}
