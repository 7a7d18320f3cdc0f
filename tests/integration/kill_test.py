#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""kill -9 of supervise, logd and load, 100 times each, at random moments under load: no service's pid changes, restart
counters stay, and of 1,000,000 numbered log lines none is lost, doubled or out of order."""
import contextlib
import os
import random
import re
import signal
import subprocess
import threading
import time

from harness import BIN, Foster, check, equal, run, wait_for

WRITERS, LINES = 10, 100_000
KILLS = int(os.environ.get("FOSTER_TEST_KILLS", "100"))
INI = "[supervisord]\nnodaemon=true\n[program:steady]\ncommand=sleep 1000000\n"


def numbered(foster, name):
    """Numbers that foster's own stdout shows for a service, in order of appearance."""
    pattern = re.compile(rf"^(?:.*\b)?{name} +[|!>] ?(?:.*? )?line (\d+)$")
    with open(foster.log_path, "rb") as file:
        for raw in file:
            text = re.sub(r"\x1b\[[0-9;]*m", "", raw.decode(errors="replace")).rstrip("\n")
            match = pattern.match(text)
            if match:
                yield int(match[1])


def kill_at_random(foster, words, stop, done, seed):
    chance = random.Random(seed)
    while done[words] < KILLS and not stop.is_set():
        stop.wait(chance.uniform(0.0, 0.05))
        pid = foster.role_pid(*words)
        if pid is None:
            continue
        try:
            os.kill(pid, signal.SIGKILL)
            done[words] += 1
        except ProcessLookupError:
            pass


def test_nothing_is_lost():
    with Foster(boot=False) as foster:
        gate = os.path.join(foster.directory, "go")
        for i in range(WRITERS):
            # Waits for the start signal, then writes as fast as it may, then stays.
            foster.longrun(f"writer{i}", f"while [ ! -e {gate} ]; do sleep 0.05; done\n"
                           f"seq -f 'line %.0f' 1 {LINES}\nexec sleep 1000000")
        foster.longrun("crasher", "exit 3")
        foster.workload("ini", "supervisord", project=INI, seed=INI)
        foster.boot()
        names = [f"writer{i}" for i in range(WRITERS)] + ["ini/steady"]
        foster.wait_all("running", names)
        foster.call("down", {"names": ["crasher"], "wait": False})
        foster.wait_state("crasher", "stopped")
        before = foster.pids()
        restarts = foster.status("crasher")["restarts"]
        open(gate, "w").close()

        stop, done = threading.Event(), {}
        targets = [("foster", "supervise"), ("foster", "logd"), ("foster", "load")]
        threads = []
        for number, words in enumerate(targets):
            done[words] = 0
            threads.append(threading.Thread(target=kill_at_random, args=(foster, words, stop, done, number)))

        def keep_reloading():
            while not stop.is_set():
                foster.call("plan", fail=False, limit=10)
        threads.append(threading.Thread(target=keep_reloading))
        for thread in threads:
            thread.start()
        try:
            wait_for("all kills", lambda: all(count >= KILLS for count in done.values()), 600)
        finally:
            stop.set()
            for thread in threads:
                thread.join()
        print(f"        kills: {done}")
        # The last kill may have hit a moment ago: supervise may be away, or back and still without its plan.
        after = wait_for("all services to be there", lambda: (pids := foster.pids()) and all(n in pids for n in names) and pids)
        for name in names:
            equal(after[name], before[name], name)
        equal(foster.status("crasher")["restarts"], restarts, "restarts of crasher")

        def complete():
            counts = {i: 0 for i in range(WRITERS)}
            with open(foster.log_path, "rb") as file:
                for raw in file:
                    if raw.endswith(b"line %d\n" % LINES):
                        match = re.search(rb"writer(\d+)", raw)
                        if match:
                            counts[int(match[1])] += 1
            return all(counts.values())
        wait_for("the last line of every writer", complete, 300)
        for i in range(WRITERS):
            want = 1
            for got in numbered(foster, f"writer{i}"):
                equal(got, want, f"writer{i}")
                want += 1
            equal(want - 1, LINES, f"lines of writer{i}")
        check(not foster.zombies(), "zombies")
        equal(foster.stop(), 0, "exit code")


AHEAD = 700  # lines a writer may be ahead of its follower: foster keeps the last 1000 of a service


class Paced:
    """A writer of numbered lines, a hundred for each word that it is told, and what svc logs -f shows of it. It is told
    as long as the follower comes along: a machine that is too slow for that must not look like lost lines."""

    def __init__(self, foster):
        self.fifo = os.path.join(foster.directory, "words")
        self.path = os.path.join(foster.directory, "followed")
        self.told, self.over = 0, threading.Event()
        os.mkfifo(self.fifo)
        self.words = os.open(self.fifo, os.O_RDWR)
        foster.longrun("writer", f"i=0\nwhile read word; do\n  end=$((i+100))\n"
                       f"  while [ $i -lt $end ]; do i=$((i+1)); echo line $i; done\ndone <{self.fifo}")
        self.thread = threading.Thread(target=self._tell)

    def follow(self, foster):
        with open(self.path, "wb") as out:
            self.follower = subprocess.Popen([f"{BIN}/svc", "logs", "-f", "-n", "1000", "writer"], stdout=out, env=foster.env)
        self.thread.start()

    def _tell(self):
        while not self.over.wait(0.03):  # the pace, not a wait
            if self.has_room():
                os.write(self.words, b"go\n")
                self.told += 100

    def has_room(self):
        return self.told + 100 - len(self.read()) <= AHEAD

    def read(self):
        with open(self.path, "rb") as file:
            return [int(number) for number in re.findall(rb"line (\d+)\n", file.read())]

    def stop(self):
        """Ends the writing; how many lines were written."""
        self.over.set()
        self.thread.join()
        return self.told

    def close(self):
        self.stop()
        self.follower.kill()
        self.follower.wait()
        os.close(self.words)


def test_followers_lose_nothing():
    """svc logs -f through 20 kills of supervise and logd while lines come: every line once, in order."""
    with Foster(boot=False) as foster:
        paced = Paced(foster)
        foster.boot()
        foster.wait_state("writer", "running")
        paced.follow(foster)
        try:
            wait_for("lines", paced.read)
            chance = random.Random(7)
            for _ in range(20):
                words = chance.choice([("foster", "supervise"), ("foster", "logd")])
                wait_for("the follower to come along", paced.has_room)
                time.sleep(chance.uniform(0, 0.1))  # a random moment
                pid = wait_for(str(words), lambda: foster.role_pid(*words))
                with contextlib.suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)
                wait_for("a new one", lambda: foster.role_pid(*words) not in (None, pid))
            wait_for("lines after the last kill", lambda told=paced.told: paced.read()[-1] > told)
            written = paced.stop()
            wait_for("the last line", lambda: paced.read()[-1] >= written, 60)
            equal(paced.read(), list(range(1, written + 1)))
            print(f"        {written} lines")
        finally:
            paced.close()


run(globals())
