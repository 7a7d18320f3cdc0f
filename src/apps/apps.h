// SPDX-License-Identifier: MIT
// The mains of the multi-call program `foster`, one per role. Each parses its words, builds its objects,
// runs, and returns the exit code (include/foster/exit_code.h). argv[0] is the role's name.
#pragma once

namespace foster {

int SuperviseMain(int argc, char** argv);  // foster supervise [--safe]: DECIDES; started by init only
int LoadMain(int argc, char** argv);       // foster load ...: READS; started by supervise through init
int LogdMain(int argc, char** argv);       // foster logd ...: WRITES; started by supervise through init
int ProbeMain(int argc, char** argv);      // foster probe: LOOKS; started by supervise through init
int ServeMain(int argc, char** argv);      // foster serve WORKLOAD: SPEAKS
int SvcMain(int argc, char** argv);        // svc ..., and every other word of `foster`: ASKS
int S6SvcMain(int argc, char** argv);      // s6-svc ...
int WithContenvMain(
    int argc, char** argv);  // with-contenv PROG...: runs PROG (services have the container's environment)

}  // namespace foster
