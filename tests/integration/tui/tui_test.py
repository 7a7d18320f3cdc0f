# SPDX-License-Identifier: MIT
"""The TUI in a real terminal, tmux, without a terminfo database, against fake_foster.py.

Each test has a tmux server of its own; waiting is for what the screen shows, with a limit."""
import contextlib
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import traceback

sys.path.insert(0, os.path.dirname(os.path.realpath(__file__)))
from fake_foster import FakeFoster, service  # noqa: E402

TUI = os.environ["FOSTER_TUI"]
LIMIT = float(os.environ.get("FOSTER_TEST_LIMIT", "30"))
SERVICES = [service("docker-entrypoint", "exited", type="oneshot", exit_code=0, pid=None),
            service("supervisord/code-server", pid=1234), service("supervisord/web", "backoff", restarts=3),
            service("foster/logd", internal=True)]


class Terminal:
    """A tmux pane of `width` x `height` in which a shell runs the TUI and notes what it left behind."""

    def __init__(self, width, height, services=None, workloads=None, term="xterm-256color"):
        self.directory = tempfile.mkdtemp(prefix="foster-tui-")
        self.foster = FakeFoster(self.path("sock"), SERVICES if services is None else services, workloads)
        self.foster.logs = {"supervisord/code-server": [f"line {i}" for i in range(200)]}
        script = (f"echo MARK; stty -g > {self.path('before')}\n"
                  f"env -i TERM={term} TERMINFO=/nonexistent {TUI} {self.path('sock')} 2> {self.path('errors')} &\n"
                  f"echo $! > {self.path('pid')}; fg > /dev/null; code=$?\n"
                  f"stty -g > {self.path('after')}; echo $code > {self.path('code.new')}\n"
                  f"mv {self.path('code.new')} {self.path('code')}; echo LEFT; cat\n")
        with open(self.path("script"), "w", encoding="ascii") as file:
            file.write("set -m\n" + script)
        self.tmux("-f", "/dev/null", "new-session", "-d", "-x", str(width), "-y", str(height),
                  f"bash {self.path('script')}")

    def path(self, name):
        return os.path.join(self.directory, name)

    def tmux(self, *words):
        return subprocess.run(["tmux", "-S", self.path("tmux"), *words], check=True, capture_output=True,
                              text=True, env={**os.environ, "LC_ALL": "C.UTF-8"}).stdout

    def keys(self, *keys):
        self.tmux("send-keys", *keys)

    def mouse(self, button, column, row):
        """Presses at column, row (from 1), as a terminal would say it."""
        report = f"\x1b[<{button};{column};{row}M"
        self.tmux("send-keys", "-H", *(f"{ord(c):x}" for c in report))

    def screen(self):
        return self.tmux("capture-pane", "-p")

    def flag(self, name):
        return self.tmux("display-message", "-p", "#{" + name + "}").strip()

    def wait(self, what, condition):
        end = time.monotonic() + LIMIT
        while True:
            value = condition()
            if value:
                return value
            if time.monotonic() > end:
                raise AssertionError(f"waited {LIMIT:.0f} s for {what}; the screen:\n{self.screen()}")
            time.sleep(0.02)

    def shows(self, text):
        self.wait(repr(text), lambda: text in self.screen())

    def hides(self, text):
        self.wait(f"{text!r} to go", lambda: text not in self.screen())

    def requested(self, method, **params):
        self.wait(f"{method} {params}", lambda: params in self.foster.asked(method))

    def selects(self, name):
        self.wait(f"{name} to be selected", lambda: any(f" {name} " in line and "ing " in line
                                                        and ("\u2500" in line or "---" in line)
                                                        for line in self.screen().splitlines()))

    def pid(self):
        return int(self.read("pid"))

    def read(self, name):
        with open(self.path(name), encoding="utf-8") as file:
            return file.read().strip()

    def ends(self, code):
        """The TUI ends with `code` and the terminal is as it was."""
        self.wait("the end of the TUI", lambda: os.path.exists(self.path("code")))
        self.shows("LEFT")
        equal(self.read("code"), str(code), "exit code")
        equal(self.read("after"), self.read("before"), "stty -g")
        equal(self.flag("alternate_on"), "0", "the alternate screen")
        equal(self.flag("cursor_flag"), "1", "the cursor is shown")
        equal(self.flag("mouse_any_flag"), "0", "mouse reports")
        check("MARK" in self.screen(), "what was on the screen before is there again")

    def close(self):
        with contextlib.suppress(subprocess.CalledProcessError):
            self.tmux("kill-server")
        self.foster.stop()
        shutil.rmtree(self.directory)


@contextlib.contextmanager
def terminal(*words, **more):
    one = Terminal(*words, **more)
    try:
        yield one
    finally:
        one.close()


def check(condition, text):
    if not condition:
        raise AssertionError(text)


def equal(got, want, text):
    check(got == want, f"{text}: got {got!r}, want {want!r}")


def drive(t):
    """What a user does, at any size."""
    t.shows("code-server")
    t.shows("docker-entrypoint")
    check("logd" not in t.screen(), "internal services are hidden")
    t.keys("j")
    t.selects("supervisord/code-server")
    t.shows("line 199")
    t.foster.log("supervisord/code-server", "fresh \x1b[31mred\x1b[0m \x1b]0;evil\x07 \x1b[2J end")
    t.shows("fresh red   end")
    for key, method in (("u", "up"), ("d", "down"), ("r", "restart"), ("o", "once")):
        t.keys(key)
        t.requested(method, names=["supervisord/code-server"], wait=False)
        t.shows(f"{method} supervisord/code-server: asked")
    t.foster.change("supervisord/code-server", state="failed", cause="gave up")
    t.shows("failed")
    t.keys("s", "Down", "Enter")
    t.requested("signal", names=["supervisord/code-server"], signal="HUP")
    t.keys("?")
    t.shows("previous service")
    t.keys("End")
    t.shows("the services go on")
    t.keys("Escape")
    t.hides("the services go on")
    t.keys("/", "w", "e", "b")
    t.selects("supervisord/web")
    t.hides("docker-entrypoint")
    t.keys("Escape")
    t.shows("docker-entrypoint")
    t.selects("supervisord/web")


def test_small():
    with terminal(40, 10) as t:
        drive(t)
        t.keys("q")
        t.ends(0)


def test_large():
    with terminal(300, 80) as t:
        drive(t)
        t.shows("CAUSE")
        t.keys("F10")
        t.ends(0)


def test_plain_terminals():
    for term in ("vt100", "linux", "screen", "xterm"):
        with terminal(80, 24, term=term) as t:
            t.shows("code-server")
            t.keys("j")
            t.selects("supervisord/code-server")
            t.shows("line 199")
            t.keys("q")
            t.wait("the end", lambda: os.path.exists(t.path("code")))
            equal(t.read("after"), t.read("before"), "stty -g with TERM=" + term)
            equal(t.flag("cursor_flag"), "1", "the cursor is shown")


def test_resize():
    with terminal(80, 24) as t:
        t.shows("restart")
        for width, height in ((300, 80), (40, 10), (15, 4), (100, 30)):
            t.tmux("resize-window", "-x", str(width), "-y", str(height))
            if width < 20:
                t.shows("too small")
            else:
                t.wait(f"{width}x{height}", lambda: "q quit" in t.screen().rstrip("\n").splitlines()[-1]
                       and len(t.screen().rstrip("\n").splitlines()) == height)
        t.keys("C-c")
        t.ends(0)


def test_mouse():
    with terminal(80, 24) as t:
        t.shows("supervisord")
        t.mouse(0, 5, 4)  # header, titles, first row, second row
        t.selects("supervisord/web") if "web" in t.screen().splitlines()[3] else t.selects("supervisord/code-server")
        t.mouse(0, 1, 3)
        t.selects("docker-entrypoint")
        t.mouse(65, 1, 3)  # the wheel, downwards
        t.selects("supervisord/web")
        footer = t.screen().rstrip("\n").splitlines()[-1]
        t.mouse(0, footer.index("restart") + 1, 24)
        t.requested("restart", names=["supervisord/web"], wait=False)
        t.mouse(0, footer.index("quit") + 1, 24)
        t.ends(0)


def test_reconnect():
    with terminal(80, 24) as t:
        t.shows("code-server")
        t.keys("j")
        t.shows("line 199")
        t.foster.stop()
        t.shows("reconnecting")
        t.keys("u")
        t.shows("no connection")
        t.foster.services["supervisord/code-server"]["state"] = "failed"
        t.foster.logs["supervisord/code-server"].append("while away")
        t.foster.start()
        t.hides("reconnecting")
        t.shows("failed")
        t.shows("while away")
        check(t.screen().count("line 199") == 1, "no line twice")
        t.selects("supervisord/code-server")
        t.keys("q")
        t.ends(0)


def test_banner():
    seed = [{"name": "supervisord", "format": "supervisord", "source": "seed", "project": "/w/project.conf",
             "seed": "/s/seed.conf", "diagnostics": [
                 {"severity": "error", "file": "/w/project.conf", "line": 3, "column": 1, "text": "no section",
                  "hint": "write [program:NAME]", "source_line": "x"}]}]
    with terminal(80, 24, workloads=seed) as t:
        t.shows("SEED in use: supervisord")
        t.keys("b")
        t.shows("/w/project.conf:3:1: no section")
        t.keys("C-c")
        t.ends(0)


def test_killed():
    for number in (signal.SIGTERM, signal.SIGHUP, signal.SIGINT, signal.SIGSEGV, signal.SIGABRT, signal.SIGBUS):
        with terminal(80, 24) as t:
            t.shows("code-server")
            equal(t.flag("alternate_on"), "1", "the alternate screen is used")
            os.kill(t.pid(), number)
            t.ends(128 + number)


def test_suspend():
    for stop in (lambda t: t.keys("C-z"), lambda t: os.kill(t.pid(), signal.SIGTSTP)):
        with terminal(80, 24) as t:
            t.tmux("respawn-pane", "-k", "env PS1=READY: bash --norc --noprofile -i")
            t.shows("READY:")
            t.keys(f"stty -g > {t.path('before')}; (echo $BASHPID > {t.path('pid')}; exec env TERM=xterm-256color "
                   f"TERMINFO=/nonexistent {TUI} {t.path('sock')})", "Enter")
            for turn in range(2):
                t.shows("docker-entrypoint")
                equal(t.flag("alternate_on"), "1", "the alternate screen is used")
                stop(t)
                t.wait("the main screen", lambda: t.flag("alternate_on") == "0")
                t.shows("Stopped")
                t.keys(f"clear; stty -g > {t.path('after')}; echo NOTED{turn}", "Enter")
                t.wait("stty", lambda: os.path.exists(t.path("after")) and t.read("after") == t.read("before"))
                equal(t.flag("mouse_any_flag"), "0", "mouse reports")
                t.keys("fg", "Enter")
            t.shows("docker-entrypoint")
            t.keys("q")
            t.wait("the main screen", lambda: t.flag("alternate_on") == "0")


def test_no_terminal():
    run = subprocess.run([TUI, "/nonexistent"], stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False)
    equal(run.returncode, 2, "exit code")
    check("must be a terminal" in run.stderr, run.stderr)
    with terminal(80, 24, term="dumb") as t:
        t.wait("the end", lambda: os.path.exists(t.path("code")))
        equal(t.read("code"), "2", "exit code with TERM=dumb")
        check("TERM is 'dumb'" in t.read("errors"), t.read("errors"))


def test_no_foster():
    with terminal(80, 24) as t:
        t.shows("code-server")
        t.foster.stop()
        t.keys("q")
        t.ends(0)
        os.remove(t.path("code"))
        t.tmux("new-window", f"bash {t.path('script')}")
        t.wait("the end", lambda: os.path.exists(t.path("code")))
        equal(t.read("code"), "6", "exit code")


def main():
    failed = 0
    wanted = sys.argv[1:]
    for name, test in list(globals().items()):
        if not name.startswith("test_") or (wanted and name not in wanted):
            continue
        start = time.monotonic()
        try:
            test()
            print(f"ok     {name} {time.monotonic() - start:.1f} s", flush=True)
        except Exception:  # pylint: disable=broad-except
            failed += 1
            print(f"FAILED {name}\n{traceback.format_exc()}", flush=True)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
