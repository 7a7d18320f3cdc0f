// SPDX-License-Identifier: MIT
// UseBuiltInNameServices: users and groups from /etc/passwd and /etc/group, hosts from /etc/hosts and DNS,
// whatever nsswitch.conf adds. A static program that looks further loads modules which were made for another
// libc and may crash in them (libnss_systemd does, for a name that does not exist). Called by: main, before
// anything is looked up. Not: a lookup.
#pragma once

namespace foster {

void UseBuiltInNameServices();

}  // namespace foster
