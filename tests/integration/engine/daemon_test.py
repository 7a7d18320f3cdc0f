# SPDX-License-Identifier: MIT
"""Services that go into the background: followed by pid file, by MAINPID, or as the last of the tree."""
import os
import signal
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
from harness import Foster, check, equal, run, wait_for, write  # noqa: E402

DAEMON = """#!/usr/bin/python3
import os, signal, socket, sys, time
HERE = {here!r}
def daemonise():
    read_end, write_end = os.pipe()
    if os.fork() != 0:
        os.read(read_end, 1)
        os._exit(0)
    os.setsid()
    if os.fork() != 0:
        os._exit(0)
    return write_end
"""


def service(foster, name, body, settings):
    base = os.path.join(foster.services, name)
    write(f"{base}/type", "longrun\n")
    write(f"{base}/run", DAEMON.format(here=foster.directory) + body, 0o755)
    write(f"{base}/foster.yaml", settings)


def inner(foster, host_pid):
    return foster.processes()[host_pid][0]


def followed(foster, name, wrong=None):
    """The status once the service is a process that some pid file of the test names."""
    path = os.path.join(foster.directory, name + ".pid")
    def right():
        status = foster.status(name)
        if not status or not status["pid"] or status["pid"] == wrong or not os.path.exists(path):
            return None
        text = open(path).read().strip()
        return status if text == str(status["pid"]) and status["state"] == "running" else None
    return wait_for(f"{name} to be followed", right)


def check_life(foster, name):
    """It is the daemon, over a kill of supervise; a new one comes when it dies; `down` ends it."""
    first = followed(foster, name)
    os.kill(foster.role_pid("foster", "supervise"), signal.SIGKILL)
    foster.wait_up()
    again = followed(foster, name)
    equal((again["pid"], again["incarnation"], again["restarts"]), (first["pid"], 1, 0))
    foster.call("signal", {"names": [name], "signal": "KILL"})
    second = followed(foster, name, wrong=first["pid"])
    equal((second["incarnation"], second["restarts"]), (2, 1))
    check(foster.call("down", {"names": [name]})["results"][0]["ok"])
    check(not any(pid == second["pid"] for pid, *_ in foster.processes().values()), "its process is gone")


def test_pid_file():
    with Foster(boot=False) as foster:
        stale = os.path.join(foster.directory, "web.pid")
        write(stale, "1\n")
        os.utime(stale, (1, 1))
        service(foster, "web", """
ready = daemonise()
with open(HERE + "/web.pid.new", "w") as file:
    file.write(str(os.getpid()) + "\\n")
os.rename(HERE + "/web.pid.new", HERE + "/web.pid")
os.write(ready, b"x")
time.sleep(1e6)
""", f"daemon:\n  pid_file: {stale}\nrestart:\n  delay: 0s\n")
        foster.boot()
        check_life(foster, "web")


def test_stale_and_foreign_pid_files():
    """A file of before, or one that names a process of somebody else, is not believed: the tree is the service."""
    with Foster(boot=False) as foster:
        stale = write(os.path.join(foster.directory, "old.pid"), "1\n")
        os.utime(stale, (1, 1))
        body = "ready = daemonise()\n{}\nos.write(ready, b'x')\ntime.sleep(1e6)\n"
        service(foster, "stale", body.format(""), f"daemon:\n  pid_file: {stale}\n")
        service(foster, "foreign", body.format("open(HERE + '/foreign.pid', 'w').write('1')"),
                f"daemon:\n  pid_file: {foster.directory}/foreign.pid\n")
        foster.boot()
        for name in ("stale", "foreign"):
            wait_for(f"{name} to go on without its main process",
                     lambda: (s := foster.status(name)) and s["state"] == "running" and s["pid"] != 1 and s["exit_code"] == 0 and s)
            equal(foster.status(name)["incarnation"], 1)
            check(foster.call("down", {"names": [name]})["results"][0]["ok"])


def test_main_pid():
    with Foster(boot=False) as foster:
        service(foster, "named", """
address = os.environ["NOTIFY_SOCKET"]
ready = daemonise()
with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as sender:
    sender.sendto(f"READY=1\\nMAINPID={os.getpid()}".encode(), "\\0" + address[1:] if address[0] == "@" else address)
with open(HERE + "/named.pid.new", "w") as file:
    file.write(str(os.getpid()))
os.rename(HERE + "/named.pid.new", HERE + "/named.pid")
os.write(ready, b"x")
time.sleep(1e6)
""", "readiness:\n  sd_notify: true\ndaemon: main_pid\nrestart:\n  delay: 0s\n")
        foster.boot()
        check_life(foster, "named")


def test_last_of_the_tree():
    """It runs as long as one of its processes does, and is started again after the last."""
    with Foster(boot=False) as foster:
        service(foster, "last", """
open(HERE + "/lives", "a").write("x")
ready = daemonise()
os.write(ready, b"x")
while not os.path.exists(HERE + "/end"):
    time.sleep(0.01)
os.unlink(HERE + "/end")
""", "daemon: last\nrestart:\n  delay: 0s\n")
        foster.boot()
        wait_for("its main process to have gone", lambda: (s := foster.status("last")) and s["exit_code"] == 0)
        equal((foster.state("last"), foster.status("last")["incarnation"]), ("running", 1))
        write(os.path.join(foster.directory, "end"), "")
        wait_for("another life", lambda: foster.status("last")["incarnation"] == 2)


run(globals())
