# SPDX-License-Identifier: Apache-2.0
"""What outlives the process: kills at any moment, a disk that is full, files that are damaged or too new."""

import contextlib
import json
import os
import pathlib
import random
import resource
import select
import shutil
import signal
import sqlite3
import stat
import time
from datetime import datetime, timezone

import harness
from canary import NEVER, Daemon, Log, Sim, command, endpoint, provider
from harness import BUILD, Failure, answers, expect, expect_equal, wait_for

KILLS = 30
DAEMON_KILLS = 5
LIVES_S = (0.02, 1.8)
LOST_S = 1.0  # of history, at most
VERIFIED_LOST_S = 1.5  # a tick of a second, and a commit
EX_SOFTWARE = 70
WRITES = "cometcanary_store_writes_total"
DISK_BYTES = 2 * 1024 * 1024
ASKED_WHEN_FULL = 2000


@contextlib.contextmanager
def opened(path):
    database = sqlite3.connect(path, timeout=harness.PATIENCE_S)
    try:
        yield database
    finally:
        database.close()


def ask(path, sql):
    with opened(path) as database:
        return database.execute(sql).fetchall()


def number(path, sql):
    return ask(path, sql)[0][0]


def config(sim, store, **more):
    rows = [endpoint(f"e{i}", probes=("sync", "stream"), interval="200ms", total="190ms") for i in range(2)]
    rows.append(endpoint("rare", interval="1h"))
    basis = {"store": {"path": str(store)}, "web": {"lifecycle": True}, "log": {"level": "debug"}}
    return {**basis, "providers": [provider("p", sim.url)], "endpoints": rows, **more}


# ---- kills ----


class Said:
    """What store_writer told before it died. A last line without its end was not told."""

    def __init__(self, text):
        rows = [line.split() for line in text.rpartition("\n")[0].splitlines()]
        self.acked = [int(row[1]) for row in rows if row[0] == "acked"]
        self.granted = [int(row[1]) for row in rows if row[0] == "granted"]
        self.history = {row[1]: int(row[2]) / 1e6 for row in rows if row[0] == "history"}


def live_and_die(stage, store, turn, lives_s, first):
    """Starts the writer, kills it: what it said, and when it was killed. Every third one soon writes history alone."""
    items = 5 if turn % 3 == 2 else 10**9
    writer = stage.start(f"writer-{turn}", [BUILD / "tests/integration/store_writer", store, str(first), str(items)])
    writer.wait_until("its first answer", lambda: "granted" in writer.stdout())
    select.select([], [], [], lives_s)
    writer.expect_running()
    killed = time.monotonic()
    writer.kill()
    return Said(writer.stdout()), killed


def expect_kept(store, said, killed):
    expect_equal("integrity", number(store, "PRAGMA integrity_check"), "ok")
    stored = {key: int(value) for key, value in ask(store, "SELECT key, value FROM item")}
    for acked in said.acked[-10:]:
        expect(stored.get(str(acked % 10), -1) >= acked, f"item {acked} was acknowledged; there is {stored}")
    rows = {run_id for (run_id,) in ask(store, "SELECT run_id FROM history")}
    lost = [killed - at for run_id, at in said.history.items() if run_id not in rows]
    expect(max(lost, default=0) <= LOST_S, f"history of {max(lost, default=0):.3f} s before the kill is lost")
    return max(lost, default=0)


def kills(stage):
    """kill -9 at 30 random moments: no acknowledged write is lost, and at most the last second of history"""
    seed = int.from_bytes(os.urandom(4), "big")
    dice = random.Random(seed)
    store = stage.folder / "canary.db"
    granted, first, worst = 0, 0, 0
    for turn in range(KILLS):
        said, killed = live_and_die(stage, store, turn, dice.uniform(*LIVES_S), first)
        try:
            worst = max(worst, expect_kept(store, said, killed))
            granted += len(said.granted)
            spent = number(store, "SELECT requests FROM budget WHERE name = 'killed'")
            expect(spent >= granted, f"{granted} requests were granted, {spent} are counted")
            expect(spent <= granted + turn + 1, f"{spent} requests are counted, {granted} were granted")
        except Failure as failure:
            raise Failure(f"kill {turn}, seed {seed}: {failure}") from None
        first = said.acked[-1] + 1
        with opened(store) as database:
            database.execute("DELETE FROM history")
            database.commit()
    print(f"# {first} acknowledged items, {granted} grants, at most {worst:.2f} s of history lost")
    expect(granted >= KILLS, "hardly anything was granted")


def wall_of(entry):
    when = datetime.strptime(entry["time"], "%Y-%m-%dT%H:%M:%S.%fZ")
    return when.replace(tzinfo=timezone.utc).timestamp()


def verified_of(store, name):
    """When the endpoint's answers were last verified, in s since 1970; 0 = never."""
    rows = ask(store, f"SELECT value FROM item WHERE kind = 'verified' AND key = '{name}'")
    areas = [area for (text,) in rows for area in json.loads(text)["areas"]]
    return max((area["at_us"] for area in areas if area["area"] == "response"), default=0) / 1e6


def daemon_kills(stage):
    """the daemon, killed: its log and its history agree but for the last second, and the last times are there again"""
    sim = Sim(stage)
    store = stage.folder / "state/canary.db"
    for turn in range(DAEMON_KILLS):
        daemon = Daemon(stage, config(sim, store), name=f"daemon-{turn}")
        daemon.wait_runs(30 + 7 * turn)
        killed = time.time()
        daemon.process.kill()
        finished = daemon.log(msg="probe finished")
        rows = {run_id for (run_id,) in ask(store, "SELECT run_id FROM history")}
        lost = [killed - wall_of(entry) for entry in finished if entry["run_id"] not in rows]
        expect(max(lost, default=0) <= LOST_S, f"kill {turn}: history of {max(lost, default=0):.3f} s before it is lost")
        for name in ("e0", "e1"):
            known = verified_of(store, name) + 0.001
            ran = [wall_of(entry) for entry in finished if entry["endpoint"] == name and entry["outcome"] == "ok"]
            lost = max((killed - at for at in ran if at > known), default=0)
            expect(lost <= VERIFIED_LOST_S, f"kill {turn}: {name} was verified {lost:.3f} s before it, which is lost")
    daemon = Daemon(stage, config(sim, store), name="last")
    run = daemon.run_of("rare")
    wait_for("the run in the history", lambda: ask(store, f"SELECT 1 FROM history WHERE run_id = '{run['run_id']}'"))
    last = daemon.series().of("cometcanary_probe_last_success_timestamp_seconds", endpoint="rare", probe="sync")
    daemon.process.send(signal.SIGTERM)
    expect_equal("exit code", daemon.process.exit_code(), 0)
    daemon = Daemon(stage, config(sim, store), name="again")
    series = daemon.series()
    labels = {"endpoint": "rare", "probe": "sync"}
    expect_equal("last run", series.of("cometcanary_probe_last_run_timestamp_seconds", **labels), last)
    expect_equal("last success", series.of("cometcanary_probe_last_success_timestamp_seconds", **labels), last)
    expect_equal("runs", series.of("cometcanary_probes_total", **labels), 0)
    shown = json.loads(daemon.get("/api/v1/endpoints/rare").text)["endpoint"]["probes"][0]
    expect_equal("shown of the run before", {key: shown.get(key) for key in ("outcome", "before_restart", "runs", "since")},
                 {"outcome": "ok", "before_restart": True, "runs": 0, "since": None})
    expect(abs(wall_of({"time": shown["last_run"]}) - last) < 0.001, f"last run shown: {shown}")
    expect_equal("last success shown", shown["last_success"], shown["last_run"])
    screen = command(stage, None, "status", "--url", daemon.url).stdout()
    line = next(line for line in screen.splitlines() if line.startswith("rare"))
    expect(line.split()[2] == "ok" and line.endswith(", before the restart"), screen)
    page = daemon.get("/").text
    expect("<td>not run yet; before the restart: ok</td>" in page, page)
    expect_equal("success before the first run", series.of("cometcanary_probe_success", **labels), None)


# ---- a full disk ----


class Tmpfs:
    """A disk of DISK_BYTES in a mount namespace of its own, which programs enter by `inside`."""

    def __init__(self, stage):
        self.stage = stage
        self.mount = stage.folder / "disk"
        self.mount.mkdir()
        user = [] if os.geteuid() == 0 else ["--map-root-user"]
        script = f'mount -t tmpfs -o size={DISK_BYTES},mode=700 none "$0" && echo mounted && exec tail -f /dev/null'
        holder = stage.start("disk", ["unshare", "--mount", *user, "sh", "-c", script, self.mount])
        wait_for("the mount", lambda: not holder.running() or "mounted" in holder.stdout())
        self.works = holder.running()
        enter = ["--user", "--preserve-credentials"] if user else []
        self.inside = ["nsenter", "--mount", *enter, "--target", str(holder.pid)]
        self.path = pathlib.Path(f"/proc/{holder.pid}/root") / self.mount.relative_to("/")

    def daemon(self, conf):
        return Daemon(self.stage, conf, prefix=self.inside)

    def fill(self, _daemon):
        with open(self.path / "ballast", "wb", buffering=0) as ballast:
            with contextlib.suppress(OSError):
                while True:
                    ballast.write(bytes(4096))

    def clear(self, _daemon):
        (self.path / "ballast").unlink()


class SmallFiles:
    """Where nothing can be mounted: files that may not grow any more look like a full disk. The log is one of them, but
    for a pipe."""

    def __init__(self, stage):
        self.stage = stage
        self.mount = self.path = stage.folder / "small"
        self.mount.mkdir()
        self.inside = ["env", "--ignore-signal=XFSZ"]

    def daemon(self, conf):
        pipe = self.stage.folder / "log"
        os.mkfifo(pipe)
        reader = self.stage.start("log", ["cat", pipe])
        with open(pipe, "wb") as log:
            daemon = Daemon(self.stage, conf, prefix=self.inside, stderr=log)
        daemon.stderr_log = Log(reader.stdout_path)
        return daemon

    def fill(self, daemon):
        resource.prlimit(daemon.process.pid, resource.RLIMIT_FSIZE, (4096, resource.RLIM_INFINITY))

    def clear(self, daemon):
        resource.prlimit(daemon.process.pid, resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))


def small_disk(stage):
    disk = Tmpfs(stage) if shutil.which("unshare") else None
    return disk if disk and disk.works else SmallFiles(stage)


def full_disk(stage):
    """a full disk: writes fail and are counted, probes go on, and so does the history when there is room again"""
    sim = Sim(stage)
    disk = small_disk(stage)
    daemon = disk.daemon(config(sim, disk.mount / "canary.db"))
    daemon.wait_series("rows in the history", lambda s: s.of(WRITES, result="ok") >= 5)
    disk.fill(daemon)
    before = daemon.wait_series("failed writes", lambda s: s.of(WRITES, result="failed") >= 5)
    expect(daemon.log(level="error", msg="the store cannot be written: nothing is kept until it can"), "the log is silent")
    ran = before.sum("cometcanary_probes_total")
    series = daemon.wait_runs(ran + 10)
    failures = series.by("cometcanary_probe_outcomes_total", "outcome")
    expect_equal("outcomes", set(failures), {"ok"})
    expect(answers(daemon.url + "/-/healthy"), "a full disk is no reason to be restarted")
    disk.clear(daemon)
    written = series.of(WRITES, result="ok")
    daemon.wait_series("rows again", lambda s: s.of(WRITES, result="ok") >= written + 5)
    expect(daemon.log(msg="the store is written again"), "the log does not say that it is written again")
    expect_equal("messages of the failure", len(daemon.log(level="error")), 1)
    daemon.process.send(signal.SIGTERM)
    expect_equal("exit code", daemon.process.exit_code(), 0)
    copy = stage.folder / "copy.db"
    shutil.copyfile(disk.path / "canary.db", copy)
    expect_equal("integrity", number(copy, "PRAGMA integrity_check"), "ok")
    expect(number(copy, "SELECT count(*) FROM history") >= written, "rows are missing")


def no_room_to_reserve(stage):
    """a full disk: a run whose reservation cannot be written is not sent, and is sent again when there is room"""
    sim = Sim(stage)
    disk = small_disk(stage)
    rows = [endpoint("chat", interval=NEVER, budget="day")]
    budgets = [{"name": "day", "window": "day", "max_requests": 100000}]
    configured = config(sim, disk.mount / "canary.db", budgets=budgets, endpoints=rows)
    daemon = Daemon(stage, configured, prefix=disk.inside)
    skipped = {"endpoint": "chat", "probe": "sync", "reason": "budget"}

    def ended(series):
        return series.sum("cometcanary_probes_total") + series.of("cometcanary_probes_skipped_total", **skipped)

    def asked(turn):
        daemon.probe_now("chat")
        return daemon.wait_series("its end", lambda now: ended(now) == turn)

    expect_equal("sent", asked(1).sum("cometcanary_probes_total"), 1)
    disk.fill(daemon)
    for turn in range(2, 2 + ASKED_WHEN_FULL):  # what fits into the room that the files have already is granted
        series = asked(turn)
        if series.of("cometcanary_probes_skipped_total", **skipped) >= 3:
            break
    expect_equal("skipped", series.of("cometcanary_probes_skipped_total", **skipped), 3)
    expect_equal("requests in the journal", len(sim.journal()), series.sum("cometcanary_probes_total"))
    expect(daemon.log(level="warn", msg="a budget cannot be written: nothing is asked"), "the log is silent")
    disk.clear(daemon)
    sent = series.sum("cometcanary_probes_total")

    def sends_again():
        return asked(ended(daemon.series()) + 1).sum("cometcanary_probes_total") > sent

    daemon.process.wait_until("a run that is sent", sends_again)
    expect_equal("requests in the journal", len(sim.journal()), daemon.series().sum("cometcanary_probes_total"))


# ---- odd files ----


def damaged(stage):
    """a damaged file is set aside and told, and the daemon goes on with a new one"""
    sim = Sim(stage)
    folder = stage.folder / "state"
    folder.mkdir()
    store = folder / "canary.db"
    store.write_bytes(random.Random(1).randbytes(20000))
    daemon = Daemon(stage, config(sim, store))
    daemon.wait_series("rows in the new one", lambda s: s.of(WRITES, result="ok") >= 5)
    told = daemon.log(level="error")
    expect_equal("errors told", [entry["msg"] for entry in told], ["the store was damaged: it is set aside, and a new one begins"])
    aside = pathlib.Path(told[0]["set_aside"])
    expect_equal("bytes set aside", aside.read_bytes(), random.Random(1).randbytes(20000))
    expect_equal("mode of the new one", stat.S_IMODE(store.stat().st_mode), 0o600)


def too_new(stage):
    """a file of a newer version is refused in words, and is as it was"""
    sim = Sim(stage)
    store = stage.folder / "canary.db"
    with opened(store) as database:
        database.executescript("PRAGMA application_id = 1668113249; PRAGMA user_version = 1000; CREATE TABLE x (y)")
    before = store.read_bytes()
    daemon = Daemon(stage, config(sim, store), wait=False)
    expect_equal("exit code", daemon.process.exit_code(), EX_SOFTWARE)
    expect(f"cometcanaryd: store: {store}: written by a newer version" in daemon.process.stderr(), daemon.process.stderr())
    expect_equal("the file", store.read_bytes(), before)


harness.run(kills, daemon_kills, full_disk, no_room_to_reserve, damaged, too_new)
