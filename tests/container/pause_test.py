#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""A container that is paused for 30 s: no deadline may pass meanwhile, nothing is killed or restarted on resume."""
import json
import os
import tempfile
import time

from podman import Container, check, equal, podman, run, wait_for, write

PAUSE = 30.0

# Every kind of deadline that could pass within the pause: grace, readiness, liveness, watchdog, back-off, start time.
SERVICES = {
    "stops": ("trap 'sleep 6; exit 0' TERM; echo trapped; while :; do sleep 0.1; done", "stop: {grace: 10s, scope: process}\n"),
    "probed": ("exec sleep 1000000", "liveness: {exec: [/bin/true], period: 1s, timeout: 2s, failure_threshold: 1}\n"),
    "late": ("exec sleep 1000000", "readiness: {file: /tmp/late, quick_period: 200ms}\ntimeouts: {up: 15s}\nrestart: never\n"),
    "dog": ("while :; do echo fed; sleep 1; done", "liveness: {exec: [/bin/true], quick_period: 500ms, period: 500ms, timeout: 5s}\n"),
}


def test_pause():
    with tempfile.TemporaryDirectory() as directory:
        os.chmod(directory, 0o755)
        for name, (script, more) in SERVICES.items():
            write(f"{directory}/{name}/type", "longrun\n")
            write(f"{directory}/{name}/run", f"#!/bin/sh\n{script}\n", 0o755)
            write(f"{directory}/{name}/foster.yaml", more)
        with Container(options=["-v", f"{directory}:/etc/foster/services.d:ro"]) as container:
            container.wait_states({"stops": "running", "probed": "running", "late": "starting", "dog": "running"})
            wait_for("the trap", lambda: "trapped" in container.log())
            before = {s["name"]: s for s in json.loads(container.svc("status", "--json").stdout)}
            equal(container.svc("down", "--no-wait", "stops").returncode, 0)
            container.wait_states({"stops": "stopping"})
            equal(podman("pause", container.name).returncode, 0)
            time.sleep(PAUSE)  # what is tested is a span of time, not an event
            equal(podman("unpause", container.name).returncode, 0)
            wait_for("the word about the gap", lambda: "stood still" in container.log())
            equal(container.exec("touch", "/tmp/late").returncode, 0)
            status = container.wait_states({"stops": "stopped", "probed": "running", "late": "running", "dog": "running"})
            for name in ("probed", "late", "dog"):
                equal((status[name]["pid"], status[name]["restarts"]), (before[name]["pid"], 0), name)
            equal((status["stops"]["exit_code"], status["stops"]["exit_signal"]), (0, None), "its grace was its own")


run(globals())
