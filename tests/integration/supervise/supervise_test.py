# SPDX-License-Identifier: MIT
"""supervise behind its control socket: the methods, their bounds, who may do what, and being killed at any time."""
import json
import os
import random
import signal
import socket
import subprocess
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
from harness import Foster, check, equal, run, wait_for, write  # noqa: E402


class Line:
    """A connection that speaks raw lines."""

    def __init__(self, foster):
        self.socket = socket.socket(socket.AF_UNIX)
        self.socket.settimeout(20)
        self.socket.connect(foster.socket)
        self.file = self.socket.makefile("rb")

    def send(self, raw):
        self.socket.sendall(raw + b"\n")

    def read(self):
        return json.loads(self.file.readline())

    def call(self, method, params=None, id=1):
        self.send(json.dumps({"jsonrpc": "2.0", "id": id, "method": method, "params": params or {}}).encode())
        return self.read()


def error_of(foster, method, params):
    return Line(foster).call(method, params)["error"]["code"]


def test_goals():
    """up, down, restart, once and signal, each with its outcome."""
    with Foster(boot=False) as foster:
        foster.longrun("web")
        foster.longrun("bad", "echo no luck; exit 3")
        foster.longrun("short", "sleep 0.1", **{"notification-fd": "3\n"})
        foster.boot()
        foster.wait_state("web", "running")
        first = foster.status("web")
        result = foster.call("restart", {"names": ["web"]})["results"][0]
        check(result["ok"] and result["service"]["pid"] != first["pid"], result)
        equal(result["service"]["incarnation"], first["incarnation"] + 1)
        equal(foster.call("up", {"names": ["web"]})["results"][0]["ok"], True, "up of what is up")
        result = foster.call("down", {"names": ["web"]})["results"][0]
        equal((result["ok"], result["service"]["state"], result["service"]["pid"]), (True, "stopped", None))
        equal(foster.call("signal", {"names": ["web"], "signal": "HUP"})["results"][0]["ok"], False)
        equal(foster.call("once", {"names": ["web"]})["results"][0]["service"]["goal"], "once")
        foster.call("signal", {"names": ["web"], "signal": "SIGKILL"})
        status = foster.wait_state("web", ["exited", "stopped"])
        equal(status["exit_signal"], 9)
        foster.call("down", {"names": ["bad"]})
        result = foster.call("up", {"names": ["bad"]})["results"][0]
        if result["ok"]:  # a longrun without readiness runs as soon as it lives
            foster.wait_state("bad", ["backoff", "failed"])
        equal(foster.status("bad")["exit_code"], 3)
        foster.call("down", {"names": ["short"]})
        result = foster.call("up", {"names": ["short"]})["results"][0]
        equal(result["ok"], False, "ended before it was ready")
        check("log" in result and result["error"], result)
        for method, params, code in [("up", {"names": ["nope"]}, 1), ("up", {}, -32602), ("up", {"names": "web"}, -32602),
                                     ("signal", {"names": ["web"], "signal": "NOPE"}, -32602),
                                     ("signal", {"names": ["web"], "signal": 0}, -32602), ("signal", {"names": ["web"], "signal": "SIG"}, -32602),
                                     ("reload", {"workload": "x"}, 1),
                                     ("workload", {"name": "x"}, 1), ("nonsense", {}, -32601)]:
            equal(error_of(foster, method, params), code, method)
        equal(foster.stop(), 0)


def test_readiness_and_finish_survive_a_kill():
    """A newline that came while supervise was dead makes the service ready; finish gets its four words."""
    with Foster(boot=False) as foster:
        go = os.path.join(foster.directory, "go")
        out = os.path.join(foster.directory, "finish-words")
        foster.longrun("slow", f"while [ ! -e {go} ]; do sleep 0.02; done\necho >&3\nexec 3>&-\nexec sleep 1000000",
                       **{"notification-fd": "3\n"})
        write(f"{foster.services}/slow/finish", f"#!/bin/sh\necho \"$@\" > {out}\n", 0o755)
        foster.boot()
        before = wait_for("slow to have a process", lambda: (s := foster.status("slow")) and s["state"] == "starting" and s["pid"] and s)
        os.kill(foster.role_pid("foster", "supervise"), signal.SIGKILL)
        write(go, "")
        after = foster.wait_state("slow", "running")
        equal((after["ready"], after["pid"], after["incarnation"]), (True, before["pid"], before["incarnation"]))
        equal(after["started"], before["started"], "the time of the start")
        foster.call("down", {"names": ["slow"]})
        equal(open(out).read().split(), ["256", "15", "slow", str(before["pid"])])


def test_kills_change_nothing():
    """kill -9 of supervise 20 times at random: same pids, counters, sequence going on."""
    with Foster(boot=False) as foster:
        for i in range(20):
            foster.longrun(f"s{i}")
        foster.longrun("crasher", "exit 1")
        foster.boot()
        foster.wait_all("running", [f"s{i}" for i in range(20)])
        wait_for("restarts", lambda: foster.status("crasher")["restarts"] >= 1)
        foster.call("down", {"names": ["crasher"]})
        before, sequence = foster.pids(), foster.call("status")["sequence"]
        chance = random.Random(3)
        pid = None
        for _ in range(20):
            pid = wait_for("the next supervise", lambda: (p := foster.role_pid("foster", "supervise")) != pid and p)
            if chance.random() < 0.5:
                foster.call("status", fail=False)
            os.kill(pid, signal.SIGKILL)
        foster.wait_up()
        equal(foster.pids(), before)
        check(foster.call("status")["sequence"] >= sequence, "numbers go on")
        equal(foster.stop(), 0)


def test_events_are_numbered_without_gaps():
    with Foster(boot=False) as foster:
        foster.longrun("web")
        foster.boot()
        foster.wait_state("web", "running")
        line = Line(foster)
        sequence = line.call("events")["result"]["sequence"]
        foster.call("down", {"names": ["web"]})
        states = []
        while not states or states[-1] != "stopped":
            event = line.read()["params"]
            sequence += 1
            equal(event["sequence"], sequence)
            if event["kind"] == "state" and event["service"]["name"] == "web":
                states.append(event["service"]["state"])
        check("stopping" in states, states)
        line.send(b'{"jsonrpc":"2.0","id":9,"method":"unfollow"}')
        while "id" not in (reply := line.read()):
            pass
        equal(reply["id"], 9)


def test_plan_and_reload():
    """plan changes nothing; reload touches only what changed, adds and removes."""
    with Foster(boot=False) as foster:
        for name in ("keep", "change", "leave"):
            foster.longrun(name)
        foster.boot()
        foster.wait_all("running", ["keep", "change", "leave"])
        before = foster.pids()
        write(f"{foster.services}/change/env/NEW", "1")
        foster.longrun("new")
        subprocess.run(["rm", "-r", f"{foster.services}/leave"], check=True)
        want = {"keep": "unchanged", "change": "changed", "leave": "removed", "new": "added"}
        equal({c["name"]: c["change"] for c in foster.call("plan")["changes"]}, want)
        equal(foster.pids(), before, "plan only looks")
        equal({c["name"]: c["change"] for c in foster.call("reload")["changes"]}, want)
        foster.wait_state("new", "running")
        changed = wait_for("the changed one", lambda: (s := foster.status("change")) and s["state"] == "running"
                           and s["pid"] != before["change"][0] and s)
        equal(changed["incarnation"], 2)
        wait_for("the removed one to be gone", lambda: "leave" not in foster.status())
        equal(foster.pids()["keep"], before["keep"])


def test_logs_tail_and_follow():
    with Foster(boot=False) as foster:
        go = os.path.join(foster.directory, "go")
        foster.longrun("talk", f"echo one; echo two >&2\nwhile [ ! -e {go} ]; do sleep 0.02; done\n"
                       "for i in 3 4 5; do echo line $i; done\nexec sleep 1000000")
        foster.boot()
        foster.wait_state("talk", "running")  # before that, the socket may be there and the plan not yet
        def lines():
            found = foster.call("logs", {"names": ["talk"]})["lines"]
            return found if len(found) == 2 else None
        tail = wait_for("two lines", lines)
        equal(sorted((l["stream"], l["text"]) for l in tail), [("stderr", "two"), ("stdout", "one")])
        line = Line(foster)
        reply = line.call("logs", {"names": ["talk"], "follow": True, "lines": 1})["result"]["lines"]
        equal(len(reply), 1)
        write(go, "")
        equal([line.read()["params"]["text"] for _ in range(3)], ["line 3", "line 4", "line 5"])
        since = foster.call("logs", {"names": ["talk"], "after": {"talk": tail[-1]["cursor"]}})["lines"]
        equal([l["text"] for l in since], ["line 3", "line 4", "line 5"])
        check(any("control socket" in l["text"] for l in foster.call("logs", {"names": ["foster"]})["lines"]), "own lines")


def test_bad_lines_and_access():
    """Bad lines are answered and the connection lives; nobody may look and not touch."""
    with Foster(boot=False) as foster:
        foster.longrun("web")
        foster.boot()
        line = Line(foster)
        line.send(b"this is not JSON")
        equal(line.read()["error"]["code"], -32700)
        line.send(b"x" * (2 << 20))
        equal(line.read()["error"]["code"], -32600)
        line.send(b"[]")
        equal(line.read()["error"]["code"], -32600)
        equal(line.call("hello")["result"]["access"], "full")
        script = ("import json,socket,sys\ns=socket.socket(socket.AF_UNIX);s.connect(sys.argv[1]);f=s.makefile('rb')\n"
                  "for m in ('hello','status','down','shutdown','reload','workload'):\n"
                  " s.sendall(json.dumps({'jsonrpc':'2.0','id':1,'method':m,'params':{'names':['web']}}).encode()+b'\\n')\n"
                  " r=json.loads(f.readline());print(m, r['error']['code'] if 'error' in r else r['result'].get('access','ok'))\n")
        out = subprocess.run(["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", "/usr/bin/python3", "-c",
                              script, foster.socket], text=True, capture_output=True, timeout=20)
        equal(out.stdout.split("\n")[:-1], ["hello read", "status ok", "down 2", "shutdown 2", "reload 2", "workload 2"],
              out.stderr)
        equal(foster.state("web"), "running")


def test_shutdown_and_command():
    """The last one started is the first one stopped; shutdown has its exit code; CMD has its own."""
    with Foster(boot=False) as foster:
        order = os.path.join(foster.directory, "order")
        # Ready when the trap is set: before that, TERM would end the shell without a word.
        trap = "trap 'echo {0} >> " + order + "; exit 0' TERM\necho >&3\nexec 3>&-\nwhile :; do sleep 1000000 & wait; done"
        ready = {"notification-fd": "3\n"}
        foster.longrun("db", trap.format("db"), **ready)
        foster.longrun("web", trap.format("web"), needs=("db",), **ready)
        foster.boot()
        foster.wait_all("running", ["db", "web"])
        foster.call("shutdown", {"exit_code": 3})
        equal(foster.wait(), 3)
        equal(open(order).read().split(), ["web", "db"])
    with Foster(boot=False, command=["sh", "-c", "exit 7"]) as foster:
        foster.longrun("web")
        foster.boot(wait=False)
        equal(foster.wait(), 7)


def test_without_privileges():
    """As nobody, with few fds: other users are refused with a clear cause, the rest runs."""
    with Foster(boot=False, user=65534, unshare=[], wrapper=["prlimit", "--nofile=1024"]) as foster:
        foster.longrun("mine")
        foster.workload("ini", "supervisord", "[supervisord]\n[program:theirs]\ncommand=sleep 1000\nuser=daemon\nstartretries=0\n"
                        "[program:ours]\ncommand=sleep 1000\nstartsecs=0\n")
        os.chown(foster.directory, 65534, 65534)
        foster.boot()
        try:
            foster.wait_state("mine", "running")
            foster.wait_state("ini/ours", "running", 5)
            foster.wait_state("ini/theirs", ["failed", "backoff"])
            log = wait_for("the reason", lambda: (text := foster.log()) and "cannot run as user 'daemon'" in text and text)
            check("not root" in log, log)
        finally:
            foster.process.terminate()
            equal(foster.wait(), 0)


run(globals())
