# SPDX-License-Identifier: Apache-2.0
"""Our own programs on a Stage: configurations as Python values, the daemon with its pages and its log, the simulator."""

import json
import re
import threading

from harness import PROGRAMS, answers, expect, http

DAEMON = PROGRAMS / "cometcanaryd"
COMMAND = PROGRAMS / "cometcanary"
SIM = PROGRAMS / "cometcanary-sim"
MODEL = "gpt-5.4-mini"
KEY = "test-key"
NEVER = "360d"  # an interval: nothing runs but what is asked for
OFTEN = {"interval": "1s", "total": "950ms"}  # for what must be ok: a busy machine may take its time
EX_CONFIG = 78

SERIES = re.compile(r'([a-zA-Z_:][a-zA-Z0-9_:]*)(?:\{(.*?)\})? (\S+)(?: # .*)?$')
LABEL = re.compile(r'([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\]|\\.)*)"')


def libconfig(value, indent=""):
    """A Python value in libconfig's words: dict = group, list = list."""
    inner = indent + "  "
    if isinstance(value, dict):
        rows = "".join(f"{inner}{key} = {libconfig(item, inner)};\n" for key, item in value.items())
        return "{\n" + rows + indent + "}"
    if isinstance(value, (list, tuple)):
        return "( " + ", ".join(libconfig(item, inner) for item in value) + " )"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return '"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"'
    return str(value)


def config_text(config):
    return "".join(f"{key} = {libconfig(value)};\n" for key, value in config.items())


def provider(name, base_url, **more):
    """A provider that takes KEY, from the environment that Daemon and command() set."""
    return {"name": name, "base_url": base_url, "auth": {"secret": {"env": "TEST_KEY"}}, **more}


def endpoint(name, provider_name="p", **more):
    """A chat endpoint in a hurry; its deadlines leave room on a loaded machine."""
    timeout = {"total": more.pop("total", "9s"), **more.pop("timeout", {})}
    row = {"name": name, "provider": provider_name, "dialect": "openai-chat", "path": "/v1/chat/completions"}
    if more.get("dialect", "openai-chat") not in ("openai-models", "json-get"):
        row["model"] = MODEL
    return {**row, "interval": "10s", "timeout": timeout, **more}


class Series(dict):
    """A scrape: (family, frozenset of label pairs) -> value."""

    def of(self, family, **labels):
        """The one series with exactly these labels, or None."""
        return self.get((family, frozenset(labels.items())))

    def sum(self, family, **labels):
        """Over all series that have at least these labels."""
        wanted = set(labels.items())
        return sum(value for (name, pairs), value in self.items() if name == family and wanted <= pairs)

    def by(self, family, label, **labels):
        """{value of label: sum} of the series that are not 0."""
        wanted, sums = set(labels.items()), {}
        for (name, pairs), value in self.items():
            if name == family and wanted <= pairs and value:
                key = dict(pairs)[label]
                sums[key] = sums.get(key, 0) + value
        return sums


def parse_series(text):
    series = Series()
    for line in text.splitlines():
        if not line or line.startswith("#"):
            continue
        match = SERIES.match(line)
        expect(match, f"no line of the exposition: {line!r}")
        key = (match[1], frozenset(LABEL.findall(match[2] or "")))
        expect(key not in series, f"twice in one scrape: {line!r}")
        series[key] = float(match[3])
    return series


def has(entry, wanted):
    return all(entry.get(key) == value for key, value in wanted.items())


def log_lines(text, **wanted):
    """The JSON lines in a text that have these members."""
    entries = [json.loads(line) for line in text.splitlines() if line.startswith("{")]
    return [entry for entry in entries if has(entry, wanted)]


class Log:
    """The JSON lines of a file that grows, each read once. Any thread may ask."""

    def __init__(self, path):
        self.path, self.offset, self.entries, self.lock = path, 0, [], threading.Lock()

    def read(self, **wanted):
        """Those that have these members, so far."""
        with self.lock:
            with open(self.path, "rb") as log:
                log.seek(self.offset)
                whole = log.read().rpartition(b"\n")[0]
            if whole:
                self.offset += len(whole) + 1
                self.entries += log_lines(whole.decode())
            return [entry for entry in self.entries if has(entry, wanted)]


class Daemon:
    """cometcanaryd with a configuration; ready when the constructor returns. prefix: the command that executes it."""

    def __init__(self, stage, config, env=None, wait=True, args=(), prefix=(), name="cometcanaryd", **how):
        self.stage = stage
        self.address = f"127.0.0.1:{stage.port()}"
        self.url = f"http://{self.address}"
        self.config_path = stage.folder / f"{name}.conf"
        self.configure(config)
        argv = [*prefix, DAEMON, "--config.file", self.config_path, "--web.listen-address", self.address, *args]
        self.process = stage.start(name, argv, env={"TEST_KEY": KEY, **(env or {})}, **how)
        self.stderr_log = Log(self.process.stderr_path)
        if wait:
            self.process.wait_until("ready", lambda: answers(self.url + "/-/ready"))

    def configure(self, config):
        """Writes the file; the daemon is not told."""
        self.config_path.write_text(config if isinstance(config, str) else config_text(config))

    def get(self, path, **how):
        return http(self.url + path, **how)

    def probe_now(self, name, probe="sync"):
        """One run at once, whatever the interval; wants web.lifecycle."""
        reply = http(f"{self.url}/-/probe?endpoint={name}&probe={probe}", method="POST")
        expect(reply.status == 202, f"POST /-/probe for {name} {probe}: {reply.status} {reply.text.strip()}")
        return json.loads(reply.text)["run_id"]

    def run_of(self, name, probe="sync"):
        """One run at once, and its line of the log."""
        run_id = self.probe_now(name, probe)
        return self.process.wait_until(f"run {run_id} of {name} {probe}", lambda: self.log(run_id=run_id))[0]

    def series(self):
        return parse_series(self.get("/metrics").text)

    def log(self, **wanted):
        """The JSON lines of the log on stderr that have these members."""
        return self.stderr_log.read(**wanted)

    def wait_series(self, what, holds, patience_s=30):
        """Scrapes until holds(series); returns that scrape."""

        def look():
            series = self.series()
            return series if holds(series) else None

        return self.process.wait_until(what, look, patience_s)

    def wait_runs(self, runs, patience_s=30, **labels):
        """Until so many runs have ended."""
        return self.wait_series(
            f"{runs} runs of {labels or 'any probe'}",
            lambda series: series.sum("cometcanary_probes_total", **labels) >= runs,
            patience_s,
        )




def command(stage, config, *args, env=None, name="cometcanary"):
    """Runs `cometcanary ARGS` with a configuration (None = without one) to its end."""
    argv = [COMMAND]
    if config is not None:
        argv += ["--config.file", stage.write(f"{name}.conf", config_text(config))]
    return stage.run(name, [*argv, *args], env={"TEST_KEY": KEY, **(env or {})})


def outcomes(series, name, probe=None):
    """{outcome: runs} of an endpoint."""
    labels = {"endpoint": name, **({"probe": probe} if probe else {})}
    return series.by("cometcanary_probe_outcomes_total", "outcome", **labels)


class Sim:
    """cometcanary-sim on ports of its own choice, with its control apart from what faults do to connections."""

    def __init__(self, stage, *args, name="sim", key=KEY):
        listen = ["--listen", "127.0.0.1:0", "--tls-listen", "127.0.0.1:0", "--control-listen", "127.0.0.1:0"]
        self.ca = stage.folder / f"{name}.pem"
        argv = [SIM, *listen, "--key", f"test={key}", "--ca-file", self.ca, *args]
        self.process = stage.start(name, argv)
        said = self.process.wait_until("its addresses", lambda: re.findall(r"listening (\S+)( control)?\n", self.said(3)))
        urls = [url.rstrip("/") for url, control in said if not control]
        self.control = next(url.rstrip("/") for url, control in said if control)
        self.url = next(url for url in urls if url.startswith("http:"))
        self.tls_url = next(url for url in urls if url.startswith("https:"))

    def said(self, lines):
        text = self.process.stdout()
        return text if text.count("\n") >= lines else ""

    def ask(self, path, method="GET", value=None):
        """A call of /_sim/ and what it answers, from JSON."""
        data = None if value is None else json.dumps(value).encode()
        reply = http(f"{self.control}/_sim/{path}", data=data, method=method)
        expect(reply.status < 300, f"{method} /_sim/{path} {value}: {reply.status} {reply.text}")
        return json.loads(reply.text) if reply.text else None

    def fault(self, *faults, **match):
        """Faults from now on: names, or dicts with parameters; match: path, model, stream, count …"""
        self.ask("faults", "POST", {**match, "faults": list(faults)})

    def heal(self):
        self.ask("faults", "DELETE")

    def journal(self):
        return self.ask("journal")
