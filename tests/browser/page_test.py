#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""The web page of the supervisord gateway in Chromium, against a booted foster."""
import os
import subprocess
import sys

HERE = os.path.dirname(os.path.realpath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "integration"))
from harness import Foster, check, equal, run, wait_for  # noqa: E402
import socket  # noqa: E402


def test_page():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    ini = (f"[supervisord]\n[inet_http_server]\nport=127.0.0.1:{port}\nusername=admin\npassword=secret\n"
           "[program:web]\ncommand=sh -c \"echo hello from web; exec sleep 1000000\"\nstartsecs=0\n[program:idle]\ncommand=sleep 1000000\nstartsecs=0\nautostart=false\n")
    with Foster(boot=False) as foster:
        foster.workload("supervisord", "supervisord", project=ini, seed="[supervisord]\n")
        foster.boot()
        foster.wait_state("supervisord/web", "running")

        def listening():
            with socket.socket() as probe:
                return probe.connect_ex(("127.0.0.1", port)) == 0
        wait_for("the page", listening)
        shots = os.environ.get("FOSTER_SHOTS", foster.directory)
        result = subprocess.run(["node", "page.mjs", f"http://127.0.0.1:{port}/", "admin", "secret", shots], cwd=HERE, text=True,
                                capture_output=True, timeout=180)
        check(result.returncode == 0 and "ok" in result.stdout, result.stdout + result.stderr)
        equal(foster.state("supervisord/web"), "stopped")
        equal(foster.state("supervisord/idle"), "running")


run(globals())
