#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""svc tui in the booted container, driven in tmux at 40x10 and 300x80, in the dev image and in a scratch image that has
neither a terminfo database nor a locale."""
import os
import subprocess
import tempfile
import uuid

from podman import PODMAN, Container, check, equal, podman, run, wait_for, write

# A server of our own: one that is there may live in another mount namespace.
TMUX = ["tmux", "-L", f"foster-tui-{os.getpid()}", "-f", "/dev/null"]
SERVICES = {"alpha": "running", "beta": "running"}


def scratch_image():
    with tempfile.TemporaryDirectory() as directory:
        write(f"{directory}/main.c", "#include <stdio.h>\n#include <unistd.h>\nint main(int n, char** v){for(int i=0;;i++){printf(\"%s says %d\\n\",n>1?v[1]:\"?\",i);fflush(stdout);sleep(1);}}\n")
        subprocess.run(["gcc", "-static", "-O1", "-o", f"{directory}/program", f"{directory}/main.c"], check=True)
        for name in SERVICES:
            write(f"{directory}/services.d/{name}/type", "longrun\n")
            os.link(f"{directory}/program", f"{directory}/services.d/{name}/run")
        write(f"{directory}/Dockerfile", "FROM localhost/foster-dist\nCOPY services.d /etc/foster/services.d\nENTRYPOINT [\"/init\"]\n")
        result = podman("build", "--network=host", "--isolation=chroot", "--ulimit", "nofile=1024:1024", "--ulimit", "nproc=1024:1024", "-t", "localhost/foster-tui", directory)
        equal(result.returncode, 0, result.stderr)


class Screen:
    """A tmux window of one size that runs a command; what it shows and types."""

    def __init__(self, columns, lines, command):
        self.name = "foster-" + uuid.uuid4().hex[:8]
        subprocess.run([*TMUX, "new-session", "-d", "-s", self.name, "-x", str(columns), "-y", str(lines), "sh"], check=True)
        self.type("PS1='READY> '; clear", "Enter")
        wait_for("a shell", lambda: "READY>" in self.text())
        self.type(f"stty -g > /tmp/{self.name}.before; {command}; stty -g > /tmp/{self.name}.after; echo THE-$((3-2))END", "Enter")

    def __enter__(self):
        return self

    def __exit__(self, *_):
        subprocess.run([*TMUX, "kill-session", "-t", self.name])
        for suffix in ("before", "after"):
            if os.path.exists(f"/tmp/{self.name}.{suffix}"):
                os.unlink(f"/tmp/{self.name}.{suffix}")

    def type(self, *keys):
        subprocess.run([*TMUX, "send-keys", "-t", self.name, *keys], check=True)

    def text(self):
        return subprocess.run([*TMUX, "capture-pane", "-p", "-t", self.name], text=True, capture_output=True).stdout

    def wait(self, *words):
        try:
            wait_for(f"{words}", lambda: all(word in self.text() for word in words))
        except AssertionError as error:
            raise AssertionError(f"{error}\n{self.text()}") from None

    def terminal_is_as_before(self):
        read = lambda suffix: open(f"/tmp/{self.name}.{suffix}").read()
        equal(read("after"), read("before"), "stty")


def drive(container, columns, lines):
    command = " ".join([*PODMAN, "exec", "-it", "-e", "TERM=tmux-256color", container.name, "svc", "tui"])
    with Screen(columns, lines, command) as screen:
        screen.wait("alpha", "beta")
        check(all(len(line) <= columns for line in screen.text().split("\n")), "nothing is wider than the terminal")
        first = container.status()["alpha"]["pid"]
        screen.type("g")
        screen.type("r")
        wait_for("alpha to restart", lambda: container.status()["alpha"]["pid"] not in (None, first))
        screen.type("d")
        container.wait_states({"alpha": "stopped"})
        screen.wait("stopped" if columns > 60 else "alpha")
        screen.type("u")
        container.wait_states({"alpha": "running"})
        screen.type("?")
        screen.wait("keys", "previous service")
        screen.type("Escape")
        wait_for("the help to close", lambda: "previous service" not in screen.text())  # else Escape q is Alt-q
        screen.type("q")
        screen.wait("THE-1END")
        screen.terminal_is_as_before()


def test_scratch_at_two_sizes():
    scratch_image()
    with Container(image="localhost/foster-tui") as container:
        container.wait_states(SERVICES)
        drive(container, 40, 10)
        drive(container, 300, 80)


def test_dev_image():
    with Container() as container:
        container.wait_states({"supervisord/code-server": "running"})
        command = " ".join([*PODMAN, "exec", "-it", container.name, "svc", "tui"])
        with Screen(100, 30, command) as screen:
            screen.wait("code-server", "my-experiment")
            screen.type("q")
            screen.wait("THE-1END")
            screen.terminal_is_as_before()


run(globals())
