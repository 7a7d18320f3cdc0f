#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Logs over the control protocol with a real foster: queries, cursors across kills, following, secrets, configs that change
while a service runs, files that cannot be written, clearing."""
import json
import os
import signal
import socket
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
from harness import Foster, check, equal, run, wait_for, write  # noqa: E402


class Follower:
    """A connection that follows; `lines` are the texts that came, by service."""

    def __init__(self, foster, **params):
        self.socket = socket.socket(socket.AF_UNIX)
        self.socket.settimeout(30)
        self.socket.connect(foster.socket)
        request = {"jsonrpc": "2.0", "id": 1, "method": "logs", "params": {"follow": True, "lines": 0, **params}}
        self.socket.sendall(json.dumps(request).encode() + b"\n")
        self.file = self.socket.makefile("rb")
        reply = json.loads(self.file.readline())
        check("result" in reply, reply)

    def until(self, condition):
        """Reads records until one fits; all of them."""
        records = []
        for line in self.file:
            message = json.loads(line)
            if message.get("method") != "log":
                continue
            records.append(message["params"])
            if condition(records[-1]):
                return records
        check(False, "the connection ended")


def texts(reply):
    return [line["text"] for line in reply["lines"]]


def logs(foster, *names, **params):
    return foster.call("logs", {"names": list(names), **params})


def wait_text(foster, name, text):
    wait_for(f"{text} of {name}", lambda: text in texts(logs(foster, name, lines=1000)))


def kill_supervise(foster):
    old = wait_for("supervise", lambda: foster.role_pid("foster", "supervise"))
    os.kill(old, signal.SIGKILL)
    wait_for("another supervise", lambda: foster.role_pid("foster", "supervise") not in (None, old))
    foster.wait_up()


def test_queries_and_cursors():
    with Foster(boot=False) as foster:
        foster.longrun("web", "for i in $(seq 1 2500); do echo out $i; done; echo oops >&2; echo end; exec sleep 1000000")
        foster.boot()
        wait_text(foster, "web", "end")
        reply = logs(foster, "web", lines=5000)
        own = [line for line in reply["lines"] if line["stream"] == "stdout"]
        equal([line["text"] for line in own], [f"out {i}" for i in range(1, 2501)] + ["end"])
        equal(sorted(line["seq"] for line in reply["lines"]), list(range(1, 2503)))
        check(all(a["mono"] <= b["mono"] for a, b in zip(reply["lines"], reply["lines"][1:])))
        equal(texts(logs(foster, "web", streams=["stderr"])), ["oops"])
        equal(texts(logs(foster, "web", until=1)), [])
        equal(len(logs(foster, "web", since=reply["lines"][0]["time"], lines=5000)["lines"]), 2502)
        equal(len(logs(foster, "web", incarnation=1, lines=7)["lines"]), 7)
        equal(texts(logs(foster, "web", incarnation=2)), [])
        # Page by page, each line once, across the death of supervise.
        is_killed, pages, more = False, [], {"lines": 5000, "oldest_first": True, "max_bytes": 20000}
        while True:
            page = logs(foster, "web", **more)
            pages += page["lines"]
            if not page["more"]:
                break
            if len(pages) > 1000 and not is_killed:
                is_killed = True
                kill_supervise(foster)
            more = {"after": page["cursors"], "max_bytes": 20000}
        equal([line["seq"] for line in pages], [line["seq"] for line in reply["lines"]])
        cursor = reply["lines"][-3]["cursor"]
        equal(len(logs(foster, "web", after={"web": cursor})["lines"]), 2)
        other = ("0" if cursor[0] != "0" else "1") + cursor[1:]
        equal(logs(foster, "web", after={"web": other}, max_bytes=1000)["other_boot"], ["web"])
        check(foster.call("logs", {"names": ["web"], "after": {"web": "nonsense"}}, fail=False) is None)


def test_a_follower_beside_a_flood():
    with Foster(boot=False) as foster:
        foster.longrun("flood", "exec yes a line of a flood that has about a hundred bytes, so that it looks like many others do in life")
        foster.longrun("quiet", f"read line < {foster.directory}/fifo; echo $line; exec sleep 1000000")
        os.mkfifo(os.path.join(foster.directory, "fifo"))
        foster.boot()
        wait_for("the flood", lambda: texts(logs(foster, "flood", lines=1)))
        follower = Follower(foster, names=["flood", "quiet"])
        with open(os.path.join(foster.directory, "fifo"), "w") as fifo:
            fifo.write("hello\n")
        records = follower.until(lambda record: record["name"] == "quiet")
        equal(records[-1]["text"], "hello")
        seqs = [record["seq"] for record in records if record["name"] == "flood"]
        check(all(a < b for a, b in zip(seqs, seqs[1:])), "a line of the flood came twice or out of order")


def test_secrets_are_handed_over_and_hidden():
    with Foster(boot=False, env={"CREDENTIALS_DIRECTORY": "/proc/self/nowhere"}) as foster:
        secret = os.path.join(foster.directory, "secret")
        write(secret, "hunter2-first\n", 0o600)
        foster.longrun("web", 'echo "it is $PASSWORD"; exec sleep 1000000')
        write(f"{foster.services}/web/foster.yaml", f"secrets: {{PASSWORD: {secret}}}\n")
        foster.boot()
        wait_text(foster, "web", "it is [redacted]")
        write(secret, "tango-second", 0o600)
        foster.call("restart", {"names": ["web"]})
        wait_for("both", lambda: texts(logs(foster, "web")) == ["it is [redacted]"] * 2)
        everything = foster.log() + json.dumps(foster.call("status", {"all": True})) + json.dumps(foster.call("plan"))
        check("hunter2" not in everything and "tango" not in everything, everything)
        kill_supervise(foster)
        equal(texts(logs(foster, "web")), ["it is [redacted]"] * 2)
        os.unlink(secret)
        foster.call("restart", {"names": ["web"]})
        status = foster.status("web")
        check("No such file" in status["cause"], status)


def test_a_new_config_restarts_nothing():
    with Foster(boot=False) as foster:
        foster.longrun("web", f"while read line; do echo $line; done < {foster.directory}/fifo")
        fifo = os.path.join(foster.directory, "fifo")
        os.mkfifo(fifo)
        foster.boot()
        with open(fifo, "w", buffering=1) as out:
            out.write("one\n")
            wait_text(foster, "web", "one")
            pid = foster.status("web")["pid"]
            path = os.path.join(foster.directory, "web.log")
            write(f"{foster.services}/web/foster.yaml", f"log: {{files: {{path: {path}}}}}\n")
            foster.call("reload")
            equal(foster.status("web")["pid"], pid)
            out.write("two\n")
            wait_for("the file", lambda: os.path.exists(path) and "two" in open(path).read())
            stats = foster.call("logs.stats", {"names": ["web"]})["services"][0]
            equal((stats["lines"], stats["bytes"], stats["sinks"][0]["target"]), (2, 8, path))
            os.rename(path, path + ".moved")
            foster.call("logs.reopen")
            out.write("three\n")
            wait_for("the new file", lambda: os.path.exists(path) and open(path).read().endswith("three\n"))
            equal(foster.call("logs.clear", {"names": ["web"]})["cleared"], ["web"])
            equal(texts(logs(foster, "web")), [])
            out.write("four\n")
            wait_for("four alone", lambda: texts(logs(foster, "web")) == ["four"])


def test_every_service_has_a_file_when_asked():
    with Foster(boot=False) as foster:
        directory = os.path.join(foster.directory, "logs")
        foster.env["FOSTER_LOG_DIR"] = directory
        foster.longrun("web", "echo hello; exec sleep 1000000")
        foster.boot()
        for name, word in (("web", "hello"), ("foster", "PID 1")):
            path = f"{directory}/{name}/current"
            wait_for(path, lambda path=path, word=word: os.path.exists(path) and word in open(path).read())
        check(not os.path.exists(f"{directory}/foster/logd"), "foster's own services have none")


def test_trouble_is_told_once():
    with Foster(boot=False) as foster:
        disk = os.path.join(foster.directory, "disk")
        write(disk, "no directory")
        foster.longrun("web", "while sleep 0.05; do echo tick; done")
        write(f"{foster.services}/web/foster.yaml", f"log: {{files: {{path: {disk}/web.log}}}}\n")
        foster.boot()
        told = f"web: cannot write to the file {disk}/web.log: Not a directory"
        wait_for("the trouble", lambda: told in foster.log())
        wait_for("more lines", lambda: len(logs(foster, "web")["lines"]) > 20)
        equal(foster.log().count(told), 1)
        sink = foster.call("logs.stats", {"names": ["web"]})["services"][0]["sinks"][0]
        check(sink["health"] in ("full", "broken") and sink["error"] == "Not a directory", sink)
        os.unlink(disk)
        os.mkdir(disk)
        foster.call("logs.reopen")
        wait_for("the file", lambda: os.path.exists(f"{disk}/web.log") and "tick" in open(f"{disk}/web.log").read())
        wait_for("the good news", lambda: "web: writes to the file" in foster.log())


if __name__ == "__main__":
    run(globals())
