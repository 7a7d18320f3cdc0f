# SPDX-License-Identifier: MIT
"""`foster probe` alone: asked over its channel (fd 3) as supervise asks it, without logs (fds 4 and 5 are closed)."""
import ctypes
import json
import os
import resource
import select
import shutil
import signal
import socket
import ssl
import subprocess
import sys
import tempfile
import threading
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
from harness import BIN, LIMIT, check, equal, run  # noqa: E402

TAG = 0x1234567 + os.getpid()
LIBC = ctypes.CDLL(None, use_errno=True)


def die_with_parent():
    LIBC.prctl(1, signal.SIGKILL)  # PR_SET_PDEATHSIG


class Prober:
    def __init__(self):
        self.channel, far = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self.errors = tempfile.TemporaryFile()

        def before_exec():
            die_with_parent()
            os.dup2(far.fileno(), 3)
            for fd in (4, 5):
                try:
                    os.close(fd)
                except OSError:
                    pass
        # The far end may be 4 or 5 itself: all but 3 go at exec.
        self.process = subprocess.Popen([os.path.join(BIN, "foster"), "probe"], stderr=self.errors, close_fds=False, preexec_fn=before_exec)
        far.close()
        self.last_id = 0
        self.answers = {}
        self.order = []

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.channel.close()
        try:
            self.process.wait(LIMIT)
        finally:
            self.process.kill()
            self.process.wait()

    def ask(self, verb="probe", **words):
        self.last_id += 1
        self.channel.send(json.dumps({"id": self.last_id, "verb": verb, **words}).encode())
        return self.last_id

    def answer(self, asked, limit=LIMIT):
        end = time.monotonic() + limit
        while asked not in self.answers:
            ready, _, _ = select.select([self.channel], [], [], max(0, end - time.monotonic()))
            check(ready, f"no answer to {asked} within {limit} s")
            packet = self.channel.recv(1 << 17)
            check(packet, "the prober has ended: " + self.said())
            answer = json.loads(packet)
            self.answers[answer["id"]] = answer
            self.order.append(answer["id"])
        return self.answers[asked]

    def probe(self, **probe):
        return self.answer(self.ask(probe=probe))

    def said(self):
        self.errors.seek(0)
        return self.errors.read().decode(errors="replace")


def listener():
    one = socket.socket()
    one.bind(("127.0.0.1", 0))
    one.listen(16)
    return one, one.getsockname()[1]


def test_what_hangs_times_out_and_holds_nobody_up():
    mute, port = listener()  # the kernel accepts, nobody answers
    with mute, Prober() as prober:
        slow = prober.ask(probe={"kind": "http", "port": port, "timeout": 1500})
        quick = prober.ask(probe={"kind": "tcp", "port": port, "timeout": 60000})
        began = time.monotonic()
        equal(prober.answer(quick)["ok"], True, prober.answers)
        late = prober.answer(slow)
        check(time.monotonic() - began > 1.0, "it had its time")
        equal(late["ok"], False)
        check(late["text"].endswith("no answer within 1500 ms") and str(port) in late["text"], late)
        equal(prober.order, [quick, slow])


def test_nobody_there_is_refused():
    one, port = listener()
    one.close()
    with Prober() as prober:
        for kind in ("tcp", "http"):
            answer = prober.probe(kind=kind, port=port, timeout=20000)
            equal(answer["ok"], False)
            check("Connection refused" in answer["text"] and str(port) in answer["text"], answer)


def test_https_with_a_certificate_of_its_own():
    directory = tempfile.mkdtemp(prefix="foster-test-")
    try:
        key, certificate = os.path.join(directory, "key"), os.path.join(directory, "certificate")
        subprocess.run(["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=nobody", "-days", "1", "-keyout", key, "-out", certificate],
                       check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate, key)
    finally:
        shutil.rmtree(directory)
    one, port = listener()

    def serve(status):
        plain, _ = one.accept()
        with context.wrap_socket(plain, server_side=True) as client:
            head = b""
            while b"\r\n\r\n" not in head:
                head += client.recv(4096)
            client.sendall(b"HTTP/1.1 " + status + b"\r\nContent-Length: 0\r\n\r\n")
    with one, Prober() as prober:
        for status, ok in ((b"200 OK", True), (b"503 Service Unavailable", False)):
            thread = threading.Thread(target=serve, args=(status,), daemon=True)
            thread.start()
            answer = prober.probe(kind="http", tls=True, port=port, path="/health", timeout=20000)
            equal((answer["ok"], status.decode() in answer["text"]), (ok, True), answer)
            thread.join(LIMIT)


class Escaped:
    """A process that has left parent, session and environment behind, listens, and can be known by its tag alone."""

    def __init__(self):
        told, tell = os.pipe()
        leash, self.leash = os.pipe()
        middle = os.fork()
        if middle == 0:
            try:
                resource.prlimit(0, resource.RLIMIT_LOCKS if hasattr(resource, "RLIMIT_LOCKS") else 10, (TAG, resource.RLIM_INFINITY))
                if os.fork() != 0:
                    os._exit(0)
                os.setsid()
                os.close(self.leash)
                os.dup2(leash, 0)
                script = ("import os, socket; s = socket.socket(); s.bind(('127.0.0.1', 0)); s.listen(); "
                          f"os.write({tell}, b'%d %d' % (os.getpid(), s.getsockname()[1])); os.close({tell}); os.read(0, 1)")
                os.set_inheritable(tell, True)
                os.execve(sys.executable, [sys.executable, "-c", script], {})
            finally:
                os._exit(1)
        os.waitpid(middle, 0)
        os.close(tell)
        os.close(leash)
        with os.fdopen(told, "rb") as line:
            self.pid, self.port = map(int, line.read().split())

    def __enter__(self):
        return self

    def __exit__(self, *_):
        os.close(self.leash)  # its read ends, and so does it


def test_ports_and_figures_of_a_tree_that_only_its_tag_holds_together():
    with Escaped() as escaped, Prober() as prober:
        tree = {"name": f"escaped-{os.getpid()}", "incarnation": 1, "pid": 0, "tag": TAG}
        figures = prober.answer(prober.ask("ports", tree=tree))["figures"]
        equal([one["ports"] for one in figures], [[{"protocol": "tcp", "address": f"127.0.0.1:{escaped.port}", "pid": escaped.pid}]])
        answer = prober.answer(prober.ask(probe={"kind": "listen", "timeout": 20000}, tree=tree))
        equal((answer["ok"], answer["text"]), (True, f"listens on 127.0.0.1:{escaped.port}"))
        nobody = {"name": f"nobody-{os.getpid()}", "incarnation": 1, "pid": 0, "tag": TAG + 1}
        both = prober.answer(prober.ask("figures", trees=[tree, nobody]))["figures"]
        equal([(one["name"], one["processes"], one["threads"]) for one in both], [(tree["name"], 1, 1), (nobody["name"], 0, 0)])
        check(1 << 20 < both[0]["pss_bytes"] <= both[0]["rss_bytes"] + 4096, both)
        equal([port["pid"] for port in both[0]["ports"]], [escaped.pid])


def test_what_is_cancelled_is_not_answered():
    mute, port = listener()
    with mute, Prober() as prober:
        gone = prober.ask(probe={"kind": "http", "port": port, "timeout": 300})
        prober.channel.send(json.dumps({"id": gone, "verb": "cancel"}).encode())
        later = prober.ask(probe={"kind": "http", "port": port, "timeout": 900})
        prober.answer(later)
        equal(prober.order, [later])
        all_gone = [prober.ask(probe={"kind": "http", "port": port, "timeout": 300}) for _ in range(20)]
        prober.channel.send(json.dumps({"id": 0, "verb": "cancel"}).encode())
        last = prober.ask(probe={"kind": "http", "port": port, "timeout": 900})
        prober.answer(last)
        equal((prober.order, len(all_gone)), ([later, last], 20))


def test_garbage_does_not_end_it():
    one, port = listener()
    with one, Prober() as prober:
        prober.channel.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 1 << 20)
        for packet in (b"\0\xff\x1b[", b"{", b"[]", b"null", b'{"id": "x"}', b"{" * 50000, b"x" * 61441, b"x" * 100000):
            prober.channel.send(packet)
        read, write = os.pipe()
        socket.send_fds(prober.channel, [b"fds that nobody asked for"], [read, write, read])
        os.close(write)
        equal(prober.answer(prober.ask("dance"))["text"], "cannot read the request: unknown verb 'dance'")
        check(not prober.probe(kind="exec")["ok"], "an exec probe is not its business")
        answer = prober.probe(kind="log_line", pattern="x")
        equal((answer["ok"], answer["text"]), (False, "cannot read the logs: they were not handed over"))
        equal(prober.probe(kind="tcp", port=port, timeout=20000)["ok"], True)
        # It has closed what came with the packet: the pipe has no write end any more.
        equal(os.read(read, 1), b"")
        os.close(read)
        equal(prober.process.poll(), None)


def test_it_ends_with_its_channel():
    mute, port = listener()
    with mute, Prober() as prober:
        prober.ask(probe={"kind": "http", "port": port, "timeout": 600000})
        prober.probe(kind="tcp", port=port, timeout=20000)
        prober.channel.close()
        equal(prober.process.wait(LIMIT), 0)
    alone = subprocess.run([os.path.join(BIN, "foster"), "probe"], close_fds=True, stderr=subprocess.PIPE, timeout=LIMIT)
    check(alone.returncode != 0 and b"cannot find the channel to supervise" in alone.stderr, alone)


if __name__ == "__main__":
    run(globals())
