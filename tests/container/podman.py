# SPDX-License-Identifier: MIT
"""Containers of the image localhost/foster (made by ./prepare; FOSTER_IMAGE names another), run by podman + runc."""
import contextlib
import json
import os
import subprocess
import sys
import time
import uuid

sys.path.insert(0, os.path.join(os.path.dirname(os.path.realpath(__file__)), "..", "integration"))
from harness import LIMIT, check, equal, reason, run, wait_for, write  # noqa: E402,F401  (what the tests use)

PODMAN = ["podman", "--runtime", "runc"]
IMAGE = os.environ.get("FOSTER_IMAGE", "localhost/foster")
RUN = ["run", "--network=none", "--ulimit", "nofile=1024:1024", "--ulimit", "nproc=1024:1024"]


def podman(*words, limit=120, **options):
    return subprocess.run([*PODMAN, *words], text=True, capture_output=True, timeout=limit, **options)


class Container:
    """A running container; removed at the end. `options` go to podman run, `command` is the CMD."""

    def __init__(self, *command, image=IMAGE, options=(), network=None):
        self.name = "foster-test-" + uuid.uuid4().hex[:12]
        words = [word for word in RUN if not (network and word.startswith("--network"))]
        if network:
            words.append(f"--network={network}")
        self.words = [*words, "--name", self.name, *options, image, *command]

    def __enter__(self):
        result = podman(self.words[0], "-d", *self.words[1:])
        check(result.returncode == 0, f"podman run: {result.stderr}")
        return self

    def __exit__(self, kind, value, trace):
        if kind is not None:
            print(f"    failed: {reason(value)}")
            print("    --- container log (end) ---\n" + self.log()[-6000:])
        podman("rm", "-f", "-t", "0", self.name)

    def run_in_foreground(self, limit=120, **options):
        """podman run without -d; the CompletedProcess. The container is removed."""
        try:
            return podman(*self.words, limit=limit, **options)
        finally:
            podman("rm", "-f", "-t", "0", self.name)

    def log(self):
        result = podman("logs", self.name)
        return result.stdout + result.stderr

    def exec(self, *argv, user=None, env=None, input=None, limit=60):
        words = ["exec", *(["-i"] if input is not None else []), *(["-u", user] if user else [])]
        for name, text in (env or {}).items():
            words += ["-e", f"{name}={text}"]
        return podman(*words, self.name, *argv, input=input, limit=limit)

    def svc(self, *words, **options):
        return self.exec("svc", *words, **options)

    def status(self):
        with contextlib.suppress(ValueError):
            result = self.svc("status", "--json")
            if result.returncode == 0:
                return {service["name"]: service for service in json.loads(result.stdout)}
        return None

    def wait_states(self, wanted, limit=LIMIT):
        """Until every service of `wanted` {name: state} is so; the status."""
        def right():
            status = self.status()
            return status if status and all(status.get(n, {}).get("state") == s for n, s in wanted.items()) else None
        try:
            return wait_for(f"{wanted}", right, limit)
        except AssertionError as error:
            raise AssertionError(f"{error}; status {self.status()}") from None

    def inspect(self, path):
        return podman("inspect", "--format", path, self.name).stdout.strip()

    def stop(self, seconds=10):
        """podman stop: (seconds it took, exit code of the container)."""
        start = time.monotonic()
        result = podman("stop", "-t", str(seconds), self.name)
        took = time.monotonic() - start
        check(result.returncode == 0, result.stderr)
        return took, int(self.inspect("{{.State.ExitCode}}"))
