#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""The clients that people already use, against a booted foster: stock supervisorctl, curl, s6 spelling; and a gateway
that is killed while it is used."""
import json
import os
import signal
import socket
import subprocess
import threading

from harness import BIN, Foster, check, equal, run, wait_for


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def world(directory_env=None):
    port, rest = free_port(), free_port()
    ini = f"""[supervisord]
nodaemon=true
[inet_http_server]
port=127.0.0.1:{port}
username=admin
password=secret
[unix_http_server]
file=%(here)s/ctl.sock
[rpcinterface:supervisor]
supervisor.rpcinterface_factory = supervisor.rpcinterface:make_main_rpcinterface
[supervisorctl]
serverurl=http://127.0.0.1:{port}
[program:web]
command=sh -c "echo hello from web; exec sleep 1000000"
startsecs=0
[program:idle]
command=sleep 1000000
autostart=false
startsecs=0
[group:pair]
programs=left,right
[program:left]
command=sleep 1000000
startsecs=0
[program:right]
command=sleep 1000000
startsecs=0
"""
    yaml = 'processes:\n  api:\n    command: "echo hello from api; exec sleep 1000000"\n  job:\n    command: "exit 4"\n'
    foster = Foster(boot=False, env={"PC_PORT_NUM": str(rest)})
    foster.env.pop("PC_NO_SERVER")
    foster.workload("supervisord", "supervisord", project=ini, seed="[supervisord]\n")
    foster.workload("process-compose", "process-compose", project=yaml, seed="processes: {}\n")
    foster.port, foster.rest, foster.ini = port, rest, ini
    return foster


def ctl(foster, *words, password="secret"):
    return subprocess.run(["/usr/bin/supervisorctl", "-s", f"http://127.0.0.1:{foster.port}", "-u", "admin", "-p", password, *words],
                          text=True, capture_output=True, timeout=60)


def curl(foster, path, *words):
    out = subprocess.run(["curl", "-s", "-m", "20", "-w", "\n%{http_code}", *words, f"http://127.0.0.1:{foster.rest}{path}"], text=True, capture_output=True)
    body, _, code = out.stdout.rpartition("\n")
    return int(code), body


def booted(foster):
    foster.boot()
    foster.wait_all("running", ["supervisord/web", "supervisord/pair:left", "supervisord/pair:right", "process-compose/api"])
    wait_for("XML-RPC", lambda: "RUNNING" in ctl(foster, "status").stdout)
    wait_for("REST", lambda: curl(foster, "/live")[0] == 200)


def test_supervisorctl():
    with world() as foster:
        booted(foster)
        out = ctl(foster, "status")
        check("web" in out.stdout and "pair:left" in out.stdout and "STOPPED" in out.stdout, out.stdout)
        equal(out.returncode, 3, "idle is stopped")
        equal(ctl(foster, "start", "idle").stdout, "idle: started\n")
        equal(foster.state("supervisord/idle"), "running")
        equal(ctl(foster, "pid", "idle").stdout.strip(), str(foster.status("supervisord/idle")["pid"]))
        equal(ctl(foster, "stop", "idle").stdout, "idle: stopped\n")
        equal(ctl(foster, "restart", "pair:*").returncode, 0)
        equal(ctl(foster, "tail", "web").stdout, "hello from web\n\n")  # the stock client adds one
        check("refused" not in ctl(foster, "status", "nobody").stdout)
        equal(ctl(foster, "status", "nobody").returncode, 4)
        check("authentication" in ctl(foster, "status", password="wrong").stdout)
        check("No config updates" in ctl(foster, "reread").stdout)
        before = foster.pids()
        foster.project("supervisord", foster.ini + "[program:extra]\ncommand=sleep 1000000\nstartsecs=0\n", "conf")
        equal(ctl(foster, "reread").stdout, "extra: available\n")
        equal(ctl(foster, "update").stdout, "extra: added process group\n")
        foster.wait_state("supervisord/extra", "running")
        equal(foster.pids()["supervisord/web"], before["supervisord/web"], "web is untouched")
        foster.project("supervisord", "[supervisord]\n[program:web]\n", "conf")
        check("CANT_REREAD" in ctl(foster, "reread").stdout)
        equal(foster.pids()["supervisord/web"], before["supervisord/web"], "web is untouched")
        # shutdown ends this workload's services and nothing else.
        equal(ctl(foster, "shutdown").stdout, "Shut down\n")
        foster.wait_state("supervisord/web", "stopped")
        equal(foster.state("process-compose/api"), "running")
        check(foster.process.poll() is None, "foster is there")
        unix = subprocess.run(["/usr/bin/supervisorctl", "-s", f"unix://{foster.workloads}/supervisord/ctl.sock", "start", "web"], text=True, capture_output=True)
        equal(unix.stdout, "web: started\n")


def test_rest():
    with world() as foster:
        booted(foster)
        equal(json.loads(curl(foster, "/live")[1]), {"status": "alive"})
        data = {each["name"]: each for each in json.loads(curl(foster, "/processes")[1])["data"]}
        equal(data["api"]["status"], "Running")
        equal(data["job"]["status"], "Completed")
        equal(data["job"]["exit_code"], 4)
        equal(curl(foster, "/process/nobody")[0], 400)
        equal(curl(foster, "/process/stop/api", "-X", "PATCH")[0], 200)
        foster.wait_state("process-compose/api", "stopped")
        equal(curl(foster, "/process/start/api", "-X", "POST")[0], 200)
        foster.wait_state("process-compose/api", "running")
        pid = foster.status("process-compose/api")["pid"]
        equal(curl(foster, "/process/restart/api", "-X", "POST")[0], 200)
        wait_for("a new pid", lambda: foster.status("process-compose/api")["pid"] not in (None, 0, pid))
        code, body = curl(foster, "/process/logs/api/0/10")
        check("hello from api" in json.loads(body)["logs"], body)


def test_web_page():
    with world() as foster:
        booted(foster)
        url = f"http://127.0.0.1:{foster.port}/"
        equal(subprocess.run(["curl", "-s", "-o", "/dev/null", "-w", "%{http_code}", url], text=True, capture_output=True).stdout, "401")
        page = subprocess.run(["curl", "-s", "-u", "admin:secret", url], text=True, capture_output=True).stdout
        check("web" in page and "<form" in page and "running" in page.lower(), page[:2000])


def test_gateway_killed_under_use():
    with world() as foster:
        booted(foster)
        before = foster.pids()
        stop = threading.Event()
        answers = {"good": 0}

        def use():
            while not stop.is_set():
                if curl(foster, "/processes")[0] == 200:
                    answers["good"] += 1
                ctl(foster, "status")
        users = [threading.Thread(target=use) for _ in range(2)]
        for user in users:
            user.start()
        try:
            for _ in range(10):
                for name in ("supervisord", "process-compose"):
                    pid = wait_for(name, lambda: foster.role_pid("foster", "serve", name))
                    os.kill(pid, signal.SIGKILL)
                    wait_for("a new gateway", lambda: foster.role_pid("foster", "serve", name) not in (None, pid))
                so_far = answers["good"]
                wait_for("an answer of the new REST gateway", lambda: answers["good"] > so_far)
        finally:
            stop.set()
            for user in users:
                user.join()
        wait_for("XML-RPC again", lambda: "RUNNING" in ctl(foster, "status").stdout)
        wait_for("REST again", lambda: curl(foster, "/live")[0] == 200)
        check(answers["good"] >= 10, "REST answered after each kill")
        equal(foster.pids(), before)


def test_s6_spelling():
    with world() as foster:
        foster.longrun("plain")
        booted(foster)
        foster.wait_state("plain", "running")
        first = foster.status("plain")["pid"]
        equal(foster.svc("-t", f"{foster.services}/plain").returncode, 0)
        wait_for("TERM and a restart", lambda: foster.status("plain")["pid"] not in (None, 0, first))
        equal(foster.svc("-d", "plain").returncode, 0)
        foster.wait_state("plain", "stopped")
        s6 = lambda *words: subprocess.run([f"{BIN}/s6-svc", *words], env=foster.env, text=True, capture_output=True)
        equal(s6("-u", f"{foster.services}/plain").returncode, 0)
        foster.wait_state("plain", "running")
        equal(s6("-t", "/run/service/supervisord").returncode, 0)
        foster.wait_state("supervisord/web", "running")


run(globals())
