# SPDX-License-Identifier: MIT
"""Drives the real foster-init with a supervise made of this file: a relay between init's packets and the test.

The program that init starts (a copy named `foster`) connects to the test's socket and hands it the channel's fd, then
only stays alive; the test itself speaks the protocol."""
import array
import contextlib
import os
import select
import shutil
import signal
import socket
import struct
import subprocess
import sys
import tempfile
import time
import traceback

BIN = os.environ.get("FOSTER_BIN_DIR", "")
# Where foster-init is built with AddressSanitizer, faults are still foster-init's own to handle, from its first instruction on.
ASAN_OPTIONS = "detect_leaks=0:handle_segv=0:handle_abort=0:handle_sigbus=0:handle_sigill=0:handle_sigfpe=0"
MESSAGE = struct.Struct("<II120sIIQ120siiIIiIiIQQQQQ")
KEYS = ("type version name role reserved incarnation store pid signal scope child_state status stage error value "
        "start_time tree_tag user_us system_us max_rss").split()
(SPAWN, SIGNAL, FORGET, PUT, GET, DROP, READY, RUN, FINISH, REEXEC, BEGUN, ADOPT, QUERY) = range(1, 14)
(HELLO, CHILD, ENTRY, END, SPAWNED, FAILED, EXITED, GONE, ALIVE, ADOPTED, CONTAINER, COMMAND) = range(100, 112)
(MAIN, FINISH_ROLE, DOWN, STOP) = range(4)
PLAN = struct.Struct("<10I" + "IIIi" * 3 + "6I" + "3Iii" + "3I" + "QQ")
(SESSION_FLAG, TERMINAL_FLAG, UID_FLAG, GID_FLAG, GROUPS_FLAG, NO_NEW_PRIVS_FLAG, NICE_FLAG, OOM_FLAG, UMASK_FLAG, BOUNDING_FLAG,
 AMBIENT_FLAG, CGROUP_FLAG, IO_PRIORITY_FLAG, PRIVATE_TMP, PRIVATE_PIDS) = (1 << i for i in range(15))
RELAY = """#!/usr/bin/python3 -S
import os, socket, sys, signal
s = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
s.connect(os.environ["FAKE_SOCKET"])
socket.send_fds(s, [" ".join(sys.argv[1:]).encode()], [3])
os.close(3)
code = s.recv(1)
os._exit(code[0] if code else 0)
"""


class Message:
    def __init__(self, data, fds=()):
        for key, value in zip(KEYS, MESSAGE.unpack(data)):
            setattr(self, key, value.split(b"\0")[0].decode() if isinstance(value, bytes) else value)
        self.fds = list(fds)

    def __repr__(self):
        return str({key: value for key, value in vars(self).items() if value})


def packet(kind, name="", role=0, incarnation=1, store="", signal=0, scope=0, value=0, pid=0,
           start_time=0):
    return MESSAGE.pack(kind, 2, name.encode(), role, 0, incarnation, store.encode(), pid, signal, scope, 0, 0, 0, 0, value,
                        start_time, 0, 0, 0, 0)


def plan(argv, env=("PATH=/usr/bin:/bin",), flags=1, stdio=((1, 0), (1, 1), (1, 2)), fds=(), rlimits=(), groups=(), cwd="",
         file=None, uid=0, gid=0, umask=0, nice=0, oom=0, bounding=0, ambient=0, cgroup=0,
         chroot="", io_priority=0):
    """bytes of a plan; an fd is (kind, value[, target][, name in the store])."""
    body = bytearray(PLAN.size)
    def text(value):
        at = len(body)
        body.extend(value.encode() + b"\0")
        return at
    def align():
        body.extend(b"\0" * (-len(body) % 8))
        return len(body)
    def texts(values):
        offsets = [text(value) for value in values] + [0]
        at = align()
        body.extend(struct.pack(f"<{len(offsets)}I", *offsets))
        return at
    where_file, where_argv, where_env = text(file or argv[0]), texts(argv), texts(env)
    where_cwd = text(cwd) if cwd else 0
    where_root = text(chroot) if chroot else 0
    extra = [(kind, value, text(*name) if name else 0, target) for kind, value, target, *name in fds]
    three = [part for i, (kind, value, *name) in enumerate(stdio) for part in (kind, value, text(*name) if name else 0, i)]
    where_fds = align()
    for fd in extra:
        body.extend(struct.pack("<IIIi", *fd))
    where_limits = align()
    for resource, soft, hard in rlimits:
        body.extend(struct.pack("<iIQQ", resource, 0, soft, hard))
    where_groups = align()
    body.extend(struct.pack(f"<{len(groups)}I", *groups) + b"\0")
    PLAN.pack_into(body, 0, 0x4E4C5046, 2, len(body), flags, where_file, where_argv, len(argv), where_env, len(env),
                   where_cwd, *three, where_fds, len(fds), where_limits, len(rlimits), where_groups, len(groups), uid, gid,
                   umask, nice, oom, cgroup, where_root, io_priority, bounding, ambient)
    return bytes(body)


class Init:
    """pid1: in a PID namespace; prefix: a program that runs it instead, `depth` processes above it; shell: done before it, in
    the namespaces of its own."""

    def __init__(self, *args, env=None, pid1=True, terminal=False, prefix=None, depth=0, shell=None, foster=RELAY):
        self.directory = tempfile.mkdtemp(prefix="foster-init-test.")
        os.chmod(self.directory, 0o755)
        shutil.copy(f"{BIN}/foster-init", f"{self.directory}/foster-init")
        if foster:
            self.become(foster)
        self.listener = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self.listener.bind(f"{self.directory}/s")
        os.chmod(f"{self.directory}/s", 0o777)
        self.listener.listen(8)
        self.listener.settimeout(20)
        stdin = subprocess.DEVNULL
        if terminal:
            self.master, stdin = os.openpty()
        wrapper = ["unshare", "--pid", "--fork", "--mount-proc", "--kill-child"] if pid1 else []
        if prefix:
            wrapper, pid1 = prefix, depth > 0
        if shell:
            wrapper = [*wrapper, "sh", "-c", shell + ' && exec "$@"', "sh"]
        if terminal:
            wrapper = ["setsid", "--ctty", "--wait", *wrapper]
        self.log = open(f"{self.directory}/log", "w+b")
        env = {"FAKE_SOCKET": f"{self.directory}/s", "FAKE_DIRECTORY": os.path.dirname(os.path.abspath(__file__)), **(env or {})}
        self.process = subprocess.Popen([*wrapper, f"{self.directory}/foster-init", *args], stdin=stdin,
                                        stdout=self.log, stderr=self.log,
                                        env={**os.environ, "ASAN_OPTIONS": ASAN_OPTIONS, "FAKE_SOCKET": f"{self.directory}/s",
                                             **(env or {})})
        self.pid1, self.channel, self.relay, self.backlog = pid1, None, None, []

    @classmethod
    def played(cls):
        """Only the supervise of an init that another one starts."""
        return cls(prefix=["true"])

    def __enter__(self):
        return self

    def __exit__(self, kind, value, trace):
        if kind:  # why, before what is long: a record of the output may be cut at either end
            print(f"    failed: {reason(value)}")
            print(self.text()[-3000:])
        if self.process.poll() is None:
            with contextlib.suppress(OSError, AssertionError):  # it may be ending by itself
                os.kill(self.pid() if self.pid1 else self.process.pid, signal.SIGTERM)
            with contextlib.suppress(Exception):
                self.finish()
            try:
                self.process.wait(12)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
        self.last_words = self.text()
        self.log.close()
        self.listener.close()
        for each in (self.channel, self.relay):
            if each:
                each.close()
        shutil.rmtree(self.directory)

    def text(self):
        self.log.seek(0)
        return self.log.read().decode(errors="replace")

    def await_words(self, words):
        end = time.monotonic() + 20
        while words not in self.text():
            assert time.monotonic() < end, f"{words!r} was not said: {self.text()!r}"
            select.select([], [], [], 0.005)

    def said(self, words):
        assert words in self.last_words, f"{words!r} is not in {self.last_words!r}"

    def pid(self):
        if not self.pid1:
            return self.process.pid
        end = time.monotonic() + 10
        while time.monotonic() < end and self.process.poll() is None:
            with open(f"/proc/{self.process.pid}/task/{self.process.pid}/children") as file:
                words = file.read().split()
            if words:
                return int(words[0])
        raise AssertionError("no init")

    def connect(self):
        """Waits for the next supervise; its arguments, its hello and its snapshot."""
        if self.channel:
            self.channel.close()
            self.relay.close()
        self.relay, _ = self.listener.accept()
        data, fds, _, _ = socket.recv_fds(self.relay, 100, 1)
        peer = self.relay.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, 12)
        self.relay_pid = struct.unpack("3i", peer)[0]
        self.channel = socket.socket(fileno=fds[0])
        self.channel.settimeout(20)
        self.backlog, self.snapshot = [], []
        self.arguments, self.hello = data.decode(), self.receive()
        assert self.hello.type == HELLO, self.hello
        while (message := self.receive()).type != END:
            self.snapshot.append(message)
        return self

    def become(self, text=RELAY):
        """The program that the next start of supervise runs; put in its place whole."""
        with open(f"{self.directory}/new", "w") as file:
            file.write(text)
        os.chmod(f"{self.directory}/new", 0o755)
        os.rename(f"{self.directory}/new", f"{self.directory}/foster")

    def leave_supervise(self, code):
        self.relay.send(bytes([code]))
        self.channel.close()

    def kill_supervise(self, number=signal.SIGKILL):
        """As from outside. What it sent before is heard; its own end of the channel is closed by its death alone."""
        os.kill(self.relay_pid, number)
        self.channel.close()

    def receive(self):
        data, fds, _, _ = socket.recv_fds(self.channel, MESSAGE.size, 4)
        if not data:
            raise EOFError
        return Message(data, fds)

    def expect(self, kind, name=None):
        for i, message in enumerate(self.backlog):
            if message.type == kind and name in (None, message.name):
                return self.backlog.pop(i)
        while True:
            message = self.receive()
            if message.type == kind and name in (None, message.name):
                return message
            self.backlog.append(message)

    def send(self, *args, fds=(), **named):
        socket.send_fds(self.channel, [packet(*args, **named)], list(fds))

    def spawn(self, name, data, fds=(), **named):
        memory = os.memfd_create("plan", os.MFD_ALLOW_SEALING)
        os.write(memory, data)
        self.send(SPAWN, name, fds=[memory, *fds], **named)
        os.close(memory)

    def run(self, name, *argv, **named):
        self.spawn(name, plan(list(argv), **named))
        return self.expect(SPAWNED, name)

    def finish(self, value=0):
        self.send(FINISH, value=value)


class Skip(Exception):
    pass


def skip(reason):
    raise Skip(reason)


def equal(got, want, text=""):
    assert got == want, f"{text}: got {got!r}, want {want!r}"


def reason(error):
    """An exception in one line: what it says, or the line of code that raised it when it says nothing."""
    if str(error):
        return f"{type(error).__name__}: {error}"
    frames = traceback.extract_tb(error.__traceback__)
    return f"{type(error).__name__} at {frames[-1].name}, line {frames[-1].lineno}: {frames[-1].line}" if frames else repr(error)


def main(scope):
    """Runs the test_ functions of a file, or those named on the command line."""
    failures = 0
    for name, function in list(scope.items()):
        if not name.startswith("test_") or (sys.argv[1:] and name not in sys.argv[1:]):
            continue
        begin = time.monotonic()
        try:
            function()
            print(f"  ok    {name} ({time.monotonic() - begin:.1f} s)", flush=True)
        except Skip as skipped:
            print(f"  SKIP  {name}: {skipped}", flush=True)
        except Exception as error:
            failures += 1
            traceback.print_exc(limit=4, file=sys.stdout)
            print(f"  FAIL  {name}: {reason(error)}", flush=True)
    sys.exit(1 if failures else 0)
