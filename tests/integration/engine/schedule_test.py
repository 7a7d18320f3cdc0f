# SPDX-License-Identifier: MIT
"""Schedules with real processes: cron with seconds, intervals, one time, what overlaps, and a supervise that dies."""
import datetime
import os
import signal
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
from harness import Foster, check, equal, run, wait_for, write  # noqa: E402


class Scheduled(Foster):
    def job(self, name, yaml, more=""):
        """A oneshot that writes when it ran."""
        self.oneshot(name, f"date +%s.%N >> {self.directory}/{name}.runs\n{more}")
        write(f"{self.services}/{name}/foster.yaml", yaml)

    def runs(self, name):
        try:
            with open(f"{self.directory}/{name}.runs") as file:
                return [float(line) for line in file.read().split()]
        except OSError:
            return []

    def kill_supervise(self):
        old = wait_for("supervise", lambda: self.role_pid("foster", "supervise"))
        os.kill(old, signal.SIGKILL)
        wait_for("another supervise", lambda: self.role_pid("foster", "supervise") not in (None, old))
        self.wait_up()


def moment(text):
    return datetime.datetime.fromisoformat(text.replace("Z", "+00:00")).timestamp()


def test_cron_with_seconds():
    with Scheduled(boot=False) as foster:
        foster.job("tick", "schedule: {cron: '*/2 * * * * *'}\n")
        foster.boot()
        status = foster.wait_state("tick", "waiting")
        equal(status["schedule"], "*/2 * * * * *")
        due = moment(wait_for("a next time", lambda: foster.status("tick")["next_due"]))
        equal(due % 2, 0.0)
        runs = wait_for("four runs", lambda: len(foster.runs("tick")) >= 4 and foster.runs("tick"))
        for run_at in runs:
            check(0 <= run_at % 2 < 1, runs)
        equal([round((b - a) / 2) for a, b in zip(runs, runs[1:])], [1] * (len(runs) - 1), str(runs))
        equal(foster.status("tick")["missed"], 0)


def test_zone_and_no_run_before_its_time():
    with Scheduled(boot=False, env={"TZ": "UTC"}) as foster:
        foster.job("night", "schedule: {cron: '30 4 * * *', timezone: Asia/Kolkata}\n")
        foster.boot()
        due = moment(wait_for("a next time", lambda: (foster.status("night") or {}).get("next_due")))
        equal(datetime.datetime.fromtimestamp(due, datetime.timezone.utc).strftime("%H:%M"), "23:00")
        equal(foster.runs("night"), [])


def test_interval_and_run_on_start():
    with Scheduled(boot=False) as foster:
        foster.job("now", "schedule: {every: 1s, run_on_start: true}\n")
        foster.job("later", "schedule: {every: 1s}\n")
        begin = time.time()
        foster.boot()
        runs = wait_for("runs", lambda: len(foster.runs("now")) >= 4 and foster.runs("now"))
        later = wait_for("runs", lambda: len(foster.runs("later")) >= 3 and foster.runs("later"))
        check(later[0] - runs[0] > 0.5, (begin, runs, later))
        span = (runs[-1] - runs[1]) / (len(runs) - 2)
        check(0.8 < span < 1.2, runs)


def test_one_time():
    with Scheduled(boot=False) as foster:
        soon = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(seconds=4)
        foster.job("once", f"schedule: {{at: '{soon.strftime('%Y-%m-%dT%H:%M:%SZ')}'}}\n")
        foster.job("past", "schedule: {at: '2020-01-01T00:00:00Z'}\n")
        foster.boot()
        foster.wait_state("once", "exited")
        equal(len(foster.runs("once")), 1)
        check(foster.runs("once")[0] >= int(soon.timestamp()), foster.runs("once"))
        equal(foster.status("once")["next_due"], None)
        foster.wait_state("past", "exited")
        equal(foster.runs("past"), [])


def test_overlap():
    """A run of 2.5 s every second: skip counts what it left out, queue runs on end, replace stops the one before."""
    with Scheduled(boot=False) as foster:
        for policy in ("skip", "queue", "replace"):
            foster.job(policy, f"schedule: {{every: 1s, overlap: {policy}}}\n",
                       f"trap 'echo cut >> {foster.directory}/{policy}.cut; exit 0' TERM\nsleep 2.5 & wait $!")
        foster.boot()
        runs = {p: wait_for(p, lambda p=p: len(foster.runs(p)) >= 4 and foster.runs(p)) for p in ("skip", "queue", "replace")}
        gaps = {p: [b - a for a, b in zip(r, r[1:])] for p, r in runs.items()}
        check(all(2.7 < gap < 3.5 for gap in gaps["skip"]), gaps)
        check(all(2.4 < gap < 2.95 for gap in gaps["queue"]), gaps)
        check(all(gap < 1.6 for gap in gaps["replace"]), gaps)
        check(foster.status("skip")["missed"] >= 4, foster.status("skip"))
        check(os.path.exists(f"{foster.directory}/replace.cut"))
        check(not os.path.exists(f"{foster.directory}/queue.cut"))


def test_supervise_dies_over_a_due_time():
    """The time passes while supervise is dead: it runs once, not never and not for every time that passed."""
    with Scheduled(boot=False) as foster:
        soon = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(seconds=5)
        foster.job("once", f"schedule: {{at: '{soon.strftime('%Y-%m-%dT%H:%M:%SZ')}'}}\n")
        foster.boot()
        wait_for("the next time", lambda: (foster.status("once") or {}).get("next_due"))
        supervise = foster.role_pid("foster", "supervise")
        os.kill(supervise, signal.SIGSTOP)  # dead to all but init, until its time has passed
        wait_for("the time to pass", lambda: time.time() > soon.timestamp() + 0.5)
        os.kill(supervise, signal.SIGKILL)
        foster.wait_state("once", "exited")
        equal(len(foster.runs("once")), 1)
        for _ in range(2):
            foster.kill_supervise()
            foster.wait_state("once", "exited")
        equal(len(foster.runs("once")), 1)


def test_kills_of_supervise_lose_no_time():
    with Scheduled(boot=False) as foster:
        foster.job("tick", "schedule: {every: 1s}\n")
        foster.boot()
        for _ in range(4):
            before = len(foster.runs("tick"))
            foster.kill_supervise()
            wait_for("another run", lambda: len(foster.runs("tick")) > before)
        runs = foster.runs("tick")
        check(all(b - a > 0.5 for a, b in zip(runs, runs[1:])), runs)


def test_bad_cron_is_named():
    with Scheduled(boot=False) as foster:
        foster.job("bad", "schedule: {cron: '0 0 30 2 *'}\n")
        foster.job("worse", "schedule: {cron: '61 * * * *'}\n")
        foster.boot()
        check("never" in foster.wait_state("bad", "failed")["cause"], foster.status("bad"))
        check("minute '61'" in foster.wait_state("worse", "failed")["cause"], foster.status("worse"))


if __name__ == "__main__":
    run(globals())
