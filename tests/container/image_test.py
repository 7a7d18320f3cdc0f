#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""The image as a user runs it: boots, shows its services, stops in order, runs commands, in a scratch image too."""
import os
import subprocess
import tempfile

from podman import Container, check, equal, podman, run, wait_for, write

# A server of our own: one that is there may live in another mount namespace.
TMUX = ["tmux", "-L", f"foster-image-{os.getpid()}", "-f", "/dev/null"]
UP = {"docker-entrypoint": "exited", "supervisord/code-server": "running", "process-compose/my-experiment": "running"}


def test_boots_and_stops_in_order():
    with Container() as container:
        status = container.wait_states(UP)
        equal(status["docker-entrypoint"]["exit_code"], 0, "docker-entrypoint")
        table = container.svc("status")
        equal(table.returncode, 0, table.stderr)
        for name in UP:
            check(name in table.stdout, table.stdout)
        took, code = container.stop()
        equal(code, 0, "exit code")
        check(took < 2, f"podman stop took {took:.2f} s")
        log = container.log()
        check("SIGKILL" not in log, "a service was killed")


def test_services_end_by_term():
    """Each service writes when it gets TERM; nothing may be left to KILL."""
    with tempfile.TemporaryDirectory() as directory:
        os.chmod(directory, 0o755)
        for i in range(5):
            write(f"{directory}/s{i}/type", "longrun\n")
            write(f"{directory}/s{i}/run", f"#!/bin/sh\ntrap 'echo ended by TERM {i}; exit 0' TERM\necho up {i}\nwhile :; do sleep 1000 & wait; done\n", 0o755)
        with Container(options=["-v", f"{directory}:/etc/foster/services.d:ro"]) as container:
            container.wait_states({f"s{i}": "running" for i in range(5)})
            wait_for("the traps", lambda: all(f"up {i}" in container.log() for i in range(5)))
            took, code = container.stop()
            equal(code, 0)
            check(took < 2, f"took {took:.2f}")
            log = container.log()
            for i in range(5):
                check(f"ended by TERM {i}" in log, f"s{i} was not ended by TERM")


def test_exit_code_of_the_command():
    equal(Container("sh", "-c", "exit 7").run_in_foreground().returncode, 7)
    equal(Container("true").run_in_foreground().returncode, 0)
    equal(Container("sh", "-c", "kill -TERM $$").run_in_foreground().returncode, 143)
    equal(Container("/nonexistent").run_in_foreground().returncode, 127)


def test_command_runs_beside_the_services():
    result = Container("sh", "-c", "svc status --json | grep -c '\"state\"'; echo done").run_in_foreground()
    equal(result.returncode, 0, result.stderr)
    check("done" in result.stdout, result.stdout)


def test_command_on_a_terminal():
    """podman run -it IMAGE bash: job control works, the exit code is bash's."""
    session = f"foster-tty-{os.getpid()}"
    container = Container("bash", "-l", options=["-it"])
    command = " ".join(["podman", "--runtime", "runc", *container.words]) + "; echo code=$?; sleep 1000"
    subprocess.run([*TMUX, "new-session", "-d", "-s", session, "-x", "120", "-y", "40", command], check=True)
    try:
        def screen():
            return subprocess.run([*TMUX, "capture-pane", "-p", "-t", session], text=True, capture_output=True).stdout
        def type_line(text):
            subprocess.run([*TMUX, "send-keys", "-t", session, text, "Enter"], check=True)
        wait_for("a prompt", lambda: "#" in screen())
        type_line("tty; set -o | grep monitor; echo pid $$")
        wait_for("the terminal", lambda: "/dev/pts" in screen() and "monitor" in screen() and "on" in screen())
        check("no job control" not in screen(), screen())
        type_line("exit 5")
        wait_for("the exit code", lambda: "code=5" in screen())
    finally:
        subprocess.run([*TMUX, "kill-session", "-t", session])
        podman("rm", "-f", "-t", "0", container.name)


def test_scratch():
    """FROM scratch, the two files, one static program."""
    with tempfile.TemporaryDirectory() as directory:
        write(f"{directory}/main.c", "#include <stdio.h>\n#include <unistd.h>\nint main(){puts(\"static and up\");fflush(stdout);for(;;)pause();}\n")
        subprocess.run(["gcc", "-static", "-O1", "-o", f"{directory}/program", f"{directory}/main.c"], check=True)
        write(f"{directory}/services.d/one/type", "longrun\n")
        os.link(f"{directory}/program", f"{directory}/services.d/one/run")
        write(f"{directory}/Dockerfile", "FROM localhost/foster-dist\nCOPY services.d /etc/foster/services.d\nENTRYPOINT [\"/init\"]\n")
        result = podman("build", "--network=host", "--isolation=chroot", "--ulimit", "nofile=1024:1024", "--ulimit", "nproc=1024:1024", "-t", "localhost/foster-scratch", directory)
        equal(result.returncode, 0, result.stderr)
    with Container(image="localhost/foster-scratch") as container:
        wait_for("the program", lambda: "static and up" in container.log())
        status = container.wait_states({"one": "running"})
        equal(list(status), ["one"])
        took, code = container.stop()
        equal(code, 0)


def test_a_project_under_workspaces():
    """Its own configs are found and used; the broken one falls back to the image's seed, alone."""
    with tempfile.TemporaryDirectory() as directory:
        os.chmod(directory, 0o755)
        write(f"{directory}/supervisord/project.conf", "[supervisord]\n[program:hello]\ncommand=sleep 1000000\nstartsecs=0\n")
        write(f"{directory}/process-compose/project.yaml", "processes:\n  a: [\n")
        with Container(options=["-v", f"{directory}:/workspaces/demo/workloads"]) as container:
            status = container.wait_states({"supervisord/hello": "running", "process-compose/placeholder": "exited"})
            equal(status["supervisord/hello"]["source"], "project")
            equal(status["process-compose/placeholder"]["source"], "seed")
            check("/workspaces/demo/workloads/process-compose/project.yaml:" in container.log(), container.log())
            write(f"{directory}/process-compose/project.yaml", "processes:\n  a:\n    command: 'exec sleep 1000000'\n")
            before = container.status()["supervisord/hello"]["pid"]
            equal(container.svc("reload", "process-compose").returncode, 0)
            container.wait_states({"process-compose/a": "running"})
            equal(container.status()["supervisord/hello"]["pid"], before)


def test_podman_exec_as_another_user_may_only_read():
    with Container() as container:
        container.wait_states(UP)
        equal(container.svc("status", user="65534").returncode, 0)
        refused = container.svc("down", "code-server", user="65534")
        equal(refused.returncode, 5, refused.stderr)
        equal(container.status()["supervisord/code-server"]["state"], "running")


def test_clients_from_outside():
    """Stock supervisorctl through a shared socket directory, curl from inside the container's network."""
    with tempfile.TemporaryDirectory() as directory:
        with Container(options=["-v", f"{directory}:/var/run/shared"], network=None) as container:
            container.wait_states(UP)
            socket = "/var/run/supervisor.sock"
            wait_for("supervisor.sock", lambda: container.exec("test", "-S", socket).returncode == 0)
            pid = container.inspect("{{.State.Pid}}")
            ctl = subprocess.run(["supervisorctl", "-s", f"unix:///proc/{pid}/root/run/supervisor.sock", "status"], text=True, capture_output=True)
            check("code-server" in ctl.stdout and "RUNNING" in ctl.stdout, ctl.stdout + ctl.stderr)
            curl = subprocess.run(["nsenter", "-t", pid, "-n", "curl", "-s", "http://localhost:8080/processes"], text=True, capture_output=True)
            check('"name":"my-experiment"' in curl.stdout, curl.stdout)


run(globals())
