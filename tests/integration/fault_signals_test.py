#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Fault signals to PID 1, from inside and outside: the same pids afterwards, and svc works."""
import os
import signal

from harness import Foster, check, equal, run, wait_for

SIGNALS = [signal.SIGSEGV, signal.SIGABRT, signal.SIGBUS, signal.SIGILL, signal.SIGFPE]


def test_fault_signals():
    with Foster(boot=False) as foster:
        for i in range(20):
            foster.longrun(f"s{i}")
        foster.longrun("flapper", "sleep 0.05; exit 1")
        foster.boot()
        names = [f"s{i}" for i in range(20)]
        foster.wait_all("running", names)
        before = {name: foster.pids()[name] for name in names}
        for round_number in range(4):
            for number in SIGNALS:
                os.kill(foster.init_pid(), number)
                foster.inside("sh", "-c", f"kill -{number.value} 1")
                equal({name: foster.pids()[name] for name in names}, before, f"after {number.name}")
                check(foster.process.poll() is None, "foster is there")
        restarted = foster.svc("restart", "s3")
        equal(restarted.returncode, 0, restarted.stderr)
        check(foster.status("s3")["pid"] != before["s3"][0], "s3 has a new pid")
        check("s3" in foster.svc("status").stdout)
        # Exits are still seen: a killed service comes back.
        host = {inside: pid for pid, (inside, *_rest) in foster.processes().items()}
        old = foster.status("s5")["pid"]
        os.kill(host[old], signal.SIGKILL)
        wait_for("s5 to be restarted", lambda: foster.status("s5")["pid"] not in (0, None, old))
        check(not foster.zombies(), "zombies")
        equal(foster.stop(), 0)


run(globals())
