# SPDX-License-Identifier: MIT
"""Everything stands still for half a minute, as under a pause of the container: nothing is held against anybody."""
import contextlib
import os
import re
import signal
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
from harness import Foster, check, equal, run, wait_for, write  # noqa: E402

PAUSE = 30


def stand_still(foster, seconds=PAUSE):
    """Every process of the container is stopped, and goes on after a while. For how long: (all of them, any of them)."""
    stopped = []

    def all_stopped():
        found = foster.processes()
        new = [pid for pid in found if pid not in stopped]
        for pid in new:
            with contextlib.suppress(ProcessLookupError):  # it ended between the look and this
                os.kill(pid, signal.SIGSTOP)
            stopped.append(pid)
        # A process that waits for its vfork child counts as D: it stands still because that child does.
        return not new and all(state not in "RS" for _, _, state, _ in found.values())
    begin = time.monotonic()
    wait_for("everything to stand still", all_stopped)
    all_still = time.monotonic()
    time.sleep(seconds)
    least = time.monotonic() - all_still
    for pid in reversed(stopped):
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGCONT)
    return least, time.monotonic() - begin


class Ending:
    """A service that, once asked to end, does so when it is told. (A sleep would run out in the pause.)"""

    def __init__(self, foster, name):
        self.armed, self.begun, self.go, self.done = (f"{foster.directory}/{name}.{word}" for word in ("armed", "begun", "go", "done"))
        foster.longrun(name, f"trap 'touch {self.begun}; while [ ! -e {self.go} ]; do sleep 0.1; done; touch {self.done}; exit 0' TERM\n"
                       f"touch {self.armed}\nwhile :; do sleep 0.1; done")

    def await_armed(self):
        """A shell that runs may not have set its trap yet."""
        wait_for("the trap to be set", lambda: os.path.exists(self.armed))

    def await_begun(self):
        wait_for("the trap", lambda: os.path.exists(self.begun))

    def tell(self):
        write(self.go, "")

    def is_done(self):
        return os.path.exists(self.done)


def test_nothing_is_killed_or_restarted():
    with Foster(boot=False) as foster:
        ready = f"{foster.directory}/ready"
        # All limits are shorter than the pause, and long enough for a slow machine.
        stopping = Ending(foster, "stopping")
        write(f"{foster.services}/stopping/foster.yaml", "stop: {grace: 20s}\n")
        foster.longrun("starting", "exec sleep 1000000")
        write(f"{foster.services}/starting/foster.yaml",
              f"readiness: {{file: {ready}, quick_period: 100ms}}\ntimeouts: {{up: 25s}}\n")
        for name, probe in (("probed", "exec: 'sleep 0.2', timeout: 5s"), ("watched", f"file: {foster.directory}, timeout: 5s")):
            foster.longrun(name, "exec sleep 1000000")
            write(f"{foster.services}/{name}/foster.yaml",
                  f"liveness: {{{probe}, quick_period: 200ms, period: 300ms, failure_threshold: 1}}\n")
        foster.boot()
        foster.wait_all("running", ["stopping", "probed", "watched"])
        foster.wait_state("starting", "starting")
        wait_for("a passed probe", lambda: foster.status("probed")["alive"] and foster.status("watched")["alive"])
        stopping.await_armed()
        before = foster.pids()
        foster.call("down", {"names": ["stopping"], "wait": False})
        stopping.await_begun()
        least, most = stand_still(foster)
        told = lambda: [int(n) for n in re.findall(r"time: stood still for (\d+) s", foster.log()) if int(n) >= int(least)]
        check(wait_for("the word of it", told)[0] <= most + 3, f"told {told()} s of {most:.1f}, a tick and a slow machine")
        stopping.tell()
        foster.wait_state("stopping", "stopped")
        check(stopping.is_done(), "its grace period was used up by the pause")
        check("KILL" not in (foster.status("stopping")["cause"] or ""), foster.status("stopping"))
        time.sleep(2)  # a verdict would come now
        after = foster.pids()
        for name in ("starting", "probed", "watched"):
            equal(after[name], before[name], name)
        equal(foster.state("starting"), "starting", "its time to become ready was not used up either")
        write(ready, "")
        foster.wait_state("starting", "running")


def test_schedule_runs_once_after_a_pause():
    with Foster(boot=False) as foster:
        foster.oneshot("tick", f"date +%s.%N >> {foster.directory}/runs")
        write(f"{foster.services}/tick/foster.yaml", "schedule: {cron: '*/3 * * * * *'}\n")
        foster.longrun("web")
        write(f"{foster.services}/web/foster.yaml", f"liveness: {{file: {foster.directory}, period: 500ms}}\n")
        foster.boot()

        def runs(since):
            with contextlib.suppress(FileNotFoundError), open(f"{foster.directory}/runs") as file:
                return [float(line) for line in file if line.endswith("\n") and float(line) >= since]
            return []
        wait_for("a run", lambda: runs(0))
        stand_still(foster, 10)
        resumed = time.time()
        wait_for("the next but one", lambda: runs(resumed + 3))
        got = runs(resumed)
        due = int(time.time()) // 3 - int(resumed) // 3
        # One for all that were missed, and one that may have been on its way before.
        check(len(got) <= due + 2, (resumed, due, got))


def test_ordered_end_goes_on_after_a_pause():
    """The container is being ended, and is paused for longer than the whole end may take."""
    with Foster(boot=False, env={"FOSTER_SHUTDOWN_TIMEOUT": "8"}) as foster:
        slow = Ending(foster, "slow")
        foster.boot()
        foster.wait_state("slow", "running")
        slow.await_armed()
        os.kill(foster.init_pid(), signal.SIGTERM)
        slow.await_begun()
        stand_still(foster, 12)
        for who in ("foster-init: ", "time: "):
            wait_for(f"the word of {who}", lambda: f"{who}stood still for" in foster.log())
        slow.tell()
        equal(foster.wait(), 0)
        check(slow.is_done(), "it was killed before its grace had passed")


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
