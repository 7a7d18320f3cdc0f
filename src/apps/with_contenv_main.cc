// SPDX-License-Identifier: MIT
// with-contenv PROG...: services have the container's environment already, so it only becomes PROG.
#include <cerrno>
#include <cstdio>

#include "apps/apps.h"
#include "sys/exec_program.h"

namespace foster {
namespace {

// As a shell says it.
constexpr int kNotFound = 127;
constexpr int kNotExecutable = 126;
constexpr int kUsage = 100;

}  // namespace

int WithContenvMain(int argc, char** argv) {
  if (argc < 2) {
    std::fputs("usage: with-contenv PROGRAM [ARGUMENT...]\n", stderr);
    return kUsage;
  }
  Error error = ExecProgram(argv + 1);
  std::fprintf(stderr, "with-contenv: %s\n", error.message().c_str());
  return error.code() == ENOENT ? kNotFound : kNotExecutable;
}

}  // namespace foster
