#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""The rules that a machine can keep: floors, sizes, headers that compile alone, formatting, clang-tidy, the top level.

usage: lint.py [--fast]     --fast leaves out clang-tidy and the headers
Prints every finding as file:line: text and exits with 1 if there is one."""
import concurrent.futures
import json
import os
import re
import subprocess
import sys
import tempfile

ROOT = os.path.realpath(os.path.join(os.path.dirname(__file__), "..", ".."))
os.chdir(ROOT)
# Folder of src/ -> folders it may include (besides itself and include/foster). design: docs/architecture.md, Floors.
BELOW = {
    "base": [],
    "model": ["base"],
    "core": ["base", "model"],
    "wire": ["base", "model", "core"],
    "sys": ["base", "model", "core", "wire"],
    "formats": ["base", "model", "core", "wire", "sys"],
}
BELOW["logfile"] = BELOW["formats"]
for upper in ("supervise", "logd", "prober", "client"):
    BELOW[upper] = [*BELOW["formats"], "formats", "logfile"]
for upper in ("gateway", "tui"):
    BELOW[upper] = [*BELOW["client"], "client"]
BELOW["cli"] = [*BELOW["tui"], "tui"]
BELOW["apps"] = [*BELOW["cli"], "cli", "gateway", "supervise", "logd", "prober"]
BELOW["init"] = []
SYSTEM_HEADER = re.compile(r"#include <(unistd\.h|uv\.h|sys/[^>]+|poll\.h|sys/epoll\.h|fcntl\.h|netinet/[^>]+|arpa/[^>]+)>")
SYSTEM_FOLDERS = {"sys", "init", "logd", "prober", "supervise", "gateway", "client", "apps", "formats", "tui", "cli", "logfile"}
PURE_FOLDERS = {"model", "core", "wire"}  # never a system call
HEAVY = {"CLI/CLI.hpp": 1, "nlohmann/json.hpp": 1, "yaml-cpp/": 1, "pugixml.hpp": 1, "boost/": 3, "openssl/": 1, "curses": 2, "ini.h": 1, "zstd.h": 2, "zlib.h": 2, "pcre2.h": 1, "regex>": 0}
FILE_LIMIT = 500
TABLES = ("terminfo_table.cc", "terminfo_data.cc")  # data, not code

findings = []


def find(path, line, text):
    findings.append(f"{path}:{line}: {text}")


def tracked(*patterns):
    out = subprocess.run(["git", "ls-files", "--cached", "--others", "--exclude-standard", "--", *patterns],
                         capture_output=True, text=True, check=True).stdout.split("\n")
    return [name for name in out if name and os.path.exists(name)]


def check_floors(sources):
    users = {}
    for path in sources:
        folder = path.split("/")[1]
        is_test = path.endswith("_test.cc")
        for number, line in enumerate(open(path, encoding="utf-8"), 1):
            included = re.match(r'\s*#include "([a-z_]+)/', line)
            if included and included[1] != "foster" and included[1] != folder and included[1] not in BELOW[folder]:
                find(path, number, f"{folder} may not include {included[1]}: only {', '.join(BELOW[folder]) or 'nothing'}")
            if folder == "init" and re.match(r'\s*#include "foster/', line) and "init_protocol.h" not in line:
                find(path, number, "init includes only foster/init_protocol.h")
            if folder in PURE_FOLDERS and SYSTEM_HEADER.match(line) and not is_test:
                find(path, number, f"{folder} is pure: no system headers")
            for library in HEAVY:
                if re.match(rf"\s*#include <{re.escape(library)}", line) or (library == "curses" and re.match(r"\s*#include <n?curses", line)):
                    if not is_test:
                        users.setdefault(library, set()).add(path)
    for library, paths in users.items():
        if len(paths) > HEAVY[library]:
            find(sorted(paths)[-1], 1, f"{library} belongs into {HEAVY[library]} file(s), is in {', '.join(sorted(paths))}")


def check_sizes(sources):
    for path in sources:
        with open(path, encoding="utf-8") as file:
            lines = file.readlines()
        if len(lines) > FILE_LIMIT and os.path.basename(path) not in TABLES:
            find(path, FILE_LIMIT, f"{len(lines)} lines, the limit is {FILE_LIMIT}")
        if lines and "SPDX-License-Identifier" not in lines[0]:
            find(path, 1, "begins with an SPDX line")
        if path.endswith(".h") and not any(line.startswith("// ") for line in lines[1:3]):
            find(path, 2, "a header opens with what it is")


def check_names(sources):
    """A type that two files define in one named namespace: the linker takes either for both (the one definition rule)."""
    defined = {}
    for path in sources:
        space = []
        if path.startswith("src/init/"):
            continue  # a program of its own
        for number, line in enumerate(open(path, encoding="utf-8"), 1):
            opened = re.match(r"namespace ([\w:]*) ?\{", line)
            if opened:
                space.append(opened[1])
            elif line.startswith("}  // namespace"):
                space.pop()
            name = re.match(r"(?:struct|class|union|enum(?: class)?) (\w+)(?: final)?(?: : [^;{]*)? ?\{", line)
            if name and "" not in space:
                first = defined.setdefault("::".join([*space, name[1]]), path)
                if first != path:
                    find(path, number, f"{'::'.join([*space, name[1]])} is also a type of {first}: put one into a namespace")


def check_top_level():
    allowed = {"CMakeLists.txt", "CMakePresets.json", "src", "include", "services.d", "workloads", "seed", "tests", "docs",
               "Dockerfile", "README.md", "dev", "LICENSE"}
    for name in sorted({path.split("/")[0] for path in tracked()}):
        if name not in allowed and not name.startswith("."):
            find(name, 1, "does not belong to the top level")


def compile_header(path):
    with tempfile.NamedTemporaryFile("w", suffix=".cc") as file:
        file.write(f'#include "{ROOT}/{path}"\n')
        file.flush()
        command = ["g++", "-std=c++20", "-fsyntax-only", "-D_GNU_SOURCE", "-DFMT_HEADER_ONLY", '-DFOSTER_VERSION="0"', "-Iinclude",
                   "-Isrc", file.name]
        result = subprocess.run(command, capture_output=True, text=True)
    return path, result.stderr if result.returncode else ""


def check_format(path):
    result = subprocess.run(["clang-format", "--dry-run", "-Werror", path], capture_output=True, text=True)
    return path, result.stderr.split("\n")[0] if result.returncode else ""


def tidy(path):
    result = subprocess.run(["clang-tidy", "--quiet", "-p", "build/asan-ubsan", path], capture_output=True, text=True)
    lines = [line for line in result.stdout.split("\n") if re.search(r"(error|warning):", line) and "/src/" in line + "/src/"]
    return path, "\n".join(lines) if result.returncode or lines else ""


def in_parallel(what, function, paths):
    print(f"    {what}: {len(paths)} files", flush=True)
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        for path, problem in pool.map(function, paths):
            if problem:
                find(path, 1, problem.strip())


def compiled():
    with open("build/asan-ubsan/compile_commands.json", encoding="utf-8") as file:
        return {os.path.relpath(entry["file"], ROOT) for entry in json.load(file)}


def main():
    fast = "--fast" in sys.argv
    sources = [p for p in tracked("src/*.cc", "src/*.h") if p.split("/")[1] in BELOW]
    public = tracked("include/*.h")
    tests = tracked("tests/*.cc", "tests/*.h")
    check_top_level()
    check_floors(sources)
    check_sizes(sources + public + tests)
    check_names(public + sources)
    in_parallel("clang-format", check_format, sources + public + [t for t in tests if "golden" not in t])
    if not fast:
        in_parallel("headers compile alone", compile_header, public + [p for p in sources if p.endswith(".h")])
        known = compiled()
        in_parallel("clang-tidy", tidy, [p for p in sources if p.endswith(".cc") and not p.endswith("_test.cc") and p in known])
    for finding in findings:
        print(finding)
    print(f"    lint: {len(findings)} findings")
    return 1 if findings else 0


sys.exit(main())
