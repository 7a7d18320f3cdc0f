#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""A real rsyslogd takes what foster sends, over its unix socket and over UDP, and finds every field where it belongs."""
import json
import os
import signal
import socket
import subprocess
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
from harness import Foster, check, equal, run, wait_for, write  # noqa: E402

DAEMON = "/usr/sbin/rsyslogd"
FIELDS = {"host": "hostname", "app": "app-name", "process": "procid", "id": "msgid", "data": "structured-data",
          "severity": "syslogseverity-text", "facility": "syslogfacility-text", "text": "msg"}


class Rsyslog:
    """A daemon of its own: private sockets, one file of JSON objects. Its parsers are those for RFC 5424, as docs/logs.md advises."""

    def __init__(self, directory):
        check(os.path.exists(DAEMON), f"{DAEMON} is missing: ./dev installs it")
        self.socket, self.out, pid = f"{directory}/syslog", f"{directory}/syslog.json", f"{directory}/rsyslogd.pid"
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        fields = "".join(f'property(outname="{field}" name="{name}" format="jsonf")\n' for field, name in FIELDS.items())
        fields += 'property(outname="time" name="timereported" dateFormat="rfc3339" format="jsonf")\n'
        config = write(f"{directory}/rsyslog.conf", f"""
            global(workDirectory="{directory}" maxMessageSize="64k" parser.escapeControlCharactersOnReceive="off")
            module(load="imuxsock" SysSock.Use="off")
            module(load="imudp")
            input(type="imuxsock" Socket="{self.socket}" UseSpecialParser="off" ParseHostname="on" IgnoreTimestamp="off" RateLimit.Interval="0")
            input(type="imudp" address="127.0.0.1" port="{self.port}" rcvbufSize="8m")
            template(name="fields" type="list" option.jsonf="on") {{ {fields} }}
            action(type="omfile" file="{self.out}" template="fields")
            """)
        self.process = subprocess.Popen([DAEMON, "-n", "-f", config, "-i", pid], stdin=subprocess.DEVNULL)
        wait_for("rsyslogd's socket", lambda: os.path.exists(self.socket))

    def messages(self):
        """What is in its file, but for what the daemon says of itself."""
        try:
            with open(self.out, encoding="utf-8") as file:
                rest = file.read()
        except FileNotFoundError:
            return []
        found, decoder = [], json.JSONDecoder()
        while rest := rest.lstrip():
            try:
                message, end = decoder.raw_decode(rest)
            except ValueError:
                break  # it is being written
            found.append(message)
            rest = rest[end:]
        return [message for message in found if message["app"] != "rsyslogd"]

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.send_signal(signal.SIGTERM)
        self.process.wait()


SCRIPT = r"""
echo 'a plain "line" with [brackets]'
printf 'caf\303\251\n'
echo 'ERROR: it is bad'
printf 'a\ttab\n'
exec 2>&1
for i in $(seq 1 500); do echo "number $i"; done
exec sleep 1000000
"""


def fields(message):
    return tuple(message[name] for name in ("app", "process", "id", "severity", "facility"))


def check_fields(messages):
    text = [message["text"].lstrip("\ufeff").strip() for message in messages]
    equal(text, ['a plain "line" with [brackets]', "caf\u00e9", "ERROR: it is bad", "a#011tab", *(f"number {i}" for i in range(1, 501))])
    for seq, message in enumerate(messages, 1):
        equal(fields(message), ("web", "1", "stdout", "err" if seq == 3 else "info", "local3"), message["text"])
        equal(message["host"], socket.gethostname())
        check(f'[foster@32473 seq="{seq}" mono="' in message["data"] and message["data"].endswith(' incarnation="1"]'), message["data"])
        check(len(message["time"]) == len("2026-01-01T00:00:00.000000Z"), message["time"])
    times = [message["time"] for message in messages]
    equal(times, sorted(times), "times")


def boot(foster, target):
    foster.longrun("web", SCRIPT)
    write(f"{foster.services}/web/foster.yaml", f"log: {{console: false, syslog: {{to: '{target}', facility: local3}}}}\n")
    foster.boot()


def test_rsyslogd_over_its_unix_socket():
    with Foster(boot=False) as foster, Rsyslog(foster.directory) as daemon:
        boot(foster, f"unix:{daemon.socket}")
        wait_for("all messages", lambda: len(daemon.messages()) >= 504)
        check_fields(daemon.messages())


def test_rsyslogd_over_udp():
    with Foster(boot=False) as foster, Rsyslog(foster.directory) as daemon:
        boot(foster, f"udp:127.0.0.1:{daemon.port}")
        wait_for("all messages", lambda: len(daemon.messages()) >= 504)
        check_fields(daemon.messages())


def test_standard_error_is_a_warning():
    with Foster(boot=False) as foster, Rsyslog(foster.directory) as daemon:
        foster.longrun("web", "echo oops >&2; exec sleep 1000000")
        write(f"{foster.services}/web/foster.yaml", f"log: {{console: false, syslog: 'unix:{daemon.socket}'}}\n")
        foster.boot()
        wait_for("the message", daemon.messages)
        equal(fields(daemon.messages()[0]), ("web", "1", "stderr", "warning", "daemon"))


if __name__ == "__main__":
    run(globals())
