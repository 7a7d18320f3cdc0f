# SPDX-License-Identifier: MIT
"""A control socket that plays supervise for one workload: a table of services that start and stop when asked to.

Not foster's rules: just enough of docs/control-protocol.md for a gateway to be tried without a container."""
import json
import os
import socket
import threading

STARTED = "2026-11-21T06:22:00.000Z"


class FakeControl:
    def __init__(self, path, listeners, workload="w", identifier="supervisor"):
        self.path, self.listeners, self.workload, self.identifier = path, listeners, workload, identifier
        self.services, self.logs, self.asked, self.changes, self.errors = {}, {}, [], [], []
        self.connections, self.followers = set(), []
        self.lock = threading.RLock()
        self.listen()

    def listen(self):
        self.server = socket.socket(socket.AF_UNIX)
        self.server.bind(self.path)
        self.server.listen(64)
        threading.Thread(target=self.accept, args=(self.server,), daemon=True).start()

    def close(self):
        """As if supervise were killed: the socket goes and every connection with it."""
        self.server.shutdown(socket.SHUT_RDWR)
        self.server.close()
        os.unlink(self.path)
        with self.lock:
            for connection in list(self.connections):
                try:
                    connection.shutdown(socket.SHUT_RDWR)
                except OSError:
                    pass
            self.followers = []

    def add(self, name, state="running", group="", **more):
        pid = 100 + len(self.services) if state == "running" else None
        with self.lock:
            self.services[name] = {
                "name": name, "workload": self.workload, "group": group, "type": "longrun", "goal": "up" if pid else "down",
                "state": state, "ready": bool(pid), "internal": False, "autostart": True, "priority": 999, "pid": pid,
                "incarnation": 1, "restarts": 0, "since": STARTED, "age_ms": 5000,
                "started": STARTED if pid else None, "started_age_ms": 65000, "cause": "", "exit_code": None,
                "exit_signal": None, "source": "project", "waits_for": [], **more}

    def log(self, name, text, stream="stdout"):
        with self.lock:
            lines = self.logs.setdefault(name, [])
            record = {"name": name, "stream": stream, "time": STARTED, "incarnation": 1, "text": text,
                      "cursor": str(len(lines) + 1)}
            lines.append(record)
            for connection, followed in self.followers:
                if name in followed:
                    self.send(connection, {"jsonrpc": "2.0", "method": "log", "params": record})

    def tell(self, event):
        with self.lock:
            for connection, followed in self.followers:
                if "events" in followed:
                    self.send(connection, {"jsonrpc": "2.0", "method": "event", "params": event})

    def accept(self, server):
        while True:
            try:
                connection, _ = server.accept()
            except OSError:
                return
            with self.lock:
                self.connections.add(connection)
            threading.Thread(target=self.serve, args=(connection,), daemon=True).start()

    @staticmethod
    def send(connection, message):
        try:
            connection.sendall((json.dumps(message) + "\n").encode())
        except OSError:
            pass

    def serve(self, connection):
        with connection, connection.makefile("rb") as lines:
            try:
                for line in lines:
                    request = json.loads(line)
                    with self.lock:
                        reply = {"jsonrpc": "2.0", "id": request["id"]}
                        reply.update(self.answer(connection, request["method"], request.get("params") or {}))
                        self.send(connection, reply)
            except OSError:
                pass
        with self.lock:
            self.connections.discard(connection)
            self.followers = [entry for entry in self.followers if entry[0] is not connection]

    def answer(self, connection, method, params):
        self.asked.append((method, params))
        known = getattr(self, "on_" + method.replace(".", "_"), None)
        if not known:
            return {"error": {"code": -32601, "message": "unknown method"}}
        return known(connection, params)

    def status(self):
        workload = {"name": self.workload, "format": "supervisord", "source": "project", "project": "/p", "seed": "/s",
                    "diagnostics": self.errors}
        return {"sequence": 1, "services": list(self.services.values()), "workloads": [workload]}

    def on_hello(self, _, __):
        return {"result": {"name": "foster", "supervise_pid": 4242, "boot_time": STARTED}}

    def on_status(self, _, __):
        return {"result": self.status()}

    def on_events(self, connection, _):
        self.followers.append((connection, ["events"]))
        return {"result": self.status()}

    def on_workload(self, _, params):
        if params["name"] != self.workload:
            return {"error": {"code": 1, "message": f"no such workload: {params['name']}"}}
        return {"result": {"workload": self.workload, "listeners": self.listeners, "identifier": self.identifier}}

    def on_logs(self, connection, params):
        name = params["names"][0]
        after = int(params.get("after", {}).get(name, 0))
        lines = [line for line in self.logs.get(name, []) if int(line["cursor"]) > after][-params["lines"]:]
        if params.get("follow"):
            self.followers.append((connection, params["names"]))
        return {"result": {"lines": lines}}

    def on_logs_clear(self, _, params):
        for name in params["names"]:
            self.logs.pop(name, None)
        return {"result": {"cleared": params["names"]}}

    def on_plan(self, _, __):
        return {"result": {"changes": self.changes, "workloads": self.status()["workloads"], "diagnostics": []}}

    def on_reload(self, _, __):
        for change in self.changes:
            if change["change"] == "added":
                self.add(change["name"])
            if change["change"] == "removed":
                self.services.pop(change["name"], None)
            if change["change"] == "changed" and self.services[change["name"]]["state"] == "running":
                self.services[change["name"]]["incarnation"] += 1
        self.changes = []
        return {"result": {"changes": [], "workloads": [], "refused": []}}

    def set(self, name, state):
        service = self.services[name]
        running = state == "running"
        service["incarnation"] += running
        service.update(state=state, goal="up" if running else "down", pid=500 if running else None, since=STARTED)
        service["started"] = service["started"] or (STARTED if running else None)

    def on_up(self, _, params, state="running"):
        results = []
        for name in params["names"]:
            service = self.services[name]
            fails = service.get("fails")
            if fails and state == "running":
                service.update(state="backoff", cause=fails)
            else:
                self.set(name, state)
            results.append({"name": name, "ok": service["state"] == state, "error": service["cause"], "service": service})
        return {"result": {"results": results}}

    def on_down(self, connection, params):
        return self.on_up(connection, params, "stopped")

    def on_restart(self, connection, params):
        return self.on_up(connection, params)

    def on_signal(self, _, params):
        results = [{"name": name, "ok": True, "service": self.services[name]} for name in params["names"]]
        return {"result": {"results": results}}
