# SPDX-License-Identifier: MIT
"""Probes with real processes: readiness of every kind, liveness, what hangs, and what is killed in the middle."""
import os
import signal
import socket
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
from harness import Foster, check, equal, run, wait_for, write  # noqa: E402


def free_port():
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return one.getsockname()[1]


class Probed(Foster):
    """Foster with services that have a foster.yaml, and files that tests and services share."""

    def path(self, name):
        return os.path.join(self.directory, name)

    def touch(self, name):
        write(self.path(name), "")

    def lines(self, name):
        try:
            with open(self.path(name)) as file:
                return file.read().split()
        except OSError:
            return []

    def service(self, name, yaml, script="exec sleep 1000000", needs=()):
        self.longrun(name, script, needs)
        write(f"{self.services}/{name}/foster.yaml", yaml)

    def live(self):
        """The argv of everything that lives inside, by pid inside."""
        return {inside: argv for inside, _, state, argv in self.processes().values() if state != "Z"}

    def kill_role(self, *words, with_signal=signal.SIGKILL):
        pid = wait_for(" ".join(words), lambda: self.role_pid(*words))
        os.kill(pid, with_signal)
        return pid

    def kill_supervise(self):
        old = self.kill_role("foster", "supervise")
        wait_for("another supervise", lambda: self.role_pid("foster", "supervise") not in (None, old))
        self.wait_up()


def test_exec_readiness_opens_the_gate():
    with Probed(boot=False) as foster:
        foster.service("db", f"readiness: {{exec: 'test -f {foster.path('go')}', quick_period: 50ms}}")
        foster.longrun("app", needs=["db"])
        foster.boot()
        status = wait_for("a failed probe", lambda: (s := foster.status("db")) and s["probe_text"] and s)
        equal((status["state"], status["ready"], status["probe_text"]), ("starting", False, "exit code 1"))
        equal(foster.state("app"), "waiting")
        foster.touch("go")
        foster.wait_state("app", "running")
        status = foster.status("db")
        equal((status["state"], status["ready"], status["probe_text"]), ("running", True, ""))


def test_a_hanging_probe_holds_nobody_and_is_killed_with_its_children():
    with Probed(boot=False) as foster:
        hang = f"echo $$ >> {foster.path('pids')}; sleep 1000 & echo $! >> {foster.path('pids')}; setsid sleep 2000 & wait"
        foster.service("stuck", f"readiness: {{exec: '{hang}', timeout: 300ms, quick_period: 50ms, failure_threshold: 1000}}")
        foster.service("quick", "readiness: {exec: 'true', quick_period: 50ms}")
        foster.boot()
        foster.wait_state("quick", "running")
        pids = wait_for("three probes", lambda: (p := foster.lines("pids")) and len(p) >= 6 and p)
        wait_for("the first two probes to be gone", lambda: not {int(p) for p in pids[:4]} & set(foster.live()))
        # One probe and its two sleeps live at a time, the two of the one before may be about to end.
        check(sum(argv[-1] in ("1000", "2000") for argv in foster.live().values()) <= 4, foster.live())
        status = foster.status("stuck")
        equal((status["state"], status["restarts"]), ("starting", 0))
        equal(status["probe_text"], "did not end within 300 ms")
        foster.call("down", {"names": ["stuck"]})
        wait_for("no probe to be left", lambda: not any(argv[-1] in ("1000", "2000") for argv in foster.live().values()))


def test_what_a_probe_leaves_behind_is_ended():
    with Probed(boot=False) as foster:
        foster.service("web", f"readiness: {{exec: 'sleep 3000 & echo $! >> {foster.path('pids')}', quick_period: 50ms}}\n"
                              f"liveness: {{exec: 'setsid sleep 3000 & echo $! >> {foster.path('pids')}', period: 50ms}}")
        foster.boot()
        foster.wait_state("web", "running")
        wait_for("some probes", lambda: len(foster.lines("pids")) >= 6)
        first = foster.lines("pids")[:4]
        wait_for("what the first left to be gone", lambda: not {int(p) for p in first} & set(foster.live()))
        equal((foster.status("web")["restarts"], foster.status("web")["alive"]), (0, True))


WEB = """exec /usr/bin/python3 -u -c '
import http.server, os, time
while not os.path.exists("%s"): time.sleep(0.02)
http.server.HTTPServer(("127.0.0.1", %d), http.server.SimpleHTTPRequestHandler).serve_forever()'
"""


def test_every_kind_of_readiness():
    with Probed(boot=False) as foster:
        go, web, tcp, any_port = foster.path("go"), free_port(), free_port(), 0
        wait = f"while [ ! -e {go} ]; do sleep 0.05; done; "
        foster.service("http", f"readiness: {{http: 'http://127.0.0.1:{web}/', quick_period: 50ms, failure_threshold: 1000}}", WEB % (go, web))
        foster.service("tcp", f"readiness: {{tcp: {tcp}, quick_period: 50ms, failure_threshold: 1000}}", WEB % (go, tcp))
        foster.service("listen", "readiness: {listen: true, quick_period: 50ms, failure_threshold: 1000}", WEB % (go, any_port))
        foster.service("file", f"readiness: {{file: {foster.path('made')}, quick_period: 50ms, failure_threshold: 1000}}", f"{wait} touch {foster.path('made')}; exec sleep 1000000")
        foster.service("log", "readiness: {log_line: 'up and (running)'}", f"echo before; {wait} echo it is up and '(running)' now; exec sleep 1000000")
        foster.service("pattern", "readiness: {log_line: {pattern: 'port [0-9]+$'}}", f"echo port none; {wait} echo port 80; exec sleep 1000000")
        names = ["http", "tcp", "listen", "file", "log", "pattern"]
        foster.boot()
        for name in ("http", "tcp", "listen", "file"):
            wait_for(f"a failed probe of {name}", lambda: foster.status(name)["probe_text"])
        equal({foster.state(name) for name in names}, {"starting"})
        check("refused" in foster.status("tcp")["probe_text"], foster.status("tcp"))
        foster.touch("go")
        services = foster.wait_all("running", names)
        for name in names:
            equal((services[name]["ready"], services[name]["restarts"], services[name]["incarnation"]), (True, 0, 1), name)


def test_a_ready_line_is_found_behind_much_output():
    """Each line is a write of its own, on both streams in turn, and so is each byte behind the last: thousands of pieces."""
    with Probed(boot=False) as foster:
        foster.service("chatty", "readiness: {log_line: {pattern: '^line 5000 is the last$'}}", """exec /usr/bin/python3 -c '
import os, time
for i in range(5000): os.write(1 + i % 2, b"line %d\\n" % i)
os.write(1, b"line 5000 is the last\\n")
for i in range(4000): os.write(1 + i % 2, b".")
time.sleep(1000000)'""")
        foster.boot()
        foster.wait_state("chatty", "running")
        equal((foster.status("chatty")["ready"], foster.status("chatty")["incarnation"]), (True, 1))


def test_a_ready_line_of_an_earlier_life_does_not_count():
    """What the first life says at its very end lies in the pipe while logd stands still, and the second life begins."""
    with Probed(boot=False) as foster:
        first, go = foster.path("first"), foster.path("go")
        foster.service("web", "readiness: {log_line: 'it is ready'}", f"""if mkdir {first} 2> /dev/null; then
  while [ ! -e {go} ]; do sleep 0.05; done
  echo it is ready; exit 1
fi
echo it is not; exec sleep 1000000""")
        foster.service("seen", "readiness: {log_line: 'so is this'}", f"while [ ! -e {foster.path('said')} ]; do sleep 0.05; done; echo so is this; exec sleep 1000000")
        foster.boot()
        wait_for("the first life", lambda: os.path.isdir(first))
        logd = wait_for("logd", lambda: foster.role_pid("foster", "logd"))
        os.kill(logd, signal.SIGSTOP)
        foster.touch("go")
        wait_for("the second life", lambda: foster.status("web")["incarnation"] == 2)
        foster.touch("said")
        os.kill(logd, signal.SIGCONT)
        # Whoever waits behind it has its line, so everybody has looked.
        foster.wait_state("seen", "running")
        wait_for("what the second life says", lambda: "it is not" in foster.log())
        check("it is ready" in foster.log(), "logged, but not of this life")
        status = foster.status("web")
        equal((status["state"], status["ready"], status["incarnation"]), ("starting", False, 2))


def test_liveness_restarts_with_its_cause():
    with Probed(boot=False) as foster:
        alive = foster.path("alive")
        foster.service("web", f"liveness: {{exec: 'test -f {alive}', period: 50ms, failure_threshold: 2}}", f"touch {alive}; exec sleep 1000000")
        foster.boot()
        wait_for("a verdict", lambda: (foster.status("web") or {}).get("alive"))
        os.unlink(alive)
        status = wait_for("the restart", lambda: (s := foster.status("web")) and s["incarnation"] == 2 and s["state"] == "running" and s)
        equal(status["restarts"], 1)
        wait_for("the verdict on the new life", lambda: foster.status("web")["alive"])
        check("its liveness probe failed" in foster.log(), "the cause is told")
        equal(foster.status("web")["incarnation"], 2)


def test_a_kill_of_supervise_in_the_middle_of_a_probe_changes_nothing():
    with Probed(boot=False) as foster:
        go, port = foster.path("go"), free_port()
        slow = f"echo $$ >> {foster.path('pids')}; while [ ! -e {go} ]; do sleep 0.05; done"
        foster.service("slow", f"readiness: {{exec: '{slow}', timeout: 60s}}")
        foster.service("log", "readiness: {log_line: 'it is up'}", f"while [ ! -e {go} ]; do sleep 0.05; done; echo it is up; exec sleep 1000000")
        foster.service("http", f"readiness: {{http: 'http://127.0.0.1:{port}/', quick_period: 50ms, failure_threshold: 1000}}", WEB % (go, port))
        foster.boot()
        for probes in (1, 2, 3):
            pids = wait_for(f"probe {probes}", lambda: (p := foster.lines("pids")) and len(p) == probes and p)
            before = {name: foster.status(name)["pid"] for name in ("slow", "log", "http")}
            if probes < 3:
                foster.kill_supervise()
        check(not {int(pid) for pid in pids[:2]} & set(foster.live()), "probes of a former supervise are ended")
        foster.touch("go")
        services = foster.wait_all("running", ["slow", "log", "http"])
        for name, pid in before.items():
            equal((services[name]["ready"], services[name]["incarnation"], services[name]["pid"]), (True, 1, pid), name)
        equal(len(foster.lines("pids")), 3)


def test_the_prober_may_die_or_hang():
    """A liveness probe that may not fail once: nobody is restarted for what becomes of the prober."""
    with Probed(boot=False) as foster:
        go, port = foster.path("go"), free_port()
        foster.touch("go")
        foster.service("web", f"liveness: {{tcp: {port}, period: 50ms, timeout: 5s, failure_threshold: 1}}\n"
                              f"readiness: {{tcp: {port}, period: 50ms, quick_period: 50ms, failure_threshold: 1000}}", WEB % (go, port))
        foster.service("log", "readiness: {log_line: 'it is up'}", f"while [ ! -e {foster.path('said')} ]; do sleep 0.05; done; echo it is up; exec sleep 1000000")
        foster.boot()
        wait_for("a verdict", lambda: (foster.status("web") or {}).get("alive"))
        for _ in range(5):
            old = foster.kill_role("foster", "probe")
            wait_for("another prober", lambda: foster.role_pid("foster", "probe") not in (None, old))
        foster.touch("said")
        foster.wait_state("log", "running")
        status = foster.status("web")
        equal((status["incarnation"], status["alive"]), (1, True))


def test_a_prober_that_hangs_is_replaced():
    with Probed(boot=False) as foster:
        go, port = foster.path("go"), free_port()
        foster.touch("go")
        foster.service("web", f"liveness: {{tcp: {port}, period: 50ms, timeout: 300ms, failure_threshold: 3}}", WEB % (go, port))
        foster.boot()
        wait_for("a verdict", lambda: (foster.status("web") or {}).get("alive"))
        old = foster.kill_role("foster", "probe", with_signal=signal.SIGSTOP)
        wait_for("another prober", lambda: foster.role_pid("foster", "probe") not in (None, old))
        wait_for("a probe that succeeds again", lambda: not foster.status("web")["probe_text"])
        equal((foster.status("web")["incarnation"], foster.status("web")["alive"]), (1, True))


def test_a_failure_is_not_charged_to_a_later_life():
    with Probed(boot=False) as foster:
        runs, first = foster.path("runs"), foster.path("first")
        # The probe of the first life takes 600 ms and fails; those of later lives are quick and succeed.
        probe = f"echo $$ >> {runs}; if mkdir {first} 2> /dev/null; then trap '' TERM; sleep 0.6; exit 1; fi"
        foster.service("web", f"liveness: {{exec: \"{probe}\", period: 100ms, timeout: 10s, failure_threshold: 1, action: stop}}")
        foster.boot()
        wait_for("the slow probe", lambda: os.path.isdir(first))
        result = foster.call("restart", {"names": ["web"]})["results"][0]
        check(result["ok"], result)
        started = time.monotonic()
        wait_for("probes of the new life", lambda: len(foster.lines("runs")) >= 6)
        wait_for("the slow probe's time to be over", lambda: time.monotonic() - started > 1.0)
        status = foster.status("web")
        equal((status["state"], status["incarnation"], status["alive"]), ("running", 2, True))


def test_check_and_figures():
    with Probed(boot=False) as foster:
        go, port = foster.path("go"), free_port()
        foster.touch("go")
        foster.service("web", f"readiness: {{http: 'http://127.0.0.1:{port}/', quick_period: 50ms}}\nliveness: {{exec: 'exit 7', action: ignore, period: 1h}}", WEB % (go, port))
        foster.service("plain", "description: no probe")
        foster.service("off", f"autostart: false\nreadiness: {{file: {go}}}")
        foster.service("mute", "autostart: false\nreadiness: {log_line: never}")
        foster.service("slow", "readiness: {log_line: never, timeout: 300ms}")
        foster.boot()
        foster.wait_all("running", ["web", "plain"])
        answer = foster.call("check", {"names": ["web", "plain", "off", "mute", "slow"]})
        equal(answer["without"], ["plain"])
        checks = {(one["name"], one["probe"]): (one["kind"], one["ok"], one["text"]) for one in answer["checks"]}
        equal(checks[("web", "liveness")], ("exec", False, "exit code 7"))
        equal(checks[("web", "readiness")][:2], ("http", True))
        check(checks[("web", "readiness")][2].startswith("200"), checks)
        equal(checks[("off", "readiness")][:2], ("file", True))
        equal(checks[("mute", "readiness")], ("log_line", False, "not running"))
        equal(checks[("slow", "readiness")][:2], ("log_line", False))
        equal(len(checks), 5)
        equal(foster.status("web")["restarts"], 0, "a check counts for nothing")

        def figures():
            return {one["name"]: one for one in foster.call("figures", {"names": ["web", "plain", "off"]})["figures"]}
        both = figures()
        equal(sorted(both), ["plain", "web"])
        check(both["web"]["processes"] == 1 and both["web"]["rss_bytes"] > 1 << 20, both)
        check(any(p["address"] == f"127.0.0.1:{port}" for p in both["web"]["ports"]), both)
        equal(both["plain"]["ports"], [])
        foster.kill_role("foster", "probe")
        equal(sorted(figures()), ["plain", "web"])
        check("results" in foster.call("down", {"names": ["web", "plain"]}), "down")
        equal(figures(), {})


def test_bounds_of_check_and_figures():
    """More services than one packet or one check takes."""
    with Probed(boot=False) as foster:
        names = [f"s{i}" for i in range(257)]
        for name in names:
            if name < "s14":  # 46 of them
                foster.longrun(name)
            else:
                foster.service(name, "autostart: false\nreadiness: {exec: 'true'}")
        foster.boot()
        up = sorted(name for name in names if name < "s14")
        foster.wait_all("running", up)
        equal(sorted(one["name"] for one in foster.call("figures")["figures"]), up)
        try:
            foster.call("check", {"names": ["*"]})
            check(False, "too many were taken")
        except AssertionError as error:
            check("at most 256" in str(error), str(error))
        answer = foster.call("check", {"names": [n for n in names if n not in up]})
        equal((len(answer["checks"]), all(one["ok"] for one in answer["checks"])), (len(names) - len(up), True))


def test_nobody_asks_and_there_is_no_prober():
    with Probed(boot=False) as foster:
        foster.longrun("plain")
        foster.boot()
        foster.wait_state("plain", "running")
        equal(foster.role_pid("foster", "probe"), None)
        equal(len(foster.call("figures")["figures"]), 1)
        check(foster.role_pid("foster", "probe"), "the first question brings it up")
        equal(foster.stop(), 0)


if __name__ == "__main__":
    run(globals())
