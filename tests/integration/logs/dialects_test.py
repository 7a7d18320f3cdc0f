#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Each format's own words for "into this file", with a real foster: the file has what that format promises, and another
place for the lines restarts nothing."""
import json
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
from harness import Foster, check, equal, run, wait_for, write  # noqa: E402

SAY = "echo out; echo err >&2; exec sleep 1000000"


def content(path):
    try:
        with open(path) as file:
            return file.read()
    except FileNotFoundError:
        return ""


def has(path, lines):
    wait_for(f"{lines} in {path}", lambda: sorted(content(path).splitlines()) == sorted(lines))


def test_foster_yaml():
    with Foster(boot=False) as foster:
        logs = foster.directory + "/logs"
        foster.longrun("web", SAY)
        write(f"{foster.services}/web/foster.yaml",
              f"log:\n  console: false\n  files:\n    - {logs}/both\n    - {{path: {logs}/err, streams: stderr, mode: '0600'}}\n")
        foster.boot()
        foster.wait_state("web", "running")
        has(f"{logs}/both", ["out", "err"])
        has(f"{logs}/err", ["err"])
        equal(os.stat(f"{logs}/err").st_mode & 0o777, 0o600)
        equal(foster.status("web")["stdout_file"], f"{logs}/both")
        equal(foster.status("web")["stderr_file"], f"{logs}/both")


def test_supervisord():
    with Foster(boot=False) as foster:
        logs = foster.directory
        write(f"{logs}/coloured", "printf '\\033[31mout\\033[0m\\n'; echo err >&2; exec sleep 1000000\n")
        ini = f"""[supervisord]
strip_ansi=true
[program:web]
command=sh {logs}/coloured
stdout_logfile={logs}/web.out
stderr_logfile={logs}/web.err
[program:pair]
command=sh -c '{SAY}'
process_name=pair%(process_num)d
numprocs=2
redirect_stderr=true
stdout_logfile={logs}/pair%(process_num)d
"""
        foster.workload("ini", "supervisord", project=ini, seed="[supervisord]\n")
        foster.boot()
        foster.wait_all("running", ["ini/web", "ini/pair:pair0", "ini/pair:pair1"])
        has(f"{logs}/web.out", ["out"])
        has(f"{logs}/web.err", ["err"])
        has(f"{logs}/pair0", ["out", "err"])
        has(f"{logs}/pair1", ["out", "err"])


def test_process_compose():
    with Foster(boot=False) as foster:
        logs = foster.directory + "/logs"
        yaml = f"""log_location: {logs}/all.log
processes:
  web:
    command: {SAY}
    replicas: 2
    log_location: {logs}/web.log
  many:
    command: {SAY}
    replicas: 2
  a:
    command: {SAY}
  b:
    command: {SAY}
"""
        foster.workload("pc", "process-compose", project=yaml, seed="processes: {}\n")
        foster.boot()
        foster.wait_all("running", ["pc/web-0", "pc/web-1", "pc/many-0", "pc/many-1", "pc/a", "pc/b"])
        for number in (0, 1):
            path = f"{logs}/web.log.{number}"
            wait_for(path, lambda: len(content(path).splitlines()) == 2)
            lines = [json.loads(line) for line in content(path).splitlines()]
            equal(sorted((line["level"], line["message"], line["replica"]) for line in lines),
                  [("error", "err", number), ("info", "out", number)])
            equal(os.stat(path).st_mode & 0o777, 0o600)
        wait_for("the file of all", lambda: len(content(f"{logs}/all.log").splitlines()) == 8)
        told = [json.loads(line) for line in content(f"{logs}/all.log").splitlines()]
        names = [("a", 0), ("b", 0), ("many-0", 0), ("many-1", 1)]
        equal(sorted((line["process"], line["replica"], line["message"]) for line in told),
              [(*name, text) for name in names for text in ("err", "out")])


def test_another_place_restarts_nothing():
    with Foster(boot=False) as foster:
        logs = foster.directory + "/logs"
        foster.longrun("web", "while read line; do echo \"$line\"; done < ${0%/*}/pipe; exec sleep 1000000")
        os.mkfifo(f"{foster.services}/web/pipe")
        config = f"{foster.services}/web/foster.yaml"
        write(config, f"log: {{files: {logs}/one}}\n")
        foster.boot()
        with open(f"{foster.services}/web/pipe", "w") as pipe:
            pipe.write("first\n")
            pipe.flush()
            has(f"{logs}/one", ["first"])
            pid = foster.status("web")["pid"]
            write(config, f"log: {{files: {logs}/two}}\n")
            plan = foster.svc("plan")
            check("log" in plan.stdout, plan.stdout + plan.stderr)
            foster.call("reload")
            pipe.write("second\n")
            pipe.flush()
            wait_for("the second line", lambda: "second" in content(f"{logs}/two"))
        equal(foster.status("web")["pid"], pid)
        check("second" not in content(f"{logs}/one"), content(f"{logs}/one"))


if __name__ == "__main__":
    run(globals())
