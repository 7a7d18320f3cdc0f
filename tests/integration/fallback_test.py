#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Project and seed, per workload, independently: broken, missing, repaired; reloads that are refused or partial."""
import json

from harness import Foster, check, equal, run, wait_for

INI = """[supervisord]
nodaemon=true
[program:alpha]
command=sleep 1000000
[program:beta]
command=sleep 1000000
environment=MODE="one"
"""
INI_SEED = "[supervisord]\nnodaemon=true\n[program:ini-seed]\ncommand=sleep 1000000\n"
INI_BROKEN = "[supervisord]\n[program:alpha]\ncomand=sleep 1\nstopwaitsecs=soon\n"
YAML = """version: "0.5"
processes:
  gamma:
    command: "exec sleep 1000000"
  delta:
    command: "exec sleep 1000000"
    depends_on:
      gamma: {condition: process_started}
"""
YAML_SEED = 'version: "0.5"\nprocesses:\n  yaml-seed:\n    command: "exec sleep 1000000"\n'
YAML_BROKEN = "version: \"0.5\"\nprocesses:\n  gamma:\n    command: [\n"
INI_NAMES, YAML_NAMES = ["ini/alpha", "ini/beta"], ["yaml/gamma", "yaml/delta"]


def world(ini, yaml):
    foster = Foster(boot=False)
    foster.workload("ini", "supervisord", project=ini, seed=INI_SEED)
    foster.workload("yaml", "process-compose", project=yaml, seed=YAML_SEED)
    return foster


def test_both_valid():
    with world(INI, YAML) as foster:
        foster.boot()
        foster.wait_all("running", INI_NAMES + YAML_NAMES)
        check("ini/ini-seed" not in foster.status())


def test_broken_ini_leaves_yaml_alone():
    with world(INI_BROKEN, YAML) as foster:
        foster.boot()
        foster.wait_all("running", ["ini/ini-seed"] + YAML_NAMES)
        wait_for("the banner", lambda: "soon" in foster.log() and "project.conf:4" in foster.log())
        equal(foster.status("ini/ini-seed")["source"], "seed")
        equal(foster.status("yaml/gamma")["source"], "project")
        check("seed" in foster.svc("status").stdout, "status says so")


def test_broken_yaml_leaves_ini_alone():
    with world(INI, YAML_BROKEN) as foster:
        foster.boot()
        foster.wait_all("running", INI_NAMES + ["yaml/yaml-seed"])
        wait_for("the banner", lambda: "project.yaml:" in foster.log())


def test_both_broken_and_both_missing():
    for ini, yaml in ((INI_BROKEN, YAML_BROKEN), (None, None)):
        with world(ini, yaml) as foster:
            foster.boot()
            foster.wait_all("running", ["ini/ini-seed", "yaml/yaml-seed"])


def test_broken_reload_changes_nothing():
    with world(INI, YAML) as foster:
        foster.boot()
        foster.wait_all("running", INI_NAMES + YAML_NAMES)
        before = foster.pids()
        foster.project("ini", INI_BROKEN, "conf")
        result = foster.svc("reload", "ini")
        equal(result.returncode, 7, result.stdout + result.stderr)
        check("project.conf:4" in result.stdout + result.stderr, result.stdout + result.stderr)
        equal(foster.pids(), before)
        # All of it: the other one may change, the broken one stays as it was.
        foster.project("yaml", YAML + "  epsilon:\n    command: 'exec sleep 1000000'\n", "yaml")
        foster.svc("reload")
        foster.wait_state("yaml/epsilon", "running")
        now = foster.pids()
        equal({name: now[name] for name in before}, before)


def test_repaired_reload_restarts_only_what_changed():
    with world(INI_BROKEN, YAML) as foster:
        foster.boot()
        foster.wait_all("running", ["ini/ini-seed"] + YAML_NAMES)
        before = foster.pids()
        foster.project("ini", INI, "conf")
        plan = json.loads(foster.svc("plan", "--json").stdout)
        changes = {change["name"]: change["change"] for change in plan["changes"]}
        equal(changes["ini/alpha"], "added")
        equal(changes["ini/ini-seed"], "removed")
        equal(changes["yaml/gamma"], "unchanged")
        equal(foster.pids(), before, "plan changes nothing")
        equal(foster.svc("reload").returncode, 0)
        foster.wait_all("running", INI_NAMES)
        wait_for("the seed's service to go", lambda: "ini/ini-seed" not in foster.status())
        first = foster.pids()
        equal({name: first[name] for name in YAML_NAMES}, {name: before[name] for name in YAML_NAMES})
        foster.project("ini", INI.replace('"one"', '"two"'), "conf")
        equal(foster.svc("reload", "ini").returncode, 0)
        wait_for("beta to restart", lambda: foster.pids()["ini/beta"][0] not in (None, 0, first["ini/beta"][0]))
        now = foster.pids()
        for name in ["ini/alpha", *YAML_NAMES]:
            equal(now[name], first[name], name)


def test_hup_reloads():
    with world(INI, YAML) as foster:
        foster.boot()
        foster.wait_all("running", INI_NAMES)
        foster.project("ini", INI + "[program:zeta]\ncommand=sleep 1000000\n", "conf")
        import os, signal
        os.kill(foster.init_pid(), signal.SIGHUP)
        foster.wait_state("ini/zeta", "running")


def test_gate_across_workloads():
    yaml = YAML + "  late:\n    command: 'exec sleep 1000000'\n    depends_on:\n      beta: {condition: process_started}\n"
    with world(INI, yaml) as foster:
        foster.boot()
        foster.wait_state("yaml/late", "running")
    with world(INI_BROKEN, yaml) as foster:  # beta is gone with its file: yaml's own gate is undefined, so its seed runs
        foster.boot()
        foster.wait_all("running", ["ini/ini-seed", "yaml/yaml-seed"])


def test_hostile_files():
    deep = "a: " + "[" * 100000
    huge = b"x" * (100 << 20)
    for ini, yaml in ((INI, deep), (huge, YAML), ("[program:a]\ncommand=x\0y\n", YAML)):
        with world(ini, yaml) as foster:
            foster.boot()
            names = ["yaml/yaml-seed", *INI_NAMES] if yaml is deep else ["ini/ini-seed", *YAML_NAMES]
            foster.wait_all("running", names)


run(globals())
