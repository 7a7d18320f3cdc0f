// SPDX-License-Identifier: MIT
#include "sys/name_services.h"

#include <nss.h>

#include <initializer_list>

namespace foster {

void UseBuiltInNameServices() {
  for (const char* database : {"passwd", "group", "initgroups"})
    (void)__nss_configure_lookup(database, "files");
  (void)__nss_configure_lookup("hosts", "files dns");
}

}  // namespace foster
