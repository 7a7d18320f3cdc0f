# SPDX-License-Identifier: MIT
"""Services that speak sd_notify(3): when they are ready, what they say, what is missed, and the fds that they leave."""
import os
import signal
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
from harness import Foster, check, equal, run, wait_for, write  # noqa: E402

# What every service here begins with: say(), and steps that wait for a file of the test.
PRELUDE = """#!/usr/bin/python3
import array, os, socket, sys, time
HERE = {here!r}
NAME = os.environ.get("NOTIFY_SOCKET", "")
def say(text, fds=()):
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as sender:
        address = "\\0" + NAME[1:] if NAME.startswith("@") else NAME
        rights = [(socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array("i", fds))] if fds else []
        sender.sendmsg([text.encode()], rights, 0, address)
def step(name):
    while not os.path.exists(os.path.join(HERE, name)):
        time.sleep(0.01)
def note(name, text):
    with open(os.path.join(HERE, name + ".new"), "w") as file:
        file.write(text)
    os.rename(os.path.join(HERE, name + ".new"), os.path.join(HERE, name))
"""


def service(foster, name, body, settings):
    base = os.path.join(foster.services, name)
    write(f"{base}/type", "longrun\n")
    write(f"{base}/run", PRELUDE.format(here=foster.directory) + body, 0o755)
    write(f"{base}/foster.yaml", settings)


def step(foster, name):
    write(os.path.join(foster.directory, name), "")


def read(foster, name):
    path = os.path.join(foster.directory, name)
    return wait_for(name, lambda: os.path.exists(path) and open(path).read())


def kill_supervise(foster):
    pid = foster.role_pid("foster", "supervise")
    os.kill(pid, signal.SIGKILL)
    return pid


def test_ready_late_with_status():
    """Starting until READY=1; STATUS= is shown, also by the next supervise; RELOADING and STOPPING too."""
    with Foster(boot=False) as foster:
        service(foster, "web", """
say("STATUS=loading the data")
step("go")
say("READY=1\\nSTATUS=serving")
step("reload")
say("RELOADING=1")
step("reloaded")
say("READY=1")
step("stopping")
say("STOPPING=1")
time.sleep(1e6)
""", "readiness:\n  sd_notify: true\n")
        foster.boot()
        early = wait_for("the status text", lambda: (s := foster.status("web")) and s["status_text"] and s)
        equal((early["state"], early["ready"], early["status_text"]), ("starting", False, "loading the data"))
        step(foster, "go")
        ready = foster.wait_state("web", "running")
        equal((ready["ready"], ready["status_text"]), (True, "serving"))
        kill_supervise(foster)
        wait_for("the text to be there again", lambda: (s := foster.status("web")) and s["status_text"] == "serving")
        equal(foster.status("web")["pid"], ready["pid"])
        step(foster, "reload")
        wait_for("reloading", lambda: foster.status("web")["reloading"])
        check(foster.status("web")["ready"], "ready while it reloads")
        step(foster, "reloaded")
        wait_for("the end of reloading", lambda: not foster.status("web")["reloading"])
        step(foster, "stopping")
        wait_for("not ready any more", lambda: not foster.status("web")["ready"])


def test_nothing_is_lost_while_supervise_is_dead():
    """READY=1 that is said while there is no supervise counts once there is one."""
    with Foster(boot=False) as foster:
        service(foster, "late", 'step("go")\nsay("READY=1")\nnote("said", "x")\ntime.sleep(1e6)\n', "readiness:\n  sd_notify: true\n")
        foster.boot()
        before = wait_for("a process", lambda: (s := foster.status("late")) and s["pid"] and s)
        supervise = foster.role_pid("foster", "supervise")
        os.kill(supervise, signal.SIGSTOP)  # it cannot take the message in
        step(foster, "go")
        read(foster, "said")
        os.kill(supervise, signal.SIGKILL)
        after = foster.wait_state("late", "running")
        equal((after["pid"], after["ready"], after["incarnation"]), (before["pid"], True, before["incarnation"]))


def test_a_missed_watchdog_restarts():
    """WATCHDOG_USEC is told; no WATCHDOG=1 in time is a restart with that cause; WATCHDOG=trigger is one at once."""
    with Foster(boot=False) as foster:
        service(foster, "dog", """
note("usec", os.environ["WATCHDOG_USEC"])
say("READY=1")
if not os.path.exists(HERE + "/second"):
    for i in range(5):
        time.sleep(0.1)
        say("WATCHDOG=1")
    note("second", "x")
time.sleep(1e6)
""", "readiness:\n  sd_notify: true\nliveness:\n  watchdog: 400ms\nrestart:\n  delay: 3s\n")
        service(foster, "trigger", 'say("READY=1")\nstep("bite")\nsay("WATCHDOG=trigger")\ntime.sleep(1e6)\n',
                "readiness:\n  sd_notify: true\nliveness:\n  watchdog: 100s\nrestart:\n  delay: 0s\n")
        foster.boot()
        equal(read(foster, "usec"), "400000")
        first = foster.wait_state("trigger", "running")
        read(foster, "second")
        equal(foster.status("dog")["incarnation"], 1, "it was alive for longer than its interval")
        wait_for("the cause", lambda: "atchdog" in foster.status("dog")["cause"])
        wait_for("the restart", lambda: foster.status("dog")["restarts"] >= 1)
        step(foster, "bite")
        wait_for("the triggered restart", lambda: foster.status("trigger")["restarts"] >= 1)
        check(foster.status("trigger")["pid"] != first["pid"])


def test_extend_timeout():
    """EXTEND_TIMEOUT_USEC moves the deadline of starting."""
    with Foster(boot=False) as foster:
        service(foster, "slow", """
for i in range(8):
    say("EXTEND_TIMEOUT_USEC=1500000")
    time.sleep(0.1)
say("READY=1")
time.sleep(1e6)
""", "readiness:\n  sd_notify: true\ntimeouts:\n  up: 500ms\n")
        service(foster, "mute", "time.sleep(1e6)\n", "readiness:\n  sd_notify: true\ntimeouts:\n  up: 500ms\n")
        foster.boot()
        equal(foster.wait_state("slow", "running")["incarnation"], 1)
        wait_for("the mute one to be given up on", lambda: foster.status("mute")["incarnation"] >= 2 or foster.state("mute") != "starting")


def test_fds_come_back():
    """An fd given with FDSTORE=1 is there in the next life, also over a kill of supervise; FDSTOREREMOVE takes it away."""
    with Foster(boot=False) as foster:
        service(foster, "keeper", """
count = int(os.environ.get("LISTEN_FDS", "0"))
life = len([n for n in os.listdir(HERE) if n.startswith("life")]) + 1
if count:
    check = os.environ["LISTEN_PID"] == str(os.getpid())
    names = os.environ["LISTEN_FDNAMES"].split(":")
    os.lseek(3, 0, 0)
    note(f"life{life}", f"{count} {check} {','.join(names)} {os.read(3, 100).decode()}")
else:
    memory = os.memfd_create("kept")
    os.write(memory, b"treasure")
    say("FDSTORE=1\\nFDNAME=box", [memory])
    say("FDSTORE=1", [memory])
    note(f"life{life}", "none")
if life == 3:
    say("FDSTOREREMOVE=1\\nFDNAME=box")
say("READY=1")
time.sleep(1e6)
""", "readiness:\n  sd_notify: true\nrestart:\n  delay: 0s\n")
        foster.boot()
        foster.wait_state("keeper", "running")
        equal(read(foster, "life1"), "none")
        foster.call("signal", {"names": ["keeper"], "signal": "KILL"})
        equal(read(foster, "life2"), "2 True box,stored treasure")
        foster.wait_state("keeper", "running")
        kill_supervise(foster)
        foster.wait_up()
        foster.call("restart", {"names": ["keeper"]})
        equal(read(foster, "life3"), "2 True box,stored treasure")
        foster.wait_state("keeper", "running")
        foster.call("restart", {"names": ["keeper"]})
        equal(read(foster, "life4"), "1 True stored treasure")
        foster.call("down", {"names": ["keeper"]})
        foster.call("up", {"names": ["keeper"]})
        equal(read(foster, "life5"), "none")


def test_barrier_and_strangers():
    """BARRIER=1 closes its fd; a process that is none of the service's own is not listened to."""
    with Foster(boot=False) as foster:
        service(foster, "barrier", """
import select
say("READY=1")
ours, theirs = os.pipe()
say("BARRIER=1", [theirs])
os.close(theirs)
poll = select.poll()
poll.register(ours, 0)
note("barrier", "hang-up" if poll.poll(20000) else "nothing")
time.sleep(1e6)
""", "readiness:\n  sd_notify: true\n")
        service(foster, "victim", 'note("address", NAME)\ntime.sleep(1e6)\n', "readiness:\n  sd_notify: true\n")
        service(foster, "stranger", """
step("address")
NAME = open(HERE + "/address").read()
say("READY=1\\nSTATUS=taken over")
note("stranger", "x")
time.sleep(1e6)
""", "{}\n")
        foster.boot()
        equal(read(foster, "barrier"), "hang-up")
        read(foster, "stranger")
        wait_for("a word about the stranger", lambda: "none of its own" in foster.log())
        status = foster.status("victim")
        equal((status["state"], status["status_text"]), ("starting", ""))


def test_a_main_pid_of_another_user():
    """A service of another user reaches its socket, and its whole tree may speak."""
    with Foster(boot=False) as foster:
        os.chmod(foster.directory, 0o777)
        service(foster, "nobody", """
if os.fork() == 0:
    os.setsid()
    say("READY=1\\nSTATUS=child of " + str(os.getuid()))
    os._exit(0)
os.wait()
time.sleep(1e6)
""", "readiness:\n  sd_notify: true\nisolation:\n  user: nobody\n")
        foster.boot()
        equal(foster.wait_state("nobody", "running")["status_text"], "child of 65534")


run(globals())
