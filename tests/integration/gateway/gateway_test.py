#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""`foster serve` with the clients that people have: Debian's supervisorctl, xmlrpc.client, HTTP by hand.

supervise is played by fake_control.py; tests with all of foster are in the folders beside this one."""
import contextlib
import http.client
import json
import os
import re
import signal
import socket
import subprocess
import sys
import tempfile
import xmlrpc.client

HERE = os.path.dirname(os.path.realpath(__file__))
sys.path.insert(0, os.path.join(HERE, ".."))
from fake_control import FakeControl  # noqa: E402
from harness import BIN, LIMIT, check, equal, run, wait_for  # noqa: E402

FOSTER = os.environ.get("FOSTER_SERVE", os.path.join(BIN, "foster"))


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Served:
    def __init__(self, directory, protocol="xml-rpc", **listener):
        self.directory, self.port = directory, free_port()
        self.socket = os.path.join(directory, "control.sock")
        self.listener = {"protocol": protocol, "host": "127.0.0.1", "port": self.port, "path": "", "mode": 0o700,
                         "owner": "", "username": "", "password": "", **listener}
        self.control = FakeControl(self.socket, [self.listener])
        self.errors = open(os.path.join(directory, "stderr"), "w+")
        self.process = self.spawn()
        wait_for("the gateway", self.is_listening)

    def spawn(self, workload="w"):
        return subprocess.Popen([FOSTER, "serve", workload], env={**os.environ, "FOSTER_SOCKET": self.socket},
                                stdout=subprocess.DEVNULL, stderr=self.errors)

    def is_listening(self):
        if self.listener["path"]:
            return os.path.exists(self.listener["path"])
        with socket.socket() as probe:
            return probe.connect_ex(("127.0.0.1", self.port)) == 0

    def ctl_words(self):
        """Stock supervisorctl with its server and account."""
        address = f"unix://{self.listener['path']}" if self.listener["path"] else f"http://127.0.0.1:{self.port}"
        account = ["-u", self.listener["username"], "-p", "secret"] if self.listener["username"] else []
        config = os.path.join(self.directory, "ctl.conf")
        with open(config, "w") as file:
            file.write("[supervisorctl]\n")
        return ["/usr/bin/supervisorctl", "-c", config, "-s", address, *account]

    def ctl(self, *words):
        """(exit code, output) of stock supervisorctl."""
        done = subprocess.run([*self.ctl_words(), *words], text=True, capture_output=True, timeout=LIMIT,
                              env={**os.environ, "TZ": "UTC"})
        return done.returncode, done.stdout + done.stderr

    def rpc(self):
        return xmlrpc.client.ServerProxy(f"http://127.0.0.1:{self.port}/RPC2")

    def http(self, method, path, body=None, headers=None):
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=LIMIT)
        connection.request(method, path, body, headers or {})
        reply = connection.getresponse()
        return reply.status, reply.read().decode(), dict(reply.getheaders())

    def close(self):
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()
        self.errors.close()
        self.control.close()


@contextlib.contextmanager
def served(**more):
    with tempfile.TemporaryDirectory(prefix="foster-gateway-") as directory:
        if "path" in more:
            more["path"] = os.path.join(directory, more["path"])
        server = Served(directory, **more)
        try:
            yield server
        finally:
            server.close()


def test_supervisorctl_status():
    with served() as server:
        server.control.add("w/web")
        server.control.add("w/jobs:one", group="jobs")
        equal(server.ctl("status"), (0, "jobs:one                         RUNNING   pid 101, uptime 0:01:05\n"
                                        "web                              RUNNING   pid 100, uptime 0:01:05\n"))
        server.control.add("w/idle", "stopped")
        code, text = server.ctl("status", "idle", "jobs:*")
        equal(code, 3)
        check("idle                             STOPPED   Not started" in text, text)
        equal(server.ctl("status", "nope"), (4, "nope: ERROR (no such process)\n"))
        equal(server.ctl("version"), (0, "4.3.0\n"))
        equal(server.ctl("pid"), (0, "4242\n"))
        equal(server.ctl("pid", "web"), (0, "100\n"))
        equal(server.ctl("avail")[0], 0)


def test_supervisorctl_start_stop():
    with served() as server:
        server.control.add("w/web")
        server.control.add("w/bad", "stopped", fails="exited with code 1")
        server.control.add("w/gone", "stopped", fails="cannot run /x: No such file or directory")
        equal(server.ctl("start", "web"), (0, "web: ERROR (already started)\n"))
        equal(server.ctl("stop", "web"), (0, "web: stopped\n"))
        equal(server.ctl("stop", "web"), (0, "web: ERROR (not running)\n"))
        equal(server.ctl("start", "web"), (0, "web: started\n"))
        equal(server.ctl("restart", "web"), (0, "web: stopped\nweb: started\n"))
        equal(server.ctl("signal", "HUP", "web"), (0, "web: signalled\n"))
        equal(server.ctl("signal", "FOO", "web"), (1, "web: ERROR (bad signal name)\n"))
        equal(server.ctl("start", "nope"), (1, "nope: ERROR (no such process)\n"))
        equal(server.ctl("start", "bad"), (7, "bad: ERROR (spawn error)\n"))
        equal(server.ctl("start", "gone"), (1, "gone: ERROR (no such file)\n"))
        equal(server.ctl("start", "nope:*"), (2, "nope: ERROR (no such group)\n"))
        code, text = server.ctl("stop", "all")
        check("web: stopped" in text and code == 0, text)
        code, text = server.ctl("restart", "all")
        check("web: started" in text, text)


def test_supervisorctl_logs():
    with served() as server:
        server.control.add("w/web")
        for line in ("one", "\x1b[1mtwo\x1b[0m", "drei \u00e4"):
            server.control.log("w/web", line)
        server.control.log("w/web", "oops", "stderr")
        equal(server.ctl("tail", "web"), (0, "one\ntwo\ndrei \u00e4\n\n"))
        equal(server.ctl("tail", "-6", "web"), (0, "ei \u00e4\n\n"))
        equal(server.ctl("tail", "web", "stderr"), (0, "oops\n\n"))
        equal(server.ctl("tail", "nope"), (1, "nope: ERROR (no such process name)\n"))
        code, text = server.ctl("maintail")
        check(code == 0 and "web entered RUNNING state" in text, text)
        equal(server.ctl("clear", "web"), (0, "web: cleared\n"))
        equal(server.ctl("tail", "web"), (0, "\n"))


def test_supervisorctl_tail_follows():
    with served() as server:
        server.control.add("w/web")
        server.control.log("w/web", "one")
        tail = subprocess.Popen([*server.ctl_words(), "tail", "-f", "web"], stdout=subprocess.PIPE,
                                env={**os.environ, "PYTHONUNBUFFERED": "1"})
        try:
            equal(tail.stdout.readline(), b"==> Press Ctrl-C to exit <==\n")
            equal(tail.stdout.readline(), b"one\n")
            server.control.log("w/web", "two \u00e4")
            equal(tail.stdout.readline(), "two \u00e4\n".encode())
            server.control.close()  # supervise is killed, and comes back knowing more
            server.control.log("w/web", "three")
            server.control.listen()
            equal(tail.stdout.readline(), b"three\n")
        finally:
            tail.send_signal(signal.SIGINT)
            tail.wait(LIMIT)
            tail.stdout.close()


def test_supervisorctl_config():
    with served() as server:
        server.control.add("w/web")
        server.control.add("w/old")
        equal(server.ctl("reread"), (0, "No config updates to processes\n"))
        equal(server.ctl("update"), (0, ""))
        changes = [{"name": "w/new", "change": "added", "fields": []}, {"name": "w/old", "change": "removed", "fields": []},
                   {"name": "w/web", "change": "changed", "fields": ["run"]}]
        server.control.changes = list(changes)
        equal(server.ctl("reread"), (0, "new: available\nold: disappeared\nweb: changed\n"))
        code, text = server.ctl("update")
        equal((code, text), (0, "old: stopped\nold: removed process group\nweb: stopped\nweb: updated process group\n"
                                "new: added process group\n"))
        equal(sorted(server.control.services), ["w/new", "w/web"])
        equal([server.control.services[name]["state"] for name in ("w/new", "w/web")], ["running", "running"])
        equal(server.control.services["w/web"]["incarnation"], 2, "web was restarted once")
        server.control.changes = [{"name": "w/new", "change": "changed", "fields": ["run"]},
                                  {"name": "w/web", "change": "changed", "fields": ["run"]}]
        before = [server.control.services[name]["incarnation"] for name in ("w/new", "w/web")]
        equal(server.ctl("update"), (0, "new: stopped\nnew: updated process group\nweb: stopped\nweb: updated process group\n"))
        equal([server.control.services[name]["incarnation"] for name in ("w/new", "w/web")], [each + 1 for each in before])
        equal(server.ctl("stop", "web:*"), (0, "web: stopped\n"))
        equal(server.ctl("start", "web"), (0, "web: started\n"))
        equal(server.ctl("add", "web"), (0, "ERROR: process group already active\n"))
        equal(server.ctl("add", "nope"), (1, "ERROR: no such process/group: nope\n"))
        equal(server.ctl("remove", "web"), (1, "ERROR: process/group still running: web\n"))
        server.ctl("stop", "web")
        equal(server.ctl("remove", "web"), (0, "web: removed process group\n"))
        equal(server.ctl("add", "web"), (0, "web: added process group\n"))
        server.control.errors = [{"severity": "error", "file": "/p", "line": 3, "column": 1, "text": "no command"}]
        equal(server.ctl("reread"), (1, "ERROR: CANT_REREAD: /p:3: no command\n"))
        server.control.errors = []
        equal(server.ctl("shutdown"), (0, "Shut down\n"))
        check(not any(method == "shutdown" for method, _ in server.control.asked), "the container was to end")
        equal(server.control.services["w/web"]["state"], "stopped")
        equal(server.ctl("reload"), (0, "Restarted supervisord\n"))
        equal(server.control.services["w/web"]["state"], "running")


def test_supervisorctl_over_a_socket_with_a_password():
    sha = "{SHA}e5e9fa1ba31ecd1ae84f75caaa474f3a663f05f4"
    with served(path="s.sock", port=0, username="admin", password=sha) as server:
        server.control.add("w/web")
        equal(os.stat(server.listener["path"]).st_mode & 0o777, 0o700)
        equal(server.ctl("status", "web")[0], 0)
        equal(server.ctl("stop", "web"), (0, "web: stopped\n"))
        server.listener["username"] = "eve"
        code, text = server.ctl("status")
        check("Server requires authentication" in text and code != 0, text)


def test_xml_rpc_by_library():
    with served() as server:
        server.control.add("w/web")
        rpc = server.rpc()
        equal(len(rpc.system.listMethods()), 41)
        equal(rpc.supervisor.getState(), {"statecode": 1, "statename": "RUNNING"})
        equal(rpc.supervisor.getProcessInfo("web")["statename"], "RUNNING")
        equal(rpc.system.multicall([{"methodName": "supervisor.getPID", "params": []}]), [4242])
        try:
            rpc.supervisor.getProcessInfo("nope")
            check(False, "no fault came")
        except xmlrpc.client.Fault as fault:
            equal((fault.faultCode, fault.faultString), (10, "BAD_NAME: nope"))
        equal(server.http("GET", "/RPC2")[0], 400)
        equal(server.http("POST", "/RPC2", "no xml")[0], 400)


def test_web_page():
    with served() as server:
        server.control.add("w/web")
        status, text, headers = server.http("GET", "/")
        check(status == 200 and "web" in text and "no-store" in headers["Cache-Control"], text)
        equal(server.http("GET", "/index.html?processname=web&action=stop")[0], 200)
        equal(server.control.services["w/web"]["state"], "running")
        form = {"Content-Type": "application/x-www-form-urlencoded"}
        evil = {**form, "Origin": "http://evil.example"}
        equal(server.http("POST", "/", "processname=web&action=stop", evil)[0], 403)
        status, _, headers = server.http("POST", "/", "processname=web&action=stop", form)
        equal((status, headers["Location"]), (303, "./?message=Process%20web%20stopped"))
        equal(server.control.services["w/web"]["state"], "stopped")
        server.control.log("w/web", "<b>log</b>")
        check("&lt;b&gt;log" in server.http("GET", "/tail.html?processname=web")[1])
        equal(server.http("GET", "/ok.html")[1], "OK")
        equal(server.http("GET", "/nope")[0], 404)


def test_rest():
    with served(protocol="rest") as server:
        server.control.add("w/web")
        equal(server.http("GET", "/live")[1], '{"status":"alive"}')
        data = json.loads(server.http("GET", "/processes")[1])["data"]
        equal([(entry["name"], entry["status"], entry["is_running"], entry["system_time"]) for entry in data],
              [("web", "Running", True, "65s")])
        equal(server.http("PATCH", "/process/stop/web")[:2], (200, '{"name":"web"}'))
        equal(server.http("POST", "/process/start/web")[0], 200)
        equal(server.http("POST", "/process/restart/web")[0], 200)
        equal(server.http("GET", "/process/nope")[:2],
              (400, '{"error":"can\'t get state of process nope: no such process"}'))
        server.control.log("w/web", "line")
        equal(server.http("GET", "/process/logs/web/0/10")[1], '{"logs":["line"]}')
        equal(server.http("GET", "/nope")[:2], (404, "404 page not found"))
        equal(server.http("POST", "/process/stop/web", None, {"Sec-Fetch-Site": "cross-site"})[0], 403)
        curl = subprocess.run(["curl", "-s", f"http://127.0.0.1:{server.port}/project/state/"], text=True,
                              capture_output=True, timeout=LIMIT)
        equal(json.loads(curl.stdout)["runningProcessNum"], 1)


def test_terms_and_life():
    with served() as server:
        server.control.add("w/web")
        second = server.spawn()  # the port is taken
        equal(second.wait(LIMIT), 1)
        server.errors.seek(0)
        text = server.errors.read()
        check(re.search(r"cannot listen on 127\.0\.0\.1:\d+: address in use by \S+ \(pid \d+\)\n$", text), text)
        equal(server.spawn("nope").wait(LIMIT), 1)
        server.control.close()  # supervise goes and comes back: the same gateway goes on
        server.control.listen()
        equal(server.ctl("status", "web")[0], 0)
        equal(server.process.poll(), None)
        follower = socket.create_connection(("127.0.0.1", server.port), LIMIT)
        follower.sendall(b"GET /logtail/web HTTP/1.1\r\n\r\n")
        check(follower.recv(4096).startswith(b"HTTP/1.1 200 OK\r\n"))
        server.process.send_signal(signal.SIGTERM)
        equal(server.process.wait(LIMIT), 0)
        follower.close()


def test_listeners_change():
    with served() as server:
        server.control.add("w/web")
        old, new = server.port, free_port()
        server.control.listeners = [{**server.listener, "port": new}]
        # The first event may pass before the gateway follows; a change is told until it is seen.
        server.port = new

        def moved():
            server.control.tell({"sequence": 2, "kind": "workload", "text": "reloaded"})
            return server.is_listening()
        wait_for("the new port", moved)
        server.port = old
        check(not server.is_listening(), "the old port is still open")


run(globals())
