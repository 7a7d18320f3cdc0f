#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""10,000 orphans leave no zombie, and the services are not delayed meanwhile."""
import os
import statistics
import subprocess
import tempfile
import time

from harness import Foster, check, run, wait_for, write

PROGRAM = r"""
#include <stdlib.h>
#include <stdio.h>
#include <unistd.h>
#include <sys/wait.h>
int main(int argc, char** argv) {  // each child forks a grandchild and leaves it; that one ends at a random moment
  int n = argc > 1 ? atoi(argv[1]) : 1;
  srand(1);
  for (int i = 0; i < n; i++) {
    unsigned pause = (unsigned)(rand() % 200000);
    pid_t child = fork();
    if (child == 0) {
      if (fork() == 0) { usleep(pause); _exit((int)(pause % 256)); }
      _exit(0);
    }
    if (child < 0) { usleep(1000); i--; continue; }
    waitpid(child, 0, 0);
  }
  puts("all orphaned"); fflush(stdout);
  for (;;) pause();
}
"""


def test_ten_thousand_orphans():
    with tempfile.TemporaryDirectory() as directory:
        write(f"{directory}/o.c", PROGRAM)
        subprocess.run(["gcc", "-O1", "-o", f"{directory}/orphans", f"{directory}/o.c"], check=True)
        with Foster(boot=False) as foster:
            foster.longrun("bystander")
            gate = f"{directory}/go"
            foster.longrun("orphans", f"while [ ! -e {gate} ]; do sleep 0.05; done; exec {directory}/orphans 10000")
            foster.boot()
            foster.wait_state("bystander", "running")
            foster.wait_state("orphans", "running")
            open(gate, "w").close()
            delays = []
            while "all orphaned" not in foster.log():
                start = time.monotonic()
                result = foster.call("restart", {"names": ["bystander"]})
                delays.append(time.monotonic() - start)
                check(result["results"][0]["ok"], str(result))
                check(len(delays) < 100000, "the orphans never came")
            # What is left: init, supervise, logd, the two services.
            wait_for("no process but ours", lambda: len(foster.processes()) <= 5, 60)
            check(not foster.zombies(), f"zombies: {foster.zombies()}")
            print(f"        {len(delays)} restarts beside 10,000 orphans: median {1000 * statistics.median(delays):.1f} ms, "
                  f"worst {1000 * max(delays):.1f} ms")
            check(max(delays) < 1, f"a restart took {max(delays):.2f} s")


run(globals())
