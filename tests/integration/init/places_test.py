#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""foster-init where things are missing or refused: set-up stages, the fd store, no root, no /proc, cgroups, usage."""
import fcntl
import os
import resource
import signal
import subprocess
import sys

sys.path.insert(0, os.path.dirname(__file__))
from fake_supervise import *  # noqa: F403

(TABLE_FULL, DUPLICATE, PLAN_STAGE, FORK, SOCKET, SESSION, TERMINAL, STDIO, FDS, CGROUP, NAMESPACE, RLIMIT, NICE, IO_PRIORITY,
 OOM, UMASK, CHROOT, GROUPS, GID, UID, NO_NEW_PRIVS, CAPABILITIES, CWD, EXEC) = range(1, 25)
ORDINARY = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", "--"]


def stage_of(init, name, data, fds=(), error=None):
    init.spawn(name, data, fds)
    message = init.expect(FAILED, name)
    if error is not None:
        equal(message.error, error, f"errno of {name}")
    init.send(FORGET, name)
    return message.stage


def test_stages_as_root():
    with Init() as init:
        init.connect()
        true, file = ["/bin/true"], os.open("/dev/null", os.O_RDONLY)
        cases = [
            (PLAN_STAGE, 22, plan(true, uid=2**32 - 1, flags=1 | 4), ()),
            (PLAN_STAGE, 22, plan(true, gid=2**32 - 1, flags=1 | 8), ()),
            (PLAN_STAGE, 22, plan(true, fds=((1, 3, 9),)), ()),  # only 0 to 2 of init's own
            (TERMINAL, 25, plan(true, flags=3), ()),
            (TERMINAL, 25, plan(true, flags=2), ()),
            (STDIO, 2, plan(true, stdio=((3, 0, "none"), (1, 1), (1, 2))), ()),
            (FDS, 2, plan(true, fds=((3, 1, 9, "none"),)), ()),
            (CGROUP, 20, plan(true, flags=1 | 2048, cgroup=0), (file,)),
            (RLIMIT, 22, plan(true, rlimits=((99, 1, 1),)), ()),
            (RLIMIT, 22, plan(true, rlimits=((7, 9, 8),)), ()),
            (OOM, 22, plan(true, flags=1 | 128, oom=99999), ()),
            (GROUPS, 22, plan(true, flags=1 | 16, groups=(2**32 - 1,)), ()),
            (CAPABILITIES, 22, plan(true, flags=1 | 1024, ambient=1 << 62), ()),
            (CWD, 2, plan(true, cwd="/nowhere"), ()),
            (CWD, 20, plan(true, cwd="/bin/true"), ()),
            (EXEC, 2, plan(true, file="/nowhere"), ()),
            (EXEC, 13, plan(true, file="/etc/passwd"), ()),
            (EXEC, 8, plan(true, file="/proc/self/fd/0", stdio=((2, 0), (1, 1), (1, 2))), (script_without_format(init),)),
        ]
        for i, (stage, error, data, fds) in enumerate(cases):
            equal(stage_of(init, f"s{i}", data, fds, error), stage, f"case {i}")
        os.close(file)
        init.send(SPAWN, "bare")  # no plan at all
        equal(init.expect(FAILED, "bare").stage, FDS)
        # Nothing of a failed set-up stays behind.
        before = len(os.listdir(f"/proc/{init.pid()}/fd"))
        for i in range(50):
            stage_of(init, f"again{i}", plan(true, cwd="/nowhere"))
        equal(len(os.listdir(f"/proc/{init.pid()}/fd")), before, "fds of init")


def script_without_format(init):
    path = f"{init.directory}/garbage"
    with open(path, "wb") as file:
        file.write(b"\x01\x02 neither ELF nor #!\n")
    os.chmod(path, 0o755)
    return os.open(path, os.O_RDONLY)


def test_stages_as_an_ordinary_user():
    """What needs root is refused stage by stage, and what does not still works."""
    with Init(prefix=ORDINARY, pid1=False) as init:
        init.connect()
        true = ["/bin/true"]
        for stage, data in ((GROUPS, plan(true, flags=1 | 16, groups=(1,))), (GID, plan(true, flags=1 | 8, gid=0)),
                            (UID, plan(true, flags=1 | 4, uid=0)), (NICE, plan(true, flags=1 | 64, nice=-5)),
                            (CAPABILITIES, plan(true, flags=1 | 512, bounding=0)),
                            (CAPABILITIES, plan(true, flags=1 | 1024, ambient=1 << 10)),
                            (RLIMIT, plan(true, rlimits=((7, 1 << 30, 1 << 30),))),
                            (OOM, plan(true, flags=1 | 128, oom=-900))):
            equal(stage_of(init, "refused", data), stage)
        init.run("own", "/bin/sh", "-c", 'test $(id -u) = 65534 && test "$(umask)" = 0077 && exit 9', flags=1 | 32 | 64 | 256,
                 nice=1, umask=0o77)
        equal(init.expect(EXITED, "own").status, 9 << 8)


def test_fork_refused():
    """A limit on processes: kStageFork, and the next one works."""
    user = ["setpriv", "--reuid=65533", "--regid=65533", "--clear-groups", "--"]
    with Init(prefix=user) as init:
        init.connect()
        def limit(count):
            subprocess.run([*user, "prlimit", f"--pid={init.process.pid}", f"--nproc={count}:"], check=True, timeout=20)
        limit(1)
        equal(stage_of(init, "many", plan(["/bin/true"]), error=11), FORK)
        limit(2000)
        init.run("one", "/bin/true")


def test_group_in_place_of_a_session():
    with Init() as init:
        init.connect()
        init.run("group", "/bin/sh", "-c", "test $(ps -o pgid= -p $$) = $$ && test $(ps -o sid= -p $$) != $$ && exit 4", flags=0)
        equal(init.expect(EXITED, "group").status, 4 << 8)


def denied(calls):
    """A PID 1 whose kernel refuses these system calls, as an old kernel or a strict engine does."""
    if os.uname().machine != "x86_64":
        skip("the numbers of the system calls are those of x86_64")
    here = os.path.dirname(os.path.abspath(__file__))
    return Init(prefix=["unshare", "--pid", "--fork", "--mount-proc", "--kill-child", sys.executable, f"{here}/deny.py", calls],
                depth=1)


def test_stages_that_only_a_strict_kernel_refuses():
    """setsid, setpgid, PR_SET_NO_NEW_PRIVS. (umask() has no way to fail.)"""
    with denied("112,109,157:38") as init:
        init.connect()
        equal(stage_of(init, "session", plan(["/bin/true"]), error=38), SESSION)
        equal(stage_of(init, "group", plan(["/bin/true"], flags=0), error=38), SESSION)
    with denied("157:38") as init:
        init.connect()
        equal(stage_of(init, "privs", plan(["/bin/true"], flags=1 | 32), error=38), NO_NEW_PRIVS)


def test_old_kernel():
    """No close_range, pidfd_open, execveat: all works by other ways."""
    with denied("436,434,322") as init:
        init.connect()
        pid = init.run("keep", "/bin/sleep", "1000").pid
        init.run("t", "/bin/sh", "-c", "sleep 1000 & setsid sleep 1000 & wait")
        init.send(SIGNAL, "t", signal=9, scope=2)
        equal(init.expect(EXITED, "t").status, 9)
        os.kill(init.pid(), signal.SIGSEGV)
        init.kill_supervise()
        init.connect()
        equal(([m.pid for m in init.snapshot if m.name == "keep"], init.hello.value & 32), ([pid], 32))


def test_no_memfd():
    """Said; a fault signal from somebody is then lived with."""
    with denied("319") as init:
        init.connect()
        os.kill(init.pid(), signal.SIGSEGV)
        init.run("works", "/bin/sh", "-c", "exit 3")
        equal(init.expect(EXITED, "works").status, 3 << 8)
        init.finish(2)
        equal(init.process.wait(10), 2)
    init.said("no memfd")
    init.said("going on as before")


def test_terminal_for_a_service():
    master, slave = os.openpty()
    with Init() as init:
        init.connect()
        init.spawn("t", plan(["/bin/sh", "-c", "test $(ps -o tpgid= -p $$) = $$ && test -t 0 && exit 6"], flags=3,
                             stdio=((2, 0), (1, 1), (1, 2))), [slave])
        equal(init.expect(EXITED, "t").status, 6 << 8)
    os.close(master)
    os.close(slave)


def test_store():
    with Init() as init:
        init.connect()
        one, two = os.pipe()
        init.send(PUT, store="pair", fds=[one, two])
        init.send(GET, store="pair")
        got = init.expect(ENTRY)
        equal((got.store, got.value, len(got.fds)), ("pair", 2, 2))
        os.write(got.fds[1], b"through")
        equal(os.read(one, 7), b"through")
        # A service gets them by name, above 2, in any order and beside one of init's own.
        read_end, write_end = os.pipe()
        init.send(PUT, store="out", fds=[write_end])
        os.write(two, b"hello")
        init.spawn("s", plan(["/bin/sh", "-c", "read word <&5; echo $word there >&6; cd /proc/self/fd; test -e 4000 -a ! -e 7 && exit 5"],
                             fds=((3, 0, 5, "pair"), (3, 0, 6, "out"), (1, 0, 4000), (4, 0, 7)), rlimits=((7, 9000, 9000),)))
        os.write(two, b"\n")
        equal(init.expect(EXITED, "s").status, 5 << 8)
        equal(os.read(read_end, 100), b"hello there\n")
        init.send(PUT, store="pair", fds=[one])  # replaces: the second fd is closed
        init.send(GET, store="pair")
        equal(len(init.expect(ENTRY).fds), 1)
        init.send(DROP, store="pair")
        init.send(DROP, store="never")
        init.send(GET, store="pair")
        got = init.expect(ENTRY)
        equal((got.value, len(got.fds)), (0, 0))
        init.send(DROP, store="out")
        init.send(FORGET, "s")
        for fd in (write_end,):
            os.close(fd)
        equal(os.read(read_end, 1), b"", "a dropped write end is closed")
        init.send(PUT, store="three", fds=[one, two, one])  # neither one nor two: refused
        init.send(PUT, store="", fds=[one])
        init.send(PUT, store="none")
        for name in ("three", "none"):
            init.send(GET, store=name)
            equal(len(init.expect(ENTRY).fds), 0)


def test_store_full():
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    if hard < 14000:
        return skip(f"only {hard} open files are allowed here, the store has 12288 entries")
    with Init() as init:
        init.connect()
        for i in range(12288):
            init.send(PUT, store=f"e{i}", fds=[0])
        init.send(PUT, store="more", fds=[0])
        init.send(GET, store="more")
        equal(len(init.expect(ENTRY).fds), 0, "full")
        init.send(DROP, store="e77")
        init.send(PUT, store="more", fds=[0])
        init.send(GET, store="more")
        equal(len(init.expect(ENTRY).fds), 1, "room again")
        init.run("works", "/bin/true")
        os.kill(init.pid(), signal.SIGSEGV)
        init.kill_supervise()
        init.connect()
        equal(len([m for m in init.snapshot if m.type == ENTRY]), 12288)


def test_cgroup():
    root = next((path for path in ("/sys/fs/cgroup/unified", "/sys/fs/cgroup") if os.path.exists(f"{path}/cgroup.procs") and
                 os.path.exists(f"{path}/cgroup.controllers") and os.access(path, os.W_OK)), None)
    if root is None:
        return skip("no writable cgroup v2 here")
    name = f"{root}/foster-init-test.{os.getpid()}"
    os.mkdir(name)
    try:
        with Init() as init:
            init.connect()
            directory = os.open(name, os.O_RDONLY)
            init.spawn("c", plan(["/bin/sleep", "1000"], flags=1 | 2048, cgroup=0, fds=((0, 0, 3), (0, 0, 4))), [directory])
            os.close(directory)
            init.expect(SPAWNED, "c")
            with open(f"{name}/cgroup.procs") as file:
                equal(len(file.read().split()), 1)
            init.send(SIGNAL, "c", signal=9, scope=1)
            init.expect(EXITED, "c")
    finally:
        os.rmdir(name)


def test_without_proc():
    with Init(shell="mount -t tmpfs none /proc") as init:
        init.connect()
        equal(init.hello.value & 1, 1)
        init.run("a", "/bin/sh", "-c", "sleep 1000 & exit 3")
        message = init.expect(EXITED, "a")
        equal((message.status, message.value), (3 << 8, 1), "the group is seen without /proc")
        init.send(SIGNAL, "a", signal=9, scope=2)
        init.expect(GONE, "a")
        pid = init.run("keep", "/bin/sleep", "1000").pid
        host = init.pid()
        for number in (signal.SIGSEGV, signal.SIGABRT):
            os.kill(host, number)
            init.send(QUERY, "keep")
            equal(init.expect(ALIVE, "keep").value, 1)
        init.kill_supervise()
        init.connect()
        equal(([m.pid for m in init.snapshot if m.name == "keep"], init.hello.value & 32), ([pid], 32))
    init.said("no /proc of this PID namespace")


def test_user_namespace():
    """Root inside a user namespace of an ordinary user, as rootless engines have it."""
    wrapper = [*ORDINARY, "unshare", "--user", "--map-root-user", "--pid", "--fork", "--mount-proc", "--kill-child"]
    if subprocess.run([*wrapper, "true"], capture_output=True).returncode != 0:
        return skip("user namespaces are not allowed here")
    with Init(prefix=wrapper, depth=1) as init:
        init.connect()
        equal(init.hello.value & 1, 1)
        equal(stage_of(init, "g", plan(["/bin/true"], flags=1 | 16, groups=(0,)), error=1), GROUPS)
        equal(stage_of(init, "u", plan(["/bin/true"], flags=1 | 4, uid=77), error=22), UID)
        pid = init.run("keep", "/bin/sleep", "1000").pid
        os.kill(init.pid(), signal.SIGBUS)
        init.kill_supervise()
        equal([m.pid for m in init.connect().snapshot if m.name == "keep"], [pid])
        init.finish(3)
        equal(init.process.wait(10), 3)


def test_usage():
    binary = f"{BIN}/foster-init"
    def run(*args):
        done = subprocess.run([binary, *args], capture_output=True, text=True, timeout=20, stdin=subprocess.DEVNULL)
        return done.returncode, done.stdout, done.stderr
    code, out, err = run("--help")
    equal((code, err), (0, ""))
    for word in ("usage: foster-init", "--services", "FOSTER_SEED", "--shutdown-timeout", "exit code"):
        assert word in out, word
    code, out, err = run("--version")
    equal((code, err), (0, ""))
    assert out.startswith("foster-init 0.") and "tini version " in out, out
    for wrong in (["--nonsense"], ["--services"], ["--seed=/x", "-q", "true"]):
        code, out, err = run(*wrong)
        equal((code, out), (2, ""))
        assert "unknown flag" in err and "--services" in err, err


def test_usage_as_pid_1():
    """PID 1 always starts: a wrong flag is said and ignored; the right ones reach everything below."""
    with Init("--nonsense", "--seed", "/s e", "--services=/x=y", "--", "sh", "-c", 'test "$FOSTER_SEED$FOSTER_SERVICES" = "/s e/x=y" '
              '&& test -z "$FOSTER_INIT_STATE$FOSTER_INIT_FD" && exit 7', env={"FOSTER_COMMAND_WAIT": "0"}) as init:
        init.connect()
        init.expect(COMMAND)
        init.finish()
        equal(init.process.wait(10), 7)
    init.said("unknown flag --nonsense")


main(globals())
