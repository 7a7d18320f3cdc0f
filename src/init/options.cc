// SPDX-License-Identifier: MIT
#include "options.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#ifndef FOSTER_VERSION
#define FOSTER_VERSION "0.1.0"
#endif

namespace foster::init {
namespace {

struct Flag {
  const char* name;
  const char* variable;
};

constexpr Flag kFlags[] = {
    {"--services", "FOSTER_SERVICES"},
    {"--workloads", "FOSTER_WORKLOADS"},
    {"--seed", "FOSTER_SEED"},
    {"--socket", "FOSTER_SOCKET"},
    {"--shutdown-timeout", "FOSTER_SHUTDOWN_TIMEOUT"},
    {"--stdout", "FOSTER_STDOUT"},
};

constexpr char kHelp[] =
    "usage: foster-init [FLAG...] [--] [CMD [ARGUMENT...]]\n"
    "\n"
    "The PID 1 of a container: starts the services, adopts and reaps every orphan, ends the container in\n"
    "order. With CMD: runs it in the foreground once the services have settled; its exit code is the\n"
    "container's. Without: lives until it is stopped. At any other pid it works the same, as a subreaper.\n"
    "\n"
    "flags, and the variable that each sets for everything below:\n"
    "  --services=DIR              FOSTER_SERVICES: service directories (/etc/foster/services.d)\n"
    "  --workloads=DIR             FOSTER_WORKLOADS: the projects' workloads (/workspaces/*/workloads if\n"
    "                              there is one, else /etc/foster/workloads)\n"
    "  --seed=DIR                  FOSTER_SEED: the built-in configs (/etc/foster/seed)\n"
    "  --socket=PATH               FOSTER_SOCKET: the control socket (/run/foster/control.sock)\n"
    "  --shutdown-timeout=SECONDS  FOSTER_SHUTDOWN_TIMEOUT: the time an ordered stop may take (8)\n"
    "  --stdout=0|1                FOSTER_STDOUT: print the services' output with a name prefix (1)\n"
    "  --help, --version\n"
    "\n"
    "variables without a flag:\n"
    "  FOSTER_COMMAND_WAIT         how long CMD waits for the services, in seconds (10)\n"
    "  FOSTER_LOG_FORMAT           lines on stdout: text, or json for one object a line (text)\n"
    "  FOSTER_BIN                  the foster program, if it does not lie beside foster-init or in PATH\n"
    "\n"
    "signals: TERM, PWR, RTMIN+3, RTMIN+4 (and INT, QUIT without a CMD) stop the container; a second one\n"
    "leaves it one second. HUP reloads. HUP, INT, QUIT, USR1, USR2 and WINCH go to CMD while it runs.\n"
    "\n"
    "exit code: CMD's (128+N when signal N ended it, 127 not found, 126 not executable), else the one\n"
    "that the services' end gives, else 0. 2: wrong usage.\n";

// "--name=value" or "--name value"; moves *index on for the second form. False: no such flag.
bool TakeFlag(int argc, char** argv, int* index) {
  for (const Flag& flag : kFlags) {
    const char* word = argv[*index];
    size_t length = strlen(flag.name);
    if (strncmp(word, flag.name, length) != 0) continue;
    if (word[length] == '=') return setenv(flag.variable, word + length + 1, 1) == 0;
    if (word[length] == '\0' && *index + 1 < argc) return setenv(flag.variable, argv[++*index], 1) == 0;
  }
  return false;
}

}  // namespace

Options ParseOptions(int argc, char** argv) {
  Options options = {};
  for (int i = 1; i < argc; ++i) {
    const char* word = argv[i];
    bool is_end = strcmp(word, "--") == 0;
    if (is_end || word[0] != '-' || word[1] == '\0') {
      if (is_end) ++i;
      if (i < argc) options.command = argv + i;
      break;
    }
    if (strcmp(word, "--help") == 0 || strcmp(word, "-h") == 0) {
      options.wants_help = true;
    } else if (strcmp(word, "--version") == 0) {
      options.wants_version = true;
    } else if (!TakeFlag(argc, argv, &i) && options.unknown == nullptr) {
      options.unknown = word;
    }
  }
  return options;
}

void PrintHelp(int fd) { (void)dprintf(fd, "%s", kHelp); }

// Engines look for the words "tini version" in what an init says of itself.
void PrintVersion() {
  (void)dprintf(1, "foster-init " FOSTER_VERSION " (does the work of tini version 0.19.0)\n");
}

}  // namespace foster::init
