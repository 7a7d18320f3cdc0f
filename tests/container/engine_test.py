#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""What the engine can do in containers that allow less, or ask more: other users, read-only roots, crowds, a stop in time."""
import json
import os
import resource
import subprocess
import sys
import tempfile

from podman import Container, check, equal, run, wait_for, write

CROWD = 1000
ONCE = "restart: {start_retries: 0}\n"

# A server of sockets it is given, one connection after another: its pid.
SERVER = """#!/usr/bin/perl
use Socket;
open(my $listener, '+<&=', 3) or die $!;
while (accept(my $connection, $listener)) { syswrite($connection, "$$ $ENV{LISTEN_FDS} $ENV{LISTEN_FDNAMES}"); close $connection; }
"""

# Says that it is ready when it finds a file, and where it said so.
NOTIFIER = """#!/usr/bin/perl
use Socket;
my $name = $ENV{NOTIFY_SOCKET};
print STDERR "notify socket $name\\n";
$name =~ s/^@/\\0/;
sleep 1 until -e '/work/go';
socket(my $to, AF_UNIX, SOCK_DGRAM, 0) or die $!;
send($to, "READY=1\\nSTATUS=ready at last", 0, pack_sockaddr_un($name)) or die $!;
sleep 1000000;
"""

# Connects as many times at once as it is told to and prints the different answers.
CLIENTS = """
import asyncio, sys
async def ask(host, port):
    reader, writer = await asyncio.open_connection(host, port)
    answer = await reader.read(100)
    writer.close()
    return answer.decode()
async def main(count, port):
    answers = await asyncio.gather(*(ask("127.0.0.1", port) for _ in range(count)))
    print(len(answers), sorted(set(answers)))
asyncio.run(main(int(sys.argv[1]), int(sys.argv[2])))
"""

# Leaves a daemon behind, as old servers do.
DAEMON = "#!/bin/sh\nsetsid sleep 1000000 >/dev/null 2>&1 </dev/null &\necho $! > /run/old.pid\n"
SLEEP = "#!/bin/sh\nexec sleep 1000000\n"


class Services:
    """Service directories to mount: all that there are, or beside the image's own."""

    def __init__(self):
        self.directory = tempfile.TemporaryDirectory()
        self.names = []
        os.chmod(self.directory.name, 0o755)

    def add(self, name, script=SLEEP, yaml="", type="longrun"):
        base = f"{self.directory.name}/{name}"
        self.names.append(name)
        write(f"{base}/type", type + "\n")
        write(f"{base}/{'run' if type == 'longrun' else 'up'}", script, 0o755)
        if yaml:
            write(f"{base}/foster.yaml", yaml)
        return self

    def instead(self):
        return ["-v", f"{self.directory.name}:/etc/foster/services.d:ro"]

    def beside(self):
        """In the bundle that a container starts, as the image's own are."""
        entries = f"{self.directory.name}/entries"
        options = []
        for name in self.names:
            write(f"{entries}/{name}", "")
            options += ["-v", f"{self.directory.name}/{name}:/etc/foster/services.d/{name}:ro"]
            options += ["-v", f"{entries}/{name}:/etc/foster/services.d/user/contents.d/{name}:ro"]
        return options


def join_network(container, *argv):
    """Runs a program of this machine on the container's own loopback."""
    pid = container.inspect("{{.State.Pid}}")
    result = subprocess.run(["nsenter", "-t", pid, "-n", *argv], text=True, capture_output=True, timeout=120)
    equal(result.returncode, 0, result.stderr)
    return result.stdout


def connect(container, address):
    text = "import socket, sys\ns = socket.socket(socket.AF_UNIX)\ns.settimeout(20)\ns.connect(sys.argv[1].replace('@', chr(0)))\nprint(s.recv(100).decode())"
    return join_network(container, sys.executable, "-c", text, address).split()


def stops(container, limit=2.0):
    took, code = container.stop()
    equal(code, 0, "exit code")
    check(took < limit, f"podman stop took {took:.2f} s")
    check("SIGKILL" not in container.log(), "a service was killed")


def test_as_an_ordinary_user():
    """What needs root is refused with its reason, or left out and told where the service allows it."""
    services = Services()
    ran = "#!/bin/sh\necho $0 was executed\nexec sleep 1000000\n"
    services.add("other", ran, "isolation: {user: nobody}\n" + ONCE).add("raised", ran, "isolation: {nice: -5}\n" + ONCE)
    services.add("lowered", SLEEP, "isolation: {nice: 5, umask: 077, oom_score_adj: 500}\n")
    services.add("degraded", SLEEP, "isolation: {nice: -5, private_tmp: true, may_degrade: [nice, private_tmp]}\n")
    with Container(options=[*services.instead(), "--user", "1000:1000"]) as container:
        status = container.wait_states({"other": "failed", "raised": "failed", "lowered": "running", "degraded": "running"})
        check("user" in status["other"]["cause"] or "group" in status["other"]["cause"], status["other"]["cause"])
        check("nice" in status["raised"]["cause"] or "priority" in status["raised"]["cause"], status["raised"]["cause"])
        check("was executed" not in container.log(), "half isolated")
        equal(sorted(each.split(":")[0] for each in status["degraded"]["degraded"]), ["nice", "private_tmp"])
        equal(status["lowered"]["degraded"], [])
        equal(container.exec("cat", f"/proc/{status['lowered']['pid']}/oom_score_adj").stdout.strip(), "500")
        found = {each["feature"]: each for each in json.loads(container.svc("doctor", "--json").stdout)}
        equal((found["other users"]["ok"], found["other users"]["fix"]), (False, "start the container as root"))
        equal((found["nice"]["ok"], found["nice"]["fix"]), (False, "--cap-add SYS_NICE"))
        stops(container)


def test_on_a_read_only_root():
    """Nothing can be written but one tmpfs: sockets, sd_notify by an abstract address, and probes work."""
    services = Services()
    services.add("path", SERVER, "sockets: [{unix: /work/path.sock, name: p}]\nactivation: on_demand\n")
    services.add("abstract", SERVER, "sockets: [{unix: '@foster-test'}]\nactivation: on_demand\n")
    services.add("notifier", NOTIFIER, "readiness: {sd_notify: true}\n")
    services.add("probed", SLEEP, "readiness: {file: /work/go}\nliveness: {exec: [test, -e, /work/go], period: 200ms, failure_threshold: 2}\n")
    services.add("listener", SERVER, "sockets: [{tcp: '127.0.0.1:7001'}]\nreadiness: {listen: true}\n")
    services.add("reached", SLEEP, "readiness: {tcp: 7001}\n")
    options = ["--read-only", "--read-only-tmpfs=false", "--tmpfs", "/work"]
    with Container(options=[*services.instead(), *options]) as container:
        container.wait_states({"path": "waiting", "abstract": "waiting", "notifier": "starting", "probed": "starting", "listener": "running", "reached": "running"})
        pid = container.inspect("{{.State.Pid}}")
        equal(connect(container, f"/proc/{pid}/root/work/path.sock")[1:], ["1", "p"])
        equal(connect(container, "@foster-test")[1:], ["1", "abstract"])
        wait_for("its address", lambda: "notify socket @" in container.log())
        equal(container.exec("touch", "/work/go").returncode, 0)
        status = container.wait_states({"path": "running", "abstract": "running", "notifier": "running", "probed": "running"})
        equal(status["notifier"]["status_text"], "ready at last")
        equal(container.exec("rm", "/work/go").returncode, 0)
        wait_for("the probe to see it", lambda: container.status()["probed"]["restarts"] > 0)
        equal(container.status()["notifier"]["pid"], status["notifier"]["pid"])
        stops(container)


def test_without_proc():
    """Services start, restart, and end in order; doctor names what is missed. (No engine can do it, so a shell takes /proc away.)"""
    services = Services()
    services.add("web", "#!/bin/sh\ntrap 'echo web ends; exit 0' TERM\necho web is up\nwhile :; do sleep 1000 & wait; done\n")
    services.add("asks", "#!/bin/sh\nsvc restart web && svc status && svc doctor\necho asked\nexec sleep 1000000\n", "depends_on: {web: started}\nreadiness: {exec: [test, -d, /]}\n")
    entry = json.dumps(["sh", "-c", "umount -l -R /proc && exec /init"])
    with Container(options=[*services.instead(), "--privileged", "--entrypoint", entry]) as container:
        wait_for("its answers", lambda: "| asked" in container.log())
        log = container.log()
        equal((log.count("web is up"), log.count("web ends")), (2, 1), "one restart")
        check("/proc           no" in log and "mount /proc" in log, "what doctor says:\n" + log)
        stops(container)
        equal(container.log().count("web ends"), 2)


def test_a_crowd_connects():
    """1,000 connections at once to a service that does not run yet: one start, an answer to each."""
    resource.setrlimit(resource.RLIMIT_NOFILE, (4096, resource.getrlimit(resource.RLIMIT_NOFILE)[1]))
    services = Services().add("web", SERVER, "sockets: [{tcp: '127.0.0.1:7002'}]\nactivation: on_demand\n")
    with Container(options=services.instead()) as container:
        container.wait_states({"web": "waiting"})
        answers = join_network(container, sys.executable, "-c", CLIENTS, str(CROWD), "7002")
        status = container.wait_states({"web": "running"})["web"]
        equal(answers.strip(), f"{CROWD} ['{status['pid']} 1 web']")
        equal((status["incarnation"], status["restarts"]), (1, 0))
        stops(container)


def test_stops_in_time_with_everything():
    """A schedule, a socket and a daemon beside the image's own services: the end is no later for them."""
    services = Services()
    services.add("nightly", "#!/bin/sh\ntrue\n", "schedule: {cron: '30 4 * * *'}\n", "oneshot")
    services.add("often", SLEEP, "schedule: {every: 1s, run_on_start: true}\n")
    services.add("web", SERVER, "sockets: [{tcp: '127.0.0.1:7003'}]\nactivation: on_demand\nidle_stop: 1h\n")
    services.add("asleep", SERVER, "sockets: [{unix: /run/asleep.sock}]\nactivation: on_demand\n")
    services.add("old", DAEMON, "daemon: {pid_file: /run/old.pid}\n")
    own = {"docker-entrypoint": "exited", "supervisord/code-server": "running", "process-compose/my-experiment": "running"}
    with Container(options=services.beside()) as container:
        container.wait_states({**own, "nightly": "waiting", "often": "running", "web": "waiting", "asleep": "waiting", "old": "running"})
        answer = join_network(container, sys.executable, "-c", CLIENTS, "1", "7003")
        status = container.wait_states({"web": "running"})
        check(str(status["web"]["pid"]) in answer, answer)
        equal(container.exec("cat", "/run/old.pid").stdout.strip(), str(status["old"]["pid"]), "the daemon is followed")
        stops(container)


run(globals())
