#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""The peers' own clients against a container: supervisorctl with fcgi-programs and numprocs, curl and the REST paths."""
import json
import os
import socket
import subprocess
import tempfile

from podman import Container, check, equal, run, wait_for, write

# Answers on the socket that it got as its stdin.
FCGI = """use Socket;
open(my $listener, '+<&=', 0) or die $!;
while (accept(my $connection, $listener)) {
  syswrite($connection, "$ENV{SUPERVISOR_PROCESS_NAME} $$");
  close $connection;
}
"""
INI = """[supervisord]
[unix_http_server]
file=/var/run/supervisor.sock
[rpcinterface:supervisor]
supervisor.rpcinterface_factory = supervisor.rpcinterface:make_main_rpcinterface
[fcgi-program:f]
command=perl %(ENV_FOSTER_WORKLOADS)s/supervisord/fcgi.pl
socket=unix:///tmp/f.sock
process_name=%(program_name)s_%(process_num)02d
numprocs=2
startsecs=0
[program:worker]
command=sleep 1000000
process_name=%(program_name)s_%(process_num)d
numprocs=3
startsecs=0
"""
COMPOSE = """processes:
  big:
    command: "exec nice perl -e '$x = q(a) x (64 << 20); 1 while (times)[0] < 20; sleep 1000000'"
  web:
    command: "exec sleep 1000000"
    replicas: 1
  nightly:
    command: "true"
    schedule: {cron: "30 4 * * *"}
"""


class Project:
    """A container that has the two as the project's own."""

    def __enter__(self):
        self.directory = tempfile.TemporaryDirectory()
        os.chmod(self.directory.name, 0o755)
        self.file("supervisord/project.conf", INI)
        self.file("supervisord/fcgi.pl", FCGI)
        self.file("process-compose/project.yaml", COMPOSE)
        self.container = Container(options=["-v", f"{self.directory.name}:/workspaces/demo/workloads"])
        self.container.__enter__()
        return self

    def __exit__(self, *error):
        self.container.__exit__(*error)
        self.directory.cleanup()

    def file(self, name, text):
        write(f"{self.directory.name}/{name}", text)

    def path(self, inside):
        return f"/proc/{self.container.inspect('{{.State.Pid}}')}/root{inside}"

    def ctl(self, *words):
        result = subprocess.run(["supervisorctl", "-s", "unix://" + self.path("/run/supervisor.sock"), *words], text=True, capture_output=True, timeout=60)
        return result.stdout + result.stderr

    def states(self):
        return {line.split()[0]: line.split()[1] for line in self.ctl("status").splitlines() if len(line.split()) > 1}

    def curl(self, path, *words):
        pid = self.container.inspect("{{.State.Pid}}")
        result = subprocess.run(["nsenter", "-t", pid, "-n", "curl", "-s", *words, f"http://localhost:8080{path}"], text=True, capture_output=True, timeout=60)
        return json.loads(result.stdout)

    def resident(self, pid):
        lines = self.container.exec("cat", f"/proc/{pid}/status").stdout.splitlines()
        return next(int(line.split()[1]) << 10 for line in lines if line.startswith("VmRSS:"))

    def processes(self):
        return {each["name"]: each for each in self.curl("/processes")["data"]}

    def ask(self):
        with socket.socket(socket.AF_UNIX) as client:
            client.settimeout(20)
            client.connect(self.path("/tmp/f.sock"))
            return client.recv(100).decode().split()


def test_supervisorctl():
    with Project() as project:
        names = ["f:f_00", "f:f_01", "worker:worker_0", "worker:worker_1", "worker:worker_2"]
        project.container.wait_states({"supervisord/" + name: "running" for name in names})
        wait_for("its socket", lambda: os.path.exists(project.path("/run/supervisor.sock")))
        equal(project.states(), {name: "RUNNING" for name in names})
        check(project.ask()[0] in ("f_00", "f_01"))
        check("f:f_00: stopped" in project.ctl("stop", "f:f_00"))
        equal({project.ask()[0] for _ in range(5)}, {"f_01"}, "the socket is that of both")
        equal(project.states()["f:f_00"], "STOPPED")
        pid = project.ctl("pid", "f:f_01").strip()
        equal(project.ask()[1], pid)
        told = project.ctl("restart", "f:*")
        check("f:f_00: started" in told and "f:f_01: started" in told, told)
        check(project.ctl("pid", "f:f_01").strip() != pid, "another process")
        check(project.ask()[0] in ("f_00", "f_01"))
        kept = project.ctl("pid", "f:f_00").strip()
        project.file("supervisord/project.conf", INI.replace("numprocs=3", "numprocs=5"))
        check("worker: updated process group" in project.ctl("update"))
        more = ["worker:worker_3", "worker:worker_4"]
        wait_for("five workers", lambda: project.states() == {name: "RUNNING" for name in names + more})
        equal(project.ctl("pid", "f:f_00").strip(), kept, "an update of one group leaves the other alone")
        equal(project.container.stop()[1], 0)


def test_process_compose_rest():
    with Project() as project:
        status = project.container.wait_states({"process-compose/big": "running", "process-compose/web": "running", "process-compose/nightly": "waiting"})
        wait_for("the gateway", lambda: "(rest)" in project.container.log())
        big = wait_for("its memory", lambda: (p := project.processes()["big"])["mem"] > 64 << 20 and p)
        equal(big["pid"], status["process-compose/big"]["pid"])
        wait_for("mem as the kernel counts it", lambda: 0.9 < project.processes()["big"]["mem"] / project.resident(big["pid"]) < 1.1)
        wait_for("the time it burns", lambda: project.processes()["big"]["cpu"] > 1)
        nightly = project.processes()["nightly"]
        check("T04:30:00" in nightly["next_run_time"], nightly)
        equal(project.curl("/process/scale/web/3", "-X", "PATCH"), {"name": "web"})
        wait_for("three", lambda: [n for n, p in project.processes().items() if n.startswith("web-") and p["is_running"]] == ["web-0", "web-1", "web-2"])
        pids = {name: each["pid"] for name, each in project.processes().items()}
        equal(project.curl("/process/scale/web-2/2", "-X", "PATCH"), {"name": "web-2"}, "any replica's name will do")
        wait_for("two", lambda: sorted(n for n in project.processes() if n.startswith("web-")) == ["web-0", "web-1"])
        after = {name: each["pid"] for name, each in project.processes().items()}
        equal((after["web-0"], after["big"]), (pids["web-0"], pids["big"]), "nothing else was touched")
        check("negative or zero" in project.curl("/process/scale/web-0/0", "-X", "PATCH")["error"])
        equal(project.container.stop()[1], 0)


run(globals())
