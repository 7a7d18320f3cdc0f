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
    """3 s of grace, begun before the standstill: not over before 3 s of running time, and over soon after."""
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
            assert 2.9 < took < 8, f"{took:.1f} s of 3 (and 0.5, the second that nobody can tell, and a slow machine)"
        init.said("stood still for about ")
        told = int(init.last_words.split("stood still for about ")[1].split(" ms")[0])
        assert 4900 < told < 8000, f"{told} ms told of 5 s"


def test_a_finish_keeps_its_grace():
    """TERM, then a second until KILL: also when init stands still in it."""
    with Init() as init:
        init.connect()
        (said_end, say_end), (go_end, tell_end) = os.pipe(), os.pipe()
        # Once asked to end, it tells so, waits for the test's word, and takes its time then.
        init.spawn("slow", plan(["/bin/sh", "-c", "trap 'echo asked >&9; read go <&8; sleep 0.3; echo done >&9; exit' TERM; "
                                 "echo ready >&9; while :; do sleep 0.1; done"], fds=((2, 0, 9), (2, 1, 8))), [say_end, go_end])
        for end in (say_end, go_end):
            os.close(end)
        init.expect(SPAWNED, "slow")
        with os.fdopen(said_end) as said, os.fdopen(tell_end, "w") as tell:
            equal(said.readline(), "ready\n")
            init.finish(4)
            equal(said.readline(), "asked\n", "TERM is sent, the second runs")
            os.kill(init.pid(), signal.SIGSTOP)
            time.sleep(3)  # the standstill itself
            tell.write("go\n")
            tell.flush()
            os.kill(init.pid(), signal.SIGCONT)
            equal(said.readline(), "done\n", "ended in order")
        equal(init.process.wait(20), 4)
    init.said("stood still for about ")


def test_no_wakes_without_a_deadline():
    with Init() as init:
        init.connect()
        init.run("keep", "/bin/sleep", "1000")
        init.send(READY)
        init.send(QUERY, "keep")
        init.expect(ALIVE, "keep")
        before = switches_at_rest(init.pid())
        time.sleep(2.5)  # longer than two ticks
        equal(switches(init.pid())[1], before, "wake-ups")


def switches(pid):
    """(is it asleep, how often it was switched away from so far)."""
    with open(f"/proc/{pid}/status") as file:
        lines = file.read().splitlines()
    return any(line.startswith("State:\tS") for line in lines), [line for line in lines if "ctxt_switches" in line]


def switches_at_rest(pid):
    """Once it sleeps: an answer is read here while init is still on its way to the next wait."""
    end, last = time.monotonic() + 20, None
    while True:
        asleep, now = switches(pid)
        if asleep and now == last:
            return now
        assert time.monotonic() < end, f"it never came to rest: {now}"
        last = now if asleep else None
        select.select([], [], [], 0.02)


main(globals())
