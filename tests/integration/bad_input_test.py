#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""What bad input gets: a clear diagnostic that names the file; the rest of the container comes up."""
import json
import os
import socket

from harness import Foster, check, equal, run, wait_for, write


def broken(foster, name, *words):
    status = foster.wait_state(name, "failed")
    for word in words:
        check(word in status["cause"], f"{name}: {word!r} not in cause {status['cause']!r}")
    wait_for(f"the log to name {name}", lambda: f"services.d/{name}" in foster.log())


def test_faulty_service_directories():
    with Foster(boot=False) as foster:
        foster.longrun("good")
        base = foster.services
        write(f"{base}/no-type/run", "#!/bin/sh\n", 0o755)
        write(f"{base}/odd-type/type", "longrum\n")
        write(f"{base}/odd-type/run", "#!/bin/sh\n", 0o755)
        write(f"{base}/no-run/type", "longrun\n")
        write(f"{base}/not-executable/type", "longrun\n")
        write(f"{base}/not-executable/run", "#!/bin/sh\nexec sleep 1\n", 0o644)
        foster.longrun("a", needs=["b"])
        foster.longrun("b", needs=["a"])
        foster.longrun("lonely", needs=["nobody"])
        foster.longrun("nul")
        write(f"{base}/nul/type", b"longrun\0\n")
        foster.longrun("long-line")
        write(f"{base}/long-line/timeout-kill", b"1" * (1 << 20) + b"\n")
        foster.longrun("waits-for-broken", needs=["no-run"])
        foster.boot()
        foster.wait_state("good", "running")
        broken(foster, "no-type", "type")
        broken(foster, "odd-type", "longrum")
        broken(foster, "no-run", "run")
        broken(foster, "not-executable", "executable")
        broken(foster, "lonely", "nobody")
        broken(foster, "nul")
        broken(foster, "long-line")
        check("a -> b -> a" in foster.wait_state("a", "failed")["cause"] or "b -> a -> b" in foster.status("a")["cause"])
        foster.wait_state("b", "failed")
        check("no-run" in foster.wait_state("waits-for-broken", "failed")["cause"])
        equal(foster.svc("up", "good").returncode, 0)
        equal(foster.svc("up", "no-run").returncode, 1)


def test_unreadable_directory():
    with Foster(boot=False) as foster:
        foster.longrun("good")
        foster.longrun("locked")
        os.chmod(f"{foster.services}/locked", 0)
        # root reads everything, so this one runs as an ordinary user, in a user namespace of its own.
        os.chown(foster.directory, 65534, 65534)
        foster.unshare = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", "unshare", "--user", "--map-current-user", "--pid", "--fork", "--mount-proc", "--kill-child"]
        foster.boot()
        foster.wait_state("good", "running")
        foster.wait_state("locked", "failed")
        wait_for("the log to name it", lambda: "services.d/locked" in foster.log())


def test_bad_requests_leave_the_connection_alive():
    with Foster(boot=False) as foster:
        foster.longrun("good")
        foster.boot()
        with socket.socket(socket.AF_UNIX) as connection:
            connection.settimeout(20)
            connection.connect(foster.socket)
            replies = connection.makefile("rb")

            def ask(line):
                connection.sendall(line + b"\n")
                return json.loads(replies.readline())
            equal(ask(b"this is not JSON")["error"]["code"], -32700)
            equal(ask(b"[1,2]")["error"]["code"], -32600)
            equal(ask(b'{"jsonrpc":"2.0","id":5,"method":"nope"}')["error"]["code"], -32601)
            equal(ask(b'{"jsonrpc":"2.0","id":6,"method":"up","params":{"names":7}}')["error"]["code"], -32602)
            equal(ask(b'{"jsonrpc":"2.0","id":7,"method":"up","params":{"names":["nobody"]}}')["error"]["code"], 1)
            equal(ask(b'{"x":"' + b"a" * (2 << 20) + b'"}')["error"]["code"], -32600)
            equal(ask(b"[" * 100000)["error"]["code"], -32700)
            equal(ask(b'{"jsonrpc":"2.0","id":8,"method":"hello"}')["id"], 8)


def test_two_services_of_one_name():
    yaml = 'version: "0.5"\nprocesses:\n  twin:\n    command: "sleep 1"\n  other:\n    command: "sleep 1"\n  twin:\n    command: "sleep 2"\n'
    with Foster(boot=False) as foster:
        foster.workload("yaml", "process-compose", project=yaml, seed='processes:\n  spare:\n    command: "exec sleep 1000000"\n')
        result = foster.svc("validate", f"{foster.workloads}/yaml/project.yaml")
        equal(result.returncode, 1, result.stdout)
        text = result.stdout + result.stderr
        check("project.yaml:7" in text and ":3" in text, text)
        foster.boot()
        foster.wait_state("yaml/spare", "running")


def test_validate_has_no_side_effect():
    with Foster(boot=False) as foster:
        foster.longrun("good")
        foster.workload("ini", "supervisord", project="[supervisord]\n[program:a]\ncommand=x\nautorestrt=true\n", seed="[supervisord]\n")
        foster.workload("yaml", "process-compose", project='processes:\n  a:\n    command: "x"\n', seed="processes: {}\n")
        before = sorted(os.walk(foster.directory))
        result = foster.svc("validate")
        equal(result.returncode, 0, result.stdout + result.stderr)
        text = result.stdout + result.stderr
        check("autorestart" in text, "did you mean: " + text)
        check("two workloads" in text, "double definition: " + text)
        equal(sorted(os.walk(foster.directory)), before)
        report = json.loads(foster.svc("validate", "--json").stdout)
        check(report, "JSON")


run(globals())
