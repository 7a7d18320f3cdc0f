#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Files under management, with a real foster: rotated and opened anew on request and by signal."""
import os
import signal
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
from harness import Foster, check, equal, run, wait_for, write  # noqa: E402


def content(path):
    try:
        with open(path) as file:
            return file.read()
    except FileNotFoundError:
        return None


def service(foster, name, log, script):
    foster.longrun(name, script)
    write(f"{foster.services}/{name}/foster.yaml", f"log: {log}\n")


def echoing(gate):
    """Says what it is told through a fifo."""
    os.mkfifo(gate)
    return f"exec 3<> {gate}\nwhile read -r line <&3; do echo \"$line\"; done"


def tell(gate, line):
    with open(gate, "w") as file:
        file.write(line + "\n")


def test_a_signal_reopens_files_that_logrotate_moved():
    for how in ("signal", "svc"):
        with Foster(boot=False) as foster:
            gate, path = f"{foster.directory}/gate", f"{foster.directory}/logs/web.log"
            service(foster, "web", f"{{files: {path}}}", echoing(gate))
            foster.boot()
            tell(gate, "one")
            wait_for("the first line", lambda: content(path) == "one\n")
            os.rename(path, path + ".old")
            if how == "signal":
                os.kill(foster.init_pid(), signal.SIGUSR2)
            else:
                equal(foster.svc("logs", "--reopen").returncode, 0, "svc logs --reopen")
            # Opened anew with the next line at the latest; before, lines go where the file went.
            wait_for("the file", lambda: (tell(gate, "more"), content(path))[1])
            tell(gate, "two")
            wait_for("the last line", lambda: (content(path) or "").endswith("two\n"))
            old, new = content(path + ".old"), content(path)
            check(old.startswith("one\n"), old)
            equal(set((old + new).splitlines()), {"one", "more", "two"}, "lines of both")
            equal(foster.state("web"), "running", "web")


def test_rotation_on_request():
    with Foster(boot=False) as foster:
        gates = {name: f"{foster.directory}/gate-{name}" for name in ("web", "db")}
        paths = {name: f"{foster.directory}/logs/{name}.log" for name in gates}
        for name in gates:
            service(foster, name, f"{{files: {{path: {paths[name]}, rotate: {{backups: 3}}}}}}", echoing(gates[name]))
        foster.boot()
        for name in gates:
            tell(gates[name], "one")
            wait_for(f"the first line of {name}", lambda: content(paths[name]) == "one\n")
        equal(foster.call("logs.rotate", {"names": ["web"]}), {"rotated": ["web"]}, "reply")
        wait_for("the archive", lambda: content(paths["web"] + ".1") == "one\n")
        tell(gates["web"], "two")
        wait_for("the second line", lambda: content(paths["web"]) == "two\n")
        equal((content(paths["db"]), content(paths["db"] + ".1")), ("one\n", None), "db, which was not named")
        # Asked while there is no logd: done by the next one, once.
        os.kill(wait_for("logd", lambda: foster.role_pid("foster", "logd")), signal.SIGKILL)
        equal(foster.svc("logs", "--rotate", "web").returncode, 0, "svc logs --rotate")
        wait_for("the second archive", lambda: content(paths["web"] + ".2") == "one\n")
        equal(content(paths["web"] + ".1"), "two\n", "the newest archive")
        equal(content(paths["web"] + ".3"), None, "a third archive")


def test_a_file_is_emptied_at_a_start_that_was_asked_for():
    """process-compose's log_location: kept over a restart by itself, emptied by `svc restart`."""
    with Foster(boot=False) as foster:
        path, count = f"{foster.directory}/web.log", f"{foster.directory}/count"
        text = (f'version: "0.5"\nprocesses:\n  web:\n    command: "echo x >> {count}; echo life $(wc -l < {count}); '
                f'exec sleep 1000000"\n    log_location: {path}\n    availability: {{restart: always, backoff_seconds: 1}}\n')
        foster.workload("w", "process-compose", project=text, seed=text)
        foster.boot()
        line = '{"level":"info","process":"web","replica":0,"message":"life %d"}\n'
        wait_for("the first life", lambda: content(path) == line % 1)
        os.kill(wait_for("its process", lambda: foster.role_pid("sleep", "1000000")), signal.SIGKILL)
        wait_for("the second life", lambda: content(path) == line % 1 + line % 2)
        equal(foster.svc("restart", "w/web").returncode, 0, "svc restart")
        wait_for("the third life alone", lambda: content(path) == line % 3)


if __name__ == "__main__":
    run(globals())
