# SPDX-License-Identifier: MIT
"""Replicas: as many as the file says, more or fewer while running, numbered as their dialect does it."""
import os
import signal
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
from harness import Foster, check, equal, run, wait_for  # noqa: E402


def running(foster, prefix):
    return sorted(name for name, service in foster.status().items() if name.startswith(prefix) and service["state"] == "running")


def test_scale_of_a_service_directory():
    with Foster(boot=False) as foster:
        foster.longrun("web", f"echo $FOSTER_REPLICA >> {foster.directory}/numbers; exec sleep 1000000", **{"foster.yaml": "replicas: 2\n"})
        foster.longrun("front", needs=["web"])
        foster.boot()
        wait_for("two of it", lambda: running(foster, "web") == ["web-0", "web-1"])
        foster.wait_state("front", "running")
        first = foster.status("web-0")["pid"]
        equal(foster.svc("scale", "web=4").returncode, 0)
        wait_for("four of it", lambda: running(foster, "web") == ["web-0", "web-1", "web-2", "web-3"])
        equal(foster.status("web-0")["pid"], first, "those that were there go on")
        equal((foster.status("web-3")["replica_of"], foster.status("web-3")["replica"], foster.status("web-3")["replicas"]), ("web", 3, 4))
        supervise = foster.role_pid("foster", "supervise")
        os.kill(supervise, signal.SIGKILL)
        wait_for("the next supervise", lambda: foster.role_pid("foster", "supervise") not in (None, supervise))
        foster.wait_up()
        foster.call("reload")
        equal(running(foster, "web"), ["web-0", "web-1", "web-2", "web-3"], "the count holds over a kill and a reload")
        foster.call("scale", {"scale": {"web-1": 2}})
        wait_for("two of it again", lambda: running(foster, "web") == ["web-0", "web-1"] and len(foster.status()) == 3)
        equal(foster.status("web-0")["pid"], first)
        with open(f"{foster.directory}/numbers") as file:
            equal(sorted(file.read().split()), ["0", "1", "2", "3"])


def test_scale_of_process_compose_is_its_own_way():
    with Foster(boot=False) as foster:
        foster.workload("yaml", "process-compose",
                        "processes:\n  job:\n    command: echo $PC_REPLICA_NUM; exec sleep 1000000\n    replicas: 3\n  one:\n    command: exec sleep 1000000\n")
        foster.boot()
        wait_for("three of it", lambda: running(foster, "yaml/job") == ["yaml/job-0", "yaml/job-1", "yaml/job-2"])
        foster.call("scale", {"scale": {"job": 11}})
        wait_for("eleven, two digits wide", lambda: running(foster, "yaml/job") == [f"yaml/job-{i:02}" for i in range(11)])
        foster.call("scale", {"scale": {"yaml/job": 1}})
        wait_for("one of it", lambda: running(foster, "yaml/job") == ["yaml/job"])
        check(foster.state("yaml/one") == "running")
        ran = foster.svc("scale", "nobody=2")
        equal((ran.returncode, ran.stderr), (3, "svc: no such service 'nobody'\n"))


run(globals())
