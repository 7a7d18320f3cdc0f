#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""A secret from a file, with a real foster: the service has it, and nobody else sees it anywhere. One that cannot be read
is a failure that says so."""
import json
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
from harness import Foster, check, equal, run, wait_for, write  # noqa: E402

SECRET = "swordfish-4711"


def content(path):
    try:
        with open(path) as file:
            return file.read()
    except FileNotFoundError:
        return ""


def test_a_secret_is_given_to_its_service_and_shown_nowhere():
    with Foster(boot=False) as foster:
        key = write(f"{foster.directory}/key", SECRET + "\n", 0o600)
        got, log = f"{foster.directory}/got", f"{foster.directory}/web.log"
        # Over both streams, and in the middle of other text.
        foster.longrun("web", f"printf %s \"$DB_PASSWORD\" > {got}\necho \"connect as me:$DB_PASSWORD@db\"\n"
                              "echo \"error: $DB_PASSWORD refused\" >&2\necho through\nexec sleep 1000000")
        write(f"{foster.services}/web/foster.yaml", f"secrets: {{DB_PASSWORD: {key}}}\nlog: {{files: {log}}}\n")
        foster.boot()
        wait_for("the file", lambda: "through\n" in content(log) and "refused\n" in content(log))
        equal(content(got), SECRET, "what the service has")
        shown = {"file": content(log), "svc logs": foster.svc("logs", "-n", "all", "web").stdout,
                 "svc logs -o raw": foster.svc("logs", "-n", "all", "-o", "raw", "web").stdout}
        wait_for("stdout", lambda: "through" in foster.log() and "refused" in foster.log())
        shown["stdout"] = foster.log()
        for where, text in shown.items():
            check("me:[redacted]@db" in text and "error: [redacted] refused" in text, f"{where}: {text}")
        shown["status"] = json.dumps(foster.status())
        shown["plan"] = foster.svc("plan").stdout + foster.svc("plan", "--json").stdout
        shown["events"] = json.dumps(foster.call("events", {"since": 0, "limit": 1000}, fail=False))
        shown["stats"] = json.dumps(foster.call("logs.stats"))
        for where, text in shown.items():
            check(SECRET not in text, f"{where} shows it: {text}")
        check("null" != shown["events"], "no events")


def test_a_missing_secret_is_a_failure_with_its_reason():
    with Foster(boot=False) as foster:
        key = f"{foster.directory}/key"
        foster.longrun("web", "echo \"have $KEY\"; exec sleep 1000000")
        write(f"{foster.services}/web/foster.yaml", f"secrets: {{KEY: {key}}}\n")
        foster.longrun("db")
        foster.boot()
        foster.wait_state("db", "running")
        reason = wait_for("a reason", lambda: (lambda text: key in text and text)(json.dumps(foster.status("web"))))
        check("No such file" in reason, reason)
        check(foster.state("web") != "running", reason)
        check("have" not in foster.svc("logs", "-n", "all", "web").stdout, "it ran without its secret")
        write(key, SECRET, 0o600)
        foster.svc("start", "web")
        foster.wait_state("web", "running")


if __name__ == "__main__":
    run(globals())
