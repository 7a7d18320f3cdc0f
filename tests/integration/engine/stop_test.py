# SPDX-License-Identifier: MIT
"""Stopping otherwise than by a signal: by a command, by keys on a pipe or a terminal; and the whole tree ends."""
import os
import signal
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
from harness import Foster, check, equal, run, wait_for, write  # noqa: E402


def service(foster, name, script, settings):
    base = os.path.join(foster.services, name)
    write(f"{base}/type", "longrun\n")
    write(f"{base}/run", script if script.startswith("#!") else "#!/bin/sh\n" + script, 0o755)
    write(f"{base}/foster.yaml", settings)


def read(foster, name):
    path = os.path.join(foster.directory, name)
    return wait_for(name, lambda: os.path.exists(path) and open(path).read())


def down(foster, name):
    result = foster.call("down", {"names": [name]})["results"][0]
    check(result["ok"], result)
    return foster.wait_state(name, "stopped")


def test_by_command():
    """The command is told MAINPID; the service is never signalled."""
    with Foster(boot=False) as foster:
        here = foster.directory
        service(foster, "web", f"""trap 'echo TERM > {here}/signalled; exit 1' TERM
trap 'exit 0' USR1
echo x > {here}/up
while :; do sleep 0.05; done
""", f"""stop:
  command: [sh, -c, "echo $MAINPID > {here}/asked; kill -USR1 $MAINPID"]
""")
        foster.boot()
        read(foster, "up")
        pid = foster.status("web")["pid"]
        status = down(foster, "web")
        equal(read(foster, "asked").strip(), str(pid))
        check(not os.path.exists(f"{here}/signalled"), "no signal beside the command")
        equal(status["exit_code"], 0)


def test_by_a_command_that_does_nothing():
    """The grace runs beside the command; then it is killed."""
    with Foster(boot=False) as foster:
        service(foster, "deaf", "trap '' TERM USR1\nwhile :; do sleep 0.05; done\n",
                "stop:\n  command: [sh, -c, 'exit 0']\n  grace: 300ms\n")
        foster.boot()
        foster.wait_state("deaf", "running")
        equal(down(foster, "deaf")["exit_signal"], signal.SIGKILL)


def test_by_keys_on_a_pipe():
    """A line on stdin ends it; over a kill of supervise too."""
    with Foster(boot=False) as foster:
        service(foster, "reader", f"echo x > {foster.directory}/up\nread line\necho \"$line\" > {foster.directory}/heard\n",
                "stdin: pipe\nstop:\n  keys: \"quit\\n\"\nrestart:\n  when: never\n")
        foster.boot()
        read(foster, "up")
        before = foster.wait_state("reader", "running")
        os.kill(foster.role_pid("foster", "supervise"), signal.SIGKILL)
        foster.wait_up()
        equal(foster.status("reader")["pid"], before["pid"])
        equal(down(foster, "reader")["exit_code"], 0)
        equal(read(foster, "heard"), "quit\n")


def test_by_control_c_on_a_terminal():
    """^C on its terminal is SIGINT to the foreground group; stdout stays a pipe; what is written to the terminal
    holds nobody up."""
    with Foster(boot=False) as foster:
        service(foster, "screen", f"""#!/usr/bin/python3
import os, signal, sys, time
def end(number, frame):
    open("{foster.directory}/got", "w").write(str(number))
    sys.exit(0)
signal.signal(signal.SIGINT, end)
terminal = open("/dev/tty", "w")
for i in range(20000):
    terminal.write("something that nobody reads\\n")
terminal.flush()
text = f"{{os.isatty(0)}} {{os.isatty(1)}} {{os.tcgetpgrp(0) == os.getpgrp()}}"
open("{foster.directory}/up.new", "w").write(text)
os.rename("{foster.directory}/up.new", "{foster.directory}/up")
time.sleep(1e6)
""", "stdin: terminal\nstop:\n  keys: \"^C\"\n")
        foster.boot()
        equal(read(foster, "up"), "True False True")
        equal(down(foster, "screen")["exit_code"], 0)
        equal(read(foster, "got"), str(int(signal.SIGINT)))


def test_the_whole_tree_ends():
    """A double fork with a session of its own and an empty environment ends with its service."""
    with Foster(boot=False) as foster:
        service(foster, "breeder", f"""#!/usr/bin/python3
import os, time
if os.fork() == 0:
    os.setsid()
    if os.fork() == 0:
        open("{foster.directory}/child.new", "w").write("x")
        os.rename("{foster.directory}/child.new", "{foster.directory}/child")
        os.execve("/bin/sleep", ["escaped-sleeper", "1000000"], {{}})
    os._exit(0)
os.wait()
time.sleep(1e6)
""", "stop:\n  grace: 300ms\n")
        foster.boot()
        read(foster, "child")
        escaped = lambda: [p for p, (_, _, state, argv) in foster.processes().items() if argv[:1] == ["escaped-sleeper"] and state != "Z"]
        wait_for("the one that got away", escaped)
        down(foster, "breeder")
        wait_for("its end", lambda: not escaped())


run(globals())
