#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Deaths of supervise and faults of foster-init: counted rightly, at any moment, under load; new images and old ones."""
import os
import random
import shutil
import signal
import struct
import subprocess
import sys

sys.path.insert(0, os.path.dirname(__file__))
from fake_supervise import *  # noqa: F403


def keeps(init, pid, name="keep"):
    """The next supervise is told of the same process."""
    equal([m.pid for m in init.connect().snapshot if m.name == name], [pid])


def test_crashes_after_ready_are_counted():
    with Init() as init:
        pid = None
        for number in (0, signal.SIGABRT, 0, signal.SIGSEGV, 0):  # 0: exit code 1
            equal(init.connect().arguments, "supervise")
            pid = pid or init.run("keep", "/bin/sleep", "1000").pid
            init.send(READY)
            init.kill_supervise(number) if number else init.leave_supervise(1)
        equal(init.connect().arguments, "supervise --safe")
        equal(init.hello.value & 2, 2)
        equal([m.pid for m in init.snapshot if m.name == "keep"], [pid])
        init.send(READY)
        init.leave_supervise(1)
        equal(init.connect().arguments, "supervise", "safe once only")


def test_kills_after_ready_are_not_counted():
    with Init() as init:
        for _ in range(10):
            equal(init.connect().arguments, "supervise")
            init.send(READY)
            init.kill_supervise()
        equal(init.connect().arguments, "supervise")
        equal(init.hello.value & 2, 0)


def test_closed_channel():
    """A supervise that closes its channel and does not end is ended, and the next one is started."""
    with Init() as init:
        init.connect()
        pid = init.run("keep", "/bin/sleep", "1000").pid
        relay = init.relay  # stays open: the relay lives on
        init.channel.close()
        init.relay = None
        init.channel = None
        keeps(init, pid)
        relay.close()


def test_no_foster():
    with Init(foster=None, env={"PATH": "/usr/bin:/bin"}) as init:
        init.await_words("trying again every second")
        os.kill(init.pid(), signal.SIGTERM)
        equal(init.process.wait(20), 0)


def churn_until(init, disturb, rounds):
    """Lets the hard worker run, disturbed at random moments; its numbers in order, none twice."""
    read_end, write_end = init.out
    last, lines, chance = {}, 0, random.Random(7)
    pipe = os.fdopen(read_end)
    for _ in range(rounds):
        for _ in range(chance.randrange(1, 9)):
            name, number = pipe.readline().split()
            assert int(number) > last.get(name, 0), f"{name} {number} after {last}"
            last[name] = int(number)
            lines += 1
        disturb(chance)
    for _ in range(30):
        name, number = pipe.readline().split()
        assert int(number) > last.get(name, 0), f"{name} {number} after {last}"
        last[name] = int(number)
    pipe.close()
    equal(sorted(last), ["w0", "w1", "w2"])


def load(init):
    """Hands the channel over to a separate process that works hard."""
    init.connect()
    init.out = os.pipe()
    init.send(PUT, store="out", fds=[init.out[1]])
    os.close(init.out[1])
    pid = init.run("keep", "/bin/sleep", "1000").pid
    init.become(f"#!/bin/sh\nexec /usr/bin/python3 -S {os.path.dirname(os.path.abspath(__file__))}/churn.py\n")
    init.kill_supervise()
    return pid


def children(pid, word):
    found = []
    with open(f"/proc/{pid}/task/{pid}/children") as file:
        for child in file.read().split():
            with contextlib.suppress(OSError), open(f"/proc/{child}/cmdline") as line:
                if word in line.read():
                    found.append(int(child))
    return found


def kill_churn(init):
    for pid in children(init.pid(), "churn.py"):
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)


def test_kills_under_load():
    with Init() as init:
        pid = load(init)
        churn_until(init, lambda chance: kill_churn(init), 40)
        init.become()
        kill_churn(init)
        keeps(init, pid)


def test_faults_under_load():
    with Init() as init:
        pid = load(init)
        numbers = (signal.SIGSEGV, signal.SIGABRT, signal.SIGBUS, signal.SIGILL, signal.SIGFPE)
        def disturb(chance):
            os.kill(init.pid(), chance.choice(numbers))
        churn_until(init, disturb, 40)
        init.become()
        kill_churn(init)
        keeps(init, pid)
        equal(init.hello.value & 32, 32)


# ---- faults that are real

def gdb(init, *commands):
    if not shutil.which("gdb"):
        skip("no gdb to poke bad pointers with")
    words = [word for command in ("set pagination off", "set breakpoint pending off", *commands) for word in ("-ex", command)]
    return subprocess.Popen(["gdb", "-q", "-nx", "-p", str(init.pid()), "-batch", *words], stdout=subprocess.PIPE,
                            stderr=subprocess.STDOUT, text=True, stdin=subprocess.DEVNULL)


def test_real_faults():
    with Init() as init:
        init.connect()
        pid = init.run("keep", "/bin/sleep", "1000").pid
        for poke in ("set $pc=0", "set $sp=0"):
            gdb(init, poke, "detach").communicate(timeout=60)
            init.run("k", "/bin/sh", "-c", "exit 3")
            equal(init.expect(EXITED, "k").status, 3 << 8)
            init.send(FORGET, "k")
        init.kill_supervise()
        keeps(init, pid)
        equal(init.hello.value & 32, 32)


def has_symbols(init):
    """The release is stripped: gdb cannot stop it in a function by name. The sanitizer build has the names."""
    listing = subprocess.run(["nm", f"/proc/{init.pid()}/exe"], capture_output=True, text=True)
    return " T " in listing.stdout or " t " in listing.stdout


def fault_in(init, function, times):
    """A debugger that makes init fault whenever it enters `function`, that often."""
    if not has_symbols(init):
        skip("this build is stripped; the sanitizer build runs this test")
    steps = [step for _ in range(times) for step in ("continue", "set $pc=0")]
    debugger = gdb(init, "handle SIGSEGV nostop noprint pass", f"break {function}", *steps, "detach")
    for line in debugger.stdout:
        if line.startswith("Breakpoint 1 at"):
            return debugger
    return skip(f"gdb finds no {function} in this build")


def test_request_interrupted_by_a_fault():
    """Done again by the next image, with its fds; what faults twice is dropped, and said."""
    for function in ("foster::init::Spawn", "foster::init::IsSoundPlan"):
        with Init() as init:
            init.connect()
            pid = init.run("keep", "/bin/sleep", "1000").pid
            debugger = fault_in(init, function, 1)
            init.spawn("late", plan(["/bin/sh", "-c", "exit 5"]))
            got = next(message for message in iter(init.receive, None) if message.name == "late")
            debugger.communicate(timeout=60)
            if function.endswith("Spawn"):
                equal(got.type, SPAWNED)
                equal(init.expect(EXITED, "late").status, 5 << 8)
            else:  # the slot was taken: it fails as a fork that did not come to be, and may be tried again
                equal((got.type, got.stage), (FAILED, 4))
            init.kill_supervise()
            keeps(init, pid)
    with Init() as init:
        init.connect()
        debugger = fault_in(init, "foster::init::PutStore", 2)
        init.send(PUT, store="cursed", fds=[0])
        debugger.communicate(timeout=60)
        init.send(GET, store="cursed")
        equal(len(init.expect(ENTRY).fds), 0)
        init.run("works", "/bin/true")
    init.said("faulted twice and is dropped")


# ---- other images

def test_upgrade():
    """kMsgReexec takes the file that lies there now; a fault, the image that ran, even if its file is gone."""
    with Init() as init:
        init.connect()
        pid = init.run("keep", "/bin/sleep", "1000").pid
        path, host = f"{init.directory}/foster-init", init.pid()
        os.unlink(path)
        for number in (signal.SIGSEGV, signal.SIGBUS):
            os.kill(host, number)
            init.run("k", "/bin/true")
            init.send(FORGET, "k", incarnation=init.expect(EXITED, "k").incarnation)
        shutil.copy(f"{BIN}/foster-init", path)
        init.send(REEXEC)
        init.run("k", "/bin/true")
        equal(os.stat(f"/proc/{host}/exe").st_ino, os.stat(path).st_ino, "the new file runs")
        os.unlink(path)
        with open(path, "w") as file:  # no program at all: init goes on
            file.write("nonsense")
        os.chmod(path, 0o755)
        init.send(REEXEC)
        init.send(FORGET, "k")
        init.run("again", "/bin/true")
        init.kill_supervise()
        keeps(init, pid)


def start_with_memory(header, *args):
    """foster-init with FOSTER_INIT_STATE naming an fd that holds `header`, a function of its pid and of /bin/sh's fd."""
    memory, shell = os.memfd_create("state", 0), os.open("/bin/sh", os.O_RDONLY)
    os.set_inheritable(memory, True)
    done = subprocess.run([f"{BIN}/foster-init", *args], pass_fds=[memory, shell], capture_output=True, text=True, timeout=20,
                          env={**os.environ, "FOSTER_INIT_STATE": str(memory), "FOSTER_SHUTDOWN_TIMEOUT": "0",
                               "FOSTER_COMMAND_WAIT": "0", "FOSTER_BIN": "/nowhere", "PATH": "/usr/bin:/bin"},
                          preexec_fn=lambda: os.pwrite(memory, header(os.getpid(), memory, shell), 0))
    os.close(memory)
    os.close(shell)
    return done


def test_memory_of_another_version():
    """The program that wrote it is executed again (here /bin/sh plays it); nothing of it is touched."""
    done = start_with_memory(lambda pid, memory, shell: struct.pack("<IIQiii4x", 0x54534E49, 99, 12345, pid, memory, shell),
                             "-c", "exit 42")
    equal(done.returncode, 42, done.stderr)


def test_memory_that_is_none():
    for header in (lambda *_: b"rubbish", lambda pid, memory, shell: struct.pack("<IIQiii4x", 0x54534E49, 1, 8, pid, memory, -1)):
        done = start_with_memory(header, "sh", "-c", "exit 6")
        equal(done.returncode, 6, done.stderr)
        assert "starting anew" in done.stderr, done.stderr


main(globals())
