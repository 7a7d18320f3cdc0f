#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Where other inits give up: not root, read-only, no /run, not PID 1. It works, and says what it lacks."""
import os
import tempfile

from podman import Container, check, equal, run, wait_for, write

STATES = {"web": "running"}


def services(directory):
    os.chmod(directory, 0o755)
    write(f"{directory}/web/type", "longrun\n")
    write(f"{directory}/web/run", "#!/bin/sh\necho web is up as $(id -u)\nexec sleep 1000000\n", 0o755)
    return ["-v", f"{directory}:/etc/foster/services.d:ro"]


def boot(*command, options=(), **more):
    """Boots, checks that the one service comes up and that the container stops with code 0 in time; the log."""
    with tempfile.TemporaryDirectory() as directory:
        with Container(*command, options=[*services(directory), *options], **more) as container:
            container.wait_states(STATES)
            took, code = container.stop()
            equal(code, 0, "exit code\n" + container.log())
            check(took < 4, f"stop took {took:.1f} s")
            return container.log()


def test_as_an_ordinary_user():
    check("web is up as 1000" in boot(options=["--user", "1000:1000"]), "as uid 1000")


def test_read_only_root():
    boot(options=["--read-only"])
    log = boot(options=["--read-only", "--read-only-tmpfs=false"])
    check("/dev/shm/foster-0/control.sock" in log, "it says where its socket had to go:\n" + log)


def test_without_run():
    with tempfile.TemporaryDirectory() as directory:
        options = [*services(directory), "--entrypoint", '["sh", "-c", "rm -rf /run/foster; chmod 0555 /run; exec setpriv --reuid 1000 --clear-groups /init"]']
        with Container(options=options) as container:
            wait_for("web", lambda: "web is up" in container.log())
            check("/tmp/foster-1000/control.sock" in container.log(), "says where its socket is:\n" + container.log())
            status = container.exec("svc", "status", "--json", user="1000")
            check('"running"' in status.stdout, status.stdout + status.stderr)


def test_under_an_engine_init():
    boot(options=["--init"])


def test_under_tini():
    with tempfile.TemporaryDirectory() as directory:
        options = [*services(directory), "-v", "/usr/bin/tini:/usr/bin/tini:ro", "--entrypoint", '["tini", "--", "/init"]']
        with Container(options=options) as container:
            container.wait_states(STATES)
            took, code = container.stop()
            equal(code, 0, container.log())


def test_under_a_shell():
    with tempfile.TemporaryDirectory() as directory:
        options = [*services(directory), "--entrypoint", '["sh", "-c", "/init; code=$?; exit $code"]']
        with Container(options=options) as container:
            container.wait_states(STATES)
            # TERM goes to the shell, which ignores it as PID 1; so foster is asked to end.
            equal(container.svc("shutdown").returncode, 0)
            wait_for("the end", lambda: container.inspect("{{.State.Status}}") == "exited")
            equal(container.inspect("{{.State.ExitCode}}"), "0")


def test_no_new_privileges_and_no_capabilities():
    boot(options=["--security-opt", "no-new-privileges", "--cap-drop", "all"])


run(globals())
