// SPDX-License-Identifier: MIT
#include <cstdio>

#include "apps/apps.h"

namespace foster {

int SuperviseMain(int, char**) {
  std::fputs("foster: this role is being built\n", stderr);
  return 1;
}

}  // namespace foster
