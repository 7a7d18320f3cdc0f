#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""foster-init as a real PID 1, with a supervise that speaks the protocol from here."""
import os
import random
import signal
import sys
import traceback

sys.path.insert(0, os.path.dirname(__file__))
from fake_supervise import *  # noqa: F403


def equal(got, want, text=""):
    assert got == want, f"{text}: got {got!r}, want {want!r}"


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


def test_stages():
    with Init() as init:
        init.connect()
        cases = {"none": (dict(file="/nowhere"), 20), "cwd": (dict(cwd="/nowhere"), 19), "rlimit": (dict(rlimits=((99, 1, 1),)), 10),
                 "terminal": (dict(flags=3), 6), "oom": (dict(flags=1 | 128, oom=99999), 12),
                 "uid": (dict(flags=1 | 4, uid=2**32 - 1), 3), "gid": (dict(flags=1 | 8, gid=2**32 - 1), 3),
                 "plan": (dict(fds=((2, 3, 9),)), 3)}
        for name, (fields, stage) in cases.items():
            init.spawn(name, plan(["/bin/true"], **fields))
            equal(init.expect(FAILED, name).stage, stage, name)


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


def test_real_fault():
    if not shutil.which("gdb"):
        print("        skipped: no gdb to poke a bad pointer with")
        return
    with Init() as init:
        init.connect()
        pid = init.run("keep", "/bin/sleep", "1000").pid
        poke = ["gdb", "-p", str(init.pid()), "-batch", "-ex", "set $pc=0", "-ex", "detach"]
        subprocess.run(poke, capture_output=True, timeout=60, check=True)
        init.run("k", "/bin/sh", "-c", "exit 3")
        equal(init.expect(EXITED, "k").status, 3 << 8)
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
        init.run("t", "/bin/sh", "-c", "sleep 1001 & setsid setsid sleep 1002 & sleep 0.2; exit 0")
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


tests = [(n, f) for n, f in list(globals().items()) if n.startswith("test_") and (not sys.argv[1:] or n in sys.argv[1:])]
failures = 0
for name, function in tests:
    begin = time.monotonic()
    try:
        function()
        print(f"  ok    {name} ({time.monotonic() - begin:.1f} s)", flush=True)
    except Exception:
        failures += 1
        print(f"  FAIL  {name}", flush=True)
        traceback.print_exc(limit=4, file=sys.stdout)
sys.exit(1 if failures else 0)
