#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Lines to syslog, OTLP and Loki servers that fail in every way: all arrive in order, none is missing while the ring
suffices, the service is never slowed, and logd may be killed meanwhile. FOSTER_TEST_LINES: lines of a service."""
import base64
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
Line = collections.namedtuple("Line", "service seq text skipped")
MESSAGE = re.compile(rb"<(\d+)>1 (\S+) (\S+) (\S+) (\S+) (\S+) \[foster@32473 ([^]]*)\] (.*)", re.S)


def numbered(lines=LINES):
    """Writes numbered lines, then says in a file that it is through: nobody has to read them for that."""
    return f"seq 1 {lines}; echo through > ${{0%/*}}/through; exec sleep 1000000"


def service(foster, name, sinks, script, ring="8M"):
    foster.longrun(name, script)
    write(f"{foster.services}/{name}/foster.yaml", f"log:\n  ring: {ring}\n  console: false\n{sinks}\n")


def stats(foster, name="web", sink=0):
    """What is known of a service's log, and of one place that it goes to."""
    found = foster.call("logs.stats", {"names": [name]})["services"][0]
    return found, found["sinks"][sink]


def size_of(lines):
    """Bytes of the numbers 1 to `lines`, one a line."""
    return sum(len(str(i)) + 1 for i in range(1, lines + 1))


def is_through(foster, name):
    return os.path.exists(f"{foster.services}/{name}/through")


class Syslog:
    """A daemon on a unix or UDP socket that keeps what it is told; may be away."""

    def __init__(self, address):
        self.family = socket.AF_UNIX if isinstance(address, str) else socket.AF_INET6 if ":" in address[0] else socket.AF_INET
        self.address, self.messages, self.socket = address, [], None
        self.pause_at, self.go_on = 0, threading.Event()  # a number of messages to take a pause after

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
                if len(self.messages) == self.pause_at:
                    self.go_on.wait()
                    self.go_on.clear()
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
    """An HTTP server that keeps the lines it takes; `moods` says what it does with the next requests, `fits` which lines
    are not too many for it."""

    def __init__(self, lines_of, moods=(), port=0, tls=None, fits=lambda lines: True):
        self.lines, self.moods, self.seen, self.batches = [], collections.deque(moods), [], []
        self.connections, self.may_end, collector = [], threading.Event(), self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def setup(self):
                collector.connections.append(self.request)
                super().setup()

            def do_POST(self):
                body = self.rfile.read(int(self.headers["Content-Length"]))
                mood = collector.moods.popleft() if collector.moods else 200
                if self.headers["Content-Encoding"] == "gzip":
                    body = gzip.decompress(body)
                lines = lines_of(json.loads(body))
                if mood == 200 and not fits(lines):
                    mood = 413
                collector.seen.append((mood, self.path, self.headers))
                if mood in (200, "late"):
                    collector.batches.append(len(lines))
                    collector.lines += lines
                if mood in ("hang", "late"):
                    collector.may_end.wait(60)
                if mood == "cut":
                    self.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Length: 50\r\n\r\nhalf")
                if mood in ("hang", "late", "cut", "close"):
                    self.close_connection = True
                    return
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

            def handle_error(self, *_):
                pass  # connections that are cut are what this is for

        self.server = Server(("127.0.0.1", port), Handler)
        if tls:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(*tls)
            self.server.socket = context.wrap_socket(self.server.socket, server_side=True)
        self.port = self.server.server_port
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def end(self):
        """Nobody listens any more, and who was connected is so no longer."""
        self.server.shutdown()
        self.server.server_close()
        for connection in self.connections:
            with contextlib.suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)

    def texts(self, service="web"):
        return [line.text for line in list(self.lines) if line.service == service and not line.skipped]

    def skips(self):
        """Bytes that each record of skipped bytes tells, and the index it came at."""
        return [(line.skipped, i) for i, line in enumerate(list(self.lines)) if line.skipped]


def closed_port():
    """A port of this machine where nobody listens."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return free.getsockname()[1]


def otlp_lines(body):
    lines = []
    for resource in body["resourceLogs"]:
        of = {a["key"]: a["value"]["stringValue"] for a in resource["resource"]["attributes"]}
        check(re.fullmatch("[0-9a-f]{32}", of["foster.boot"]), str(of))
        for record in resource["scopeLogs"][0]["logRecords"]:
            check(record["timeUnixNano"].isdigit() and record["observedTimeUnixNano"].isdigit(), str(record))
            numbers = {a["key"]: int(a["value"]["intValue"]) for a in record["attributes"] if "intValue" in a["value"]}
            text, skipped = record["body"]["stringValue"], numbers.get("foster.skipped_bytes", 0)
            equal(text.startswith(f"foster: {skipped} bytes skipped"), skipped > 0, text)
            lines.append(Line(of["service.name"], numbers.get("foster.seq"), text.encode(), skipped))
    return lines


def loki_lines(body):
    lines = []
    for stream in body["streams"]:
        for wall, text, metadata in stream["values"]:
            check(wall.isdigit() and metadata["seq"].isdigit(), str(metadata))
            lines.append(Line(stream["stream"]["service"], int(metadata["seq"]), text.encode(), 0))
    return lines


def test_otlp_to_a_collector_in_every_mood():
    server = Collector(otlp_lines, [500, 429, "cut", "close", 503])
    with Foster(boot=False) as foster:
        service(foster, "web", f"  otlp: {{url: 'http://me:pass@127.0.0.1:{server.port}/v1/logs', headers: {{Authorization: Bearer t0ken, Content-Encoding: gzip}}}}", numbered())
        foster.boot()
        wait_for("the service", lambda: is_through(foster, "web"))
        wait_for("all lines", lambda: len(server.lines) >= LINES, 60)
        in_order(server.texts())
        equal([mood for mood, _, _ in server.seen[:6]], [500, 429, "cut", "close", 503, 200])
        _, path, headers = server.seen[0]
        equal((path, headers["Authorization"], headers["Content-Encoding"]), ("/v1/logs", "Bearer t0ken", "gzip"))
        equal([header.lower() for header, _ in headers.items()].count("authorization"), 1, "a header's word goes before the URL's")


def test_what_is_secret_in_a_target_is_shown_nowhere():
    server = Collector(otlp_lines, [500, 500])
    secrets = ["hunter2", "qu3ry", "s3cr3t", base64.b64encode(b"me:hunter2").decode()]
    with Foster(boot=False) as foster:
        sink = f"{{url: 'http://me:hunter2@127.0.0.1:{server.port}/v1/logs?token=qu3ry', headers: {{X-Key: s3cr3t}}%s}}"
        shown = f"http://***@127.0.0.1:{server.port}/v1/logs?***"
        service(foster, "web", "  otlp: " + sink % "", numbered(2000))
        foster.boot()
        wait_for("trouble in foster's log", lambda: f"cannot write to the collector {shown}" in foster.log())
        wait_for("all lines", lambda: len(server.lines) >= 2000, 60)
        _, path, headers = server.seen[0]
        equal((path, headers["X-Key"], headers["Authorization"]), ("/v1/logs?token=qu3ry", "s3cr3t", "Basic " + secrets[3]))
        wait_for("its end in foster's log", lambda: f"writes to the collector {shown} again" in foster.log())
        service(foster, "bad", "  loki: " + sink % ", oops: 1", "exec sleep 1000000")
        told = {" ".join(words): foster.svc(*words) for words in (
            ("plan", "--json"), ("plan",), ("logs", "--stats", "--json"), ("logs", "--stats"), ("status", "--json"), ("reload",))}
        for words, result in told.items():
            equal([secret for secret in secrets if secret in result.stdout + result.stderr], [], f"svc {words}")
        equal([secret for secret in secrets if secret in foster.log()], [], "foster's log")
        check("oops" in told["plan --json"].stdout, told["plan --json"].stdout)
        check(shown in told["logs --stats --json"].stdout and shown in told["logs --stats"].stdout, "the target is not shown")


def test_a_ring_that_was_too_small_is_told_once_to_the_byte():
    lines, port = 200_000, closed_port()
    with Foster(boot=False) as foster:
        service(foster, "web", f"  otlp: 'http://127.0.0.1:{port}/v1/logs'", numbered(lines), ring="64K")
        foster.boot()
        wait_for("all lines to be in the ring or gone", lambda: stats(foster)[0]["bytes"] == size_of(lines), 60)
        server = Collector(otlp_lines, port=port)
        foster.call("logs.reopen")
        wait_for("the last line", lambda: server.lines and server.lines[-1].text == str(lines).encode(), 60)
        texts, [(skipped, at)] = server.texts(), server.skips()
        equal(at, 0, "the record comes before what follows")
        equal(skipped, size_of(lines) - sum(len(text) + 1 for text in texts), "bytes skipped")
        check(skipped > size_of(lines) - (64 << 10) - 4096, f"only {skipped} bytes were skipped: the ring is too large")
        equal(texts, [str(i).encode() for i in range(lines - len(texts) + 1, lines + 1)], "lines")
        equal(stats(foster)[1]["skipped"], skipped, "of svc logs --stats")


def test_a_collector_that_takes_little_at_once():
    server = Collector(otlp_lines, fits=lambda lines: len(lines) <= 90 and all(len(line.text) < 1000 for line in lines))
    with Foster(boot=False) as foster:
        large = "head -c 5000 /dev/zero | tr '\\0' x; echo"
        service(foster, "web", f"  otlp: 'http://localhost:{server.port}'", f"seq 1 500; {large}; seq 501 1000; exec sleep 1000000")
        foster.boot()
        wait_for("the last line", lambda: server.lines and server.lines[-1].text == b"1000", 60)
        in_order(server.texts(), 1000)
        equal([skipped for skipped, _ in server.skips()], [5001])
        check(413 in [mood for mood, _, _ in server.seen] and max(server.batches) > 9, str(server.batches))


def test_a_batch_that_is_refused_is_dropped_and_counted():
    server = Collector(otlp_lines, [200, 400])
    with Foster(boot=False) as foster:
        service(foster, "web", f"  otlp: 'http://127.0.0.1:{server.port}'", numbered(5000))
        foster.boot()
        wait_for("the last line", lambda: server.lines and server.lines[-1].text == b"5000", 60)
        texts, [(skipped, at)] = server.texts(), server.skips()
        wait_for("the answer to the last batch", lambda: stats(foster)[1]["lines"] == len(texts))
        equal(at, server.batches[0], "the record stands where the batch would")
        missing = 5000 - len(texts)
        equal(texts, [str(i).encode() for i in range(1, 5001) if not at < i <= at + missing], "lines")
        check(0 < missing <= 1000, f"{missing} lines are missing")
        equal(skipped, size_of(at + missing) - size_of(at), "bytes skipped")
        sink = stats(foster)[1]
        equal((sink["skipped"], sink["failures"], sink["health"]), (skipped, 1, "good"))


def test_a_port_where_nobody_listens_for_a_while():
    server = Collector(loki_lines)
    with Foster(boot=False) as foster:
        go_on = f"{foster.directory}/go-on"
        os.mkfifo(go_on)
        service(foster, "web", f"  loki: 'http://127.0.0.1:{server.port}/loki/api/v1/push'",
                f"seq 1 {LINES // 2}; read -r line < {go_on}; seq {LINES // 2 + 1} {LINES}; exec sleep 1000000")
        foster.boot()
        wait_for("the first half", lambda: stats(foster)[1].get("lines") == LINES // 2, 60)
        server.end()
        write(go_on, "on\n")
        wait_for("a try that fails", lambda: stats(foster)[1]["failures"] > 0)
        later = Collector(loki_lines, port=server.port)
        wait_for("the last line", lambda: later.lines and later.lines[-1].text == str(LINES).encode(), 60)
        in_order(server.texts() + later.texts())


def test_two_services_at_one_server():
    server = Collector(otlp_lines, [200, 500, "close", 200, 429])
    with Foster(boot=False) as foster:
        for name in ("web", "api"):
            service(foster, name, f"  otlp: 'http://127.0.0.1:{server.port}/v1/logs'", numbered())
        foster.boot()
        wait_for("all lines of both", lambda: len(server.lines) >= 2 * LINES, 60)
        for name in ("web", "api"):
            in_order(server.texts(name))


def jumps(numbers):
    """How far each step back goes; a step forward that leaves something out is a failure."""
    steps = [(before, after) for before, after in zip([0, *numbers], numbers) if after != before + 1]
    equal([step for step in steps if step[1] > step[0]], [], "lines are missing")
    return [before - after + 1 for before, after in steps]


def test_logd_killed_again_and_again_amid_syslog_and_otlp():
    """Each time a batch was taken but not answered, and the daemon has not read what fills its socket."""
    lines, kills = 3 * LINES, 5
    one_late = [200, 200, 200, "late"] + ["hang"] * 1000  # a try again, should the kill come late, is not taken
    server = Collector(otlp_lines, one_late)
    with Foster(boot=False) as foster:
        daemon = Syslog(f"{foster.directory}/log").begin()
        daemon.pause_at = lines // (kills + 1)
        service(foster, "web", f"  syslog: 'unix:{daemon.address}'\n  otlp: 'http://127.0.0.1:{server.port}'", numbered(lines))
        foster.boot()
        for i in range(kills):
            wait_for("both", lambda: [mood for mood, _, _ in server.seen].count("late") == i + 1 and len(daemon.messages) == daemon.pause_at, 60)
            logd = wait_for("logd", lambda: foster.role_pid("foster", "logd"))
            os.kill(logd, signal.SIGKILL)
            server.moods = collections.deque(one_late if i + 1 < kills else [])
            wait_for("its end", lambda: foster.role_pid("foster", "logd") != logd)
            daemon.pause_at = daemon.pause_at + lines // (kills + 1) if i + 1 < kills else 0
            daemon.go_on.set()
        wait_for("the last line at the collector", lambda: server.lines and server.lines[-1].seq == lines, 60)
        wait_for("the last line at the daemon", has_last(daemon, lines), 60)
        late = [size for (mood, _, _), size in zip([seen for seen in server.seen if seen[0] in (200, "late")], server.batches) if mood == "late"]
        equal(jumps([line.seq for line in server.lines]), late, "lines that came twice to the collector")
        back = jumps([int(text) for text in daemon.texts()])
        check(len(back) <= kills and all(far == 1 for far in back), f"lines that came twice to the daemon: {back}")
        equal([line.text for line in server.lines], [str(line.seq).encode() for line in server.lines])


def test_loki_that_hangs_and_logd_killed_meanwhile():
    server = Collector(loki_lines, [200, "hang", 200, 500])
    with Foster(boot=False) as foster:
        service(foster, "web", f"  loki: 'http://127.0.0.1:{server.port}/loki/api/v1/push'", numbered())
        foster.boot()
        wait_for("the service", lambda: is_through(foster, "web"))
        wait_for("the request that hangs", lambda: any(mood == "hang" for mood, _, _ in server.seen))
        os.kill(foster.role_pid("foster", "logd"), signal.SIGKILL)
        server.may_end.set()
        wait_for("all lines", lambda: server.lines and server.lines[-1].text == str(LINES).encode(), 60)
        in_order(server.texts())


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
        in_order(server.texts(), 3000)


if __name__ == "__main__":
    run(globals())
