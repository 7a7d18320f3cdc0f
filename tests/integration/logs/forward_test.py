#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Lines to syslog, OTLP and Loki servers that fail in every way: all arrive in order, none is missing while the ring
suffices, the service is never slowed, and logd may be killed meanwhile. FOSTER_TEST_LINES: lines of a service."""
import collections
import contextlib
import gzip
import http.server
import json
import os
import re
import signal
import socket
import socketserver
import ssl
import subprocess
import sys
import threading

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
from harness import Foster, check, equal, run, wait_for, write  # noqa: E402

LINES = int(os.environ.get("FOSTER_TEST_LINES", "20000"))
MESSAGE = re.compile(rb"<(\d+)>1 (\S+) (\S+) (\S+) (\S+) (\S+) \[foster@32473 ([^]]*)\] (.*)", re.S)


def numbered(lines=LINES):
    """Writes numbered lines, then says in a file that it is through: nobody has to read them for that."""
    return f"seq 1 {lines}; echo through > ${{0%/*}}/through; exec sleep 1000000"


def service(foster, name, sinks, script):
    foster.longrun(name, script)
    write(f"{foster.services}/{name}/foster.yaml", f"log:\n  ring: 8M\n  console: false\n{sinks}\n")


def is_through(foster, name):
    return os.path.exists(f"{foster.services}/{name}/through")


class Syslog:
    """A daemon on a unix or UDP socket that keeps what it is told; may be away."""

    def __init__(self, address):
        self.family = socket.AF_UNIX if isinstance(address, str) else socket.AF_INET6 if ":" in address[0] else socket.AF_INET
        self.address, self.messages, self.socket = address, [], None

    def begin(self, kind=socket.SOCK_DGRAM):
        self.socket = socket.socket(self.family, kind)
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 64 << 20)
        self.socket.bind(self.address)
        self.address = self.socket.getsockname()
        if kind == socket.SOCK_STREAM:
            self.socket.listen()
        self.reader = threading.Thread(target=self.accept if kind == socket.SOCK_STREAM else self.receive, args=(self.socket,), daemon=True)
        self.reader.start()
        return self

    def receive(self, own):
        try:
            while message := own.recv(1 << 18):
                self.messages.append(message)
        except OSError:
            pass

    def accept(self, own):
        while True:
            connection, _ = own.accept()
            with connection.makefile("rb") as stream:
                while True:
                    length = b""
                    while (byte := stream.read(1)) not in (b" ", b""):
                        length += byte
                    if not length:
                        break
                    self.messages.append(stream.read(int(length)))

    def end(self):
        with contextlib.suppress(OSError):  # UDP is not connected; its reader wakes up all the same
            self.socket.shutdown(socket.SHUT_RDWR)
        self.reader.join()
        self.socket.close()
        if self.family == socket.AF_UNIX:
            os.unlink(self.address)

    def texts(self):
        return [MESSAGE.fullmatch(message)[8] for message in list(self.messages)]


def in_order(texts, lines=LINES, doubles=0):
    """Every number once, in order; right after a kill at most `doubles` of them twice."""
    once = [text for i, text in enumerate(texts) if i == 0 or text != texts[i - 1]]
    check(len(texts) - len(once) <= doubles, f"{len(texts) - len(once)} lines came twice")
    equal(once, [str(i).encode() for i in range(1, lines + 1)], "lines")


def has_last(server, lines=LINES):
    return lambda: server.messages and server.messages[-1].endswith(b" %d" % lines)


def test_syslog_over_a_unix_socket_that_comes_late():
    with Foster(boot=False) as foster:
        path = f"{foster.directory}/log"
        service(foster, "web", f"  syslog: {{to: 'unix:{path}', facility: local3}}", numbered())
        foster.boot()
        wait_for("the service, which nobody reads", lambda: is_through(foster, "web"))
        server = Syslog(path).begin()
        wait_for("all lines", has_last(server))
        in_order(server.texts())
        pri, stamp, _, app, proc, stream, data, _ = MESSAGE.fullmatch(server.messages[6]).groups()
        equal((pri, app, proc, stream), (b"158", b"web", b"1", b"stdout"))
        check(re.fullmatch(rb"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z", stamp), stamp)
        check(re.fullmatch(rb'seq="7" mono="\d+" incarnation="1"', data), data)


def test_syslog_over_a_unix_stream():
    with Foster(boot=False) as foster:
        server = Syslog(f"{foster.directory}/log").begin(socket.SOCK_STREAM)
        service(foster, "web", f"  syslog: 'unix:{server.address}'", numbered())
        foster.boot()
        wait_for("all lines", has_last(server))
        in_order(server.texts())


def test_syslog_over_udp_to_nobody_then_to_somebody():
    for host in ("127.0.0.1", "::1"):
        with Foster(boot=False) as foster:
            server = Syslog((host, 0)).begin()
            address = server.address
            server.end()
            shown = f"[{host}]" if ":" in host else host
            service(foster, "web", f"  syslog: 'udp:{shown}:{address[1]}'", numbered(2000))
            foster.boot()
            wait_for("the service, which nobody reads", lambda: is_through(foster, "web"))
            server = Syslog(address[:2]).begin()
            wait_for("all lines", has_last(server, 2000))
            in_order(server.texts(), 2000)


class Collector:
    """An HTTP server that keeps the lines it takes; `moods` says what it does with the next requests."""

    def __init__(self, lines_of, moods=(), port=0, tls=None):
        self.lines, self.moods, self.seen, self.lines_of = [], collections.deque(moods), [], lines_of
        self.may_end, collector = threading.Event(), self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self):
                body = self.rfile.read(int(self.headers["Content-Length"]))
                mood = collector.moods.popleft() if collector.moods else 200
                if self.headers["Content-Encoding"] == "gzip":
                    body = gzip.decompress(body)
                collector.seen.append((mood, self.path, dict(self.headers)))
                if mood == "hang":
                    collector.may_end.wait(60)
                if mood == "cut":
                    self.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Length: 50\r\n\r\nhalf")
                if mood in ("hang", "cut", "close"):
                    self.close_connection = True
                    return
                if mood == 200:
                    collector.lines += collector.lines_of(json.loads(body))
                self.send_response(mood)
                if mood == 429:
                    self.send_header("Retry-After", "1")
                self.send_header("Content-Length", "2")
                self.end_headers()
                self.wfile.write(b"{}")

            def log_message(self, *_):
                pass

        class Server(socketserver.ThreadingMixIn, http.server.HTTPServer):
            daemon_threads = True

        self.server = Server(("127.0.0.1", port), Handler)
        if tls:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(*tls)
            self.server.socket = context.wrap_socket(self.server.socket, server_side=True)
        self.port = self.server.server_port
        threading.Thread(target=self.server.serve_forever, daemon=True).start()


def otlp_lines(body):
    lines = []
    for resource in body["resourceLogs"]:
        attributes = {a["key"]: a["value"]["stringValue"] for a in resource["resource"]["attributes"]}
        equal(attributes["service.name"], "web")
        for record in resource["scopeLogs"][0]["logRecords"]:
            check(record["timeUnixNano"].isdigit() and record["observedTimeUnixNano"].isdigit(), str(record))
            lines.append(record["body"]["stringValue"].encode())
    return lines


def loki_lines(body):
    lines = []
    for stream in body["streams"]:
        equal(stream["stream"]["service"], "web")
        for wall, text, metadata in stream["values"]:
            check(wall.isdigit() and metadata["seq"].isdigit(), str(metadata))
            lines.append(text.encode())
    return lines


def test_otlp_to_a_collector_in_every_mood():
    server = Collector(otlp_lines, [500, 429, "cut", "close", 503])
    with Foster(boot=False) as foster:
        service(foster, "web", f"  otlp: {{url: 'http://127.0.0.1:{server.port}/v1/logs', headers: {{X-Key: s3cr3t, Content-Encoding: gzip}}}}", numbered())
        foster.boot()
        wait_for("the service", lambda: is_through(foster, "web"))
        wait_for("all lines", lambda: len(server.lines) >= LINES, 60)
        in_order(server.lines)
        equal([mood for mood, _, _ in server.seen[:6]], [500, 429, "cut", "close", 503, 200])
        _, path, headers = server.seen[0]
        equal((path, headers["X-Key"], headers["Content-Encoding"]), ("/v1/logs", "s3cr3t", "gzip"))
        check("s3cr3t" not in foster.log(), "a secret is in foster's log")


def test_loki_that_hangs_and_logd_killed_meanwhile():
    server = Collector(loki_lines, [200, "hang", 200, 500])
    with Foster(boot=False) as foster:
        service(foster, "web", f"  loki: 'http://127.0.0.1:{server.port}/loki/api/v1/push'", numbered())
        foster.boot()
        wait_for("the service", lambda: is_through(foster, "web"))
        wait_for("the request that hangs", lambda: any(mood == "hang" for mood, _, _ in server.seen))
        os.kill(foster.role_pid("foster", "logd"), signal.SIGKILL)
        server.may_end.set()
        wait_for("all lines", lambda: server.lines and server.lines[-1] == str(LINES).encode(), 60)
        in_order(server.lines, doubles=0)


def test_tls_with_an_authority_of_our_own():
    with Foster(boot=False) as foster:
        key, certificate = f"{foster.directory}/key.pem", f"{foster.directory}/ca.pem"
        subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout", key,
                        "-out", certificate, "-subj", "/CN=own", "-addext", "subjectAltName=IP:127.0.0.1"], check=True, capture_output=True)
        server = Collector(otlp_lines, tls=(certificate, key))
        foster.env["SSL_CERT_FILE"] = certificate
        service(foster, "web", f"  otlp: 'https://127.0.0.1:{server.port}/v1/logs'", numbered(3000))
        foster.boot()
        wait_for("all lines", lambda: len(server.lines) >= 3000)
        in_order(server.lines, 3000)


if __name__ == "__main__":
    run(globals())
