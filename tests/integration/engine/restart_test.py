# SPDX-License-Identifier: MIT
"""Restart policies with real processes: rules per exit code and signal, success codes, delays, budgets, giving up."""
import os
import signal
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
from harness import Foster, check, equal, run, wait_for  # noqa: E402

QUICK = "delay: 20ms, factor: 1"


def ends(foster, name, code):
    """A longrun that ends with what the file of its name says, once it has run for a moment."""
    return f"echo life >> {foster.directory}/{name}.lives; sleep 0.05; {code}"


def lives(foster, name):
    with open(f"{foster.directory}/{name}.lives") as file:
        return len(file.read().split())


def test_rules_by_exit_code_and_signal():
    with Foster(boot=False) as foster:
        rules = f"restart: {{when: always, {QUICK}, max_restarts: 2, on: {{exit: {{3: done, 4: fail, 5: restart}}, signal: {{SEGV: fail}}}}}}\n"
        for name, code in (("done", "exit 3"), ("fail", "exit 4"), ("again", "exit 5"), ("crash", "kill -SEGV $$")):
            foster.longrun(name, ends(foster, name, code), **{"foster.yaml": rules})
        foster.boot()
        foster.wait_state("done", "exited")
        equal(foster.wait_state("fail", "failed")["cause"], "exited with code 4")
        equal(foster.wait_state("crash", "failed")["exit_signal"], signal.SIGSEGV)
        status = foster.wait_state("again", "failed")
        check("gave up" in status["cause"], status)
        equal([lives(foster, name) for name in ("done", "fail", "crash", "again")], [1, 1, 1, 3])


def test_success_codes_and_signals():
    with Foster(boot=False) as foster:
        policy = f"restart: {{when: on_failure, {QUICK}, retry_failed_start: false, max_restarts: 1}}\nsuccess_codes: [0, 9]\nsuccess_signals: [USR1]\n"
        for name, code in (("zero", "exit 0"), ("nine", "exit 9"), ("usr1", "kill -USR1 $$"), ("one", "exit 1")):
            foster.longrun(name, ends(foster, name, code), **{"foster.yaml": policy})
        foster.longrun("after", **{"foster.yaml": "depends_on: {usr1: completed_successfully}\n"})
        foster.boot()
        for name in ("zero", "nine", "usr1"):
            foster.wait_state(name, "exited")
        foster.wait_state("one", "failed")
        foster.wait_state("after", "running")
        equal([lives(foster, name) for name in ("zero", "nine", "usr1", "one")], [1, 1, 1, 2])


def test_budget_is_kept_over_a_kill_of_supervise():
    """Three restarts within a minute, then Failed with the cause of the last end; a person's up gives a new budget."""
    with Foster(boot=False) as foster:
        foster.longrun("web", ends(foster, "web", "exit 1"), **{"foster.yaml": "restart: {delay: 150ms, factor: 1, budget: 3 in 1m}\n"})
        foster.boot()
        wait_for("a restart", lambda: foster.status("web")["restarts"] >= 1)
        supervise = foster.role_pid("foster", "supervise")
        os.kill(supervise, signal.SIGKILL)
        wait_for("the next supervise", lambda: foster.role_pid("foster", "supervise") not in (None, supervise))
        foster.wait_up()
        status = foster.wait_state("web", "failed")
        equal((status["restarts"], lives(foster, "web")), (3, 4))
        check("gave up" in status["cause"] and "code 1" in status["cause"], status["cause"])


def test_delays_grow_and_are_forgotten():
    """Each delay is at least what the policy says; a healthy time starts the row anew."""
    with Foster(boot=False) as foster:
        stamp = f"date +%s%N >> {foster.directory}/stamps"
        foster.longrun("web", f"{stamp}; exit 1", **{"foster.yaml": "restart: {delay: 100ms, factor: 2, cap: 400ms, start_retries: 4}\nreadiness: {start_time: 5s}\n"})
        foster.boot()
        foster.wait_state("web", "failed")
        with open(f"{foster.directory}/stamps") as file:
            times = [int(line) / 1e6 for line in file]
        gaps = [b - a for a, b in zip(times, times[1:])]
        equal(len(gaps), 4)
        check(all(gap >= least for gap, least in zip(gaps, (100, 200, 400, 400))), gaps)
        check(gaps[3] < 5000, gaps)


def test_end_of_a_workload():
    """when_failed: end_workload takes its workload down and nothing else."""
    with Foster(boot=False) as foster:
        foster.workload("yaml", "process-compose",
                        "processes:\n  bad:\n    command: sleep 0.2; exit 1\n    x-foster: {when_failed: end_workload, restart: never}\n"
                        "  good:\n    command: exec sleep 1000000\n")
        foster.longrun("apart")
        foster.boot()
        foster.wait_state("yaml/good", "stopped")
        check("yaml/bad" in foster.status("yaml/good")["cause"], foster.status("yaml/good"))
        equal(foster.state("apart"), "running")


run(globals())
