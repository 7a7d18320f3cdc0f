// SPDX-License-Identifier: MIT
// Where a [program:x] says that its output goes: *_logfile and its companions, *_syslog, and foster's own
// log_* keys. Not: what foster's own log is. Called by: supervisord_program.cc, for each process of a
// program. Invariant: faults are reported at their place, in supervisord's words where it has some; relative
// paths and "~" are foster's own, as they are supervisord's there.
#pragma once

#include "formats/supervisord_program.h"

namespace foster {

// `section` has the names of one process, its own environment included. Fills spec.log.
void ReadSupervisordLogs(const ProgramContext& context, const SupervisordSection& section, ServiceSpec& spec);

}  // namespace foster
