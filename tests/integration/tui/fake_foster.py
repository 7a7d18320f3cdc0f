# SPDX-License-Identifier: MIT
"""A control server that says what a test tells it to say: docs/control-protocol.md, as far as the TUI asks.

Not supervise: nothing runs. It keeps every request, answers at once, and sends events and log lines when told."""
import json
import os
import socket
import threading

WORKLOADS = [{"name": "supervisord", "format": "supervisord", "source": "project", "project": "/w/project.conf",
              "seed": "/s/seed.conf", "diagnostics": []}]


def service(name, state="running", **more):
    workload = name.split("/")[0] if "/" in name else ""
    status = {"name": name, "workload": workload, "group": "", "type": "longrun", "description": "", "goal": "up",
              "state": state, "ready": state == "running", "internal": False, "autostart": True, "priority": 999,
              "pid": 100, "incarnation": 1, "restarts": 0, "since": "2026-01-02T03:04:05.678Z", "age_ms": 65000,
              "started": None, "started_age_ms": 0, "cause": "", "exit_code": None, "exit_signal": None,
              "source": "project", "origin": "", "directory": "", "waits_for": []}
    return {**status, **more}


class FakeFoster:
    def __init__(self, path, services, workloads=None):
        self.path = path
        self.services = {one["name"]: one for one in services}
        self.workloads = WORKLOADS if workloads is None else workloads
        self.logs = {}
        self.requests = []
        self.sequence = 7
        self.lock = threading.Lock()
        self.event_followers, self.log_followers, self.connections = set(), {}, set()
        self.listener = None
        self.start()

    def start(self):
        self.listener = socket.socket(socket.AF_UNIX)
        if os.path.exists(self.path):
            os.unlink(self.path)
        self.listener.bind(self.path)
        self.listener.listen(16)
        threading.Thread(target=self.accept, args=(self.listener,), daemon=True).start()

    def stop(self):
        """As if supervise had died: no socket, no connections."""
        if self.listener is None:
            return
        # accept(2) in the other thread holds the listening socket open until it is shut down.
        self.listener.shutdown(socket.SHUT_RDWR)
        self.listener.close()
        self.listener = None
        with self.lock:
            connections, self.connections = self.connections, set()
            self.event_followers, self.log_followers = set(), {}
        for connection in connections:
            connection.shutdown(socket.SHUT_RDWR)
        if os.path.exists(self.path):
            os.unlink(self.path)

    def accept(self, listener):
        while True:
            try:
                connection, _ = listener.accept()
            except OSError:
                return
            with self.lock:
                self.connections.add(connection)
            threading.Thread(target=self.serve, args=(connection,), daemon=True).start()

    def serve(self, connection):
        try:
            for line in connection.makefile("rb"):
                request = json.loads(line)
                with self.lock:
                    self.requests.append((request["method"], request.get("params") or {}))
                    self.answer(connection, request)
        except (OSError, ValueError):
            pass
        with self.lock:
            self.connections.discard(connection)
            self.event_followers.discard(connection)
            self.log_followers.pop(connection, None)

    def send(self, connection, **message):
        try:
            connection.sendall(json.dumps({"jsonrpc": "2.0", **message}).encode() + b"\n")
        except OSError:
            pass

    def answer(self, connection, request):
        method, params = request["method"], request.get("params") or {}
        result = {}
        if method == "hello":
            result = {"name": "foster", "version": "0.1.0", "protocol": 1, "pid": 1, "access": "full",
                      "state": "running", "host": "box", "boot_time": "then", "workloads": self.workloads}
        elif method == "events":
            self.event_followers.add(connection)
            result = {"sequence": self.sequence, "services": list(self.services.values()),
                      "workloads": self.workloads}
        elif method == "logs":
            name = params["names"][0]
            self.log_followers[connection] = name
            after = int(params.get("after", {}).get(name, 0))
            lines = self.logs.get(name, [])
            result = {"lines": [self.record(name, i) for i in range(after, len(lines))]}
        elif method == "unfollow":
            self.event_followers.discard(connection)
            self.log_followers.pop(connection, None)
        elif method in ("up", "down", "restart", "once", "signal"):
            result = {"results": [{"name": n, "ok": True, "service": self.services[n]} for n in params["names"]]}
        self.send(connection, id=request["id"], result=result)

    def record(self, name, index):
        return {"name": name, "stream": "stdout", "time": "2026-01-02T03:04:05.678Z", "incarnation": 1,
                "text": self.logs[name][index], "cursor": str(index + 1)}

    def change(self, name, **fields):
        with self.lock:
            self.services[name] = {**self.services[name], **fields}
            self.sequence += 1
            event = {"sequence": self.sequence, "time": "", "kind": "state", "text": "",
                     "service": self.services[name]}
            for connection in self.event_followers:
                self.send(connection, method="event", params=event)

    def log(self, name, text):
        with self.lock:
            self.logs.setdefault(name, []).append(text)
            record = self.record(name, len(self.logs[name]) - 1)
            for connection, followed in self.log_followers.items():
                if followed == name:
                    self.send(connection, method="log", params=record)

    def asked(self, method):
        with self.lock:
            return [params for name, params in self.requests if name == method]
