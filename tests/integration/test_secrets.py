# SPDX-License-Identifier: Apache-2.0
"""Keys go to their provider and nowhere else: marker keys are searched for in all that our programs say."""

import base64
import os
import resource
import signal
import urllib.parse
import zlib

import harness
from canary import KEY, NEVER, Daemon, Sim, command, config_text, endpoint, provider
from harness import PROGRAMS, expect, expect_equal, http
from nginx import start_nginx

# Each looks like an identifier, the kind of text that a log takes from a server.
MARKERS = {"env": "sk-Env/7Hq2Wm9xTz4KpRv8", "file": "sk-Fil/3Nd6Yb1sLc5JgQf0", "credential": "sk-Crd/9Xk4Vt7eMw2HuZa6"}
# A provider that says back what it was given, everywhere that something of it might be kept.
ECHOES = """\
  server {{
    listen 127.0.0.1:{port};
    default_type application/json;
    add_header x-request-id "$http_x_api_key" always;
    add_header x-cometapi-request-id "$http_x_api_key" always;
    add_header retry-after "$http_x_api_key" always;
    add_header x-ratelimit-remaining-requests "$http_x_api_key" always;
    add_header x-echo "$http_x_api_key" always;
    add_header deprecation "$http_x_api_key" always;
    location /unauthorized/ {{ return 401 '{error}'; }}
    location /busy/ {{ return 503 '{error}'; }}
    location /limited/ {{ return 429 '{error}'; }}
    location /refused/ {{ return 400 '{error}'; }}
    location /error-in-200/ {{ return 200 '{error}'; }}
    location /text/ {{ return 500 'no $http_x_api_key'; }}
    location /not-json/ {{ return 200 '$http_x_api_key'; }}
    location /keys/ {{ return 200 '{{"$http_x_api_key":"$http_x_api_key"}}'; }}
    location /redirect/ {{ return 302 http://127.0.0.1:{port}/$http_x_api_key; }}
    location /answer/ {{ return 200 '{answer}'; }}
    location /stream/ {{
      default_type text/event-stream;
      return 200 'id: $http_x_api_key\\nevent: $http_x_api_key\\ndata: {chunk}\\n\\ndata: {last}\\n\\ndata: [DONE]\\n\\n';
    }}
    location /stream-error/ {{ default_type text/event-stream; return 200 'event: error\\ndata: {error}\\n\\n'; }}
    location /stream-text/ {{ default_type text/event-stream; return 200 'data: $http_x_api_key\\n\\ndata: $http_x_api_key\\n\\n'; }}
  }}
"""
ERROR = '{"error":{"message":"no $http_x_api_key","type":"$http_x_api_key","code":"$http_x_api_key","param":"$http_x_api_key"}}'
CHUNK = (
    '{"id":"$http_x_api_key","object":"chat.completion.chunk","created":1,"model":"$http_x_api_key","choices":'
    '[{"index":0,"delta":{"role":"assistant","content":"$http_x_api_key"},"finish_reason":null}]}'
)
LAST = CHUNK.replace("null}", '"$http_x_api_key"}')
PATHS = (
    "unauthorized busy limited refused error-in-200 text not-json keys redirect answer stream stream-error stream-text"
).split()
PAGES = "/ /metrics /-/healthy /-/ready /api/v1/status /api/v1/contracts /api/v1/docs /nowhere".split()
SETTINGS = ("auth.secret", "base_url", "path", "headers")
ACCEPTS = ("text/plain", "application/openmetrics-text;version=1.0.0", "application/json", "text/html")


def forms(marker):
    """All ways in which a key might be written down: {way: text}."""
    bearer = f"Bearer {marker}"
    return {
        "raw": marker,
        "base64": base64.b64encode(marker.encode()).decode().rstrip("="),
        "base64 with its scheme": base64.b64encode(bearer.encode()).decode().rstrip("="),
        "URL-encoded": urllib.parse.quote(marker, safe=""),
        "escaped for JSON": marker.replace("/", "\\/"),
        "hexadecimal": marker.encode().hex(),
        "its last 8 characters": marker[-8:],
    }


def expect_none(texts):
    """texts: {where: text}. Tells each place and way that has a marker, not the marker's surroundings."""
    found = [
        f"{where}: the key by {name}, {way}"
        for where, text in sorted(texts.items())
        for name, marker in MARKERS.items()
        for way, form in forms(marker).items()
        if form.lower() in text.lower()
    ]
    expect(not found, "\n".join(found))


def set_up(stage, port, sim):
    """One provider for each way to a key and each of two headers; every echo asked with the bare key and with a scheme."""
    credentials = stage.folder / "credentials"
    credentials.mkdir()
    (credentials / "canary-key").write_text(MARKERS["credential"])
    secrets = {
        "env": {"env": "MARKER_KEY"},
        "file": {"file": str(stage.write("marker.key", MARKERS["file"] + "\n"))},
        "credential": {"credential": "canary-key"},
    }
    providers, rows = [], []
    for way, secret in secrets.items():
        auth = {"header": "X-Api-Key", "scheme": "", "secret": secret}
        providers.append(provider(way, f"http://127.0.0.1:{port}", auth=auth, max_in_flight=100))
        auth = {"header": "X-Api-Key", "scheme": "Bearer", "secret": secret}
        providers.append(provider(way + "-bearer", f"http://127.0.0.1:{port}", auth=auth, max_in_flight=100))
        providers.append(provider(way + "-sim", sim.url, auth={"secret": secret}))
        rows.append(endpoint(way + "-sim", way + "-sim", interval=NEVER, probes=("sync", "stream")))
        for path in PATHS:
            probes = ("stream",) if path.startswith("stream") else ("sync", "stream")
            row = {"path": f"/{path}/", "interval": NEVER, "negative_interval": NEVER, "probes": probes}
            row["expect"] = {"model": "any"} if path == "answer" else {}
            rows.append(endpoint(f"{way}-{path}", way, negative=("invalid_model",), **row))
            rows.append(endpoint(f"{way}-bearer-{path}", way + "-bearer", **row))
    env = {"MARKER_KEY": MARKERS["env"], "CREDENTIALS_DIRECTORY": str(credentials)}
    config = {"log": {"level": "debug"}, "web": {"lifecycle": True}, "providers": providers, "endpoints": rows}
    return config, env


def command_texts(stage, config, env, daemon):
    """What the commands print about and with this configuration."""
    texts = {}
    runs = [["check", "--print-effective"], ["plan"], ["plan", "--show-requests"], ["plan", "--format", "json"]]
    for name in ("env-unauthorized", "file-answer", "credential-stream", "env-bearer-error-in-200", "file-redirect"):
        kind = "stream" if "stream" in name else "sync"
        runs += [["probe", name, "--probe", kind, *form] for form in ([], ["--format", "json"])]
    runs.append(["status", "--url", daemon.url])
    recording = "HTTP/1.1 401 Unauthorized\r\nx-request-id: KEY\r\ncontent-type: application/json\r\n\r\n"
    recording += ERROR.replace("$http_x_api_key", "KEY")
    path = stage.folder / "recording.http"
    path.write_text(recording.replace("KEY", MARKERS["file"]))
    replay = ["replay", "--config.file", stage.folder / "cometcanaryd.conf", "--endpoint", "file-unauthorized"]
    runs.append([*replay, "--dialect", "openai-chat", "--probe", "sync", "--format", "json", path])
    for number, args in enumerate(runs):
        name = f"command-{number}"
        done = command(stage, config, *args, env=env, name=name)
        expect(done.exit_code() in (0, 1), f"{args}: exit {done.exit_code()}: {done.stderr()}")
        expect(len(done.stdout()) > 20, f"{args} said nothing: {done.stderr()}")
        texts[f"stdout of {args}"], texts[f"stderr of {args}"] = done.stdout(), done.stderr()
    return texts


def page_texts(daemon, rows):
    texts = {}
    paths = PAGES + [f"/api/v1/endpoints/{row['name']}" for row in rows]
    for path in paths:
        for accept in ACCEPTS:
            for coding in ("identity", "gzip"):
                reply = daemon.get(path, headers={"Accept": accept, "Accept-Encoding": coding})
                body = zlib.decompress(reply.body, 31) if reply.headers["Content-Encoding"] == "gzip" else reply.body
                texts[f"{path} as {accept}, {coding}"] = f"{reply.headers}\n{body.decode()}"
    return texts


def nowhere(stage):
    """log, pages, commands, flight recorder: none has a key, though the provider says it back in all ways"""
    port = stage.port()
    keys = [arg for name, marker in MARKERS.items() for arg in ("--key", f"{name}={marker}")]
    sim = Sim(stage, "--journal-bodies", *keys)
    error, chunk, last = ERROR, CHUNK, LAST
    echo = CHUNK.replace('"delta"', '"message"').replace("completion.chunk", "completion").replace("null", '"stop"')
    start_nginx(stage, [port], ECHOES.format(port=port, error=error, chunk=chunk, last=last, answer=echo))
    config, env = set_up(stage, port, sim)
    daemon = Daemon(stage, config, env=env)
    runs = 0
    for row in config["endpoints"]:
        for probe in (*row["probes"], *row.get("negative", ())):
            daemon.probe_now(row["name"], probe)
            runs += 1
    daemon.wait_runs(runs)
    access = (stage.folder / "access.log").read_text().splitlines()
    expect(len(access) >= runs - 6, f"nginx saw {len(access)} requests of {runs}")
    expect_equal("keys that the simulator saw", {e.get("key") for e in sim.journal()}, set(MARKERS))

    texts = page_texts(daemon, config["endpoints"])
    texts.update(command_texts(stage, config, env, daemon))
    daemon.configure("nonsense = 1;\n" + config_text(config).replace('env = "MARKER_KEY"', 'env = "GONE"'))
    texts["POST /-/reload"] = http(daemon.url + "/-/reload", method="POST").text
    daemon.process.send(signal.SIGUSR1)
    dumped = lambda: any("flight" in entry["msg"] for entry in daemon.log())
    daemon.process.wait_until("the flight recorder", dumped)
    texts["journal of the simulator"] = str(sim.journal()) + str(sim.ask("stats")) + str(sim.ask("faults"))
    daemon.process.send(signal.SIGTERM)
    expect_equal("exit code", daemon.process.exit_code(), 0)
    for process in (daemon.process, sim.process):
        texts[f"stdout of {process.name}"], texts[f"stderr of {process.name}"] = process.stdout(), process.stderr()
    logged = texts["stderr of cometcanaryd"]
    expect(logged.count("probe finished") == runs, "the log lacks runs")
    expect_none(texts)


def redirects(stage):
    """a redirect gets no key: the place that it points to is never asked"""
    target = Sim(stage, name="target")
    sim = Sim(stage, "--key", f"env={MARKERS['env']}")
    providers = [provider("p", sim.url, auth={"secret": {"env": "MARKER_KEY"}}, max_in_flight=100)]
    statuses = (301, 302, 303, 307, 308)
    rows = []
    for status in statuses:
        for host in ("127.0.0.1", "localhost"):
            where = target.url.replace("127.0.0.1", host) + "/v1/chat/completions"
            row = endpoint(f"e{status}-{host.replace('.', '-')}", interval=NEVER, probes=("sync", "stream"))
            row["path"] += f"?to={status}-{host}"
            rows.append((row, {"fault": "redirect", "status": status, "text": where}))
    daemon = Daemon(
        stage,
        {"web": {"lifecycle": True}, "providers": providers, "endpoints": [row for row, _ in rows]},
        env={"MARKER_KEY": MARKERS["env"]},
    )
    runs = 0
    for row, fault in rows:
        sim.heal()
        sim.fault(fault)
        for probe in ("sync", "stream"):
            daemon.probe_now(row["name"], probe)
            runs += 1
        daemon.wait_runs(runs)
    series = daemon.series()
    told = series.by("cometcanary_probe_outcomes_total", "outcome")
    expect_equal("outcomes", told, {"redirect_unexpected": runs})
    expect_equal("requests to where the redirects point", target.journal(), [])
    expect_none({"log": daemon.process.stderr(), "/metrics": daemon.get("/metrics").text})


def bad_secrets(stage):
    """a key that cannot be used, and one that stands in the configuration: the complaint names the setting alone"""
    marker = MARKERS["env"]
    texts = {}
    for name, secret, env in (
        ("line-break", {"env": "MARKER_KEY"}, {"MARKER_KEY": f"{marker}\n{marker}"}),
        ("literal", marker, {}),
        ("literal-text", {"value": marker}, {}),
        ("in-the-url", {"env": "MARKER_KEY"}, {"MARKER_KEY": marker}),
        ("in-the-path", {"env": "MARKER_KEY"}, {"MARKER_KEY": marker}),
        ("in-a-header", {"env": "MARKER_KEY"}, {"MARKER_KEY": marker}),
    ):
        quoted = urllib.parse.quote(marker, safe="")
        base = f"http://user:{quoted}@127.0.0.1:9" if name == "in-the-url" else "http://127.0.0.1:9"
        headers = [{"name": "X-Team", "value": f"Bearer {marker}"}] if name == "in-a-header" else []
        rows = [endpoint("chat", path=f"/v1?key={quoted}" if name == "in-the-path" else "/v1")]
        config = {"providers": [provider("p", base, auth={"secret": secret}, headers=headers)], "endpoints": rows}
        done = command(stage, config, "check", env=env, name=name)
        expect_equal(f"exit code of {name}", done.exit_code(), 78)
        texts[name] = done.stdout() + done.stderr()
        setting = next((word for word in SETTINGS if word in texts[name]), None)
        expect(setting, f"{name}: the setting is not named: {texts[name]}")
    expect_none(texts)


def core_dump(stage):
    """the memory of the daemon and of a command goes into no core file"""

    def allow_cores():
        hard = resource.getrlimit(resource.RLIMIT_CORE)[1]
        resource.setrlimit(resource.RLIMIT_CORE, (hard, hard))

    sim = Sim(stage)
    sim.fault("silent")
    config = {"providers": [provider("p", sim.url)], "endpoints": [endpoint("chat", interval=NEVER)]}
    daemon = Daemon(stage, config, prepare=allow_cores)
    asked = len(sim.journal())
    argv = [PROGRAMS / "cometcanary", "--config.file", daemon.config_path, "probe", "chat"]
    probe = stage.start("probe", argv, env={"TEST_KEY": KEY}, prepare=allow_cores)
    probe.wait_until("its request", lambda: len(sim.journal()) > asked)
    for process in (daemon.process, probe):
        process.send(signal.SIGQUIT)
        ended = os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOWAIT)
        expected = (os.CLD_KILLED, int(signal.SIGQUIT))
        expect_equal(f"how {process.name} ended", (ended.si_code, ended.si_status), expected)
    expect_equal("core files", [path.name for path in stage.folder.glob("core*")], [])


harness.run(nowhere, redirects, bad_secrets, core_dump)
