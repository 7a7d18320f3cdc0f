#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""foster beside s6 and runit in one run: N services up, memory, restart latency, status, idle wake-ups.

usage: bench.py [--services N] [--samples N] [--idle SECONDS] [--only foster,s6,runit] [--json]
Each supervisor runs the same scripts in a PID namespace of its own, one after another; the clock is the services' own
report (a file that each writes before it becomes `sleep`). Machines are noisy: read the ratios."""
import argparse
import json
import os
import shutil
import signal
import statistics
import subprocess
import sys
import tempfile
import time

ROOT = os.path.realpath(os.path.join(os.path.dirname(__file__), "..", ".."))
BIN = os.path.join(ROOT, "build", "bin")
SPACE = ["unshare", "--pid", "--fork", "--mount-proc", "--kill-child"]


def wait(what, condition, limit=120):
    end = time.monotonic() + limit
    while not condition():
        if time.monotonic() > end:
            raise SystemExit(f"bench: waited {limit} s for {what}")
        time.sleep(0.001)


class Peer:
    """One supervisor over `count` services in a directory of its own."""

    name = ""
    needs = ()

    def __init__(self, count):
        self.count = count
        self.directory = tempfile.mkdtemp(prefix=f"bench-{self.name}-")
        self.up = os.path.join(self.directory, "up")
        os.mkdir(self.up)
        self.names = [f"s{i:04}" for i in range(count)]
        self.process = None

    def script(self, name):
        return f"#!/bin/sh\necho up > {self.up}/{name}\nexec sleep 1000000\n"

    def put(self, path, text, mode=0o644):
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "w") as file:
            file.write(text)
        os.chmod(path, mode)

    def start(self):
        self.process = subprocess.Popen([*SPACE, *self.argv()], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                                        stderr=subprocess.DEVNULL, env=self.environment())

    def environment(self):
        return dict(os.environ)

    def all_up(self):
        return len(os.listdir(self.up)) == self.count

    def processes(self):
        """{host pid: argv} of the namespace."""
        first = open(f"/proc/{self.process.pid}/task/{self.process.pid}/children").read().split()[0]
        space = os.readlink(f"/proc/{first}/ns/pid")
        found = {}
        for entry in filter(str.isdigit, os.listdir("/proc")):
            try:
                if os.readlink(f"/proc/{entry}/ns/pid") == space:
                    found[int(entry)] = open(f"/proc/{entry}/cmdline").read().split("\0")[:-1]
            except OSError:
                pass
        return found

    def supervisors(self):
        return [pid for pid, argv in self.processes().items() if argv and os.path.basename(argv[0]) != "sleep"]

    def memory_kib(self):
        total = 0
        for pid in self.supervisors():
            for line in open(f"/proc/{pid}/smaps_rollup"):
                if line.startswith("Pss:"):
                    total += int(line.split()[1])
        return total

    def switches(self):
        total = 0
        for pid in self.supervisors():
            for task in os.listdir(f"/proc/{pid}/task"):
                for line in open(f"/proc/{pid}/task/{task}/status"):
                    if line.startswith("voluntary_ctxt_switches"):
                        total += int(line.split()[1])
        return total

    def restart_latency(self, samples):
        """From kill -9 of a service to its script's report."""
        sleepers = [pid for pid, argv in self.processes().items() if argv[:1] == ["sleep"]]
        names = {pid: self.service_of(pid) for pid in sleepers[:samples]}
        took = []
        for pid, name in names.items():
            report = os.path.join(self.up, name)
            os.unlink(report)
            start = time.monotonic()
            os.kill(pid, signal.SIGKILL)
            wait("a restart", lambda: os.path.exists(report))
            took.append(time.monotonic() - start)
        return took

    def service_of(self, pid):
        return os.path.basename(os.readlink(f"/proc/{pid}/cwd"))

    def stop(self):
        self.process.kill()
        self.process.wait()
        shutil.rmtree(self.directory, ignore_errors=True)


class Foster(Peer):
    name = "foster"

    def argv(self):
        base = os.path.join(self.directory, "services.d")
        for name in self.names:
            self.put(f"{base}/{name}/type", "longrun\n")
            self.put(f"{base}/{name}/run", self.script(name), 0o755)
        return [f"{BIN}/foster-init"]

    def environment(self):
        return {**os.environ, "FOSTER_SERVICES": f"{self.directory}/services.d", "FOSTER_WORKLOADS": self.directory,
                "FOSTER_SEED": self.directory, "FOSTER_SOCKET": f"{self.directory}/sock"}

    def status(self):
        out = subprocess.run([f"{BIN}/svc", "status", "--json"], env=self.environment(), capture_output=True, text=True, check=True)
        assert len(json.loads(out.stdout)) == self.count


class S6(Peer):
    name, needs = "s6", ("s6-svscan", "s6-svstat")

    def argv(self):
        for name in self.names:
            self.put(f"{self.directory}/scan/{name}/run", self.script(name), 0o755)
        return ["s6-svscan", "-c", "4000", f"{self.directory}/scan"]

    def status(self):
        for name in self.names:
            subprocess.run(["s6-svstat", f"{self.directory}/scan/{name}"], stdout=subprocess.DEVNULL, check=True)


class Runit(Peer):
    name, needs = "runit", ("runsvdir", "sv")

    def argv(self):
        for name in self.names:
            self.put(f"{self.directory}/scan/{name}/run", self.script(name), 0o755)
        return ["runsvdir", f"{self.directory}/scan"]

    def status(self):
        subprocess.run(["sv", "status", *[f"{self.directory}/scan/{name}" for name in self.names]], stdout=subprocess.DEVNULL)


def measure(kind, arguments):
    peer = kind(arguments.services)
    try:
        argv = peer.argv
        prepared = argv()  # writes the service directories before the clock starts
        peer.argv = lambda: prepared
        start = time.monotonic()
        peer.start()
        wait("all services", peer.all_up)
        figures = {"all_up_s": time.monotonic() - start}
        wait("quiet", lambda: len([1 for argv in peer.processes().values() if argv[:1] == ["sleep"]]) == peer.count)
        time.sleep(2)  # a measurement of rest: nothing is waited for
        figures["memory_kib"] = peer.memory_kib()
        figures["processes"] = len(peer.supervisors())
        before = peer.switches()
        time.sleep(arguments.idle)
        figures["idle_wakeups_per_s"] = (peer.switches() - before) / arguments.idle
        took = peer.restart_latency(arguments.samples)
        figures["restart_ms"] = 1000 * statistics.median(took)
        status = []
        for _ in range(5):
            start = time.monotonic()
            peer.status()
            status.append(time.monotonic() - start)
        figures["status_ms"] = 1000 * statistics.median(status)
        return figures
    finally:
        peer.stop()


ROWS = [("all_up_s", "all up", "s", 2), ("memory_kib", "memory (PSS, all but the services)", "KiB", 0), ("processes", "processes", "", 0),
        ("restart_ms", "kill -9 to running again, median", "ms", 1), ("status_ms", "status of all, median", "ms", 1),
        ("idle_wakeups_per_s", "wake-ups when idle", "/s", 1)]


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--services", type=int, default=1000)
    parser.add_argument("--samples", type=int, default=20)
    parser.add_argument("--idle", type=float, default=10)
    parser.add_argument("--only", default="foster,s6,runit")
    parser.add_argument("--json", action="store_true")
    arguments = parser.parse_args()
    results = {}
    for kind in (Foster, S6, Runit):
        if kind.name not in arguments.only.split(","):
            continue
        missing = [program for program in kind.needs if not shutil.which(program)]
        if missing:
            raise SystemExit(f"bench: {kind.name} is not installed ({', '.join(missing)})")
        print(f"    {kind.name}: {arguments.services} services ...", file=sys.stderr, flush=True)
        results[kind.name] = measure(kind, arguments)
    if arguments.json:
        print(json.dumps(results, indent=2))
        return
    names = list(results)
    print(f"\n{arguments.services} services{'':<34}" + "".join(f"{name:>14}" for name in names) + "".join(f"{'foster/' + name:>14}" for name in names[1:]))
    for key, title, unit, digits in ROWS:
        row = f"{title:<40}{unit:>6}" + "".join(f"{results[name][key]:>14.{digits}f}" for name in names)
        for name in names[1:]:
            other = results[name][key]
            row += f"{results[names[0]][key] / other:>14.2f}" if other else f"{'-':>14}"
        print(row)


main()
