// SPDX-License-Identifier: MIT
#include "environment.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "say.h"

namespace foster::init {
namespace {

char** own = nullptr;     // for CMD
char** theirs = nullptr;  // own + FOSTER_INIT_FD
char** first = nullptr;   // as it came + FOSTER_INIT_STATE at its end
size_t first_count = 0;
char state_setting[64];
char init_fd_setting[] = "FOSTER_INIT_FD=3";
char* nothing[] = {nullptr};

bool HasName(const char* setting, const char* name, size_t length) {
  return strncmp(setting, name, length) == 0 && setting[length] == '=';
}

bool IsOverridden(const char* setting, const char* const* settings) {
  const char* equals = strchr(setting, '=');
  if (equals == nullptr) return false;
  auto length = static_cast<size_t>(equals - setting);
  for (; *settings != nullptr; ++settings)
    if (HasName(*settings, setting, length)) return true;
  return false;
}

}  // namespace

bool PrepareEnvironment(char** environment, const char* const* settings) {
  size_t count = 0;
  while (environment[count] != nullptr) ++count;
  size_t more = 0;
  while (settings[more] != nullptr) ++more;
  size_t room = count + more + 3;
  void* memory =
      mmap(nullptr, 3 * room * sizeof(char*), PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (memory == MAP_FAILED) return false;
  own = static_cast<char**>(memory);
  theirs = own + room;
  first = theirs + room;
  size_t at = 0;
  for (size_t i = 0; i < count; ++i) {
    if (HasName(environment[i], kStateVariable, sizeof kStateVariable - 1)) continue;
    first[first_count++] = environment[i];
    if (!IsOverridden(environment[i], settings) && !HasName(environment[i], "FOSTER_INIT_FD", 14))
      own[at++] = environment[i];
  }
  for (size_t i = 0; i < more; ++i) own[at++] = const_cast<char*>(settings[i]);
  memcpy(theirs, own, at * sizeof(char*));
  theirs[at] = init_fd_setting;
  return true;
}

const char* Variable(const char* name) {
  size_t length = strlen(name);
  for (char** each = own; each != nullptr && *each != nullptr; ++each)
    if (HasName(*each, name, length)) return *each + length + 1;
  return nullptr;
}

int64_t SecondsVariable(const char* variable, double standard) {
  const char* text = Variable(variable);
  double seconds = standard;
  if (text != nullptr && *text != '\0') {
    char* end = nullptr;
    double value = strtod(text, &end);
    if (*end == '\0' && value >= 0 && value <= 1e6)
      seconds = value;
    else
      Say("%s=%s is no number of seconds; using %g", variable, text, standard);
  }
  return static_cast<int64_t>(seconds * static_cast<double>(kSecond));
}

char* const* CommandEnvironment() { return own != nullptr ? own : nothing; }
char* const* SuperviseEnvironment() { return theirs != nullptr ? theirs : nothing; }

char* const* ReexecEnvironment(int state_fd) {
  if (first == nullptr) return nothing;
  (void)snprintf(state_setting, sizeof state_setting, "%s=%d", kStateVariable, state_fd);
  first[first_count] = state_setting;
  return first;
}

}  // namespace foster::init
