#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""kill -9 of supervise, logd and load, 100 times each, at random moments under load: no service's pid changes, restart
counters stay, and of 1,000,000 numbered log lines none is lost, doubled or out of order."""
import os
import random
import re
import signal
import subprocess
import threading
import time

from harness import Foster, check, equal, run, wait_for

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


def test_followers_lose_nothing():
    """svc logs -f through 20 kills of supervise and logd: every line once, in order."""
    with Foster(boot=False) as foster:
        gate = os.path.join(foster.directory, "go")
        foster.longrun("writer", f"while [ ! -e {gate} ]; do sleep 0.05; done\ni=0\n"
                       "while [ $i -lt 3000 ]; do i=$((i+1)); echo line $i; [ $((i % 100)) = 0 ] && sleep 0.05; done\nexec sleep 1000000")
        foster.boot()
        foster.wait_state("writer", "running")
        path = os.path.join(foster.directory, "followed")
        with open(path, "wb") as out:
            follower = subprocess.Popen([os.path.join(os.environ["FOSTER_BIN_DIR"], "svc"), "logs", "-f", "-n", "1000", "writer"], stdout=out, env=foster.env)
        try:
            open(gate, "w").close()
            chance = random.Random(7)
            for _ in range(20):
                words = chance.choice([("foster", "supervise"), ("foster", "logd")])
                pid = wait_for(str(words), lambda: foster.role_pid(*words))
                os.kill(pid, signal.SIGKILL)
                wait_for("a new one", lambda: foster.role_pid(*words) not in (None, pid))
            read = lambda: [int(n) for n in re.findall(rb"line (\d+)\n", open(path, "rb").read())]
            wait_for("the last line", lambda: read()[-1:] == [3000], 60)
            equal(read(), list(range(1, 3001)))
        finally:
            follower.kill()
            follower.wait()


run(globals())
