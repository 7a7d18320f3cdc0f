#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Logs of foster beside s6-log, svlogd and supervisord, in one run: throughput into rotated files, CPU, memory, and what
a flood costs others.

usage: logs.py [--mib N] [--rounds N] [--services N] [--only throughput,many,memory,latency] [--json]
Every peer gets the same lines (100 bytes each) from the same writer (cat), released at the same moment by a FIFO; the
clock stops when the last line stands in the file. Rounds of the peers alternate; medians are shown. Machines are noisy:
read the ratios."""
import argparse
import glob
import json
import os
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import time

ROOT = os.path.realpath(os.path.join(os.path.dirname(__file__), "..", ".."))
BIN = os.environ.get("FOSTER_BIN_DIR", os.path.join(ROOT, "build", "bin"))
SPACE = ["unshare", "--pid", "--fork", "--mount-proc", "--kill-child"]
SIZE, BACKUPS, LINE = 10_000_000, 10, 100
TICK = os.sysconf("SC_CLK_TCK")
OPENAT = {"x86_64": "257 ", "aarch64": "56 "}[os.uname().machine]


def wait(what, condition, limit=300, pause=0.002):
    end = time.monotonic() + limit
    while not (value := condition()):
        if time.monotonic() > end:
            raise SystemExit(f"logs: waited {limit} s for {what}")
        time.sleep(pause)
    return value


def cpu_of(pids):
    """Seconds of CPU that these processes have used."""
    total = 0
    for pid in pids:
        fields = open(f"/proc/{pid}/stat").read().rsplit(")", 1)[1].split()
        total += int(fields[11]) + int(fields[12])
    return total / TICK


def write(path, text, mode=0o644):
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "w") as file:
        file.write(text)
    os.chmod(path, mode)


def make_input(path, size):
    """Numbered lines of LINE bytes; returns the last one."""
    count, fill = size // LINE, "x" * (LINE - 11)
    with open(path, "w") as file:
        for begin in range(0, count, 20000):
            file.write("".join(f"{fill} {i:09}\n" for i in range(begin, min(begin + 20000, count))))
    return f"{count - 1:09}\n".encode()


class Run:
    """One peer, `count` writers, in a directory of its own."""
    name, needs, stamp = "", (), False

    def __init__(self, count, source, last):
        self.directory = tempfile.mkdtemp(prefix="bench-logs-", dir=os.environ.get("FOSTER_BENCH_DIR", "/tmp"))
        self.count, self.source, self.last = count, source, last
        self.gate = f"{self.directory}/gate"
        os.mkfifo(self.gate)
        self.script = f"{self.directory}/writer"
        write(self.script, f"#!/bin/sh\nread -r x < {self.gate}\ncat {source}\n", 0o755)

    def release(self):
        """All writers stand in the FIFO's open; one opening lets them go."""
        wait("the writers", lambda: self.writers() == self.count)
        start = time.monotonic()
        os.close(os.open(self.gate, os.O_WRONLY))
        return start

    def writers(self):
        """Shells that wait for the gate: they sleep in openat."""
        found = 0
        for entry in filter(str.isdigit, os.listdir("/proc")):
            try:
                if self.script.encode() in open(f"/proc/{entry}/cmdline", "rb").read().split(b"\0") and \
                        open(f"/proc/{entry}/syscall").read().startswith(OPENAT):
                    found += 1
            except OSError:
                pass
        return found

    def complete(self, path):
        for candidate in (path, f"{path}.1", *sorted(glob.glob(os.path.join(os.path.dirname(path), "@*")))[-1:]):
            try:
                with open(candidate, "rb") as file:
                    file.seek(-min(len(self.last), os.fstat(file.fileno()).st_size), os.SEEK_END)
                    if file.read() == self.last:
                        return True
            except OSError:
                pass
        return False

    def measure(self):
        """(seconds, CPU seconds of the logger)"""
        try:
            self.start()
            before = self.cpu()
            start = self.release()
            self.finish()
            return time.monotonic() - start, self.cpu() - before
        finally:
            self.stop()
            shutil.rmtree(self.directory, ignore_errors=True)


class Foster(Run):
    name = "foster"

    def file(self, i):
        return f"{self.directory}/logs/w{i}/current"

    def start(self):
        base = f"{self.directory}/services.d"
        for i in range(self.count):
            write(f"{base}/w{i}/type", "longrun\n")
            write(f"{base}/w{i}/run", f"#!/bin/sh\n{self.script}\nexec sleep 1000000\n", 0o755)
            form = ", format: iso" if self.stamp else ""
            write(f"{base}/w{i}/foster.yaml", "log:\n  console: false\n  files: {path: " + self.file(i) + form +
                  f", rotate: {{size: {SIZE}, backups: {BACKUPS}}}}}\n")
        self.env = {**os.environ, "FOSTER_SERVICES": base, "FOSTER_WORKLOADS": self.directory, "FOSTER_SEED": self.directory,
                    "FOSTER_SOCKET": f"{self.directory}/sock"}
        self.process = subprocess.Popen([*SPACE, f"{BIN}/foster-init"], stdin=subprocess.DEVNULL, env=self.env,
                                        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        wait("the writers", lambda: self.writers() == self.count)

    def roles(self):
        first = open(f"/proc/{self.process.pid}/task/{self.process.pid}/children").read().split()[0]
        pids = [int(first)]
        for pid in map(int, open(f"/proc/{first}/task/{first}/children").read().split()):
            argv = open(f"/proc/{pid}/cmdline").read().split("\0")
            if os.path.basename(argv[0]) == "foster":
                pids.append(pid)
        return pids

    def cpu(self):
        return cpu_of(self.roles())

    def finish(self):
        for i in range(self.count):
            wait(f"the last line of {i}", lambda i=i: self.complete(self.file(i)))

    def stop(self):
        self.process.kill()
        self.process.wait()


class Supervisord(Foster):
    name, needs = "supervisord", ("supervisord",)

    def file(self, i):
        return f"{self.directory}/w{i}.log"

    def start(self):
        text = f"[supervisord]\nnodaemon=true\nlogfile={self.directory}/main.log\npidfile={self.directory}/pid\n"
        for i in range(self.count):
            text += f"[program:w{i}]\ncommand={self.script}\nstartsecs=0\nautorestart=false\nstdout_logfile={self.file(i)}\n" \
                    f"stdout_logfile_maxbytes={SIZE}\nstdout_logfile_backups={BACKUPS}\n"
        write(f"{self.directory}/conf", text)
        self.process = subprocess.Popen(["supervisord", "-c", f"{self.directory}/conf"], stdin=subprocess.DEVNULL,
                                        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        wait("the writers", lambda: self.writers() == self.count)

    def roles(self):
        return [self.process.pid]

    def stop(self):
        self.process.terminate()
        self.process.wait()


class S6Log(Run):
    name, needs, words = "s6-log", ("s6-log",), ()

    def start(self):
        self.loggers, self.shells, self.used = [], [], 0.0
        for i in range(self.count):
            os.mkdir(f"{self.directory}/d{i}")
            shell = subprocess.Popen([self.script], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE)
            self.loggers.append(subprocess.Popen(self.argv(f"{self.directory}/d{i}"), stdin=shell.stdout))
            shell.stdout.close()
            self.shells.append(shell)

    def argv(self, directory):
        return ["s6-log", "-b", f"n{BACKUPS}", f"s{SIZE}", *self.words, directory]

    def cpu(self):
        return self.used

    def finish(self):
        for logger in self.loggers:
            _, status, usage = os.wait4(logger.pid, 0)
            logger.returncode = status
            self.used += usage.ru_utime + usage.ru_stime

    def stop(self):
        for each in (*self.shells, *self.loggers):
            if each.returncode is None:
                each.kill()
                each.wait()


class S6LogStamped(S6Log):
    name, words = "s6-log t", ("t",)


class FosterStamped(Foster):
    name, stamp = "foster iso", True


class Svlogd(S6Log):
    name, needs = "svlogd", ("svlogd",)

    def argv(self, directory):
        write(f"{directory}/config", f"s{SIZE}\nn{BACKUPS}\n")
        return ["svlogd", directory]


PAIRS = (("foster", "s6-log", 4), ("foster iso", "s6-log t", 4), ("foster", "supervisord", 5), ("foster", "svlogd", None))


def throughput(count, total, rounds):
    """{name: {"mb_s", "cpu_s_per_gib"}} of `count` writers that share `total` bytes."""
    source = f"/dev/shm/foster-bench-{os.getpid()}"
    last = make_input(source, total // count)
    kinds = (Foster, S6Log, FosterStamped, S6LogStamped, Supervisord, Svlogd)
    took = {kind.name: [] for kind in kinds}
    try:
        for number in range(rounds):
            for kind in kinds:
                missing = [program for program in kind.needs if not shutil.which(program)]
                if missing:
                    raise SystemExit(f"logs: {kind.name} is not installed ({', '.join(missing)})")
                took[kind.name].append(kind(count, source, last).measure())
                seconds, cpu = took[kind.name][-1]
                print(f"    round {number + 1}: {kind.name}: {seconds:.2f} s, {cpu:.2f} s of CPU", file=sys.stderr, flush=True)
    finally:
        os.unlink(source)
    return {name: {"mb_s": total / 1e6 / statistics.median(s for s, _ in runs),
                   "cpu_s_per_gib": statistics.median(c for _, c in runs) * 2**30 / total} for name, runs in took.items()}


class Latency:
    """A quiet service whose lines are timed from its write to `svc logs -f`, and status calls, with and without a flood."""

    def __init__(self, flood):
        self.directory = tempfile.mkdtemp(prefix="bench-logs-")
        base = f"{self.directory}/services.d"
        os.mkfifo(f"{self.directory}/in")
        write(f"{base}/quiet/type", "longrun\n")
        write(f"{base}/quiet/run", f"#!/bin/sh\nexec cat {self.directory}/in\n", 0o755)
        write(f"{base}/quiet/foster.yaml", "log: {console: false}\n")
        write(f"{base}/flood/type", "longrun\n")
        write(f"{base}/flood/run", f"#!/bin/sh\nexec yes {'x' * (LINE - 1)}\n", 0o755)
        sinks = f", files: {{path: {self.directory}/flood.log, rotate: {{size: {SIZE}, backups: 1}}}}" if flood == "file" else ""
        write(f"{base}/flood/foster.yaml", f"log: {{console: false{sinks}}}\n")
        if not flood:
            write(f"{base}/flood/run", "#!/bin/sh\nexec sleep 1000000\n", 0o755)
        self.env = {**os.environ, "FOSTER_SERVICES": base, "FOSTER_WORKLOADS": self.directory, "FOSTER_SEED": self.directory,
                    "FOSTER_SOCKET": f"{self.directory}/sock"}
        self.process = subprocess.Popen([*SPACE, f"{BIN}/foster-init"], stdin=subprocess.DEVNULL, env=self.env,
                                        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        self.input = os.open(f"{self.directory}/in", os.O_WRONLY)

    def lines(self, count):
        follower = subprocess.Popen([f"{BIN}/svc", "logs", "-f", "-n", "1", "-o", "cat", "quiet"], env=self.env,
                                    stdout=subprocess.PIPE)
        os.write(self.input, b"ready\n")
        follower.stdout.readline()
        took = []
        for i in range(count):
            start = time.monotonic()
            os.write(self.input, b"%d\n" % i)
            assert follower.stdout.readline() == b"%d\n" % i
            took.append(1000 * (time.monotonic() - start))
        follower.kill()
        follower.wait()
        return took

    def statuses(self, count):
        took = []
        with socket.socket(socket.AF_UNIX) as connection:
            connection.connect(f"{self.directory}/sock")
            replies = connection.makefile("rb")
            for i in range(count):
                start = time.monotonic()
                connection.sendall(b'{"jsonrpc":"2.0","id":%d,"method":"status","params":{"names":["quiet"]}}\n' % i)
                assert b'"result"' in replies.readline()
                took.append(1000 * (time.monotonic() - start))
        return took

    def stop(self):
        os.close(self.input)
        self.process.kill()
        self.process.wait()
        shutil.rmtree(self.directory, ignore_errors=True)


def latency(count):
    results = {}
    for flood in ("", "ring", "file"):
        case = Latency(flood)
        try:
            case.lines(50)
            results[flood or "none"] = {"line_ms": case.lines(count), "status_ms": case.statuses(count)}
        finally:
            case.stop()
    return {flood: {key: {"p50": statistics.median(values), "p99": sorted(values)[int(len(values) * 0.99)]}
                    for key, values in figures.items()} for flood, figures in results.items()}


def memory(count):
    """What logd and its shared memories take beside the rings, with `count` floods into rotated files."""
    source = f"/dev/shm/foster-bench-{os.getpid()}"
    last = make_input(source, 4 << 20)
    run = Foster(count, source, last)
    peak = 0
    try:
        run.start()
        logd = next(pid for pid in run.roles() if b"logd" in open(f"/proc/{pid}/cmdline", "rb").read())

        def used():
            private = sum(int(line.split()[1]) for line in open(f"/proc/{logd}/smaps_rollup") if line.startswith("Private"))
            return 1024 * private + sum(512 * os.stat(f"/proc/{logd}/fd/{fd}").st_blocks for fd in (3, 4))
        run.release()
        while not all(run.complete(run.file(i)) for i in range(count)):
            peak = max(peak, used())
        peak = max(peak, used())
    finally:
        os.unlink(source)
        run.stop()
        shutil.rmtree(run.directory, ignore_errors=True)
    rings = count * 512 * 1024
    return {"peak_bytes": peak, "rings_bytes": rings, "beside_mib": (peak - rings) / 2**20}


def show_throughput(title, results):
    print(f"\n{title}\n{'':<14}{'MB/s':>10}{'CPU s/GiB':>12}")
    for name, figures in results.items():
        print(f"{name:<14}{figures['mb_s']:>10.0f}{figures['cpu_s_per_gib']:>12.2f}")
    for ours, other, wanted in PAIRS:
        ratio = results[ours]["mb_s"] / results[other]["mb_s"]
        print(f"    {ours} / {other}: {ratio:.2f}" + (f" (wanted: {wanted})" if wanted else ""))


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--mib", type=int, default=1024)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--services", type=int, default=100)
    parser.add_argument("--samples", type=int, default=1000)
    parser.add_argument("--only", default="throughput,many,memory,latency")
    parser.add_argument("--json", action="store_true")
    arguments = parser.parse_args()
    wanted, results = arguments.only.split(","), {}
    if "throughput" in wanted:
        results["one"] = throughput(1, arguments.mib << 20, arguments.rounds)
    if "many" in wanted:
        results["many"] = throughput(arguments.services, arguments.mib << 20, arguments.rounds)
    if "memory" in wanted:
        results["memory"] = memory(arguments.services)
    if "latency" in wanted:
        results["latency"] = latency(arguments.samples)
    if arguments.json:
        print(json.dumps(results, indent=2))
        return
    if "one" in results:
        show_throughput(f"one service, {arguments.mib} MiB of {LINE}-byte lines into {SIZE:,}-byte files", results["one"])
    if "many" in results:
        show_throughput(f"{arguments.services} services together, as much in all", results["many"])
    if "memory" in results:
        print(f"\nmemory beside the rings, {arguments.services} floods: {results['memory']['beside_mib']:.1f} MiB (wanted: at most 4)")
    for flood, figures in results.get("latency", {}).items():
        print(f"flood {flood:<6}" + "".join(f"   {key}: {value['p50']:.2f} median, {value['p99']:.2f} p99" for key, value in figures.items()))


main()
