# SPDX-License-Identifier: Apache-2.0
"""Real programs on loopback: start them, wait until something holds, stop all of them whatever happened, tell TAP.

A test file has functions that take a Stage, and ends in harness.run(function, ...): each becomes one point, named by
its docstring. More points inside of one: Stage.point(). Nothing waits for time to pass; wait_for() asks until it holds.
TEST_PROGRAMS is the folder of other builds of the programs, such as one with sanitizers.
"""

import ctypes
import fcntl
import os
import pathlib
import select
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import traceback
import urllib.error
import urllib.request

SOURCE = pathlib.Path(os.environ.get("TEST_SOURCE") or pathlib.Path(__file__).resolve().parents[2])
BUILD = pathlib.Path(os.environ.get("TEST_BUILD") or SOURCE / "build").resolve()  # programs run in folders of their own
PROGRAMS = pathlib.Path(os.environ.get("TEST_PROGRAMS") or BUILD)
NPM = pathlib.Path(os.environ.get("TEST_NPM") or BUILD / "tests/npm")
NODE = os.environ.get("NODE") or "node"
PATIENCE_S = 30
TEST_SECONDS_MAX = 240
ASK_EVERY_S = 0.02
SHOWN_LINES = 25
SHOWN_COLUMNS = 500
PORTS = range(20000, 32000)  # below what the kernel gives out by itself
PR_SET_PDEATHSIG = 1

libc = ctypes.CDLL(None)


class Failure(Exception):
    """What was expected does not hold; the text says it for a person."""


def expect(holds, what):
    if not holds:
        raise Failure(what)


def expect_equal(what, got, wanted):
    expect(got == wanted, f"{what}: got {got!r}, wanted {wanted!r}")


def wait_for(what, holds, patience_s=PATIENCE_S):
    """Asks holds() until it gives something true, and returns that. what: a text, or a function that makes one."""
    deadline = time.monotonic() + patience_s
    while True:
        answer = holds()
        if answer:
            return answer
        if time.monotonic() > deadline:
            raise Failure(f"waited {patience_s} s for: {what() if callable(what) else what}")
        select.select([], [], [], ASK_EVERY_S)


def wait_for_equal(what, get, wanted, patience_s=PATIENCE_S):
    last = []

    def holds():
        last[:] = [get()]
        return last[0] == wanted

    wait_for(lambda: f"{what} to be {wanted!r}, last seen {last[0]!r}", holds, patience_s)


def sanitized():
    """Whether the programs have AddressSanitizer in them: sizes and their own slowness say nothing then."""
    return b"__asan_init" in (PROGRAMS / "cometcanaryd").read_bytes()


class Reply:
    def __init__(self, status, headers, body):
        self.status, self.headers, self.body = status, headers, body
        self.text = body.decode("utf-8", "replace")


class NotFollowed(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_):
        return None


opener = urllib.request.build_opener(urllib.request.ProxyHandler({}), NotFollowed)


def http(url, data=None, headers=None, method=None, timeout_s=PATIENCE_S):
    """Any answer is a Reply; OSError when there is none."""
    request = urllib.request.Request(url, data=data, headers=headers or {}, method=method)
    try:
        with opener.open(request, timeout=timeout_s) as answer:
            return Reply(answer.status, answer.headers, answer.read())
    except urllib.error.HTTPError as error:
        with error:
            return Reply(error.code, error.headers, error.read())


def answers(url):
    """Whether a GET of url has status 200."""
    try:
        return http(url, timeout_s=5).status == 200
    except OSError:
        return False


def is_listening(port):
    with socket.socket() as door:
        return door.connect_ex(("127.0.0.1", port)) == 0


METRONOME = """
import signal, time
late = 0
signal.signal(signal.SIGTERM, lambda signo, frame: (print(late, flush=True), exit()))
while True:
    began = time.monotonic()
    time.sleep(0.01)
    late += time.monotonic() - began > 0.01 + {seconds}
"""


class Metronome:
    """Beside the program under test a process that only sleeps: how often the machine itself was that late."""

    def __init__(self, stage, seconds):
        self.process = stage.start("metronome", [sys.executable, "-c", METRONOME.format(seconds=seconds)])

    def stop(self):
        self.process.send(signal.SIGTERM)
        self.process.exit_code()
        return int(self.process.stdout())


def unexcused(skipped, machine_late):
    """{reason: slots} without those lost to a machine that is late by its metronome too, or to AddressSanitizer: in a
    body of many small values its allocator takes half a second, where the program alone takes a few milliseconds."""
    excused = machine_late or sanitized()
    return {reason: slots for reason, slots in skipped.items() if not (excused and reason == "missed")}


class Process:
    """A running program with its output in files. It dies with the test, and with its Stage."""

    def __init__(self, stage, name, argv, env=None, stdout=None, stderr=None, prepare=None):
        self.name = name
        self.stdout_path = stage.folder / f"{name}.stdout"
        self.stderr_path = stage.folder / f"{name}.stderr"
        variables = {"PATH": os.environ["PATH"], "HOME": str(stage.folder), "LC_ALL": "C.UTF-8"}
        variables.update((key, value) for key, value in os.environ.items() if key.endswith("SAN_OPTIONS"))
        variables.update(env or {})

        def in_child():
            libc.prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
            for signo in (signal.SIGINT, signal.SIGQUIT):  # a shell ignores them for what it runs in the background
                signal.signal(signo, signal.SIG_DFL)
            if prepare:
                prepare()

        with open(self.stdout_path, "ab") as out, open(self.stderr_path, "ab") as err:
            self.process = subprocess.Popen(
                [str(arg) for arg in argv],
                env=variables,
                cwd=stage.folder,
                stdin=subprocess.DEVNULL,
                stdout=out if stdout is None else stdout,
                stderr=err if stderr is None else stderr,
                start_new_session=True,
                preexec_fn=in_child,
            )
        self.pid = self.process.pid

    def stdout(self):
        return self.stdout_path.read_text("utf-8", "replace")

    def stderr(self):
        return self.stderr_path.read_text("utf-8", "replace")

    def send(self, signo):
        self.process.send_signal(signo)

    def running(self):
        return self.process.poll() is None

    def exit_code(self, patience_s=PATIENCE_S):
        """Waits for the end; negative = that signal."""
        try:
            return self.process.wait(patience_s)
        except subprocess.TimeoutExpired:
            raise Failure(f"{self.name} did not end within {patience_s} s") from None

    def expect_running(self):
        expect(self.running(), f"{self.name} ended with {self.process.returncode}")

    def wait_until(self, what, holds, patience_s=PATIENCE_S):
        """wait_for(), given up as soon as the program ends."""

        def still():
            self.expect_running()
            return holds()

        return wait_for(lambda: f"{self.name}: {what}", still, patience_s)

    def kill(self):
        try:
            os.killpg(self.pid, signal.SIGKILL)
        except ProcessLookupError:
            pass
        self.process.wait()

    def status_kib(self, key):
        """A size of /proc/PID/status, such as VmHWM."""
        for line in pathlib.Path(f"/proc/{self.pid}/status").read_text().splitlines():
            if line.startswith(key + ":"):
                return int(line.split()[1])
        raise Failure(f"{self.name}: no {key} in /proc")

    def cpu_s(self):
        fields = pathlib.Path(f"/proc/{self.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


class Stage:
    """What one point of a test plays on: a folder, ports, and programs, all of them gone at the end."""

    points = 0
    failed = 0

    def __init__(self):
        parent = BUILD / "tests/integration"
        parent.mkdir(parents=True, exist_ok=True)
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="stage.", dir=parent))
        self.folder.chmod(0o755)
        self.processes = []
        self.reserved = []

    def port(self):
        """A free port that no other test gets while this stage stands."""
        for number in PORTS:
            lock = os.open(f"{self.folder.parent}/port.{number}", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                with socket.socket() as door:
                    door.bind(("127.0.0.1", number))
            except OSError:
                os.close(lock)
                continue
            self.reserved.append(lock)
            return number
        raise Failure("no free port")

    def write(self, name, text):
        path = self.folder / name
        path.write_text(text)
        return path

    def start(self, name, argv, **how):
        """Starts a program; see Process."""
        process = Process(self, name, argv, **how)
        self.processes.append(process)
        return process

    def run(self, name, argv, **how):
        """Starts a program and waits for its end."""
        process = self.start(name, argv, **how)
        process.exit_code()
        return process

    @classmethod
    def point(cls, name, complaint=None):
        """One TAP point; it fails when there is a complaint."""
        cls.points += 1
        for line in (complaint or "").splitlines():
            print(f"# {line}")
        print(f"{'not ok' if complaint else 'ok'} {cls.points} - {name}", flush=True)
        cls.failed += bool(complaint)

    def outputs(self):
        """The ends of what all programs said, for the report of a failure."""
        lines = []
        for path in sorted({path for p in self.processes for path in (p.stdout_path, p.stderr_path)}):
            text = path.read_text("utf-8", "replace").splitlines()[-SHOWN_LINES:]
            lines += [f"---- {path.name}"] + [line[:SHOWN_COLUMNS] for line in text] if text else []
        return "\n".join(lines)

    def close(self, keep):
        for process in reversed(self.processes):
            process.kill()
        for lock in self.reserved:
            os.close(lock)
        if not keep:
            shutil.rmtree(self.folder, ignore_errors=True)


def play(function):
    """One function on its own stage: the complaint, or None."""
    stage = Stage()
    complaint = None
    try:
        function(stage)
    except Failure as failure:
        complaint = f"{failure}\n{stage.outputs()}\nwhat it wrote is in {stage.folder}"
    except Exception:  # pylint: disable=broad-except
        complaint = f"{traceback.format_exc()}\n{stage.outputs()}\nwhat it wrote is in {stage.folder}"
    finally:
        stage.close(keep=complaint is not None)
    return complaint


def stop(signo, _frame):
    raise SystemExit(f"Bail out! {signal.Signals(signo).name}")


def run(*functions):
    """Plays them in order; names as arguments of the program choose some. Ends the program."""
    for signo in (signal.SIGTERM, signal.SIGHUP, signal.SIGALRM):
        signal.signal(signo, stop)
    signal.alarm(TEST_SECONDS_MAX)
    chosen = [f for f in functions if not sys.argv[1:] or f.__name__ in sys.argv[1:]]
    for function in chosen:
        began = time.monotonic()
        complaint = play(function)
        print(f"# {function.__name__}: {time.monotonic() - began:.1f} s")
        Stage.point(function.__doc__, complaint)
    print(f"1..{Stage.points}")
    sys.exit(Stage.failed > 0)
