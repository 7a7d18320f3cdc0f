# SPDX-License-Identifier: MIT
"""Gates with real processes: every condition and strength, what goes along, down in order, pins, across workloads."""
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
from harness import Foster, check, equal, run, wait_for, write  # noqa: E402


def yaml(text):
    return {"foster.yaml": text}


def needs(name, condition, more=""):
    return yaml(f"depends_on: {{{name}: {{condition: {condition}{', ' + more if more else ''}}}}}\n")


def test_conditions():
    """started, ready, healthy, completed, completed_successfully and stopped each open when they say so, and not before."""
    with Foster(boot=False) as foster:
        ready, alive, end = (os.path.join(foster.directory, name) for name in ("ready", "alive", "end"))
        foster.longrun("db", f"while [ ! -e {end} ]; do sleep 0.05; done; exit 0",
                       **yaml(f"readiness: {{file: {ready}, quick_period: 50ms}}\nliveness: {{file: {alive}, quick_period: 50ms, "
                              "period: 100ms, action: ignore}\nrestart: never\n"))
        for kind in ("started", "ready", "healthy", "completed", "completed_successfully", "stopped"):
            foster.longrun("on-" + kind.replace("_", "-"), **needs("db", kind))
        foster.boot()
        foster.wait_state("on-started", "running")
        later = ["on-ready", "on-healthy", "on-completed", "on-completed-successfully", "on-stopped"]
        equal([foster.state(name) for name in later], ["waiting"] * 5)
        write(ready, "")
        foster.wait_state("on-ready", "running")
        equal([foster.state(name) for name in later[1:]], ["waiting"] * 4)
        write(alive, "")
        foster.wait_state("on-healthy", "running")
        equal([foster.state(name) for name in later[2:]], ["waiting"] * 3)
        write(end, "")
        for name in later[2:]:
            foster.wait_state(name, "running")
        equal(foster.state("db"), "exited")


def test_strengths():
    """hard fails with its dependency, soft goes on without it, milestone needs it once, order brings nothing up."""
    with Foster(boot=False) as foster:
        foster.longrun("broken", "exit 1", **yaml("restart: {when: never, retry_failed_start: false}\nreadiness: {start_time: 5s}\n"))
        foster.longrun("hard", **needs("broken", "ready"))
        foster.longrun("soft", **needs("broken", "ready", "strength: soft"))
        foster.longrun("idle", **yaml("autostart: false\n"))
        foster.longrun("order", **needs("idle", "ready", "strength: order"))
        foster.longrun("base")
        foster.longrun("once", **needs("base", "ready", "strength: milestone"))
        foster.longrun("always", **needs("base", "ready"))
        foster.boot()
        status = foster.wait_state("hard", "failed")
        check("broken" in status["cause"], status)
        foster.wait_all("running", ["soft", "order", "once", "always"])
        equal(foster.state("idle"), "stopped", "ordering brings nothing up")
        foster.call("down", {"names": ["once", "always"]})
        foster.call("signal", {"names": ["base"], "signal": "KILL"})
        foster.wait_state("base", "running")
        foster.call("down", {"names": ["base"], "alone": True})
        foster.call("up", {"names": ["once", "always"]})
        equal((foster.state("base"), foster.state("once"), foster.state("always")), ("running", "running", "running"),
              "a need is brought up")


def test_a_lost_gate_holds_an_automatic_restart():
    """A service that ends while its dependency is down waits for it; a crash alone leaves dependents alone."""
    with Foster(boot=False) as foster:
        foster.longrun("db")
        foster.longrun("web", needs=["db"], **yaml("restart: {delay: 50ms}\n"))
        foster.boot()
        foster.wait_state("web", "running")
        before = foster.status("web")
        foster.call("signal", {"names": ["db"], "signal": "KILL"})
        wait_for("db's next life", lambda: foster.status("db")["incarnation"] == 2 and foster.state("db") == "running")
        equal(foster.status("web")["pid"], before["pid"], "a crash of what it needs is none of its")
        foster.call("down", {"names": ["db"], "alone": True})
        equal(foster.state("web"), "running")
        foster.call("signal", {"names": ["web"], "signal": "KILL"})
        equal(foster.wait_state("web", "waiting")["waits_for"], ["db (ready)"])
        foster.call("up", {"names": ["db"]})
        equal(foster.wait_state("web", "running")["incarnation"], 2)


def test_along():
    """stop_along stops with its dependency and comes back with it; restart_along gets a new life with it."""
    with Foster(boot=False) as foster:
        foster.longrun("db")
        foster.longrun("stops", **needs("db", "ready", "stop_along: true"))
        foster.longrun("restarts", **needs("db", "ready", "restart_along: true"))
        foster.longrun("neither", needs=["db"])
        foster.boot()
        foster.wait_all("running", ["stops", "restarts", "neither"])
        foster.call("restart", {"names": ["db"]})
        status = wait_for("a new life", lambda: (lambda s: s if s["incarnation"] == 2 and s["state"] == "running" else None)(foster.status("restarts")))
        equal(foster.status("neither")["incarnation"], 1)
        check(status["restarts"] == 0 or status["cause"], status)
        foster.call("down", {"names": ["db"], "alone": True})
        status = foster.wait_state("stops", "waiting")
        equal(status["waits_for"], ["db (ready)"])
        equal(foster.state("neither"), "running")
        foster.call("up", {"names": ["db"]})
        foster.wait_state("stops", "running")


def test_down_takes_those_along_that_need_it():
    """In reverse order, the farthest first; svc says so before; --alone leaves them up."""
    with Foster(boot=False) as foster:
        trail = os.path.join(foster.directory, "trail")
        script = f"trap 'echo $0 >> {trail}; exit 0' TERM; touch {foster.directory}/$0.armed; while :; do sleep 0.05; done"
        for name, need in (("db", []), ("web", ["db"]), ("proxy", ["web"])):
            foster.longrun(name, script.replace("$0", name), needs=need)
        foster.longrun("apart", **needs("db", "ready", "strength: soft"))
        foster.boot()
        foster.wait_all("running", ["db", "web", "proxy", "apart"])
        for name in ("db", "web", "proxy"):  # a shell that runs may not have set its trap yet
            wait_for("a trap", lambda: os.path.exists(f"{foster.directory}/{name}.armed"))
        equal(foster.call("down", {"names": ["db"], "look": True}), {"also": ["proxy", "web"]})
        equal(foster.state("db"), "running", "looking does nothing")
        ran = foster.svc("down", "db")
        equal((ran.returncode, ran.stderr), (0, "also goes down, for it needs what is stopped: proxy, web\n"))
        equal(open(trail).read().split(), ["proxy", "web", "db"])
        equal([foster.state(name) for name in ("db", "web", "proxy", "apart")], ["stopped", "stopped", "stopped", "running"])
        check("db" in foster.status("web")["cause"], foster.status("web"))
        foster.call("up", {"names": ["proxy"]})
        foster.wait_all("running", ["db", "web", "proxy"])
        equal(foster.svc("down", "--alone", "db").returncode, 0)
        equal([foster.state(name) for name in ("db", "web", "proxy")], ["stopped", "running", "running"])


def test_pins():
    """What is pinned down stays down through needs, reload and a kill of supervise; what is pinned up stays up."""
    with Foster(boot=False) as foster:
        foster.longrun("db")
        foster.longrun("web", needs=["db"])
        foster.longrun("kept")
        foster.boot()
        foster.wait_all("running", ["db", "web", "kept"])
        equal(foster.svc("pin", "down", "db").returncode, 0)
        foster.wait_state("db", "stopped")
        foster.call("up", {"names": ["web"], "wait": False})
        foster.wait_state("web", "waiting")
        result = foster.call("up", {"names": ["db"]})["results"][0]
        equal((result["ok"], result["error"]), (False, "it is pinned down"))
        equal(foster.svc("pin", "up", "kept").returncode, 0)
        result = foster.call("down", {"names": ["kept"]})["results"][0]
        equal((result["ok"], result["error"]), (False, "it is pinned up"))
        supervise = foster.role_pid("foster", "supervise")
        os.kill(supervise, 9)
        wait_for("the next supervise", lambda: foster.role_pid("foster", "supervise") not in (None, supervise))
        foster.wait_up()
        foster.call("reload")
        equal((foster.status("db")["pin"], foster.state("db"), foster.state("web")), ("down", "stopped", "waiting"))
        equal((foster.status("kept")["pin"], foster.state("kept")), ("up", "running"))
        foster.call("pin", {"names": ["db", "kept"], "pin": "none"})
        check(foster.call("up", {"names": ["web"]})["results"][0]["ok"])
        equal(foster.state("db"), "running")
        check(foster.call("down", {"names": ["kept"]})["results"][0]["ok"])
        foster.call("pin", {"names": ["kept"], "pin": "up"})
        foster.wait_state("kept", "running")
        equal(foster.stop(), 0, "the container's end overrules a pin")


def test_across_workloads():
    """A process of the YAML waits for a program of the INI, by name."""
    with Foster(boot=False) as foster:
        flag = os.path.join(foster.directory, "flag")
        foster.workload("ini", "supervisord", f"[supervisord]\n[program:db]\ncommand=/bin/sh -c 'while [ ! -e {flag} ]; do sleep 0.05; done; exec sleep 1000000'\nstartsecs=0\n")
        foster.workload("yaml", "process-compose", "processes:\n  web:\n    command: exec sleep 1000000\n    depends_on:\n      db:\n        condition: process_completed_successfully\n"
                        "  near:\n    command: exec sleep 1000000\n    depends_on:\n      db:\n        condition: process_started\n")
        foster.boot()
        foster.wait_state("yaml/near", "running")
        equal(foster.status("yaml/web")["waits_for"], ["ini/db (completed_successfully)"])
        equal(foster.call("down", {"names": ["ini/db"], "look": True}), {"also": ["yaml/near"]})


run(globals())
