# SPDX-License-Identifier: MIT
"""Isolation as a service itself sees it; what is not possible does not start, or runs with less where it may."""
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
from harness import Foster, check, equal, run, wait_for, write  # noqa: E402

# Tells everything about itself in one file that appears whole.
MIRROR = """#!/usr/bin/python3
import json, os, resource, time
status = dict(line.rstrip("\\n").split(":\\t", 1) for line in open("/proc/self/status") if ":\\t" in line)
mask = os.umask(0)
try:
    io = os.popen(f"ionice -p {{os.getpid()}}").read().strip()
except OSError:
    io = ""
facts = {{
    "pid": os.getpid(), "uid": os.getuid(), "gid": os.getgid(), "groups": sorted(os.getgroups()), "umask": mask, "cwd": os.getcwd(),
    "nofile": resource.getrlimit(resource.RLIMIT_NOFILE), "core": resource.getrlimit(resource.RLIMIT_CORE),
    "nice": os.getpriority(os.PRIO_PROCESS, 0), "io": io, "oom": int(open("/proc/self/oom_score_adj").read()),
    "no_new_privs": status["NoNewPrivs"], "bounding": int(status["CapBnd"], 16), "ambient": int(status["CapAmb"], 16),
    "effective": int(status["CapEff"], 16), "tmp": os.listdir("/tmp"), "processes": sorted(int(p) for p in os.listdir("/proc") if p.isdigit()),
    "cgroup": open("/proc/self/cgroup").read(),
}}
os.umask(mask)
with open({out!r} + ".new", "w") as file:
    json.dump(facts, file)
os.rename({out!r} + ".new", {out!r})
time.sleep(1e6)
"""


def service(foster, name, settings, script=None):
    base = os.path.join(foster.services, name)
    out = os.path.join(foster.directory, "out", name)
    os.makedirs(os.path.dirname(out), exist_ok=True)
    os.chmod(os.path.dirname(out), 0o777)
    write(f"{base}/type", "longrun\n")
    write(f"{base}/run", script or MIRROR.format(out=out), 0o755)
    write(f"{base}/foster.yaml", settings)


def facts(foster, name):
    path = os.path.join(foster.directory, "out", name)
    def told():
        status = foster.status(name)
        check(not status or status["state"] != "failed", status and status["cause"])
        return os.path.exists(path) and json.load(open(path))
    return wait_for(f"what {name} sees", told)


def test_seen_from_inside():
    with Foster(boot=False) as foster:
        service(foster, "all", """isolation:
  user: nobody
  group: daemon
  groups: [adm, "44"]
  umask: 027
  cwd: /usr
  limits: {nofile: "100:200", core: 0}
  nice: 5
  io_class: best_effort
  io_priority: 6
  oom_score_adj: 300
  capabilities: [net_bind_service, chown]
  ambient_capabilities: [net_bind_service]
  no_new_privs: true
""")
        foster.boot()
        seen = facts(foster, "all")
        equal((seen["uid"], seen["gid"], seen["groups"]), (65534, 1, [4, 44]))
        equal((seen["umask"], seen["cwd"]), (0o27, "/usr"))
        equal((seen["nofile"], seen["core"]), ([100, 200], [0, 0]))
        equal((seen["nice"], seen["oom"], seen["no_new_privs"]), (5, 300, "1"))
        equal(seen["io"], "best-effort: prio 6")
        equal((seen["bounding"], seen["ambient"], seen["effective"]), (1 << 10 | 1, 1 << 10, 1 << 10))
        equal(foster.status("all")["degraded"], [])


def test_namespaces():
    """An empty /tmp that nobody else sees, and pid 1 of a pid namespace; `down` ends both."""
    directory = tempfile.mkdtemp(prefix="foster-test-", dir="/var/lib")
    marker = f"/tmp/foster-isolation-marker-{os.getpid()}"
    write(marker, "")
    try:
        with Foster(directory=directory, boot=False) as foster:
            service(foster, "apart", "isolation:\n  private_tmp: true\n  private_pids: true\nstop:\n  grace: 300ms\n")
            foster.boot()
            seen = facts(foster, "apart")
            equal((seen["pid"], seen["tmp"]), (1, []))
            check(len(seen["processes"]) <= 3, seen["processes"])
            check(foster.status("apart")["pid"] > 1)
            check(foster.call("down", {"names": ["apart"]})["results"][0]["ok"])
    finally:
        os.unlink(marker)
        shutil.rmtree(directory)


def test_chroot():
    """The program and cwd are those inside."""
    with Foster(boot=False) as foster:
        root = os.path.join(foster.directory, "root")
        os.makedirs(f"{root}/work")
        for program in ("/bin/sh", "/bin/sleep"):
            libraries = re.findall(r"(/\S+) \(0x", subprocess.run(["ldd", program], text=True, capture_output=True).stdout)
            for path in [program, *libraries]:
                os.makedirs(root + os.path.dirname(path), exist_ok=True)
                shutil.copy(os.path.realpath(path), root + path)
        base = os.path.join(foster.services, "jail")
        write(f"{base}/type", "longrun\n")
        write(f"{base}/run", "#!/bin/sh\nexit 1\n", 0o755)  # the one outside
        write(f"{root}{base}/run", "#!/bin/sh\npwd > /seen\necho /* >> /seen\n> /done\nexec sleep 1000000\n", 0o755)
        write(f"{base}/foster.yaml", f"isolation:\n  chroot: {root}\n  cwd: /work\n")
        foster.boot()
        wait_for("its word", lambda: os.path.exists(f"{root}/done"))
        where, entries = open(f"{root}/seen").read().split("\n")[:2]
        equal(where, "/work")
        check("/work" in entries and "/proc" not in entries, entries)


def test_what_cannot_be_does_not_run():
    """No half-isolated process: nothing ran, and the cause names the value and what was wrong."""
    cases = {
        "user": ("isolation:\n  user: no-such-user\n", "no such user"),
        "group": ("isolation:\n  groups: [no-such-group]\n", "no such group"),
        "root": ("isolation:\n  chroot: /no/such/root\n", "/no/such/root"),
    }
    with Foster(boot=False) as foster:
        for name, (settings, _) in cases.items():
            service(foster, name, settings,
                    f"#!/bin/sh\necho ran > {foster.directory}/ran-{name}\nexec sleep 1000000\n")
        foster.boot()
        for name, (_, text) in cases.items():
            status = foster.wait_state(name, "failed")
            check(text in status["cause"], status)
            equal(status["restarts"], 0, "another try would not mend it")
            wait_for(f"the reason of {name}", lambda: text in foster.log())
            check(not os.path.exists(f"{foster.directory}/ran-{name}"), f"{name} ran")


DROP = ["setpriv", "--bounding-set=-sys_nice,-sys_resource,-sys_admin,-setpcap", "--inh-caps=-all"]


def test_without_the_right():
    """Where foster lacks a capability: Failed, or with less where that is allowed, and told so."""
    settings = "isolation:\n  nice: -5\n{}restart:\n  start_retries: 0\n"
    with Foster(boot=False) as foster:
        foster.unshare = foster.unshare + DROP
        service(foster, "strict", settings.format(""), f"#!/bin/sh\necho > {foster.directory}/ran\nexec sleep 1000000\n")
        service(foster, "easy", settings.format("  private_pids: true\n  limits: {nofile: 100000000}\n  may_degrade: [nice, private_pids, limits]\n"))
        foster.boot()
        status = foster.wait_state("strict", "failed")
        check("nice" in status["cause"].lower() or "priority" in status["cause"].lower(), status["cause"])
        check(not os.path.exists(f"{foster.directory}/ran"), "it ran")
        equal(facts(foster, "easy")["nice"], 0)
        status = foster.wait_state("easy", "running")
        equal(sorted(text.split(":")[0] for text in status["degraded"]), ["limits", "nice", "private_pids"])
        equal((status["incarnation"], status["restarts"]), (1, 0))
        features = {each["feature"]: each for each in foster.call("doctor")["features"]}
        equal((features["nice"]["ok"], features["nice"]["fix"]), (False, "--cap-add SYS_NICE"))
        equal((features["pid 1"]["ok"], features["pid 1"]["fix"]), (True, ""))
        os.kill(foster.role_pid("foster", "supervise"), signal.SIGKILL)
        foster.wait_up()
        wait_for("the same list again", lambda: len(foster.status("easy")["degraded"]) == 3)


def test_cgroup():
    """Its own cgroup, which is gone with it; a limit that cannot be set is Failed, or the nearest rlimit."""
    # So much memory that a sanitized init, which maps terabytes, can still exec under it.
    limits = "isolation:\n  cgroup: {{memory_max: 1048576G, pids_max: 4000}}\n{}restart:\n  start_retries: 0\n"
    with Foster(boot=False) as foster:
        service(foster, "plain", "{}\n")
        service(foster, "limited", limits.format(""))
        service(foster, "rlimits", limits.format("  may_degrade: [cgroup]\n"))
        foster.boot()
        seen = facts(foster, "plain")
        unified = [line[3:] for line in seen["cgroup"].split("\n") if line.startswith("0::")]
        if unified and "/svc-plain" in unified[0]:
            check(foster.call("down", {"names": ["plain"]})["results"][0]["ok"])
            mount = next(line.split()[1] for line in open("/proc/self/mounts") if line.split()[2] == "cgroup2")
            wait_for("its cgroup to go", lambda: not os.path.exists(mount + unified[0]))
        status = foster.wait_state("limited", ["running", "failed"])
        if status["state"] == "failed":
            check("cgroup" in status["cause"], status["cause"])
            status = foster.wait_state("rlimits", "running")
            check("RLIMIT_AS" in status["degraded"][0] and "RLIMIT_NPROC" in status["degraded"][0], status["degraded"])
            limits_file = wait_for("its limits", lambda: open(f"/proc/{host_pid(foster, status['pid'])}/limits").read())
            check(str(1 << 50) in limits_file and " 4000 " in limits_file, limits_file)


def host_pid(foster, pid):
    return next(host for host, (inside, *_) in foster.processes().items() if inside == pid)


run(globals())
