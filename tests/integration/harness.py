# SPDX-License-Identifier: MIT
"""Boots the real foster-init as PID 1 of a namespace of its own and asks it things, for the tests beside this file.

Not a mock of anything: the programs are build/<preset>/bin/*. A test file holds functions test_*; run(globals()) runs
them, prints one line each and ends with the number of failures. Waiting is always for an event, with a limit."""
import contextlib
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import traceback

SOURCE = os.path.realpath(os.path.join(os.path.dirname(__file__), "..", ".."))
BIN = os.environ.get("FOSTER_BIN_DIR", os.path.join(SOURCE, "build", "release", "bin"))
LIMIT = float(os.environ.get("FOSTER_TEST_LIMIT", "30"))


def wait_for(what, condition, limit=LIMIT):
    """The first true value of condition(), or a failure that names what was waited for and its last value."""
    end = time.monotonic() + limit
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() > end:
            raise AssertionError(f"waited {limit:.0f} s for {what}; last value: {brief(value)}")
        time.sleep(0.01)


def check(condition, text="expected to be true"):
    if not condition:
        raise AssertionError(text)


def brief(value):
    """A value as text, cut where it is long."""
    text = repr(value)
    return text if len(text) < 600 else f"{text[:300]} ... {text[-300:]}"


def equal(got, want, text=""):
    if got == want:
        return
    if isinstance(got, list) and isinstance(want, list):
        at = next((i for i, (one, other) in enumerate(zip(got, want)) if one != other), min(len(got), len(want)))
        raise AssertionError(f"{text}: {len(got)} and {len(want)} long, first difference at {at}: got {brief(got[at:at + 5])}, want {brief(want[at:at + 5])}")
    raise AssertionError(f"{text}: got {brief(got)}, want {brief(want)}")


def reason(error):
    """An exception in one line: what it says, or the line of code that raised it when it says nothing."""
    if str(error):
        return f"{type(error).__name__}: {error}"
    frames = traceback.extract_tb(error.__traceback__)
    return f"{type(error).__name__} at {frames[-1].name}, line {frames[-1].lineno}: {frames[-1].line}" if frames else repr(error)


def write(path, text, mode=0o644):
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "wb") as file:
        file.write(text if isinstance(text, bytes) else text.encode())
    os.chmod(path, mode)
    return path


class Foster:
    """One foster in a PID namespace. Use as a context manager; leaves nothing behind."""

    def __init__(self, directory=None, init_args=(), env=None, command=(), unshare=None, wrapper=(), stdout=None,
                 boot=True, user=None):
        self.own_directory = directory is None
        self.directory = directory or tempfile.mkdtemp(prefix="foster-test-")
        os.chmod(self.directory, 0o755)
        self.services = os.path.join(self.directory, "services.d")
        self.workloads = os.path.join(self.directory, "workloads")
        self.seed = os.path.join(self.directory, "seed")
        self.socket = os.path.join(self.directory, "control.sock")
        for each in (self.services, self.workloads, self.seed):
            os.makedirs(each, exist_ok=True)
        self.log_path = stdout or os.path.join(self.directory, "foster.log")
        self.init_args, self.command, self.wrapper, self.user = list(init_args), list(command), list(wrapper), user
        self.unshare = unshare if unshare is not None else ["unshare", "--pid", "--fork", "--mount-proc", "--kill-child"]
        self.env = {k: v for k, v in os.environ.items() if not k.startswith("FOSTER_")}
        self.env.update({"FOSTER_SERVICES": self.services, "FOSTER_WORKLOADS": self.workloads, "FOSTER_SEED": self.seed,
                         "FOSTER_SOCKET": self.socket, "PC_NO_SERVER": "1", "ASAN_OPTIONS": "detect_leaks=0:handle_segv=0:handle_abort=0:handle_sigbus=0:handle_sigill=0:handle_sigfpe=0"})
        self.env.update(env or {})
        self.process = None
        self.do_boot = boot

    # ---- files

    def longrun(self, name, script="exec sleep 1000000", needs=(), **files):
        base = os.path.join(self.services, name)
        write(f"{base}/type", "longrun\n")
        write(f"{base}/run", "#!/bin/sh\n" + script + "\n", 0o755)
        self._more(base, needs, files)

    def oneshot(self, name, script="exit 0", needs=(), down=None, **files):
        base = os.path.join(self.services, name)
        write(f"{base}/type", "oneshot\n")
        write(f"{base}/up", "#!/bin/sh\n" + script + "\n", 0o755)
        if down is not None:
            write(f"{base}/down", "#!/bin/sh\n" + down + "\n", 0o755)
        self._more(base, needs, files)

    def _more(self, base, needs, files):
        for need in needs:
            write(f"{base}/dependencies.d/{need}", "")
        for name, text in files.items():
            name = name.replace("_", "-")
            write(f"{base}/{name}", str(text), 0o755 if name == "finish" else 0o644)

    def workload(self, name, format, project=None, seed=None, needs=()):
        suffix = "conf" if format == "supervisord" else "yaml"
        base = os.path.join(self.services, name)
        write(f"{base}/type", "workload\n")
        write(f"{base}/format", format + "\n")
        write(f"{base}/project", f"${{FOSTER_WORKLOADS}}/{name}/project.{suffix}\n")
        write(f"{base}/seed", f"${{FOSTER_SEED}}/{name}/seed.{suffix}\n")
        for need in needs:
            write(f"{base}/dependencies.d/{need}", "")
        if project is not None:
            self.project(name, project, suffix)
        if seed is not None:
            write(f"{self.seed}/{name}/seed.{suffix}", seed)

    def project(self, name, text, suffix):
        write(f"{self.workloads}/{name}/project.{suffix}", text)

    # ---- life

    def __enter__(self):
        if self.do_boot:
            self.boot()
        return self

    def __exit__(self, kind, value, trace):
        if kind is not None:  # why, before what is long: a record of the output may be cut at either end
            print(f"    failed: {reason(value)}")
            print(f"    directory: {self.directory} (FOSTER_TEST_KEEP=1 keeps it)")
            print("    --- log of foster (end) ---\n" + self.log()[-6000:])
        self.kill()
        if self.own_directory and not os.environ.get("FOSTER_TEST_KEEP"):
            shutil.rmtree(self.directory, ignore_errors=True)

    def boot(self, wait=True):
        self.log_file = open(self.log_path, "wb")
        self.process = subprocess.Popen(
            [*self.wrapper, *self.unshare, f"{BIN}/foster-init", *self.init_args, *self.command], stdin=subprocess.DEVNULL,
            stdout=self.log_file, stderr=subprocess.STDOUT, env=self.env, cwd=self.directory, user=self.user)
        if wait:
            self.wait_up()
        return self

    def wait_up(self, limit=LIMIT):
        def up():
            check(self.process.poll() is None, f"foster ended with {self.process.returncode} while booting")
            return self.call("hello", fail=False)
        return wait_for("the control socket", up, limit)

    def kill(self):
        if self.process and self.process.poll() is None:
            self.process.kill()
            self.process.wait()

    def stop(self, limit=LIMIT):
        """docker stop: TERM to PID 1; the exit code."""
        os.kill(self.init_pid(), signal.SIGTERM)
        return self.wait(limit)

    def wait(self, limit=LIMIT):
        return self.process.wait(limit)

    def log(self):
        with contextlib.suppress(OSError), open(self.log_path, "rb") as file:
            return re.sub(r"\x1b\[[0-9;]*m", "", file.read().decode(errors="replace"))
        return ""

    # ---- asking

    def call(self, method, params=None, fail=True, limit=LIMIT):
        """One JSON-RPC call; the result. With fail=False: None when foster cannot be reached or answers an error."""
        try:
            with socket.socket(socket.AF_UNIX) as connection:
                connection.settimeout(limit)
                connection.connect(self.socket)
                request = {"jsonrpc": "2.0", "id": 1, "method": method, "params": params or {}}
                connection.sendall(json.dumps(request).encode() + b"\n")
                with connection.makefile("rb") as reply_file:
                    reply = json.loads(reply_file.readline())
        except (OSError, ValueError):
            if fail:
                raise
            return None
        if "error" in reply and not fail:
            return None
        check("result" in reply, f"{method} {params}: {reply}")
        return reply["result"]

    def status(self, name=None):
        result = self.call("status", {"names": [name]} if name else {}, fail=False)
        if result is None:
            return None
        return result["services"][0] if name else {service["name"]: service for service in result["services"]}

    def state(self, name):
        status = self.status(name)
        return status and status["state"]

    def wait_state(self, name, state, limit=LIMIT):
        states = state if isinstance(state, (list, tuple)) else [state]
        def right():
            status = self.status(name)
            return status if status and status["state"] in states else None
        try:
            return wait_for(f"{name} to be {state}", right, limit)
        except AssertionError as error:
            raise AssertionError(f"{error}; status: {self.status(name)}") from None

    def wait_all(self, state, names, limit=LIMIT):
        def all_right():
            services = self.status() or {}
            return services if all(services.get(n, {}).get("state") == state for n in names) else None
        return wait_for(f"{len(names)} services to be {state}", all_right, limit)

    def pids(self):
        return {name: (service["pid"], service["incarnation"], service["restarts"])
                for name, service in (self.status() or {}).items()}

    def svc(self, *args, env=None, limit=LIMIT, input=None):
        """The real svc, from outside the namespace: CompletedProcess with text."""
        return subprocess.run([f"{BIN}/svc", *args], env={**self.env, **(env or {})}, text=True, capture_output=True,
                              timeout=limit, input=input)

    # ---- processes, as the machine outside sees them

    def init_pid(self):
        """Host pid of foster-init."""
        if not self.unshare:
            return self.process.pid
        def child():
            with contextlib.suppress(OSError, IndexError, ValueError):
                with open(f"/proc/{self.process.pid}/task/{self.process.pid}/children") as file:
                    return int(file.read().split()[0])
            return None
        return wait_for("foster-init", child)

    def processes(self):
        """{host pid: (pid inside, ppid on host, state, argv)} of everything in the namespace."""
        space = os.readlink(f"/proc/{self.init_pid()}/ns/pid")
        found = {}
        for entry in os.listdir("/proc"):
            if not entry.isdigit():
                continue
            with contextlib.suppress(OSError, ValueError):
                if os.readlink(f"/proc/{entry}/ns/pid") != space:
                    continue
                with open(f"/proc/{entry}/status") as file:
                    fields = dict(line.rstrip("\n").split(":\t", 1) for line in file if ":\t" in line)
                with open(f"/proc/{entry}/cmdline", "rb") as file:
                    argv = file.read().decode(errors="replace").split("\0")[:-1]
                found[int(entry)] = (int(fields["NSpid"].split()[-1]), int(fields["PPid"]), fields["State"][0], argv)
        return found

    def role_pid(self, *words):
        """Host pid of the process whose argv holds these words in a row, e.g. ("foster", "supervise"); None if none."""
        def plays(process):
            names = [os.path.basename(word) for word in process[3]]
            return process[2] != "Z" and any(tuple(names[i:i + len(words)]) == words for i in range(len(names)))
        players = {pid: process for pid, process in self.processes().items() if plays(process)}
        # A child that has not become its own program yet still shows its parent's argv.
        return next((pid for pid, process in players.items() if process[1] not in players), None)

    def zombies(self):
        return [pid for pid, (_, _, state, _) in self.processes().items() if state == "Z"]

    def inside(self, *argv, **options):
        """Runs a program in foster's namespaces."""
        return subprocess.run(["nsenter", "-t", str(self.init_pid()), "-p", "-m", *argv], text=True, capture_output=True,
                              env=self.env, timeout=LIMIT, **options)


def run(namespace):
    """Runs the test functions of a file in order; those named in argv only, if any. Exits with 1 on a failure."""
    wanted = sys.argv[1:]
    tests = [(n, f) for n, f in namespace.items() if n.startswith("test_") and callable(f) and (not wanted or n in wanted)]
    failures = []
    for name, function in tests:
        start = time.monotonic()
        try:
            function()
            print(f"  ok    {name} ({time.monotonic() - start:.1f} s)", flush=True)
        except BaseException as error:  # a test that was interrupted has failed as well
            failures.append(name)
            traceback.print_exc(file=sys.stdout)
            print(f"  FAIL  {name}: {reason(error)}", flush=True)
            if isinstance(error, KeyboardInterrupt):
                break
    print(f"{len(tests) - len(failures)} passed, {len(failures)} failed{': ' if failures else ''}{', '.join(failures)}", flush=True)
    sys.exit(1 if failures or not tests else 0)
