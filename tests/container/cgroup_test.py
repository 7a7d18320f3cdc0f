#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Limits by cgroup, and programs that move processes between cgroups, as Docker-in-Docker's start script does."""
import json
import os
import tempfile

from podman import Container, check, equal, run, wait_for, write

# A container that owns its cgroup v2: what an engine gives by itself where the host has nothing but version 2.
OWN_CGROUP = ["--privileged", "--cgroupns=private", "--entrypoint",
              json.dumps(["sh", "-c", "umount -R /sys/fs/cgroup; mount -t cgroup2 cgroup2 /sys/fs/cgroup && exec /init"])]
LIMITS = "isolation:\n  cgroup: {memory_max: 1G, pids_max: 500}\n"
ONCE = "restart: {start_retries: 0}\n"

# What the start script of the docker:dind image does, word for word.
NEST = """#!/bin/sh
set -e
mkdir -p /sys/fs/cgroup/init
xargs -rn1 < /sys/fs/cgroup/cgroup.procs > /sys/fs/cgroup/init/cgroup.procs || :
sed -e 's/ / +/g' -e 's/^/+/' < /sys/fs/cgroup/cgroup.controllers > /sys/fs/cgroup/cgroup.subtree_control
echo nested
"""

# Its processes leave the session, the group and the parent behind.
TREE = """#!/bin/sh
setsid sh -c 'sleep 7654321 & sleep 7654321 & wait' >/dev/null 2>&1 &
(setsid sleep 7654321 >/dev/null 2>&1 &)
trap 'echo tree ends by TERM; exit 0' TERM
echo tree is up
while :; do sleep 1000 & wait; done
"""


def service(directory, name, script="#!/bin/sh\nexec sleep 1000000\n", yaml="", type="longrun"):
    os.chmod(directory, 0o755)
    write(f"{directory}/{name}/type", type + "\n")
    write(f"{directory}/{name}/{'run' if type == 'longrun' else 'up'}", script, 0o755)
    if yaml:
        write(f"{directory}/{name}/foster.yaml", yaml)


def mount(directory):
    return ["-v", f"{directory}:/etc/foster/services.d:ro"]


def features(container):
    result = container.svc("doctor", "--json")
    equal(result.returncode, 0, result.stderr)
    return {each["feature"]: each for each in json.loads(result.stdout)}


def check_degraded(container, name):
    """Instead of the cgroup the nearest rlimits, in /proc of its process; its status says so."""
    status = container.wait_states({name: "running"})[name]
    check("RLIMIT_AS" in status["degraded"][0] and "RLIMIT_NPROC" in status["degraded"][0], status["degraded"])
    rlimits = container.exec("cat", f"/proc/{status['pid']}/limits").stdout
    check(f" {1 << 30} " in rlimits and " 500 " in rlimits, rlimits)


def check_limited(container, name):
    """The kernel's own word for the limits of the running process."""
    status = container.wait_states({name: "running"})[name]
    if status["degraded"]:
        return check_degraded(container, name)
    place = "/sys/fs/cgroup" + container.exec("cat", f"/proc/{status['pid']}/cgroup").stdout.split("0::")[1].strip()
    values = container.exec("cat", f"{place}/memory.max", f"{place}/pids.max").stdout.split()
    equal(values, [str(1 << 30), "500"])
    return None


def test_limits_where_no_cgroup_can_be_written():
    """An ordinary container: refused with the reason, or by rlimits where the service allows it; doctor names the way out."""
    with tempfile.TemporaryDirectory() as directory:
        service(directory, "strict", "#!/bin/sh\necho strict ran\nexec sleep 1000000\n", LIMITS + ONCE)
        service(directory, "easy", yaml=LIMITS + "  may_degrade: [cgroup]\n")
        with Container(options=mount(directory)) as container:
            status = container.wait_states({"strict": "failed", "easy": "running"})
            check("cgroup" in status["strict"]["cause"], status["strict"])
            check("strict ran" not in container.log(), "a service without its limits was executed")
            check_degraded(container, "easy")
            found = features(container)
            for name in ("cgroup", "cgroup limits"):
                equal(found[name]["ok"], False, name)
                check("--privileged" in found[name]["fix"] and "/sys/fs/cgroup" in found[name]["fix"], found[name])
            table = container.svc("doctor").stdout
            check("cgroup limits" in table and "--privileged" in table, table)
            equal(container.stop()[1], 0)


def test_limits_where_the_cgroup_can_be_written():
    """Every service has a cgroup of its own; limits hold if the kernel gives the controllers, else as above."""
    with tempfile.TemporaryDirectory() as directory:
        service(directory, "strict", yaml=LIMITS + ONCE)
        service(directory, "plain")
        with Container(options=[*mount(directory), *OWN_CGROUP]) as container:
            container.wait_states({"plain": "running"})
            found = features(container)
            check(found["cgroup"]["ok"], found["cgroup"])
            if found["cgroup limits"]["ok"]:
                check_limited(container, "strict")
            else:
                status = container.wait_states({"strict": "failed"})["strict"]
                check("controller" in status["cause"], status["cause"])
                check("controller" in found["cgroup limits"]["text"], found["cgroup limits"])
            equal(container.stop()[1], 0)


SHARED = ["-v", "/sys/fs/cgroup:/sys/fs/cgroup:rw"]


def group_on_the_machine(container, name):
    """The cgroup of the service's process as this machine names it: by the session of its `sleep`."""
    first = container.inspect("{{.State.Pid}}")
    wanted = str(container.status()[name]["pid"])
    for pid in filter(str.isdigit, os.listdir("/proc")):
        try:
            same = os.readlink(f"/proc/{pid}/ns/pid") == os.readlink(f"/proc/{first}/ns/pid")
            lines = open(f"/proc/{pid}/status").read().split("\n")
            if same and next(line for line in lines if line.startswith("NSpid:")).split()[-1] == wanted:
                return open(f"/proc/{pid}/cgroup").read().split("0::")[1].strip()
        except OSError:
            pass
    raise AssertionError(f"no process {wanted}")


def test_the_machines_cgroups_mounted():
    """Used below the container's own where the paths are the machine's; elsewhere their root only looks like ours."""
    for namespace, works in (("host", True), ("private", False)):
        with tempfile.TemporaryDirectory() as directory:
            service(directory, "plain")
            with Container(options=[*mount(directory), *SHARED, f"--cgroupns={namespace}"]) as container:
                container.wait_states({"plain": "running"})
                found = features(container)["cgroup"]
                equal(found["ok"], works, found["text"])
                group = group_on_the_machine(container, "plain")
                check("/libpod" in group, f"{namespace}: it lives in {group}, outside of its container")
                equal(group.endswith("/svc-plain"), works, group)
                check(works or "not that of this container" in found["text"], found["text"])
                equal(container.stop()[1], 0)


def cgroup_of(container, pid):
    return container.exec("cat", f"/proc/{pid}/cgroup").stdout.split("0::")[1].strip()


def sleepers(container):
    words = 'for p in /proc/[0-9]*; do grep -qs 7654321 $p/cmdline && [ ${p#/proc/} != $$ ] && echo ${p#/proc/}; done; true'
    return container.exec("sh", "-c", words).stdout.split()


def test_a_service_moves_everything_as_docker_in_docker_does():
    with tempfile.TemporaryDirectory() as directory:
        service(directory, "tree", TREE)
        service(directory, "limited", yaml=LIMITS + "  may_degrade: [cgroup]\n")
        service(directory, "dockerd", NEST + "exec sleep 1000000\n", "depends_on: {tree: started, limited: started}\n")
        service(directory, "late", yaml="autostart: false\n")
        with Container(options=[*mount(directory), *OWN_CGROUP]) as container:
            status = container.wait_states({name: "running" for name in ("tree", "limited", "dockerd")})
            wait_for("the move", lambda: "nested" in container.log())
            wait_for("all sleepers", lambda: len(sleepers(container)) == 4)
            equal(cgroup_of(container, 1), "/init", "foster itself was moved")
            for name in ("tree", "limited", "dockerd"):
                check(cgroup_of(container, status[name]["pid"]).startswith("/foster"), f"{name} stays where it was")
            check_limited(container, "limited")
            # Starts, restarts and stops go on as before, each in its own cgroup.
            equal(container.svc("up", "late").returncode, 0)
            equal(container.svc("restart", "tree", "limited").returncode, 0)
            after = container.wait_states({"late": "running", "tree": "running", "limited": "running"})
            check(cgroup_of(container, after["late"]["pid"]).endswith("/svc-late"), "late")
            check_limited(container, "limited")
            wait_for("the new tree, and none of the old", lambda: len(sleepers(container)) == 4)
            equal(container.svc("down", "tree").returncode, 0)
            equal(sleepers(container), [], "the whole tree has ended with its service")
            equal(after["dockerd"]["pid"], status["dockerd"]["pid"], "nobody else was touched")
            equal([each["restarts"] for each in container.status().values()], [0] * 4)
            equal(container.svc("up", "tree").returncode, 0)
            took, code = container.stop()
            equal(code, 0)
            check(took < 3, f"podman stop took {took:.2f} s")
            equal(container.log().count("tree ends by TERM"), 3)


run(globals())
