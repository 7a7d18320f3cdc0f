#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Time in which init stood still (a paused container) is nobody's fault: what was due is due that much later."""
import os
import signal
import sys

sys.path.insert(0, os.path.dirname(__file__))
from fake_supervise import *  # noqa: F403

STUBBORN = ("/bin/sh", "-c", "trap '' TERM; while :; do sleep 1; done")


def stand_still(pid, seconds):
    os.kill(pid, signal.SIGSTOP)
    time.sleep(seconds)  # the standstill itself
    os.kill(pid, signal.SIGCONT)
    return time.monotonic()


def test_a_stop_keeps_its_grace():
    for pid1 in (True, False):
        with Init("--shutdown-timeout=3", pid1=pid1) as init:
            init.connect()
            init.run("stubborn", *STUBBORN)
            host = init.pid()
            os.kill(host, signal.SIGTERM)
            equal(init.expect(CONTAINER).signal, signal.SIGTERM)
            resumed = stand_still(host, 5)
            equal(init.process.wait(20), 0)
            took = time.monotonic() - resumed
            assert 2.9 < took < 6, f"{took:.1f} s of 3 (and 0.5 and the second that nobody can tell)"
        init.said("stood still for about 5")


def test_a_finish_keeps_its_grace():
    """TERM, then a second until KILL: also when init stands still in it."""
    with Init() as init:
        init.connect()
        read_end, write_end = os.pipe()
        init.spawn("slow", plan(["/bin/sh", "-c", "trap 'sleep 0.5; echo done >&9; exit' TERM; echo x >&9; while :; do sleep 0.1; done"],
                                fds=((2, 0, 9),)), [write_end])
        os.close(write_end)
        init.expect(SPAWNED, "slow")
        file, host = os.fdopen(read_end), init.pid()
        file.readline()
        children = children_of(host)
        os.kill(host, signal.SIGSTOP)
        for pid in children:
            os.kill(pid, signal.SIGSTOP)
        init.finish(4)  # lies in the socket until init goes on
        os.kill(host, signal.SIGCONT)
        end = time.monotonic() + 20
        while not has_pending_term(children):  # TERM is sent, the second runs
            assert time.monotonic() < end
        os.kill(host, signal.SIGSTOP)
        time.sleep(3)
        for pid in [*children, host]:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGCONT)
        equal(file.readline(), "done\n", "ended in order")
        equal(init.process.wait(20), 4)


def children_of(host):
    with open(f"/proc/{host}/task/{host}/children") as file:
        return [int(pid) for pid in file.read().split()]


def has_pending_term(pids):
    for pid in pids:
        with contextlib.suppress(OSError), open(f"/proc/{pid}/status") as file:
            for line in file:
                if line.startswith(("SigPnd", "ShdPnd")) and int(line.split()[1], 16) >> (signal.SIGTERM - 1) & 1:
                    return True
    return False


def test_no_wakes_without_a_deadline():
    with Init() as init:
        init.connect()
        init.run("keep", "/bin/sleep", "1000")
        init.send(READY)
        init.send(QUERY, "keep")
        init.expect(ALIVE, "keep")
        before = switches(init.pid())
        time.sleep(2.5)  # longer than two ticks
        equal(switches(init.pid()), before, "wake-ups")


def switches(pid):
    with open(f"/proc/{pid}/status") as file:
        return [line for line in file if "ctxt_switches" in line]


main(globals())
