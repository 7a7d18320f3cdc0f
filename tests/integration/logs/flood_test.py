#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Numbered lines from 50 services into files, while supervise and logd are killed at random 200 times and the disk fills
and empties: no line is lost, doubled or out of order, in files and rings; where a service may skip, what is missing is
told to the byte. FOSTER_TEST_LINES: lines of all services together (10,000,000)."""
import glob
import gzip
import os
import random
import re
import signal
import subprocess
import sys
import threading

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
from harness import Foster, check, equal, run, wait_for, write  # noqa: E402

SERVICES = 50
LINES = int(os.environ.get("FOSTER_TEST_LINES", "10000000")) // SERVICES
KILLS = int(os.environ.get("FOSTER_TEST_KILLS", "200"))
NUMBERED = "rotate: {size: 1MB, backups: all}"
GZIPPED = "rotate: {size: 1MB, backups: all, compress: gzip}"
DATED = "rotate: {size: 2MB, backups: all, naming: dated}"
# What each kind of service asks for, and whether lines may be missing where the file says so.
KINDS = ((f"full_disk: wait, files: {{path: PATH, {NUMBERED}}}", False),
         (f"full_disk: wait, files: {{path: PATH, {GZIPPED}}}", False),
         (f"full_disk: wait, files: {{path: PATH, format: foster, {DATED}}}", False),
         (f"full_disk: skip, files: {{path: PATH, {NUMBERED}}}", True),
         (f"full_disk: wait, files: {{path: PATH, format: iso, rotate: {{size: 1MB, backups: all, naming: tai64n}}}}", False))
SKIPPED = re.compile(rb"^(?:foster: |#skipped )(\d+)(?: bytes skipped:)? ")


def kind_of(i):
    return KINDS[i % len(KINDS)]


class Disk:
    """A small file system that is filled to the last byte and emptied again, until it is closed."""

    def __init__(self, directory, size):
        self.directory = directory
        os.mkdir(directory)
        subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={size}", "foster-test", directory], check=True)
        self.stop, self.times = threading.Event(), 0
        self.thread = threading.Thread(target=self.fill_and_empty)

    def fill_and_empty(self):
        chance = random.Random(1)
        while not self.stop.wait(chance.uniform(0.1, 0.4)):
            path = f"{self.directory}/ballast"
            with open(path, "wb") as file:
                try:
                    while True:
                        file.write(bytes(1 << 20))
                        file.flush()
                except OSError:
                    self.times += 1
                self.stop.wait(chance.uniform(0.1, 0.5))
            os.unlink(path)

    def close(self):
        self.stop.set()
        if self.thread.is_alive():
            self.thread.join()

    def unmount(self):
        if os.environ.get("FOSTER_TEST_KEEP"):
            return
        subprocess.run(["umount", "-l", self.directory], check=True)


def kill_at_random(foster, stop, done):
    chance = random.Random(2)
    while not stop.is_set() and sum(done.values()) < KILLS:
        stop.wait(chance.uniform(0.0, 0.06))
        words = chance.choice(("supervise", "logd"))
        pid = foster.role_pid("foster", words)
        try:
            if pid is not None:
                os.kill(pid, signal.SIGKILL)
                done[words] += 1
        except ProcessLookupError:
            pass  # it was between two lives


def age(path):
    """Archives from the oldest to the newest, then the file itself: by number where they are numbered, else by name."""
    name = os.path.basename(path).removesuffix(".gz")
    if name.startswith("@") or re.search(r"-\d{4}-\d\d-", name):
        return (0, 0, name)
    numbered = re.search(r"\.(\d+)$", name)
    return (0, -int(numbered[1]), name) if numbered else (1, 0, name)


def lines_of(directory):
    for path in sorted(glob.glob(f"{directory}/*"), key=age):
        check(not path.endswith(".tmp"), path)
        with (gzip.open if path.endswith(".gz") else open)(path, "rb") as file:
            for line in file:
                check(line.endswith(b"\n"), f"{path} ends within a line: {line[-80:]}")
                yield path, line


def check_file(name, directory, may_skip):
    """Every number once and in order; gaps only where told, of as many bytes as told. Returns the bytes skipped."""
    want, told, skipped = 1, 0, 0
    for path, line in lines_of(directory):
        if line.startswith(b"#foster-log "):
            continue
        note = SKIPPED.match(line)
        if note:
            check(may_skip, f"{path}: {line}")
            told += int(note[1])
            continue
        got = int(line[line.rindex(b" ") + 1:])
        if got != want:
            missing = sum(len(f"{name} line {i}\n") for i in range(want, got))
            check(got > want and told == missing, f"{path}: got {got}, want {want}, told of {told} bytes missing, are {missing}")
            skipped, told = skipped + told, 0
        want = got + 1
    equal(told, sum(len(f"{name} line {i}\n") for i in range(want, LINES + 1)), f"{name}: missing at the end")
    return skipped + told


def check_ring(foster, name):
    ring = [int(line.rsplit(" ", 1)[1]) for line in foster.svc("logs", "-n", "all", "-o", "cat", name).stdout.splitlines()]
    check(len(ring) > 1000, f"{name}: {len(ring)} lines in the ring")
    equal(ring, list(range(LINES - len(ring) + 1, LINES + 1)), f"{name}: its ring")


def test_nothing_is_lost():
    with Foster(boot=False) as foster:
        disk = Disk(f"{foster.directory}/disk", LINES * SERVICES * 60 + (64 << 20))
        try:
            run_flood(foster, disk)
        finally:
            disk.close()
            foster.kill()
            disk.unmount()


def run_flood(foster, disk):
    names, gate = [f"w{i:02}" for i in range(SERVICES)], f"{foster.directory}/gate"
    os.mkfifo(gate)
    for i, name in enumerate(names):
        foster.longrun(name, f"read -r x < {gate}\nseq -f '{name} line %.0f' 1 {LINES}\nexec sleep 1000000")
        write(f"{foster.services}/{name}/foster.yaml", "log: {console: false, " +
              kind_of(i)[0].replace("PATH", f"{disk.directory}/{name}/current") + "}\n")
    foster.boot()
    foster.wait_all("running", names)
    before, stop, done = foster.pids(), threading.Event(), {"supervise": 0, "logd": 0}
    killer = threading.Thread(target=kill_at_random, args=(foster, stop, done))
    let_go(gate)
    killer.start()
    disk.thread.start()
    try:
        wait_for("all kills", lambda: not killer.is_alive(), 900)
    finally:
        stop.set()
        killer.join()
    disk.close()
    print(f"        kills: {done}, the disk was full {disk.times} times", flush=True)
    check(disk.times >= 3, "the disk was hardly ever full")
    wait_for("all to be written", lambda: all_written(foster, names, gate), 900)
    after = wait_for("all services", lambda: (pids := foster.pids()) and all(n in pids for n in names) and pids)
    equal({n: after[n] for n in names}, {n: before[n] for n in names}, "pids, incarnations and restarts")
    skipped = sum(check_file(name, f"{disk.directory}/{name}", kind_of(i)[1]) for i, name in enumerate(names))
    print(f"        {LINES * SERVICES} lines, {skipped} bytes told as skipped", flush=True)
    for name in names:
        check_ring(foster, name)


def let_go(gate):
    """Everybody who stands at the gate now goes on."""
    try:
        while True:
            os.close(os.open(gate, os.O_WRONLY | os.O_NONBLOCK))
    except OSError:
        pass  # nobody does


def all_written(foster, names, gate):
    """Every writer is through (it has become sleep), and no sink is behind."""
    let_go(gate)  # for those who came late
    writers = [argv for _, _, _, argv in foster.processes().values() if argv and os.path.basename(argv[0]) in ("seq", "sh")]
    stats = foster.call("logs.stats", fail=False)
    return not writers and stats and len(stats["services"]) >= len(names) and all(
        sink["behind"] == 0 for service in stats["services"] for sink in service["sinks"])


if __name__ == "__main__":
    run(globals())
