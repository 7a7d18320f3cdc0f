# SPDX-License-Identifier: MIT
"""Races that users of other supervisors have reported, each as a test. Named by what goes wrong there."""
import os
import socket
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
from harness import Foster, check, equal, run, wait_for, write  # noqa: E402

# Holds a port; a child of it does so too, in a session of its own, and outlives it.
PORT_HOLDER = """
import os, socket, sys, time
s = socket.socket(); s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
try:
    s.bind(("127.0.0.1", int(sys.argv[1]))); s.listen()
except OSError as error:
    print("cannot bind:", error, flush=True); sys.exit(3)
print("bound", flush=True)
os.set_inheritable(s.fileno(), True)
if os.fork() == 0:
    os.setsid(); os.environ.clear(); os.execve("/bin/sleep", ["sleep", "1000000"], {})
time.sleep(1000000)
"""


def lives(foster, marker):
    """Processes of foster whose command line holds `marker`."""
    return [pid for pid, (_, _, state, argv) in foster.processes().items() if state != "Z" and marker in " ".join(argv)]


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def test_restart_of_what_waits_leaves_no_duplicate():
    """process-compose 530: a restart of a process that waits for its dependency wedges it, and a second copy runs."""
    with Foster(boot=False) as foster:
        gate = os.path.join(foster.directory, "gate")
        foster.longrun("db", **{"foster.yaml": f"readiness: {{file: {gate}, quick_period: 50ms}}\n"})
        foster.longrun("web", "exec sleep 7654321", needs=["db"])
        foster.boot()
        foster.wait_state("web", "waiting")
        for _ in range(5):
            foster.call("restart", {"names": ["web"], "wait": False})
            equal(foster.state("web"), "waiting")
        equal(lives(foster, "sleep 7654321"), [])
        write(gate, "")
        foster.wait_state("web", "running")
        equal(foster.status("web")["incarnation"], 1, "one life, whatever was asked while it waited")
        for _ in range(5):
            check(foster.call("restart", {"names": ["web"]})["results"][0]["ok"])
            equal(len(lives(foster, "sleep 7654321")), 1)
        foster.call("down", {"names": ["web"]})
        equal(lives(foster, "sleep 7654321"), [])


def test_a_dependency_that_is_not_ready_for_a_moment_is_waited_for():
    """process-compose 544: a dependent that starts while its dependency is not ready for a moment is skipped."""
    with Foster(boot=False) as foster:
        flag = write(os.path.join(foster.directory, "flag"), "")
        foster.longrun("db", **{"foster.yaml": f"readiness: {{file: {flag}, quick_period: 50ms, period: 100ms, failure_threshold: 1}}\n"})
        foster.longrun("web", needs=["db"], **{"foster.yaml": "autostart: false\n"})
        foster.boot()
        wait_for("db to be ready", lambda: foster.status("db")["ready"])
        os.unlink(flag)
        wait_for("db to lose readiness", lambda: not foster.status("db")["ready"])
        equal(foster.state("db"), "running", "losing readiness ends nothing")
        foster.call("up", {"names": ["web"], "wait": False})
        status = foster.wait_state("web", "waiting")
        equal((status["waits_for"], status["cause"]), (["db (ready)"], "waits for db (ready)"))
        write(flag, "")
        foster.wait_state("web", "running")


def test_nobody_waits_for_ever_for_what_cannot_start():
    """process-compose 280 and 400: the dependent of a process that cannot be started stays pending for ever."""
    with Foster(boot=False) as foster:
        foster.longrun("db", **{"foster.yaml": "isolation: {cwd: /no/such/place}\nrestart: {when: never, start_retries: 0}\n"})
        for kind in ("started", "ready", "completed_successfully"):
            foster.longrun(kind.replace("_", "-"), **{"foster.yaml": f"depends_on: {{db: {kind}}}\n"})
        foster.longrun("off", **{"foster.yaml": "autostart: false\n"})
        foster.longrun("needs-off", needs=["off"])
        foster.boot()
        foster.wait_state("db", "failed")
        check("working directory" in foster.status("db")["cause"], foster.status("db"))
        for name in ("started", "ready", "completed-successfully"):
            status = foster.wait_state(name, "failed")
            check("db" in status["cause"], status)
        foster.wait_state("needs-off", ["running", "waiting"])
        result = foster.call("up", {"names": ["needs-off"]})["results"][0]
        check(result["ok"], result)
        equal(foster.state("off"), "running", "what is needed is brought up, not waited for")
        equal(foster.stop(), 0)


def test_a_first_start_that_fails_at_once_is_tried_again():
    """pebble 240: a service whose first start fails within a second is not restarted."""
    with Foster(boot=False) as foster:
        count = os.path.join(foster.directory, "count")
        foster.longrun("web", f"echo x >> {count}; [ $(wc -l < {count}) -ge 3 ] || exit 1; exec sleep 1000000",
                       **{"foster.yaml": "restart: {delay: 50ms, factor: 1}\nreadiness: {start_time: 300ms}\n"})
        foster.boot()
        status = foster.wait_state("web", "running")
        equal((status["incarnation"], status["restarts"]), (3, 2))


def test_a_restart_never_meets_the_old_tree():
    """pebble 594: a restart fails since a process of the old life still holds the port."""
    with Foster(boot=False) as foster:
        port = free_port()
        script = write(os.path.join(foster.directory, "holder.py"), PORT_HOLDER)
        foster.longrun("web", f"exec python3 {script} {port}",
                       **{"foster.yaml": "readiness: {listen: true, quick_period: 20ms}\nrestart: {delay: 10ms}\nstop: {grace: 5s}\n"})
        foster.boot()
        for life in range(1, 4):
            status = foster.wait_state("web", "running")
            equal(status["incarnation"], life)
            foster.call("signal", {"names": ["web"], "signal": "KILL"})  # the child in its own session stays
            wait_for("the next life", lambda n=life: foster.status("web")["incarnation"] > n)
        foster.wait_state("web", "running")
        equal(foster.call("restart", {"names": ["web"]})["results"][0]["ok"], True)
        log = "".join(line["text"] for line in foster.call("logs", {"names": ["web"]})["lines"])
        equal(log.count("cannot bind"), 0, log)
        equal(len(lives(foster, "sleep 1000000")), 1, "one life's child")


def test_a_service_can_end_the_container():
    """s6-overlay 599: what a longrun asks for at its end (halt, exit) is ignored."""
    with Foster(boot=False) as foster:
        foster.longrun("main", "exit 7", **{"foster.yaml": "restart: {when: never, retry_failed_start: false}\nwhen_ended: end_container\n"})
        foster.longrun("side")
        foster.boot(wait=False)
        equal(foster.wait(), 7, "the container ends with the service's exit code")
    with Foster(boot=False) as foster:
        svc = f"{os.environ.get('FOSTER_BIN_DIR', '')}/svc"
        foster.longrun("main", f"{svc} shutdown --exit-code 9; exec sleep 1000000")
        foster.boot(wait=False)
        equal(foster.wait(), 9)


def test_a_loop_of_restarts_comes_to_an_end():
    """s6-overlay 440: a service that cannot live is restarted without end."""
    with Foster(boot=False) as foster:
        foster.longrun("web", "exit 1", **{"foster.yaml": "restart: {delay: 20ms, factor: 1, budget: 3 in 1m}\n"})
        foster.boot()
        status = foster.wait_state("web", "failed")
        equal(status["restarts"], 3)
        check("gave up" in status["cause"] and "code 1" in status["cause"], status["cause"])
        result = foster.call("up", {"names": ["web"]})["results"][0]
        equal(result["ok"], False, "a person may try again, with a new budget")
        equal(foster.wait_state("web", "failed")["restarts"], 6)


run(globals())
