#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""A longrun whose lines go into an s6-log directory, with a real foster: logd is killed again and again, `svc logs` reads
the directory back without any foster, and the real s6-log takes it over. FOSTER_TEST_LINES: lines of the service."""
import os
import shutil
import signal
import subprocess
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
from harness import Foster, check, equal, run, wait_for, write  # noqa: E402

LINES = int(os.environ.get("FOSTER_TEST_LINES", "20000"))
KILLS = 10


def kill_logd(foster):
    old = wait_for("logd", lambda: foster.role_pid("foster", "logd"))
    os.kill(old, signal.SIGKILL)
    wait_for("another logd", lambda: foster.role_pid("foster", "logd") not in (None, old))


def position(foster, name):
    sink = foster.call("logs.stats", {"names": [name]})["services"][0]["sinks"][0]
    return sink.get("lines", 0)


def service(foster, name, script, writer):
    foster.longrun(name, writer)
    write(f"{foster.services}/{name}/foster.yaml", f"log: {{console: false, full_disk: wait, s6: \"{script}\"}}\n")


def read_back(foster, directory):
    return foster.svc("logs", "--directory", directory, "-n", "all", "-o", "cat").stdout.splitlines()


def test_nothing_is_lost_while_logd_is_killed_and_s6_log_goes_on():
    with Foster(boot=False) as foster:
        logs = f"{foster.directory}/logs/web"
        chosen = f"{foster.directory}/chosen"
        os.makedirs(os.path.dirname(logs))
        gate = f"{foster.directory}/gate"
        for i in range(KILLS):
            os.mkfifo(f"{gate}{i}")  # one for each step: a reader that is about to go takes no second word
        service(foster, "web", f"n1000 s4096 T {logs} - +7$ pchosen: {chosen}",
                f"step=$(({LINES} / {KILLS}))\ni=0\nwhile [ $i -lt {KILLS} ]; do read -r x < {gate}$i; "
                "seq $((i * step + 1)) $(((i + 1) * step)); i=$((i + 1)); done; exec sleep 1000000")
        foster.boot()
        for i in range(KILLS):
            with open(f"{gate}{i}", "w") as go:
                go.write("go\n")
            kill_logd(foster)
        wait_for("all lines", lambda: position(foster, "web") >= LINES, 60)
        numbers = [str(i) for i in range(1, LINES + 1)]
        equal(foster.stop(), 0, "exit code")
        equal(read_back(foster, logs), numbers, "lines of the directory")
        equal(read_back(foster, chosen), [f"chosen:{n}" for n in numbers if n.endswith("7")], "the chosen ones")
        archives = [name for name in os.listdir(logs) if name.endswith(".s")]
        check(len(archives) > 5 and not any(name.endswith(".u") for name in os.listdir(logs)), archives)
        # s6-log's own: the lock is free, `current` ended in order, and nothing is started over.
        equal(os.stat(f"{logs}/current").st_mode & 0o777, 0o744, "mode of current")
        subprocess.run(["s6-log", "n1000", "s4096", "T", logs], input=b"of s6-log\n", check=True, timeout=30)
        equal(read_back(foster, logs), [*numbers, "of s6-log"], "with a line of s6-log")
        check(not any(name.endswith(".u") for name in os.listdir(logs)), "s6-log found it unfinished")


def test_a_processor_gets_every_archive():
    with Foster(boot=False) as foster:
        logs = f"{foster.directory}/logs"
        service(foster, "web", f"n1000 s4096 '!sed s/^/seen:/' {logs}", f"seq 1 {LINES}; exec sleep 1000000")
        foster.boot()
        kill_logd(foster)
        wait_for("all lines", lambda: position(foster, "web") >= LINES, 60)
        wait_for("the last processor", lambda: not os.path.exists(f"{logs}/processed") and
                 not os.path.exists(f"{logs}/previous"))
        equal(foster.stop(), 0, "exit code")
        lines = read_back(foster, logs)
        equal([line.removeprefix("seen:") for line in lines], [str(i) for i in range(1, LINES + 1)], "lines")
        with open(f"{logs}/current") as file:
            fresh = len(file.readlines())
        check(all(line.startswith("seen:") for line in lines[:len(lines) - fresh]), "an archive was not processed")


if __name__ == "__main__":
    if not shutil.which("s6-log"):
        sys.exit("s6-log is needed")
    run(globals())
