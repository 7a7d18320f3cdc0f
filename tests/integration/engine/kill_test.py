# SPDX-License-Identifier: MIT
"""kill -9 of supervise and of the prober, at random moments, in the middle of everything the engine does: the outcome is
what it would have been without. Each service keeps a diary of its own lives as evidence."""
import contextlib
import os
import random
import signal
import socket
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
from harness import Foster, check, equal, run, wait_for, write  # noqa: E402

NOTIFIER = """
import os, socket, time
open(os.environ["DIARY"], "a").write("start\\n")
s = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM); a = os.environ["NOTIFY_SOCKET"]
s.connect("\\0" + a[1:] if a[0] == "@" else a)
time.sleep(0.3); s.send(b"READY=1")
while True:
    s.send(b"WATCHDOG=1"); time.sleep(0.2)
"""
SERVER = """
import os, socket
open(os.environ["DIARY"], "a").write("start\\n")
s = socket.socket(fileno=3)
while True:
    c = s.accept()[0]; c.sendall(b"hello"); c.close()
"""
# The launcher ends; its child is the service.
DAEMON = """
import os, sys, time
if os.fork() == 0:
    os.setsid()
    open(os.environ["DIARY"], "a").write("start\\n")
    time.sleep(1000000)
"""


def diary(foster, name):
    with contextlib.suppress(FileNotFoundError), open(f"{foster.directory}/{name}.diary") as file:
        return file.read().split()
    return []


def longrun(foster, name, script, settings="", needs=()):
    more = f"env: {{DIARY: {foster.directory}/{name}.diary}}\n"
    foster.longrun(name, script, needs=needs, **{"foster.yaml": more + settings})


class Killer:
    """Kills what it is told to, again and again, at moments drawn from a seed."""

    def __init__(self, foster, seed):
        self.foster, self.random, self.early = foster, random.Random(seed), 0
        print(f"    seed {seed}")

    def kill(self, *words):
        pid = wait_for("/".join(words), lambda: self.foster.role_pid(*words))
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)

    def rounds(self, count, longest, prober=True):
        for _ in range(count):
            # Five deaths within a minute before it is at work would mean: it cannot; then it gets the seeds only.
            if self.early < 3 and self.random.random() < 0.1:
                self.early += 1
            else:
                self.foster.wait_up()
            time.sleep(self.random.uniform(0, longest))  # the moment is what is tested
            self.kill("foster", "supervise")
            if prober and self.random.random() < 0.3 and self.foster.role_pid("foster", "probe"):
                self.kill("foster", "probe")


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def ask(port):
    with socket.create_connection(("127.0.0.1", port), timeout=20) as connection:
        return connection.makefile("rb").read()


def test_everything_goes_on():
    """Probes, a oneshot, schedules, a daemon, sd_notify with a watchdog, socket activation: 60 kills, and nobody notices."""
    with Foster(boot=False) as foster:
        port = free_port()
        start = "echo start >> $DIARY; exec sleep 1000000"
        script = lambda name, text: write(f"{foster.directory}/{name}.py", text)  # noqa: E731
        longrun(foster, "exec", start, "readiness: {exec: 'sleep 0.1', quick_period: 50ms}\nliveness: {exec: 'sleep 0.05', quick_period: 50ms, period: 100ms, failure_threshold: 1, timeout: 10s}\n")
        longrun(foster, "file", start, f"liveness: {{file: {foster.directory}, quick_period: 50ms, period: 50ms, failure_threshold: 1, timeout: 10s}}\n")
        longrun(foster, "notifier", f"exec python3 {script('notifier', NOTIFIER)}", "readiness: {sd_notify: true}\nliveness: {watchdog: 8s}\n")
        longrun(foster, "lazy", f"exec python3 {script('server', SERVER)}", f"sockets: [{{tcp: '127.0.0.1:{port}'}}]\nactivation: on_demand\n")
        longrun(foster, "daemon", f"exec python3 {script('daemon', DAEMON)}", "daemon: last\n")
        longrun(foster, "job", "echo start >> $DIARY", "schedule: {every: 1s, overlap: queue}\n")
        foster.oneshot("once", f"echo start >> {foster.directory}/once.diary; sleep 0.3; echo end >> {foster.directory}/once.diary")
        longrun(foster, "after", start, needs=["once", "exec", "notifier"])
        began = time.monotonic()
        foster.boot()
        killer = Killer(foster, 1)
        killer.rounds(12, 0.1)
        equal(ask(port), b"hello", "started by a connection while supervise dies")
        for _ in range(6):
            killer.rounds(8, 0.25)
            equal(ask(port), b"hello")
        foster.wait_up()
        foster.wait_all("running", ["exec", "file", "notifier", "lazy", "daemon", "after"], 60)
        runs, passed = len(diary(foster, "job")), time.monotonic() - began
        equal(diary(foster, "once"), ["start", "end"], "a oneshot runs once")
        for name in ("exec", "file", "notifier", "lazy", "daemon", "after"):
            status = foster.status(name)
            equal((diary(foster, name), status["restarts"], status["incarnation"]), (["start"], 0, 1), name)
        check(passed * 0.5 - 2 <= runs <= passed + 2, f"{runs} runs in {passed:.1f} s")
        equal(foster.stop(60), 0)


def chain(foster):
    trail = os.path.join(foster.directory, "trail")
    for name, need in (("a", []), ("b", ["a"]), ("c", ["b"])):
        foster.longrun(name, f"trap 'sleep 0.4; echo {name} >> {trail}; exit 0' TERM; echo {name} up >> {foster.directory}/up; while :; do sleep 0.05; done",
                       needs=need, **{"foster.yaml": "stop: {grace: 30s, scope: process}\n"})
    return trail


def test_down_in_order():
    with Foster(boot=False) as foster:
        trail = chain(foster)
        foster.boot()
        foster.wait_all("running", ["a", "b", "c"])
        wait_for("the traps", lambda: len(open(f"{foster.directory}/up").read().split()) == 6)
        foster.call("down", {"names": ["a"], "wait": False})
        Killer(foster, 2).rounds(6, 0.25, prober=False)
        foster.wait_up()
        foster.wait_all("stopped", ["a", "b", "c"], 60)
        equal(open(trail).read().split(), ["c", "b", "a"])


def test_shutdown_in_order():
    for seed in (3, 4, 5):
        with Foster(boot=False, env={"FOSTER_SHUTDOWN_TIMEOUT": "60"}) as foster:
            trail = chain(foster)
            foster.oneshot("once", "exit 0", down=f"sleep 0.3; echo once >> {trail}")
            foster.boot()
            foster.wait_all("running", ["a", "b", "c"])
            foster.wait_state("once", "exited")
            wait_for("the traps", lambda: len(open(f"{foster.directory}/up").read().split()) == 6)
            os.kill(foster.init_pid(), signal.SIGTERM)
            killer = Killer(foster, seed)
            for _ in range(4):
                time.sleep(killer.random.uniform(0, 0.3))
                pid = foster.role_pid("foster", "supervise")
                if pid:
                    with contextlib.suppress(ProcessLookupError):
                        os.kill(pid, signal.SIGKILL)
            equal(foster.wait(90), 0, "exit code")
            order = open(trail).read().split()
            equal([name for name in order if name != "once"], ["c", "b", "a"])
            equal(order.count("once"), 1, "its down ran once")


def test_back_off_and_stop_command():
    """Restarts are counted as if nobody had been killed, and a stop command ends its service."""
    with Foster(boot=False) as foster:
        longrun(foster, "bad", "echo start >> $DIARY; exit 3", "restart: {delay: 200ms, factor: 1, start_retries: 9}\nreadiness: {start_time: 10s}\n")
        longrun(foster, "asked", f"echo start >> $DIARY; while [ ! -e {foster.directory}/stop ]; do sleep 0.05; done",
                f"stop: {{command: 'sleep 0.5; touch {foster.directory}/stop', grace: 60s}}\nrestart: never\n")
        foster.boot()
        Killer(foster, 6).rounds(6, 0.3, prober=False)
        foster.wait_up()
        foster.wait_state("bad", "failed", 60)
        equal(len(diary(foster, "bad")), 10, "one start and nine restarts")
        foster.call("down", {"names": ["asked"], "wait": False})
        Killer(foster, 7).rounds(3, 0.2, prober=False)
        foster.wait_up()
        status = foster.wait_state("asked", "stopped", 60)
        equal((status["exit_code"], status["exit_signal"], diary(foster, "asked")), (0, None, ["start"]))


run(globals())
