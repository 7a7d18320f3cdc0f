# SPDX-License-Identifier: MIT
"""Everything stands still for half a minute, as under a pause of the container: nothing is held against anybody."""
import os
import signal
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
from harness import Foster, check, equal, run, wait_for, write  # noqa: E402

PAUSE = 30


def stand_still(foster, seconds=PAUSE):
    """Every process of the container is stopped, and goes on after a while."""
    pids = []
    for _ in range(3):  # what was started meanwhile is in the next round
        for pid in foster.processes():
            if pid not in pids:
                os.kill(pid, signal.SIGSTOP)
                pids.append(pid)
    time.sleep(seconds)
    for pid in reversed(pids):
        os.kill(pid, signal.SIGCONT)


def test_nothing_is_killed_or_restarted():
    with Foster(boot=False) as foster:
        slow, ready = f"{foster.directory}/slow", f"{foster.directory}/ready"
        foster.longrun("stopping", f"trap 'touch {slow}; sleep 6; echo in order > {slow}; exit 0' TERM\nwhile :; do sleep 0.1; done")
        write(f"{foster.services}/stopping/foster.yaml", "stop: {grace: 10s}\n")
        foster.longrun("starting", "exec sleep 1000000")
        write(f"{foster.services}/starting/foster.yaml",
              f"readiness: {{file: {ready}, quick_period: 100ms}}\ntimeouts: {{up: 15s}}\n")
        for name, probe in (("probed", "exec: 'sleep 0.2', timeout: 1s"), ("watched", f"file: {foster.directory}, timeout: 1s")):
            foster.longrun(name, "exec sleep 1000000")
            write(f"{foster.services}/{name}/foster.yaml",
                  f"liveness: {{{probe}, quick_period: 200ms, period: 300ms, failure_threshold: 1}}\n")
        foster.boot()
        foster.wait_all("running", ["stopping", "probed", "watched"])
        foster.wait_state("starting", "starting")
        wait_for("a passed probe", lambda: foster.status("probed")["alive"] and foster.status("watched")["alive"])
        before = foster.pids()
        foster.call("down", {"names": ["stopping"], "wait": False})
        wait_for("the trap", lambda: os.path.exists(slow))
        stand_still(foster)
        wait_for("the word of it", lambda: "time: stood still for" in foster.log())
        foster.wait_state("stopping", "stopped")
        equal(open(slow).read(), "in order\n", "the grace period was not used up by the pause")
        check("KILL" not in (foster.status("stopping")["cause"] or ""), foster.status("stopping"))
        time.sleep(2)  # a verdict would come now
        after = foster.pids()
        for name in ("starting", "probed", "watched"):
            equal(after[name], before[name], name)
        equal(foster.state("starting"), "starting", "its time to become ready was not used up either")
        write(ready, "")
        foster.wait_state("starting", "running")
        seconds = int(foster.log().split("stood still for ")[1].split(" s")[0])
        check(PAUSE - 3 <= seconds <= PAUSE + 5, seconds)


def test_schedule_runs_once_after_a_pause():
    with Foster(boot=False) as foster:
        foster.oneshot("tick", f"echo run >> {foster.directory}/runs")
        write(f"{foster.services}/tick/foster.yaml", "schedule: {cron: '*/3 * * * * *'}\n")
        foster.longrun("web")
        write(f"{foster.services}/web/foster.yaml", f"liveness: {{file: {foster.directory}, period: 500ms}}\n")
        foster.boot()
        runs = lambda: open(f"{foster.directory}/runs").read().count("run") if os.path.exists(f"{foster.directory}/runs") else 0
        wait_for("a run", lambda: runs() >= 1)
        before = runs()
        begin = time.monotonic()
        stand_still(foster, 10)
        wait_for("two more", lambda: runs() >= before + 2)
        check(runs() - before <= (time.monotonic() - begin - 10) / 3 + 2.5, (before, runs()))


def test_ordered_end_goes_on_after_a_pause():
    """The container is being ended, and is paused for longer than the whole end may take."""
    with Foster(boot=False, env={"FOSTER_SHUTDOWN_TIMEOUT": "8"}) as foster:
        begun, done = f"{foster.directory}/begun", f"{foster.directory}/done"
        foster.longrun("slow", f"trap 'touch {begun}; sleep 4; touch {done}; exit 0' TERM\nwhile :; do sleep 0.1; done")
        foster.boot()
        foster.wait_state("slow", "running")
        os.kill(foster.init_pid(), signal.SIGTERM)
        wait_for("the trap", lambda: os.path.exists(begun))
        stand_still(foster, 12)
        equal(foster.wait(), 0)
        check(os.path.exists(done), "it was killed before its grace had passed")


def test_idle_supervise_does_not_wake():
    """Twenty services that nothing is asked of: supervise sleeps."""
    with Foster(boot=False) as foster:
        for i in range(20):
            foster.longrun(f"s{i}")
        foster.boot()
        foster.wait_all("running", [f"s{i}" for i in range(20)])
        supervise = foster.role_pid("foster", "supervise")

        def turns():
            with open(f"/proc/{supervise}/status") as file:
                return sum(int(line.split()[1]) for line in file if "ctxt_switches" in line)
        time.sleep(12)  # start times, reset_after and the like have passed
        before = turns()
        time.sleep(5)
        check(turns() - before <= 1, (before, turns()))


if __name__ == "__main__":
    run(globals())
