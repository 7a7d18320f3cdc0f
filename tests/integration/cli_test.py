#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""svc against a booted foster: outcomes, exit codes, patterns, JSON, logs, events, plan."""
import json
import os
import re
import signal
import subprocess

from harness import BIN, Foster, check, equal, run, wait_for

FIELDS = {"name", "workload", "type", "goal", "state", "ready", "pid", "incarnation", "restarts", "since", "cause", "exit_code"}


def test_status_as_json():
    with Foster(boot=False) as foster:
        foster.oneshot("prepare")
        foster.longrun("web", needs=["prepare"])
        foster.boot()
        foster.wait_state("web", "running")
        services = json.loads(foster.svc("status", "--json").stdout)
        equal([service["name"] for service in services], ["prepare", "web"])
        for service in services:
            check(FIELDS <= set(service), f"missing {FIELDS - set(service)}")
            check(re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", service["since"]), service["since"])
        equal([services[0][key] for key in ("type", "goal", "state", "exit_code", "pid")], ["oneshot", "up", "exited", 0, None])
        equal([services[1][key] for key in ("type", "goal", "state", "exit_code", "ready")], ["longrun", "up", "running", None, True])


def test_outcomes_and_exit_codes():
    with Foster(boot=False) as foster:
        for name in ("user",):
            os.makedirs(f"{foster.services}/{name}/contents.d")
            open(f"{foster.services}/{name}/type", "w").write("bundle\n")
        foster.longrun("good")
        foster.longrun("dies", "echo the reason is a slip; exit 127")
        foster.oneshot("fails", "echo no such disk >&2; exit 3")
        foster.oneshot("works", "echo done")
        foster.longrun("silent", "sleep 1000000", notification_fd=3)
        foster.boot()
        up = foster.svc("up", "good")
        equal(up.returncode, 0, up.stderr)
        check("running" in up.stdout, up.stdout)
        for name, words in (("dies", ("127", "the reason is a slip")), ("fails", ("3", "no such disk"))):
            result = foster.svc("up", name)
            equal(result.returncode, 1, result.stdout + result.stderr)
            for word in words:
                check(word in result.stdout + result.stderr, f"{word} not in {result.stdout + result.stderr}")
        equal(foster.svc("up", "works").returncode, 0)
        equal(foster.state("works"), "exited")
        equal(foster.svc("up", "nobody").returncode, 3)
        equal(foster.svc("up", "--timeout", "0.3", "silent").returncode, 4)
        equal(foster.svc("up", "--no-wait", "silent").returncode, 0)
        equal(foster.svc("frobnicate").returncode, 2)
        equal(foster.svc("down", "good").returncode, 0)
        equal(foster.state("good"), "stopped")
        equal(foster.svc("once", "good").returncode, 0)
        equal(foster.status("good")["goal"], "once")
        equal(foster.svc("status", env={"FOSTER_SOCKET": "/nonexistent/sock"}).returncode, 6)
        unprivileged = subprocess.run(["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", f"{BIN}/svc", "down", "good"], env=foster.env, capture_output=True, text=True)
        equal(unprivileged.returncode, 5, unprivileged.stderr)


def test_readiness_by_fd():
    with Foster(boot=False) as foster:
        gate = f"{foster.directory}/go"
        foster.longrun("slow", f"while [ ! -e {gate} ]; do sleep 0.02; done; echo >&3; exec sleep 1000000", notification_fd=3)
        foster.longrun("after", needs=["slow"])
        foster.boot()
        foster.wait_state("slow", "starting")
        foster.wait_state("after", "waiting")
        check("slow" in foster.status("after")["cause"])
        open(gate, "w").close()
        foster.wait_state("slow", "running")
        foster.wait_state("after", "running")


def test_patterns_and_signals():
    with Foster(boot=False) as foster:
        for name in ("web-1", "web-2", "db"):
            foster.longrun(name, "trap 'echo got usr1' USR1; while :; do sleep 1000 & wait; done")
        foster.boot()
        foster.wait_all("running", ["web-1", "web-2", "db"])
        equal(foster.svc("down", "web*").returncode, 0)
        equal([foster.state(n) for n in ("web-1", "web-2", "db")], ["stopped", "stopped", "running"])
        equal(foster.svc("signal", "USR1", "db").returncode, 0)
        wait_for("the trap", lambda: "got usr1" in foster.svc("logs", "db").stdout)
        equal(foster.svc("signal", "NOPE", "db").returncode, 2)


def test_logs_and_events():
    with Foster(boot=False) as foster:
        foster.longrun("talker", "for i in $(seq 1 1500); do echo line $i; done; echo to stderr >&2; printf 'no newline'; exec sleep 1000000")
        foster.boot()
        foster.wait_state("talker", "running")
        wait_for("the last words", lambda: "no newline" in foster.svc("logs", "talker").stdout)
        lines = foster.svc("logs", "-n", "5", "talker").stdout.splitlines()
        equal(len(lines), 5)
        many = foster.svc("logs", "-n", "1000", "talker").stdout.splitlines()
        equal(len(many), 1000)
        check("line 1500" in "\n".join(many))
        parsed = [json.loads(line) for line in foster.svc("logs", "-n", "2", "--json", "talker").stdout.splitlines()]
        check(parsed and "stream" in json.dumps(parsed), str(parsed)[:300])
        watcher = subprocess.Popen([f"{BIN}/svc", "events", "--json", "--count", "3"], env=foster.env, stdout=subprocess.PIPE, text=True)
        wait_for("the follower", lambda: len(os.listdir(f"/proc/{watcher.pid}/fd")) > 3)
        while watcher.poll() is None:
            foster.svc("restart", "talker")
        equal(len(watcher.stdout.read().splitlines()), 3)


def test_safe_mode_after_five_crashes():
    with Foster(boot=False) as foster:
        foster.workload("ini", "supervisord", project="[supervisord]\n[program:project]\ncommand=sleep 1000000\nstartsecs=0\n",
                        seed="[supervisord]\n[program:seed]\ncommand=sleep 1000000\nstartsecs=0\n")
        foster.longrun("steady")
        foster.boot()
        foster.wait_all("running", ["ini/project", "steady"])
        pid = foster.status("steady")["pid"]
        for _ in range(5):
            old = wait_for("supervise", lambda: foster.role_pid("foster", "supervise"))
            os.kill(old, signal.SIGABRT)
            wait_for("another supervise", lambda: foster.role_pid("foster", "supervise") not in (None, old))
            foster.wait_up()
        foster.wait_state("ini/seed", "running")
        check(foster.call("hello")["safe"], "hello says so")
        equal(foster.status("steady")["pid"], pid, "a service directory is untouched")
        equal(foster.svc("reload").returncode, 0)
        foster.wait_state("ini/project", "running")


def test_command_and_exit_code():
    with Foster(command=["sh", "-c", "exit 7"], boot=False) as foster:
        foster.longrun("web")
        foster.boot(wait=False)
        equal(foster.wait(), 7)


run(globals())
