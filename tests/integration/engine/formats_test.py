# SPDX-License-Identifier: MIT
"""What the three formats and foster.yaml say about readiness, ends, stops and sockets, with real processes."""
import os
import socket
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
from harness import Foster, check, equal, run, wait_for, write  # noqa: E402

FOREVER = "exec sleep 1000000"


def text_of(path):
    try:
        with open(path) as file:
            return file.read()
    except FileNotFoundError:
        return ""


def test_foster_yaml_of_a_service_directory():
    """Its word is the last one; a fault breaks the one service and says where."""
    with Foster(boot=False) as foster:
        out = f"{foster.directory}/out"
        foster.longrun("web", f'echo "$A $(umask) $(pwd)" > {out}; {FOREVER}', **{
            "env/A": "from-file\n",
            "foster.yaml": f"env: {{A: from-yaml}}\nisolation: {{umask: '027', cwd: {foster.directory}}}\n"})
        foster.longrun("bad", **{"foster.yaml": "readiness:\n  tcp: 65536\nstop: {signal: SIGTERMM}\n"})
        foster.boot()
        foster.wait_state("web", "running")
        wait_for("its words", lambda: text_of(out).strip())
        equal(text_of(out).split(), ["from-yaml", "0027", foster.directory])
        status = foster.wait_state("bad", "failed")
        check("foster.yaml:2:8: readiness.tcp: not a port: '65536'" in status["cause"], status["cause"])


def test_process_compose_waits_for_health_and_for_a_line():
    with Foster(boot=False) as foster:
        flag, go = f"{foster.directory}/flag", f"{foster.directory}/go"
        foster.workload("yaml", "process-compose", f"""
processes:
  probed:
    command: {FOREVER}
    readiness_probe:
      exec: {{command: "test -f {flag}"}}
      period_seconds: 1
      failure_threshold: 1000
  line:
    command: 'while [ ! -f {go} ]; do sleep 0.05; done; echo "it is listening"; {FOREVER}'
    ready_log_line: is listening
  healthy:
    command: {FOREVER}
    depends_on: {{probed: {{condition: process_healthy}}}}
  logged:
    command: {FOREVER}
    depends_on: {{line: {{condition: process_log_ready}}}}
""")
        foster.boot()
        foster.wait_state("yaml/healthy", "waiting")
        foster.wait_state("yaml/logged", "waiting")
        write(flag, "")
        foster.wait_state("yaml/healthy", "running")
        equal(foster.state("yaml/logged"), "waiting", "one flag opens one gate")
        write(go, "")
        foster.wait_state("yaml/logged", "running")


def test_process_compose_stops_by_command_and_ends_together():
    with Foster(boot=False) as foster:
        out, go = f"{foster.directory}/out", f"{foster.directory}/go"
        foster.workload("yaml", "process-compose", f"""
processes:
  asked:
    command: 'trap "" TERM; echo $$$$ > {out}.pid; while :; do sleep 0.1; done'
    shutdown: {{command: 'echo "asked $PC_PROC_NAME" > {out}; kill -KILL $(cat {out}.pid)', timeout_seconds: 60}}
  ender:
    command: 'while [ ! -f {go} ]; do sleep 0.05; done'
    availability: {{restart: exit_on_failure, exit_on_end: true}}
""")
        foster.boot()
        foster.wait_all("running", ["yaml/asked", "yaml/ender"])
        wait_for("its number", lambda: text_of(f"{out}.pid").strip())
        write(go, "")
        foster.wait_state("yaml/asked", "stopped")
        equal(text_of(out), "asked asked\n", "the end of one ended the other, by its command")


def test_x_foster_says_what_process_compose_cannot():
    with Foster(boot=False) as foster:
        foster.longrun("db", "exec sleep 1000000")
        foster.workload("yaml", "process-compose", f"""
processes:
  web:
    command: {FOREVER}
    x-foster:
      depends_on: {{db: {{condition: started, stop_along: true}}}}
""")
        foster.boot()
        foster.wait_state("yaml/web", "running")
        foster.call("down", {"names": ["db"]})
        wait_for("it to stop along", lambda: foster.state("yaml/web") in ("waiting", "stopped"))


def test_an_fcgi_program_accepts_on_its_stdin():
    with Foster(boot=False) as foster:
        path = f"{foster.directory}/f.sock"
        program = ("import os, socket\ns = socket.socket(fileno=0)\nwhile True:\n c, _ = s.accept()\n"
                   " c.sendall(os.environ['SUPERVISOR_PROCESS_NAME'].encode())\n c.close()\n")
        write(f"{foster.directory}/f.py", program)
        foster.workload("ini", "supervisord", f"""
[supervisord]
[fcgi-program:f]
command={sys.executable} {foster.directory}/f.py
socket=unix://{path}
socket_mode=0600
process_name=%(program_name)s_%(process_num)d
numprocs=2
""")
        foster.boot()
        foster.wait_all("running", ["ini/f:f_0", "ini/f:f_1"])

        def ask():
            with socket.socket(socket.AF_UNIX) as client:
                client.settimeout(20)
                client.connect(path)
                return client.recv(100).decode()
        check(ask() in ("f_0", "f_1"))
        foster.call("down", {"names": ["ini/f:f_0"]})
        equal(ask(), "f_1", "the socket is that of both")


if __name__ == "__main__":
    run(globals())
