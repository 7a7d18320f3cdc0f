// SPDX-License-Identifier: MIT
// What a command line program asks of its terminal. Not: drawing (src/tui). Called by: cli.
#pragma once

namespace foster {

bool IsTerminal(int fd);
// Columns of the terminal behind `fd`; 0 when it is none or does not say.
int TerminalWidth(int fd);

}  // namespace foster
