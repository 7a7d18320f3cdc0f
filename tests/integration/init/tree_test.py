#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""The tree tag: what belongs to a service though it has shed everything else; and daemons that are followed."""
import os
import signal
import sys

sys.path.insert(0, os.path.dirname(__file__))
from fake_supervise import *  # noqa: F403

# Twice forked, a session of its own, not a word left of the environment; says its pid and stays.
DAEMON = """
import os, sys
if os.fork():
    os.waitpid(-1, os.WNOHANG)
    os._exit(int(sys.argv[1]))
os.setsid()
if os.fork():
    os._exit(0)
os.execve("/bin/sh", ["sh", "-c", sys.argv[2]], {})
"""
STAYS = "echo $$ >&9; exec sleep 1000 9>&-"


def daemon(init, name, script=STAYS, code=0, **named):
    """Spawns it; the first word that it writes. Its own parents have ended by then or will."""
    read_end, write_end = os.pipe()
    init.spawn(name, plan(["/usr/bin/python3", "-S", "-c", DAEMON, str(code), script], fds=((2, 0, 9),), **named), [write_end])
    os.close(write_end)
    spawned = init.expect(SPAWNED, name)
    with os.fdopen(read_end) as file:
        line = file.readline()
    return int(line), spawned


def lingering(init, name, **named):
    pid, spawned = daemon(init, name, **named)
    exited = init.expect(EXITED, name)
    equal(exited.value, 1, f"{name} lingers")
    until_own(init, pid)
    return pid, spawned


def inside(init, pid):
    """The pid that a process of init's namespace has out here."""
    for each in os.listdir("/proc"):
        with contextlib.suppress(OSError):
            if each.isdigit():
                with open(f"/proc/{each}/status") as file:
                    for line in file:
                        if line.startswith("NSpid:") and line.split()[-1] == str(pid) and is_below(int(each), init.pid()):
                            return int(each)
    return None


def is_below(pid, ancestor):
    while pid > 1:
        with open(f"/proc/{pid}/stat") as file:
            pid = int(file.read().rpartition(")")[2].split()[1])
        if pid == ancestor:
            return True
    return False


def until_own(init, pid):
    """Until the process is a child of init: its parents have ended and are reaped."""
    end, host = time.monotonic() + 20, init.pid()
    while time.monotonic() < end:
        outer = inside(init, pid)
        with open(f"/proc/{host}/task/{host}/children") as file:
            if outer and str(outer) in file.read().split():
                return outer
    raise AssertionError(f"{pid} did not become init's child")


def start_time(init, pid):
    with open(f"/proc/{inside(init, pid)}/stat") as file:
        return int(file.read().rpartition(")")[2].split()[19])


def test_nothing_escapes_the_tree():
    for wish in ({}, dict(flags=SESSION_FLAG | UID_FLAG | GID_FLAG, uid=1234, gid=1234)):
        with Init() as init:
            init.connect()
            pid, spawned = lingering(init, "d", **wish)
            outer = inside(init, pid)
            with open(f"/proc/{outer}/environ") as file:
                assert "FOSTER" not in file.read(), "the test is none"
            with open(f"/proc/{outer}/limits") as file:
                equal(next(line.split()[3:5] for line in file if "file locks" in line), [str(spawned.tree_tag)] * 2)
            init.run("other", "/bin/sleep", "1000")
            init.send(QUERY, "d")
            equal(init.expect(ALIVE, "d").value, 1)
            init.send(SIGNAL, "d", signal=15, scope=2)
            init.expect(GONE, "d")
            equal(inside(init, pid), None)
            equal(init.backlog, [], "the other is untouched")


def test_without_the_right_to_look():
    """No CAP_SYS_RESOURCE, as engines leave it: the tag of another user's process is read from /proc."""
    poor = ["unshare", "--pid", "--fork", "--mount-proc", "--kill-child", "setpriv", "--bounding-set=-sys_resource,-sys_ptrace",
            "--inh-caps=-sys_resource,-sys_ptrace", "--"]
    with Init(prefix=poor, depth=1) as init:
        init.connect()
        lingering(init, "d", flags=SESSION_FLAG | UID_FLAG | GID_FLAG, uid=1234, gid=1234)
        init.send(SIGNAL, "d", signal=9, scope=2)
        init.expect(GONE, "d")


def test_a_live_tree_is_killed_whole():
    with Init() as init:
        init.connect()
        pid, _ = daemon(init, "d", script="echo $$ >&9; trap '' TERM; exec sleep 1000 9>&-", code=0)
        init.expect(EXITED, "d")
        init.send(FORGET, "d")  # what is left is nobody's from here on
        read_end, write_end = os.pipe()
        init.spawn("live", plan(["/bin/sh", "-c", f"/usr/bin/python3 -S -c '{DAEMON}' 0 '{STAYS}'; exec sleep 1000"],
                                fds=((2, 0, 9),)), [write_end])
        init.expect(SPAWNED, "live")
        with os.fdopen(read_end) as file:
            escaped = int(file.readline())
        os.close(write_end)
        until_own(init, escaped)
        init.send(SIGNAL, "live", signal=9, scope=2)
        if init.expect(EXITED, "live").value == 1:  # it was reaped before the one that was killed after it
            init.expect(GONE, "live")
        equal(inside(init, escaped), None)
        assert inside(init, pid), "that of the other service lives"


def test_tags_differ():
    """Every child has one of its own, a role too; they go on after a fault of init and are in the snapshot."""
    with Init() as init:
        init.connect()
        tags = [init.run("a", "/bin/sleep", "1000", flags=1).tree_tag]
        for role in (1, 3, 7):
            init.spawn("a", plan(["/bin/sleep", "1000"]), role=role)
            tags.append(init.expect(SPAWNED, "a").tree_tag)
        os.kill(init.pid(), signal.SIGSEGV)
        tags.append(init.run("b", "/bin/sleep", "1000").tree_tag)
        equal(len(set(tags)), 5, tags)
        assert all(0 < tag < 1 << 62 for tag in tags), tags
        init.kill_supervise()
        init.connect()
        equal(sorted(m.tree_tag for m in init.snapshot if m.type == CHILD), sorted(tags))


def test_a_stop_command_is_not_of_its_services_tree():
    """It has the service's variable, but a tag of its own: the tree is ended, the command is not."""
    with Init() as init:
        init.connect()
        init.run("a", "/bin/sleep", "1000")
        read_end, write_end = os.pipe()
        init.spawn("a", plan(["/bin/sh", "-c", "sleep 1000 & echo x >&9; wait; exit 5"], fds=((2, 0, 9),)), [write_end], role=STOP)
        init.expect(SPAWNED, "a")
        os.read(read_end, 2)
        init.send(QUERY, "a")
        equal(init.expect(ALIVE, "a").value, 1)
        init.send(SIGNAL, "a", signal=9, scope=2)
        equal(init.expect(EXITED, "a").value, 0, "nothing of main's tree is left")
        init.send(QUERY, "a", role=STOP)
        equal(init.expect(ALIVE, "a").value, 2)


def test_what_a_stop_command_leaves_is_its_services():
    with Init() as init:
        init.connect()
        init.run("a", "/bin/sleep", "1000")
        for is_forgotten in (False, True):
            read_end, write_end = os.pipe()
            init.spawn("a", plan(["/bin/sh", "-c", "setsid sleep 1000 & echo x >&9; exit 0"], fds=((2, 0, 9),)), [write_end], role=STOP)
            init.expect(SPAWNED, "a")
            init.expect(EXITED, "a")
            os.read(read_end, 2)
            if is_forgotten:
                init.send(FORGET, "a", role=STOP)
            init.send(QUERY, "a")
            equal(init.expect(ALIVE, "a").value, 2, is_forgotten)
            init.send(SIGNAL, "a", signal=9, scope=2)
            if init.expect(EXITED, "a").value == 1:
                init.expect(GONE, "a")
            if not is_forgotten:
                init.send(FORGET, "a", role=STOP)
                init.send(FORGET, "a")
                init.run("a", "/bin/sleep", "1000")


def test_nested_init():
    """A foster-init below foster-init gives tags between two of the outer's: the outer finds all, the inner its own."""
    for inner_flags in (1, 1 | PRIVATE_PIDS):
        with Init() as outer, Init.played() as inner:
            outer.connect()
            spawned = outer.run("nest", f"{outer.directory}/foster-init", flags=inner_flags,
                                env=("PATH=/usr/bin:/bin", f"FAKE_SOCKET={inner.directory}/s", f"ASAN_OPTIONS={ASAN_OPTIONS}"))
            next_one = outer.run("next", "/bin/sleep", "1000")
            inner.connect()
            one, two = inner.run("one", "/bin/sleep", "1000"), inner.run("two", "/bin/sleep", "1000")
            low, high = sorted((next_one.tree_tag, spawned.tree_tag))
            assert one.tree_tag != two.tree_tag
            for tag in (one.tree_tag, two.tree_tag):
                assert spawned.tree_tag - (high - low) < tag < spawned.tree_tag, (tag, spawned.tree_tag)
            if inner_flags == 1:
                daemon(inner, "d")
                inner.expect(EXITED, "d")
                inner.send(SIGNAL, "d", signal=9, scope=2)
                inner.expect(GONE, "d")
            outer.send(QUERY, "next")
            equal(outer.expect(ALIVE, "next").value, 1, "nothing of the inner's")
            outer.send(SIGNAL, "nest", signal=9, scope=2)
            outer.expect(EXITED, "nest")
            inner.channel.settimeout(20)
            with contextlib.suppress(ConnectionResetError):
                while inner.channel.recv(4096):
                    pass
            outer.send(QUERY, "next")
            equal(outer.expect(ALIVE, "next").value, 1, "and not ended with it")


# ---- adoption

def adopt(init, name, pid, start=0):
    init.send(ADOPT, name, pid=pid, start_time=start)
    return init.expect(ADOPTED, name)


def test_adopt():
    with Init() as init:
        init.connect()
        pid, spawned = lingering(init, "d", script="echo $$ >&9; exec 9>&-; trap 'exit 9' USR1; while :; do sleep 1000 & wait; done")
        start = start_time(init, pid)
        adopted = adopt(init, "d", pid, start)
        equal((adopted.pid, adopted.start_time, adopted.tree_tag), (pid, start, spawned.tree_tag))
        equal(adopt(init, "d", pid, start).pid, pid, "asked again")
        init.spawn("d", plan(["/bin/true"]), incarnation=2)
        equal(init.expect(FAILED, "d").stage, 2, "it lives: no second one")
        os.kill(init.pid(), signal.SIGSEGV)  # kept over a re-exec and told to the next supervise
        init.kill_supervise()
        init.connect()
        equal([(m.pid, m.child_state, m.start_time) for m in init.snapshot], [(pid, 2, start)])
        init.send(SIGNAL, "d", signal=signal.SIGUSR1)
        exited = init.expect(EXITED, "d")
        equal((exited.pid, exited.status, exited.value), (pid, 9 << 8, 1), "its own status; its sleep is left")
        init.send(SIGNAL, "d", signal=9, scope=2)
        init.expect(GONE, "d")


def test_adopt_and_signal_its_group():
    with Init() as init:
        init.connect()
        # The daemon is no group leader: the shell that leads has ended.
        pid, _ = lingering(init, "d", script="sh -c 'echo $$ >&9; exec sleep 1000 9>&-' & exec sleep 0")
        equal(adopt(init, "d", pid).pid, pid)
        init.send(SIGNAL, "d", signal=15, scope=1)
        exited = init.expect(EXITED, "d")
        equal((exited.pid, exited.status, exited.value), (pid, 15, 0))


def test_adopt_refused():
    with Init() as init:
        init.connect()
        pid, _ = lingering(init, "d")
        start = start_time(init, pid)
        below, _ = daemon(init, "tree", script="sh -c 'echo $$ >&9; exec sleep 1000 9>&-'; true")
        equal(init.expect(EXITED, "tree").value, 1)
        foreign, _ = lingering(init, "foreign")
        live = init.run("live", "/bin/sleep", "1000").pid
        for name, wrong, when in (("d", pid, start + 1),  # the pid was recycled meanwhile
                                  ("d", foreign, 0), ("d", live, 0), ("d", 1, 0), ("d", 0, 0), ("d", -1, 0), ("d", 2**22 - 1, 0),
                                  ("tree", below, 0),  # a child of another process of the tree
                                  ("live", pid, 0), ("nobody", pid, 0), ("live", live, 0)):
            answer = adopt(init, name, wrong, when)
            equal((answer.pid, answer.start_time), (0, 0), (name, wrong))
        init.send(SIGNAL, "d", signal=9, scope=2)
        init.expect(GONE, "d")
        equal(adopt(init, "d", pid, start).pid, 0, "it is gone")
        equal(adopt(init, "foreign", foreign).pid, foreign, "the right one still can be")
        init.send(SIGNAL, "live", signal=9)
        equal(init.expect(EXITED, "live").pid, live, "untouched")


main(globals())
