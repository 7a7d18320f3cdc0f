# SPDX-License-Identifier: MIT
"""Listening sockets with real processes: started by the first connection, kept over restarts, stopped when idle."""
import asyncio
import os
import signal
import socket
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
from harness import Foster, check, equal, run, wait_for, write  # noqa: E402

# Answers every connection with its pid and what it was told of its sockets.
SERVER = """
import os, signal, socket
listener = socket.socket(fileno=3)
names = os.environ["LISTEN_FDNAMES"]
own = os.environ["LISTEN_PID"] == str(os.getpid())
while True:
    connection, _ = listener.accept()
    connection.recv(64)
    connection.sendall(f"{os.getpid()} {os.environ['LISTEN_FDS']} {names} {own}".encode())
    connection.close()
"""


def free_port():
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return one.getsockname()[1]


def ask(address):
    """What the server says to a new connection."""
    family = socket.AF_UNIX if isinstance(address, str) else socket.AF_INET
    with socket.socket(family) as connection:
        connection.settimeout(20)
        connection.connect(address)
        connection.sendall(b"hello")
        return connection.recv(256).decode().split()


def ask_until_served(address):
    """As ask(); a connection that a dying server had accepted is asked again, one that is refused is an error."""
    while True:
        try:
            if answer := ask(address):
                return answer
        except ConnectionResetError:
            pass


class Served(Foster):
    def service(self, name, yaml, program=SERVER):
        path = write(f"{self.directory}/{name}.py", program)
        self.longrun(name, f"exec {sys.executable} {path}")
        write(f"{self.services}/{name}/foster.yaml", yaml)

    def kill_supervise(self):
        old = wait_for("supervise", lambda: self.role_pid("foster", "supervise"))
        os.kill(old, signal.SIGKILL)
        wait_for("another supervise", lambda: self.role_pid("foster", "supervise") not in (None, old))
        self.wait_up()


def test_first_connection_starts_it():
    port = free_port()
    with Served(boot=False) as foster:
        foster.service("web", f"sockets: [{{tcp: '127.0.0.1:{port}', name: front}}]\nactivation: on_demand\n")
        foster.boot()
        status = foster.wait_state("web", "waiting")
        equal(status["sockets"], [f"tcp 127.0.0.1:{port}"])
        equal(status["incarnation"], 0, "nothing ran")
        answer = ask(("127.0.0.1", port))
        equal(answer[1:], ["1", "front", "True"])
        equal(foster.wait_state("web", "running")["incarnation"], 1)
        equal(ask(("127.0.0.1", port))[0], answer[0], "the same process answers again")


def test_boot_socket_queues_until_it_listens():
    with Served(boot=False) as foster:
        path = f"{foster.directory}/app.sock"
        foster.service("app", f"sockets: [{{unix: {path}, mode: '0666'}}]\n")
        foster.boot()
        wait_for("the socket", lambda: os.path.exists(path))
        equal(os.stat(path).st_mode & 0o777, 0o666)
        first = ask(path)
        foster.call("restart", {"names": ["app"]})
        check(wait_for("another process", lambda: ask_until_served(path)[0] != first[0]))


def test_socket_outlives_supervise_and_a_crash():
    port = free_port()
    with Served(boot=False) as foster:
        foster.service("web", f"sockets: [{{tcp: '127.0.0.1:{port}'}}]\nrestart: {{delay: 10ms}}\n")
        foster.service("late", f"sockets: [{{unix: {foster.directory}/late.sock}}]\nactivation: on_demand\n")
        foster.boot()
        foster.wait_state("web", "running")
        first = ask(("127.0.0.1", port))
        foster.kill_supervise()
        equal(ask(("127.0.0.1", port)), first, "served on")
        foster.wait_state("late", "waiting")
        equal(ask(f"{foster.directory}/late.sock")[1:3], ["1", "late"])
        foster.call("signal", {"names": ["web"], "signal": "KILL"})
        check(ask_until_served(("127.0.0.1", port))[0] != first[0], "the queue was kept while it started again")


def test_idle_stop_and_start_again():
    port = free_port()
    with Served(boot=False) as foster:
        foster.service("web", f"sockets: [{{tcp: '127.0.0.1:{port}'}}]\nactivation: on_demand\nidle_stop: 2s\n")
        foster.boot()
        foster.wait_state("web", "waiting")
        first = ask(("127.0.0.1", port))
        foster.wait_state("web", "running")
        status = foster.wait_state("web", "waiting")
        equal(status["restarts"], 0, "being idle is no failure")
        check(ask(("127.0.0.1", port))[0] != first[0])


def test_address_in_use_is_named_and_tried_again():
    with Served(boot=False) as foster, socket.socket() as holder:
        holder.bind(("127.0.0.1", 0))
        holder.listen()
        port = holder.getsockname()[1]
        foster.service("web", f"sockets: [{{tcp: '127.0.0.1:{port}'}}]\nrestart: {{delay: 100ms}}\n")
        foster.boot()
        status = wait_for("a failed start", lambda: (s := foster.status("web")) and s["state"] == "backoff" and s)
        check("in use" in status["cause"].lower(), status)
        wait_for("the voice", lambda: f"cannot listen at tcp 127.0.0.1:{port}" in foster.log())
        holder.close()
        foster.wait_state("web", "running")
        check(ask(("127.0.0.1", port)))


def test_socket_leaves_with_its_service():
    with Served(boot=False) as foster:
        path = f"{foster.directory}/app.sock"
        foster.service("app", f"sockets: [{{unix: {path}}}]\nactivation: on_demand\n")
        foster.service("other", f"sockets: [{{unix: {path}2}}]\nactivation: on_demand\n")
        foster.boot()
        foster.wait_all("waiting", ["app", "other"])
        for name in os.listdir(f"{foster.services}/app"):
            os.unlink(f"{foster.services}/app/{name}")
        os.rmdir(f"{foster.services}/app")
        foster.call("reload")
        wait_for("the file to go", lambda: not os.path.exists(path))
        check(os.path.exists(path + "2"), "the other one stays")


def test_reload_changes_a_socket():
    old, new = free_port(), free_port()
    with Served(boot=False) as foster:
        foster.service("web", f"sockets: [{{tcp: '127.0.0.1:{old}'}}]\nactivation: on_demand\n")
        foster.boot()
        foster.wait_state("web", "waiting")
        foster.service("web", f"sockets: [{{tcp: '127.0.0.1:{new}'}}]\nactivation: on_demand\n")
        foster.call("reload")
        equal(wait_for("the new one", lambda: foster.status("web")["sockets"]), [f"tcp 127.0.0.1:{new}"])

        def is_open(port):
            with socket.socket() as one:
                return one.connect_ex(("127.0.0.1", port)) == 0
        wait_for("the old one to close", lambda: not is_open(old))
        check(ask_until_served(("127.0.0.1", new)))


def test_fd_0():
    port = free_port()
    with Served(boot=False) as foster:
        program = SERVER.replace("fileno=3", "fileno=0").replace('os.environ["LISTEN_FDNAMES"]', "'-'") \
            .replace('os.environ["LISTEN_PID"] == str(os.getpid())', "True").replace("os.environ['LISTEN_FDS']", "'-'")
        foster.service("cgi", f"sockets: [{{tcp: '127.0.0.1:{port}', as_stdin: true}}]\n", program)
        foster.boot()
        foster.wait_state("cgi", "running")
        equal(ask(("127.0.0.1", port))[1:], ["-", "-", "True"])


def test_nobody_is_refused_over_20_restarts():
    """10,000 connections, 200 at a time. What a dying server had accepted may be cut off: that is asked again."""
    port, total, at_once, restarts = free_port(), 10_000, 200, 20
    refused, cut, served, processes = 0, 0, 0, set()

    async def one():
        nonlocal refused, cut, served
        while True:
            try:
                reader, writer = await asyncio.wait_for(asyncio.open_connection("127.0.0.1", port), 60)
            except ConnectionRefusedError:
                refused += 1
                return
            except ConnectionResetError:
                cut += 1
                continue
            try:
                writer.write(b"hello")
                answer = await asyncio.wait_for(reader.read(256), 60)
            except (ConnectionResetError, BrokenPipeError):
                answer = b""
            finally:
                writer.close()
            if answer:
                served += 1
                processes.add(answer.split()[0])
                return
            cut += 1

    async def clients(foster):
        places = asyncio.Semaphore(at_once)
        done = 0

        async def client():
            nonlocal done
            async with places:
                await one()
                done += 1

        async def restarter():
            for i in range(restarts):
                while done < (i + 1) * total // (restarts + 2):
                    await asyncio.sleep(0.005)
                await asyncio.to_thread(foster.call, "restart", {"names": ["web"]})

        await asyncio.gather(restarter(), *(client() for _ in range(total)))

    with Served(boot=False) as foster:
        foster.service("web", f"sockets: [{{tcp: '127.0.0.1:{port}'}}]\nactivation: on_demand\n")
        foster.boot()
        foster.wait_state("web", "waiting")
        asyncio.run(clients(foster))
        print(f"    served {served} by {len(processes)} processes, refused {refused}, cut off and asked again {cut}")
        equal(refused, 0, "refused")
        equal(served, total, "served")
        check(len(processes) > restarts // 2, processes)
        check(foster.status("web")["incarnation"] > restarts, foster.status("web"))


if __name__ == "__main__":
    run(globals())
