// SPDX-License-Identifier: MIT
#include "options.h"

#include <stdio.h>
#include <string.h>

#ifndef FOSTER_VERSION
#define FOSTER_VERSION "0.1.0"
#endif

namespace foster::init {
namespace {

struct Flag {
  const char* name;
  const char* variable;
  const char* value;
  const char* text;
};

constexpr Flag kFlags[] = {
    {"--services", "FOSTER_SERVICES", "DIR", "service directories (/etc/foster/services.d)"},
    {"--workloads", "FOSTER_WORKLOADS", "DIR",
     "the projects' workloads (/workspaces/*/workloads if there is one, else /etc/foster/workloads)"},
    {"--seed", "FOSTER_SEED", "DIR", "the built-in configs (/etc/foster/seed)"},
    {"--socket", "FOSTER_SOCKET", "PATH", "the control socket (/run/foster/control.sock)"},
    {"--shutdown-timeout", "FOSTER_SHUTDOWN_TIMEOUT", "SECONDS", "the time an ordered stop may take (8)"},
    {"--stdout", "FOSTER_STDOUT", "0|1", "print the services' output with a name prefix (1)"},
};
constexpr size_t kFlagCount = sizeof kFlags / sizeof kFlags[0];

char setting_text[kFlagCount][4096 + 32];

// The value of "--name=value" or "--name value"; moves *index on for the second form. Null: not this flag.
const char* ValueOf(const Flag& flag, int argc, char** argv, int* index) {
  const char* word = argv[*index];
  size_t length = strlen(flag.name);
  if (strncmp(word, flag.name, length) != 0) return nullptr;
  if (word[length] == '=') return word + length + 1;
  if (word[length] != '\0' || *index + 1 >= argc) return nullptr;
  return argv[++*index];
}

bool TakeFlag(Options* options, int argc, char** argv, int* index) {
  for (size_t i = 0; i < kFlagCount; ++i) {
    const char* value = ValueOf(kFlags[i], argc, argv, index);
    if (value == nullptr) continue;
    (void)snprintf(setting_text[i], sizeof setting_text[i], "%s=%s", kFlags[i].variable, value);
    size_t at = 0;
    while (options->settings[at] != nullptr && options->settings[at] != setting_text[i]) ++at;
    options->settings[at] = setting_text[i];
    return true;
  }
  return false;
}

}  // namespace

Options ParseOptions(int argc, char** argv) {
  Options options = {};
  for (int i = 1; i < argc; ++i) {
    const char* word = argv[i];
    if (strcmp(word, "--") == 0) {
      if (i + 1 < argc) options.command = argv + i + 1;
      break;
    }
    if (word[0] != '-' || word[1] == '\0') {
      options.command = argv + i;
      break;
    }
    if (strcmp(word, "--help") == 0 || strcmp(word, "-h") == 0) {
      options.wants_help = true;
    } else if (strcmp(word, "--version") == 0) {
      options.wants_version = true;
    } else if (!TakeFlag(&options, argc, argv, &i) && options.unknown == nullptr) {
      options.unknown = word;
    }
  }
  return options;
}

void PrintFlags() {
  for (const Flag& flag : kFlags)
    (void)dprintf(2, "  %s=%s%*s %s\n", flag.name, flag.value,
                  static_cast<int>(28 - strlen(flag.name) - strlen(flag.value)), "", flag.text);
}

void PrintHelp() {
  (void)dprintf(
      1,
      "usage: foster-init [FLAG...] [--] [CMD [ARGUMENT...]]\n"
      "\n"
      "The PID 1 of a container: starts the services, adopts and reaps every orphan, ends the container in\n"
      "order. With CMD: runs it in the foreground once the services have settled; its exit code is the\n"
      "container's. Without: lives until it is stopped. At any other pid it works the same, as a subreaper.\n"
      "\n"
      "flags (each sets the variable for everything below):\n");
  for (const Flag& flag : kFlags)
    (void)dprintf(1, "  %s=%s%*s %s\n%33s$%s\n", flag.name, flag.value,
                  static_cast<int>(28 - strlen(flag.name) - strlen(flag.value)), "", flag.text, "",
                  flag.variable);
  (void)dprintf(
      1,
      "  --help, --version\n"
      "\n"
      "variables without a flag:\n"
      "  FOSTER_COMMAND_WAIT             how long CMD waits for the services, in seconds (10)\n"
      "  FOSTER_BIN                      the foster program, if it does not lie beside foster-init\n"
      "\n"
      "signals: TERM, PWR, RTMIN+3, RTMIN+4 (and INT, QUIT without a CMD) stop the container; a second one\n"
      "leaves it one second. HUP reloads. HUP, INT, QUIT, USR1, USR2 and WINCH go to CMD while it runs.\n"
      "\n"
      "exit code: CMD's (128+N when signal N ended it, 127 not found, 126 not executable), else the one\n"
      "that the services' end gives, else 0. 2: wrong usage.\n");
}

void PrintVersion() {
  // Engines that take a foreign init look for these words.
  (void)dprintf(1, "foster-init " FOSTER_VERSION " (tini version 0.19.0 compatible)\n");
}

}  // namespace foster::init
