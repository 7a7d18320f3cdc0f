#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""foster-init as a real PID 1, with a supervise that speaks the protocol from here."""
import os
import random
import select
import signal
import sys
import tempfile
import time

sys.path.insert(0, os.path.dirname(__file__))
from fake_supervise import *  # noqa: F403


def test_spawn_exit_forget():
    with Init() as init:
        init.connect()
        equal(init.hello.value & 1, 1, "PID 1")
        init.run("a", "/bin/sh", "-c", 'test "$FOSTER_SERVICE" = a/1 && exit 7')
        equal(init.expect(EXITED, "a").status, 7 << 8)
        init.send(FORGET, "a")
        init.run("a", "/bin/sleep", "1000")
        init.spawn("a", plan(["/bin/true"]), incarnation=2)
        equal(init.expect(FAILED, "a").stage, 2, "duplicate")
        init.send(SIGNAL, "a", signal=9, scope=1)
        equal(init.expect(EXITED, "a").status, 9)
        init.finish(5)
        equal(init.process.wait(10), 5)


def test_fields():
    with Init() as init:
        init.connect()
        read_end, write_end = os.pipe()
        script = ("echo $(id -u) $(id -g) $(id -G) $(umask) $(pwd) $(ulimit -n) $(nice) $(cat /proc/self/oom_score_adj) "
                  "$(sed -n 's/NoNewPrivs:.//p;s/CapAmb:.//p;s/CapBnd:.//p;s/SigBlk:.//p;s/SigIgn:.//p' /proc/self/status) >&9; "
                  "ls /proc/self/fd >&9")
        init.spawn("f", plan(["/bin/sh", "-c", script], flags=1 | 4 | 8 | 16 | 32 | 64 | 128 | 256 | 512 | 1024, uid=1234,
                             gid=2345, groups=(2345, 77), umask=0o27, cwd="/tmp", rlimits=((7, 100, 200),), nice=3, oom=50,
                             bounding=0x400 | 0x20, ambient=0x400, fds=((2, 0, 9),)), [write_end])
        os.close(write_end)
        init.expect(SPAWNED, "f")
        init.expect(EXITED, "f")
        with os.fdopen(read_end) as file:
            lines = file.read().split("\n")
        got = lines[0].split()
        equal(got[:9], "1234 2345 2345 77 0027 /tmp 100 3 50".split())
        equal(got[9], "0" * 16, "blocked")
        equal(got[10], "0" * 16, "ignored")
        equal(got[11:], ["0000000000000420", "0000000000000400", "1"], "capabilities, no_new_privs")
        equal(lines[1:-1], ["0", "1", "2", "3", "9"], "fds (3 is the directory)")


def test_hostile_plans():
    with Init() as init:
        init.connect()
        good, chance = plan(["/bin/true", "x"], groups=(1, 2), rlimits=((7, 9, 9),)), random.Random(1)
        for i in range(400):
            data = bytearray(good)
            if i % 2:
                data = data[:chance.randrange(1, PLAN.size + 20)]
            else:  # every header field an offset or a count far away
                struct.pack_into("<I", data, chance.choice([0, 4, 8, 16, 20, 24, 28, 32, 36, 92, 100, 108]), 0xFFFFFFF0)
            init.spawn(f"h{i}", bytes(data))
            equal(init.expect(FAILED, f"h{i}").stage, 3, f"case {i}")
            init.send(FORGET, f"h{i}")


def test_supervise_killed_100_times():
    with Init() as init:
        init.connect()
        pid = init.run("keep", "/bin/sleep", "1000").pid
        init.run("dies", "/bin/sleep", "1000")
        init.send(PUT, store="pipe", fds=[0])
        init.send(SIGNAL, "dies", signal=9)
        init.expect(EXITED, "dies")
        for _ in range(100):
            init.send(READY)
            init.kill_supervise()
            init.connect()
            seen = {m.name: m for m in init.snapshot if m.type == CHILD}
            equal((seen["keep"].pid, seen["keep"].child_state, seen["dies"].child_state, seen["dies"].status), (pid, 2, 4, 9))
            equal([m.store for m in init.snapshot if m.type == ENTRY], ["pipe"])
        init.send(GET, store="pipe")
        equal(len(init.expect(ENTRY).fds), 1)


def test_five_deaths_are_safe():
    with Init() as init:
        for _ in range(5):
            equal(init.connect().arguments, "supervise")
            init.relay.close()
        equal(init.connect().arguments, "supervise --safe")
        equal(init.hello.value & 2, 2)


def test_fault_signals():
    with Init() as init:
        init.connect()
        pid = init.run("keep", "/bin/sleep", "1000").pid
        init.send(PUT, store="x", fds=[0])
        host = init.pid()
        for _ in range(4):
            for number in (signal.SIGSEGV, signal.SIGABRT, signal.SIGBUS, signal.SIGILL, signal.SIGFPE):
                os.kill(host, number)
                init.run("k", "/bin/sh", "-c", f"kill -{number.value} 1; exit 3")
                equal(init.expect(EXITED, "k").status, 3 << 8)
                init.send(FORGET, "k")
        init.send(REEXEC)
        init.send(GET, store="x")
        equal(len(init.expect(ENTRY).fds), 1)
        init.relay.close()
        equal([m.pid for m in init.connect().snapshot if m.name == "keep"], [pid])
        equal(init.hello.value & 32, 32)


def test_second_term_hurries():
    with Init() as init:
        init.connect()
        init.run("stubborn", "/bin/sh", "-c", "trap '' TERM; while :; do sleep 1; done")
        start = time.monotonic()
        for _ in range(2):
            os.kill(init.pid(), signal.SIGTERM)
            equal(init.expect(CONTAINER).signal, 15)
        equal(init.process.wait(10), 0)
        assert time.monotonic() - start < 4, "the budget of 8 s was not shortened"


def test_terminal():
    with Init("/bin/sh", "-c", "test $(ps -o tpgid= -p $$) = $$ && kill -TERM $$",
              env={"FOSTER_COMMAND_WAIT": "0"}, terminal=True) as init:
        init.connect()
        init.expect(COMMAND)
        init.finish()
        equal(init.process.wait(10), 143)


def test_table_full():
    with Init() as init:
        init.connect()
        for i in range(4608):  # a failed spawn keeps its entry until it is forgotten
            init.spawn(f"n{i}", b"no plan")
            equal(init.expect(FAILED).stage, 3)
        init.spawn("more", plan(["/bin/true"]))
        equal(init.expect(FAILED, "more").stage, 1)
        init.send(FORGET, "n7")
        init.run("more", "/bin/true")


def test_lingering_and_tree_kill():
    with Init() as init:
        init.connect()
        there, there_end = os.pipe()
        go_end, go = os.pipe()
        init.spawn("t", plan(["/bin/sh", "-c", "sleep 1001 & setsid setsid sh -c 'echo >&5; exec sleep 1002' & read x <&6; exit 0"],
                             fds=((2, 0, 5), (2, 1, 6))), [there_end, go_end])
        os.read(there, 1)  # the one that left its session is in place
        os.write(go, b"\n")
        equal(init.expect(EXITED, "t").value, 1)
        init.send(QUERY, "t")
        equal(init.expect(ALIVE, "t").value, 2)
        init.send(SIGNAL, "t", signal=9, scope=2)
        init.expect(GONE, "t")


def test_orphans():
    with Init() as init:
        init.connect()
        script = "import os\nfor i in range(10000):\n p=os.fork()\n if p==0:\n  if os.fork()==0: os._exit(0)\n  os._exit(0)\n os.waitpid(p,0)\n"
        init.run("o", "/usr/bin/python3", "-S", "-c", script)
        init.expect(EXITED, "o")
        init.run("z", "/bin/sh", "-c", "exit $(grep -sl '^State:.Z' /proc/[0-9]*/status | wc -l)")
        equal(init.expect(EXITED, "z").status, 0)


def test_command_and_stop():
    for script, code in (("exit 7", 7), ("kill -9 $$", 137)):
        with Init("sh", "-c", script, env={"FOSTER_COMMAND_WAIT": "0"}) as init:
            init.connect()
            init.expect(COMMAND)
            init.finish()
            equal(init.process.wait(10), code)
    with Init("/nowhere", env={"FOSTER_COMMAND_WAIT": "0"}) as init:
        init.connect()
        init.expect(COMMAND)
        init.finish()
        equal(init.process.wait(10), 127)
    for pid1 in (True, False):
        with Init("--shutdown-timeout=0.3", pid1=pid1) as init:
            init.connect()
            init.run("stubborn", "/bin/sh", "-c", "trap '' TERM; while :; do sleep 1; done")
            start = time.monotonic()
            os.kill(init.pid(), signal.SIGTERM)
            equal(init.expect(CONTAINER).signal, 15)
            equal(init.process.wait(10), 0)
            assert time.monotonic() - start < 2.5


def test_run_command():
    """kMsgRunCommand starts CMD at once, whatever FOSTER_COMMAND_WAIT says; its end is told, and to a new supervise too."""
    with Init("sh", "-c", "exit 3", env={"FOSTER_COMMAND_WAIT": "1000"}) as init:
        init.connect()
        equal(init.hello.value & (4 | 8), 4, "has a command, which does not run")
        init.run("a", "/bin/true")
        init.expect(EXITED, "a")
        init.send(RUN)
        equal(init.expect(COMMAND).status, 3 << 8)
        init.send(RUN)  # once only
        init.kill_supervise()
        init.connect()
        equal(init.hello.value & 16, 16, "stopping")
        init.finish(9)
        equal(init.process.wait(10), 3, "CMD's code wins")


def test_command_survives():
    """A fault of init and a death of supervise leave CMD where it is."""
    with Init("sh", "-c", "trap 'exit 8' USR1; while :; do sleep 1000 & wait; done", env={"FOSTER_COMMAND_WAIT": "0"}) as init:
        init.connect()
        command = wait_for_command(init)
        os.kill(init.pid(), signal.SIGSEGV)
        init.kill_supervise()
        init.connect()
        equal(init.hello.value & (4 | 8 | 32), 4 | 8 | 32)
        equal(wait_for_command(init), command)
        os.kill(init.pid(), signal.SIGUSR1)
        equal(init.expect(COMMAND).status, 8 << 8)
        init.finish()
        equal(init.process.wait(10), 8)


def wait_for_command(init):
    """The pid of CMD (a shell that waits for a sleep), once its traps are set."""
    host, end = init.pid(), time.monotonic() + 20
    while time.monotonic() < end:
        with open(f"/proc/{host}/task/{host}/children") as file:
            for pid in map(int, file.read().split()):
                with contextlib.suppress(OSError), open(f"/proc/{pid}/task/{pid}/children") as below, \
                        open(f"/proc/{pid}/cmdline") as line:
                    if "trap" in line.read() and below.read().strip():
                        return pid
        select.select([], [], [], 0.005)
    raise AssertionError("CMD does not run")


def test_signals_without_command():
    with Init() as init:
        init.connect()
        for number in (signal.SIGHUP, signal.SIGUSR1, signal.SIGUSR2, signal.SIGWINCH):
            os.kill(init.pid(), number)
            equal(init.expect(CONTAINER).signal, number)
        for number in (signal.SIGPIPE, signal.SIGCONT, signal.SIGALRM, signal.SIGTTOU):  # nothing at all
            os.kill(init.pid(), number)
        init.run("a", "/bin/sh", "-c", "exit 3")
        equal(init.expect(EXITED, "a").status, 3 << 8)
        equal(init.backlog, [])
    for number in (signal.SIGINT, signal.SIGQUIT, signal.SIGPWR, signal.SIGRTMIN + 3):
        with Init() as init:
            init.connect()
            os.kill(init.pid(), number)
            equal(init.expect(CONTAINER).signal, number)
            init.finish(4)
            equal(init.process.wait(10), 4)


def test_signals_with_command():
    script = "; ".join(f"trap 'echo {name} >>$0' {name}" for name in ("HUP", "INT", "QUIT", "USR1", "USR2", "WINCH"))
    with tempfile.NamedTemporaryFile() as seen:
        with Init("sh", "-c", f"{script}; while :; do sleep 1000 & wait; done", seen.name, env={"FOSTER_COMMAND_WAIT": "0"}) as init:
            init.connect()
            wait_for_command(init)
            for name in ("HUP", "INT", "QUIT", "USR1", "USR2", "WINCH"):
                os.kill(init.pid(), getattr(signal, f"SIG{name}"))
                end = time.monotonic() + 20
                while name not in seen.read().decode():
                    assert time.monotonic() < end, f"{name} did not reach CMD"
                    seen.seek(0)
                    select.select([], [], [], 0.005)
            os.kill(init.pid(), signal.SIGTERM)  # goes to CMD and to supervise
            equal(init.expect(CONTAINER).signal, signal.SIGTERM)
            equal(init.expect(COMMAND).status, signal.SIGTERM)
            equal(init.backlog, [], "supervise has heard of no other")
            init.finish()
            equal(init.process.wait(10), 143)


def test_command_not_found_or_not_executable():
    for words, code in ((["/nowhere"], 127), (["no-such-word"], 127), (["/etc/passwd"], 126), (["/tmp"], 126)):
        with Init(*words, env={"FOSTER_COMMAND_WAIT": "0"}) as init:
            init.connect()
            init.expect(COMMAND)
            init.finish()
            equal(init.process.wait(10), code, words)
        init.said(f"cannot run {words[0]}")


def test_shutdown_begun():
    """supervise may shorten init's own budget; 0 keeps it; what is left after it is ended by force."""
    with Init("--shutdown-timeout=1000") as init:
        init.connect()
        init.run("stubborn", "/bin/sh", "-c", "trap '' TERM; while :; do sleep 1; done")
        init.send(BEGUN, value=0)
        init.send(BEGUN, value=300)
        begin = time.monotonic()
        equal(init.process.wait(10), 0)
        assert 0.2 < time.monotonic() - begin < 3
    with Init("--shutdown-timeout=0.4") as init:
        init.connect()
        init.run("stubborn", "/bin/sh", "-c", "trap '' TERM; while :; do sleep 1; done")
        init.send(BEGUN, value=0)
        begin = time.monotonic()
        equal(init.process.wait(10), 0)
        assert 0.3 < time.monotonic() - begin < 3


def test_table_and_socket_full():
    with Init() as init:
        init.connect()
        count = 4000
        for i in range(count):
            init.spawn(f"n{i}", plan(["/bin/sleep", "1000"]))
            init.expect(SPAWNED, f"n{i}")
        os.kill(init.pid(), signal.SIGSTOP)
        host = init.pid()
        with open(f"/proc/{host}/task/{host}/children") as file:
            for pid in file.read().split():
                with open(f"/proc/{pid}/comm") as comm:
                    if comm.read() == "sleep\n":
                        os.kill(int(pid), signal.SIGKILL)
        os.kill(host, signal.SIGCONT)
        equal({init.expect(EXITED).name for _ in range(count)}, {f"n{i}" for i in range(count)})


main(globals())
