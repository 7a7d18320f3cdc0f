#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""What a service is kept in: private /tmp and pids, a root directory, priorities, and what happens where it is refused."""
import os
import resource
import shutil
import subprocess
import sys

sys.path.insert(0, os.path.dirname(__file__))
from fake_supervise import *  # noqa: F403

(NAMESPACE, RLIMIT, NICE, IO_PRIORITY, OOM, UMASK, CHROOT) = range(11, 18)
IDLE, BEST_EFFORT = 3 << 13, 2 << 13
# As an engine starts a container: none of the rights that a namespace needs.
POOR = ["unshare", "--pid", "--fork", "--mount-proc", "--kill-child", "setpriv", "--bounding-set=-sys_admin,-sys_chroot,-sys_nice",
        "--inh-caps=-sys_admin,-sys_chroot,-sys_nice", "--"]


def output_of(init, name, script, **named):
    """What the script writes to fd 9, in words; it ended with 0."""
    read_end, write_end = os.pipe()
    argv = script if isinstance(script, list) else ["/bin/sh", "-c", script]
    init.spawn(name, plan(argv, fds=((2, 0, 9),), **named), [write_end])
    os.close(write_end)
    spawned = init.expect(SPAWNED, name)
    equal(init.expect(EXITED, name).status, 0, f"status of {name}")
    with os.fdopen(read_end) as file:
        words = file.read().split()
    init.send(FORGET, name)
    return words, spawned


def root_directory(init, *programs):
    """A directory with these programs and their libraries, and nothing else."""
    root = f"{init.directory}/root"
    for each in ("bin", "proc", "tmp", "srv"):
        os.makedirs(f"{root}/{each}")
    for program in programs:
        path = shutil.which(program)
        listing = subprocess.run(["ldd", path], capture_output=True, text=True, check=True).stdout
        shutil.copy(path, f"{root}/bin/{program}")
        for library in (word for word in listing.split() if word.startswith("/")):
            os.makedirs(os.path.dirname(root + library), exist_ok=True)
            shutil.copy(library, root + library)
    return root


def test_private_tmp():
    with Init() as init:
        init.connect()
        for directory in ("/tmp", "/var/tmp"):
            mark = f"{directory}/{os.path.basename(init.directory)}.mark"
            open(mark, "w").close()
            try:
                script = (f"ls -A {directory} | wc -l >&9; stat -c %a {directory} >&9; echo >{directory}/own; "
                          f"findmnt -n -o FSTYPE {directory} >&9")
                equal(output_of(init, "t", script, flags=1 | PRIVATE_TMP)[0], ["0", "1777", "tmpfs"], directory)
                assert not os.path.exists(f"{directory}/own"), "the file was written outside"
                equal(output_of(init, "t", f"test -e {mark}; echo $? >&9")[0], ["0"], "without the flag")
            finally:
                os.unlink(mark)


def test_private_pids():
    with Init() as init:
        init.connect()
        words, spawned = output_of(init, "p", "echo $$ >&9; readlink /proc/self >&9; echo /proc/[0-9]* >&9", flags=1 | PRIVATE_PIDS)
        equal(words[0], "1", "getpid")
        assert "/proc/1" in words and len(words) <= 5, words  # the shell, readlink's pid, and nobody from outside
        assert spawned.pid > 1, spawned
        assert spawned.start_time > 0, spawned


def test_private_pids_end_together():
    """The first process's end is the end of all; the pid told is the one that can be signalled from outside."""
    with Init() as init:
        init.connect()
        read_end, write_end = os.pipe()
        init.spawn("p", plan(["/bin/sh", "-c", "setsid sleep 1000 & setsid env -i sleep 1000 & sleep 1000 & echo x >&9; wait"],
                             fds=((2, 0, 9),), flags=1 | PRIVATE_PIDS), [write_end])
        os.close(write_end)
        init.expect(SPAWNED, "p")
        os.read(read_end, 2)
        init.send(QUERY, "p")
        equal(init.expect(ALIVE, "p").value, 4, "processes of the tree, seen from outside")
        init.send(SIGNAL, "p", signal=9, scope=0)
        exited = init.expect(EXITED, "p")
        equal((exited.status, exited.value), (9, 0))
        equal(os.read(read_end, 2), b"", "nobody holds the pipe any more")
        os.close(read_end)


def test_private_pids_survive_a_fault_of_init():
    with Init() as init:
        init.connect()
        pid = init.run("p", "/bin/sleep", "1000", flags=1 | PRIVATE_PIDS).pid
        os.kill(init.pid(), 11)
        init.kill_supervise()
        init.connect()
        equal([(m.pid, m.child_state) for m in init.snapshot if m.name == "p"], [(pid, 2)])
        init.send(SIGNAL, "p", signal=9, scope=2)
        equal(init.expect(EXITED, "p").status, 9)


def test_root_directory():
    with Init() as init:
        init.connect()
        root = root_directory(init, "sh", "ls", "wc", "readlink")
        script = "pwd >&9; ls / >&9; test -e /etc/passwd; echo $? >&9"
        equal(output_of(init, "r", script, chroot=root, cwd="/srv")[0], ["/srv", *sorted(os.listdir(root)), "1"])
        equal(output_of(init, "r", "pwd >&9", chroot=root)[0], ["/"], "no directory given")
        equal(output_of(init, "r", "pwd >&9", chroot=root, cwd="srv")[0], ["/srv"], "relative: from the new root")
        # The private /proc and /tmp are those inside.
        open(f"{root}/tmp/mark", "w").close()
        script = "echo $$ >&9; readlink /proc/self >&9; ls -A /tmp | wc -l >&9"
        equal(output_of(init, "r", script, chroot=root, flags=1 | PRIVATE_TMP | PRIVATE_PIDS)[0], ["1", "2", "0"])
        equal(os.listdir(f"{root}/proc"), [], "outside nothing is mounted")


def test_listen_pid():
    script = 'echo $$ "$LISTEN_PID" "$LISTEN_FDS" "$LISTEN_PIDX" >&9'
    env = ("PATH=/usr/bin:/bin", "LISTEN_PID=", "LISTEN_FDS=1", "LISTEN_PIDX=")
    with Init() as init:
        init.connect()
        words, spawned = output_of(init, "l", script, env=env)
        equal(words, [str(spawned.pid)] * 2 + ["1"], "completed with the child's own pid")
        equal(output_of(init, "l", script, env=env, flags=1 | PRIVATE_PIDS)[0], ["1", "1", "1"], "as it sees itself")
        equal(output_of(init, "l", 'echo "$LISTEN_PID" >&9', env=("LISTEN_PID=7",))[0], ["7"], "what is set stays")


def test_io_priority():
    with Init() as init:
        init.connect()
        for value, text in ((IDLE, ["idle"]), (BEST_EFFORT | 6, ["best-effort:", "prio", "6"])):
            equal(output_of(init, "i", "ionice >&9", flags=1 | IO_PRIORITY_FLAG, io_priority=value)[0], text)


def test_limits():
    with Init() as init:
        init.connect()
        limits = ((resource.RLIMIT_CORE, 0, 0), (resource.RLIMIT_STACK, 1 << 20, 1 << 21), (resource.RLIMIT_NPROC, 77, 78),
                  (10, 5, 5))  # 10: file locks, which the tree tag needs
        words, spawned = output_of(init, "l", "ulimit -c >&9; ulimit -s >&9; ulimit -Hs >&9; grep -E 'processes|file locks' /proc/self/limits >&9",
                                   rlimits=limits)
        equal(words[:3], ["0", "1024", "2048"])
        equal(words[5:7], ["77", "78"])
        assert 0 < spawned.tree_tag < 1 << 62, spawned
        equal(words[11:13], [str(spawned.tree_tag)] * 2, "the tag wins over a limit that was asked for")


def test_user_with_capability():
    """In a namespace of its own, with another root and user, the capability is there and nothing else is."""
    with Init() as init:
        init.connect()
        script = "id -u >&9; sed -n 's/Cap[A-Z][a-z]*:.//p' /proc/self/status >&9; cat /proc/self/oom_score_adj >&9; nice >&9"
        flags = 1 | UID_FLAG | GID_FLAG | GROUPS_FLAG | BOUNDING_FLAG | AMBIENT_FLAG | PRIVATE_TMP | PRIVATE_PIDS | OOM_FLAG | NICE_FLAG
        words = output_of(init, "c", script, flags=flags, uid=1234, gid=1234, bounding=1 << 10, ambient=1 << 10, oom=70, nice=-3)[0]
        equal(words, ["1234"] + ["0000000000000400"] * 5 + ["70", "-3"])


def test_stages():
    with Init() as init:
        init.connect()
        cases = [(CHROOT, 2, dict(chroot="/nowhere")), (CHROOT, 20, dict(chroot="/bin/true")),
                 (IO_PRIORITY, 22, dict(flags=1 | IO_PRIORITY_FLAG, io_priority=7 << 13)),
                 (NAMESPACE, 2, dict(flags=1 | PRIVATE_TMP, chroot="/usr/bin"))]  # no /tmp in there
        fails(init, cases)


def fails(init, cases):
    for i, (stage, error, wish) in enumerate(cases):
        mark = f"{init.directory}/mark{i}"
        init.spawn(f"s{i}", plan(["/bin/sh", "-c", f"echo >{mark}"], **wish))
        message = init.expect(FAILED, f"s{i}")
        equal((message.stage, message.error), (stage, error), wish)
        assert not os.path.exists(mark), "it was executed all the same"
        init.send(FORGET, f"s{i}")


def test_stages_without_rights():
    """In a container as engines make it nothing runs half isolated."""
    with Init(prefix=POOR, depth=1) as init:
        init.connect()
        fails(init, [(NAMESPACE, 1, dict(flags=1 | PRIVATE_TMP)), (NAMESPACE, 1, dict(flags=1 | PRIVATE_PIDS)),
                     (NAMESPACE, 1, dict(flags=1 | PRIVATE_PIDS | PRIVATE_TMP)), (CHROOT, 1, dict(chroot="/usr")),
                     (IO_PRIORITY, 1, dict(flags=1 | IO_PRIORITY_FLAG, io_priority=1 << 13)),
                     (NICE, 13, dict(flags=1 | NICE_FLAG, nice=-5))])
        before = len(os.listdir(f"/proc/{init.pid()}/fd"))
        fails(init, [(NAMESPACE, 1, dict(flags=1 | PRIVATE_PIDS))])
        equal(len(os.listdir(f"/proc/{init.pid()}/fd")), before, "fds of init")
        init.run("still", "/bin/true")


main(globals())
