#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""svc logs with a real foster: search, cursors, files before the rings, a directory after kill -9, the boot before."""
import ctypes
import json
import os
import re
import signal
import subprocess
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.realpath(__file__)), ".."))
from harness import BIN, LIMIT, Foster, check, equal, run, wait_for, write  # noqa: E402

TALK = "i=1; while [ $i -le {count} ]; do echo \"line $i\"; i=$((i+1)); done; echo WARN end >&2; exec sleep 1000000"


def lines_of(foster, *words, **more):
    return foster.svc("logs", *words, **more).stdout.splitlines()


def has_ended(foster, name="talker"):
    wait_for(f"{name} to have said all", lambda: "WARN end" in lines_of(foster, "-n", "3", name))


def test_search_streams_levels_and_forms():
    with Foster(boot=False) as foster:
        foster.longrun("talker", TALK.format(count=300))
        foster.boot()
        has_ended(foster)
        equal(lines_of(foster, "-g", "^line 29[0-2]$", "talker"), ["line 290", "line 291", "line 292"])
        equal(lines_of(foster, "--around", "^line 7$", "-C", "1", "talker"), ["line 6", "line 7", "line 8"])
        equal(lines_of(foster, "--stderr", "talker"), ["WARN end"])
        equal(lines_of(foster, "--level", "warn", "talker"), ["WARN end"])
        equal(foster.svc("logs", "-g", "nowhere", "talker").returncode, 1)
        equal(foster.svc("logs", "-g", "a(", "talker").returncode, 2)
        equal(len(lines_of(foster, "-n", "all", "talker")), 301)
        folded = lines_of(foster, "-n", "all", "--fold", "loose", "--stdout", "talker")
        check(folded[0] == "line 1" and len(folded) == 2 and folded[1].startswith("... x 300"), folded)
        short = foster.svc("logs", "-n", "all", "--max-bytes", "30", "talker")
        check(len(short.stdout) <= 30 and short.stdout.endswith("WARN end\n"), short.stdout)
        check("left out by --max-bytes" in short.stderr, short.stderr)


def test_a_cursor_goes_on_without_loss_or_doubles():
    with Foster(boot=False) as foster:
        foster.longrun("talker", TALK.format(count=500))
        foster.boot()
        has_ended(foster)
        seen = []
        first = lines_of(foster, "-n", "100", "--stdout", "--show-cursor", "talker")
        check(first[-1].startswith("-- cursor: "), first[-1])
        cursor = first[-1].removeprefix("-- cursor: ")
        equal(lines_of(foster, "--after", cursor, "--stdout", "talker"), [])
        for record in map(json.loads, lines_of(foster, "-n", "all", "--stdout", "--json", "talker")):
            seen.append(record)
        equal([record["text"] for record in seen], [f"line {i}" for i in range(1, 501)])
        equal(lines_of(foster, "--after", seen[399]["cursor"], "--stdout", "talker"), [f"line {i}" for i in range(401, 501)])


def kept(foster, ring="64K"):
    """The directory with foster's own files, and that it is set for svc, too."""
    directory = os.path.join(foster.directory, "logs")
    os.makedirs(directory, exist_ok=True)
    foster.env["FOSTER_LOG_DIR"] = directory
    foster.env["FOSTER_LOG_RING"] = ring
    return directory


def test_files_stand_in_for_what_the_rings_have_lost():
    with Foster(boot=False) as foster:
        directory = kept(foster)
        foster.longrun("talker", TALK.format(count=20000))
        foster.boot()
        has_ended(foster)
        want = [f"line {i}" for i in range(1, 20001)]
        in_file = lambda: len(lines_of(foster, "--directory", directory, "-n", "all", "--stdout", "talker")) == 20000
        wait_for("the file to have all", in_file)
        in_ring = [r["seq"] for r in foster.call("logs", {"names": ["talker"], "lines": 100000, "oldest_first": True})["lines"]]
        check(min(in_ring) > 1, "the ring was to have lost something")
        equal(lines_of(foster, "-n", "all", "--stdout", "talker"), want, "all of it")
        equal(lines_of(foster, "-n", "15000", "--stdout", "talker"), want[-15000:], "the last ones")
        records = [json.loads(line) for line in lines_of(foster, "-n", "all", "--json", "talker")]
        equal([r["seq"] for r in records], list(range(1, 20002)), "numbers")
        cursor = next(r["cursor"] for r in records if r["text"] == "line 5000")
        equal(lines_of(foster, "--after", cursor, "--stdout", "talker"), want[5000:], "behind a cursor in the files")


def test_a_dead_foster_and_the_boot_before():
    with Foster(boot=False) as foster:
        directory = kept(foster)
        foster.longrun("talker", "echo boot $(cat /proc/sys/kernel/random/uuid); exec sleep 1000000")
        foster.boot()
        first = wait_for("the line", lambda: lines_of(foster, "--directory", directory, "talker"))
        foster.kill()
        equal(lines_of(foster, "--directory", directory, "talker"), first, "of a dead foster")
        check(re.match("boot [0-9a-f-]{36}$", first[0]), first[0])
        foster.boot()
        second = wait_for("the next line", lambda: lines_of(foster, "--directory", directory, "--boot", "0", "talker") != first and
                          lines_of(foster, "--directory", directory, "--boot", "0", "talker"))
        check(second != first, "two boots, two lines")
        equal(lines_of(foster, "--boot", "-1", "talker"), first, "the boot before")
        equal(lines_of(foster, "talker"), second, "this boot")
        equal(lines_of(foster, "--since", "1h", "talker"), first + second, "both, in a span of time")


def test_numbers_about_logs():
    with Foster(boot=False) as foster:
        kept(foster)
        foster.longrun("talker", TALK.format(count=10))
        foster.boot()
        has_ended(foster)
        stats = json.loads(foster.svc("logs", "--stats", "--json", "talker").stdout)
        equal(stats["services"][0]["lines"], 11)
        check("talker" in foster.svc("logs", "--stats").stdout)
        equal(foster.svc("logs", "--rotate", "talker").returncode, 0)
        equal(foster.svc("logs", "--reopen").returncode, 0)
        equal(foster.svc("logs", "--clear", "talker").returncode, 0)
        equal(lines_of(foster, "-n", "all", "talker", env={"FOSTER_LOG_DIR": ""}), [])


class Opened:
    """What is opened below a directory meanwhile, by whomever (inotify)."""
    IN_OPEN, IN_ISDIR = 0x20, 0x40000000

    def __init__(self, directory):
        libc = ctypes.CDLL(None, use_errno=True)
        self.fd = libc.inotify_init1(os.O_NONBLOCK | os.O_CLOEXEC)
        for base, _, _ in os.walk(directory):
            check(libc.inotify_add_watch(self.fd, base.encode(), self.IN_OPEN) >= 0, os.strerror(ctypes.get_errno()))

    def names(self):
        """Files since the last call; foster's logger looks through directories now and then."""
        names, data = [], b"more"
        while data:
            try:
                data = os.read(self.fd, 65536)
            except BlockingIOError:
                return names
            at = 0
            while at < len(data):
                size = int.from_bytes(data[at + 12:at + 16], sys.byteorder)
                if not int.from_bytes(data[at + 4:at + 8], sys.byteorder) & self.IN_ISDIR:
                    names.append(data[at + 16:at + 16 + size].rstrip(b"\0").decode())
                at += 16 + size
        return names


def archives(directory, count):
    """Archives of an earlier boot, as foster writes them."""
    for number in range(1, count + 1):
        head = f"#foster-log 1 boot={'0123abcd' * 4} began=2026-01-01T00:00:00.000000000Z service=talker\n"
        lines = "".join(f"2026-01-01T00:00:01.000000000Z 1.000000000 {i} 1 o {i * 20} old {i}\n" for i in range(1, 200))
        write(f"{directory}/talker.log.{number}", head + lines)


def test_files_are_left_alone_while_the_ring_suffices():
    with Foster(boot=False) as foster:
        directory = kept(foster, "1M")  # a line that comes alone takes 64 bytes beside its own
        archives(directory, 200)
        foster.longrun("talker", TALK.format(count=1000))
        foster.boot()
        has_ended(foster)
        in_file = lambda: len(lines_of(foster, "--directory", directory, "--boot", "0", "-n", "all", "talker")) == 1001
        wait_for("the file to have all", in_file, 120)
        opened = Opened(directory)
        cursor = json.loads(lines_of(foster, "-n", "5", "--json", "talker")[0])["cursor"]
        want = [f"line {i}" for i in range(1, 1001)] + ["WARN end"]
        begin = time.monotonic()
        for words in (("talker",), ("-n", "5"), ("--stdout", "-n", "3"), ("-n", "0"), ("--level", "warn"), ("-n", "all", "-g", "line")):
            foster.svc("logs", *words)
        took = (time.monotonic() - begin) / 6 * 1000
        equal(lines_of(foster, "-n", "all", "talker"), want, "all of this boot")
        equal(lines_of(foster, "--after", cursor, "talker"), want[-4:], "behind a cursor")
        equal(opened.names(), [], "files opened")
        with subprocess.Popen([f"{BIN}/svc", "logs", "-f", "-n", "1", "talker"], env=foster.env, stdout=subprocess.PIPE, text=True) as follower:
            equal(follower.stdout.readline(), "WARN end\n")
            follower.kill()
        equal(opened.names(), [], "files opened to follow")
        begin = time.monotonic()
        check("old 7" in lines_of(foster, "--since", "2026-01-01T00:00:00Z", "talker"), "a span of time before this boot")
        check(len(set(opened.names())) >= 200, "then files are read")
        print(f"    200 archives: {took:.0f} ms from the ring, {(time.monotonic() - begin) * 1000:.0f} ms with the files")


def flooded(foster, *words):
    """What a follower prints that was stopped while its service said far more than the ring and all sockets hold."""
    with subprocess.Popen([f"{BIN}/svc", "logs", "-f", *words, "flood"], env=foster.env, stdout=subprocess.PIPE, text=True) as follower:
        check("ready" in follower.stdout.readline(), "the first line")
        os.kill(follower.pid, signal.SIGSTOP)
        write(f"{foster.directory}/go", "go\n")
        wait_for("the flood to be over", lambda: lines_of(foster, "-n", "1", "flood") == ["over"])
        os.kill(follower.pid, signal.SIGCONT)
        shown = []
        for line in follower.stdout:
            shown.append(line.rstrip("\n"))
            if "over" in line:
                break
        follower.kill()
    return shown


def flooding(foster):
    foster.env["FOSTER_LOG_RING"] = "64K"
    os.mkfifo(f"{foster.directory}/go")
    foster.longrun("flood", f"echo ready; read x <{foster.directory}/go; seq 2 400000; echo over; exec sleep 1000000")
    foster.boot()
    wait_for("the service", lambda: lines_of(foster, "flood") == ["ready"])


def test_a_follower_is_told_what_the_ring_has_lost():
    with Foster(boot=False) as foster:
        flooding(foster)
        shown = flooded(foster, "-n", "1")
        skips = [re.fullmatch(r"-- (\d+) lines skipped --", line) for line in shown]
        check(any(skips), "nothing was told")
        expected = 2
        for line, skip in zip(shown[:-1], skips):
            if skip:
                expected += int(skip[1])
            else:
                equal(line, str(expected), "the line behind those that were told")
                expected += 1
        equal((shown[-1], expected), ("over", 400001), "all of it")


def test_new_lines_alone_begin_behind_the_last_one():
    with Foster(boot=False) as foster:
        flooding(foster)
        with subprocess.Popen([f"{BIN}/svc", "logs", "-f", "-n", "0", "flood"], env=foster.env, stdout=subprocess.PIPE, text=True) as follower:
            wait_for("the follower", lambda: foster.call("logs.stats", {"names": ["flood"]})["services"][0]["followers"] == 1)
            write(f"{foster.directory}/go", "go\n")
            first = follower.stdout.readline().rstrip("\n")
            follower.kill()
        check(first == "2" or re.fullmatch(r"-- \d+ lines skipped --", first), first)


def test_a_follower_is_told_in_json_too():
    with Foster(boot=False) as foster:
        flooding(foster)
        records = [json.loads(line) for line in flooded(foster, "-n", "1", "-o", "json")]
        gaps = [record for record in records if "skipped" in record]
        check(gaps and all(record["name"] == "flood" for record in gaps), gaps)
        seq = 1
        for record in records:
            seq += record.get("skipped", 0)
            if "seq" in record:
                equal(record["seq"], seq + 1)
                seq = record["seq"]
        equal(seq, 400001)


def bytes_of(foster, *words):
    """What svc logs prints, as bytes."""
    return subprocess.run([f"{BIN}/svc", "logs", "-n", "all", *words], env=foster.env, stdout=subprocess.PIPE, timeout=LIMIT).stdout


def odd_bytes():
    """What no text is: NULs, every byte that there is, progress, a long line of bad bytes, no newline at the end."""
    every = bytes(byte for byte in range(256) if byte != 10)
    long = bytes((i * 31 + i // 251) % 256 for i in range(200 * 1024)).replace(b"\n", b"\xff")
    return (b"nul \0 nul\n\xff\n" + every + b"\n10%\r20%\r100%\ncut \xc3\n\xc3\xa4\n" + long + b"\n\n" +
            b"\xfe sesame \xff\nno end \xe2\x82")


def test_every_byte_comes_through():
    with Foster(boot=False) as foster:
        said = odd_bytes()
        path = os.path.join(foster.directory, "said")
        write(path, said)
        write(f"{foster.directory}/secret", "sesame\n", 0o600)
        foster.longrun("odd", f"cat {path}; exec sleep 1000000")
        write(f"{foster.services}/odd/foster.yaml", f"secrets: [{foster.directory}/secret]\n")
        foster.boot()
        wait_for("the last bytes", lambda: bytes_of(foster, "-o", "raw", "odd").endswith(said[-8:]))
        shown = bytes_of(foster, "-o", "raw", "odd")
        hidden = re.search(rb"\xfe (\S+) \xff\n", shown)
        check(hidden and b"sesame" not in shown, shown[-80:])
        equal(shown, said.replace(b"sesame", hidden[1]), "raw")
        cat = bytes_of(foster, "-o", "cat", "odd")
        check(cat.startswith(said[:said.index(b"\xc3\xa4\n")]), "cat, up to the long line")
        check(cat.endswith(b" \xff\nno end \xe2\x82\n"), cat[-80:])
        records = [json.loads(line) for line in lines_of(foster, "-n", "all", "--json", "odd")]
        bad, good = (next(record for record in records if record["seq"] == seq) for seq in (2, 6))
        equal((bad["text"], bad["bytes"]), ("\ufffd", "/w=="))
        equal((good["text"], "bytes" in good), ("\u00e4", False))


if __name__ == "__main__":
    run(globals())
