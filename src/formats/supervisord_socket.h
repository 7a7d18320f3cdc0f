// SPDX-License-Identifier: MIT
// The socket of an [fcgi-program:x]: socket, socket_owner, socket_mode, socket_backlog. Not: the program's
// other keys (supervisord_program.cc). Called by: supervisord_program.cc. Invariant: a wrong value is an
// error at its place.
#pragma once

#include "formats/supervisord_section.h"
#include "foster/service_spec.h"

namespace foster {

// Does nothing for a [program:x].
void ReadSupervisordSocket(const SupervisordSection& section, ServiceSpec& spec);

}  // namespace foster
