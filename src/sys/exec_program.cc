// SPDX-License-Identifier: MIT
#include "sys/exec_program.h"

#include <unistd.h>

namespace foster {

Error ExecProgram(char* const* argv) {
  ::execvp(argv[0], argv);
  return Error::FromErrno(std::string("cannot execute ") + argv[0]);
}

}  // namespace foster
