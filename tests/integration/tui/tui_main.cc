// SPDX-License-Identifier: MIT
// The TUI alone, as `svc tui` calls it, so that its tests need neither supervise nor the command line.
#include <string>

#include "tui/tui.h"

int main(int argc, char** argv) {
  foster::TuiOptions options;
  if (argc > 1) options.socket = argv[1];
  return foster::RunTui(options);
}
