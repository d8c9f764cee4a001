# SPDX-License-Identifier: Apache-2.0
"""What a bad configuration does: nothing; and what a reload does: all of it or nothing."""

import signal

import harness
from canary import EX_CONFIG, KEY, NEVER, OFTEN, Daemon, Sim, command, config_text, endpoint, outcomes, provider
from harness import expect, expect_equal, http, is_listening

BAD = """\
version = 1;
providers = ( { name = "p"; base_url = "URL"; auth = { secret = { env = "NOT_SET_ANYWHERE"; }; }; } );
endpoints = (
  { name = "chat"; provider = "q"; dialect = "openai-chat"; path = "/v1/chat/completions"; model = "m"; },
  { name = "Chat"; provider = "p"; dialect = "openai-chatt"; path = "/v1/chat/completions"; model = "m"; },
  { name = "late"; provider = "p"; dialect = "openai-chat"; path = "/v1/chat/completions"; model = "m";
    intervall = "10s"; timeout = { total = "2m"; }; }
);
"""
# line of the file: something that the complaint about it must say
COMPLAINTS = {2: "env", 4: "provider", 5: "openai-chat", 7: "interval"}
# what sends nothing needs no key
KEYLESS_COMPLAINTS = {line: word for line, word in COMPLAINTS.items() if word != "env"}


def expect_complaints(text, path, complaints=None):
    for line, word in (complaints or COMPLAINTS).items():
        told = [said for said in text.splitlines() if f"{path}:{line}:" in said]
        expect(any(word in said for said in told), f"line {line}: no complaint with {word!r} in\n{text}")


def bad_start(stage):
    """a bad configuration: exit 78, every error with its line, no port opened, no request sent"""
    sim = Sim(stage)
    bad = BAD.replace("URL", sim.url)
    daemon = Daemon(stage, bad, wait=False)
    expect_equal("exit code", daemon.process.exit_code(), EX_CONFIG)
    expect_complaints(daemon.process.stderr(), daemon.config_path)
    expect_equal("stdout", daemon.process.stdout(), "")
    expect_equal("log lines", daemon.log(), [])
    expect(not is_listening(int(daemon.address.rpartition(":")[2])), "the port is open")
    for name, complaints in (("check", COMPLAINTS), ("plan", KEYLESS_COMPLAINTS)):
        done = stage.run(name, [harness.PROGRAMS / "cometcanary", "--config.file", daemon.config_path, name])
        expect_equal(f"exit code of {name}", done.exit_code(), EX_CONFIG)
        expect_complaints(done.stderr() + done.stdout(), daemon.config_path, complaints)
    checked = Daemon(stage, bad, wait=False, args=["--config.check"], name="config-check")
    expect_equal("exit code of --config.check", checked.process.exit_code(), EX_CONFIG)
    expect_equal("requests", sim.journal(), [])
    good = config_text({"providers": [provider("p", sim.url)], "endpoints": [endpoint("chat")]})
    checked = Daemon(stage, good, wait=False, args=["--config.check"], name="good-check")
    expect_equal("exit code of --config.check", checked.process.exit_code(), 0)
    expect_equal("exit code of check", command(stage, {}, "check", checked.config_path, name="good").exit_code(), 0)


def port_taken(stage):
    """an address that is taken: the daemon says which, and does not stay"""
    sim = Sim(stage)
    config = {"providers": [provider("p", sim.url)], "endpoints": [endpoint("chat")]}
    first = Daemon(stage, config)
    second = Daemon(stage, config, wait=False, args=["--web.listen-address", first.address], name="second")
    expect(second.process.exit_code() not in (0, EX_CONFIG), "it went on, or blamed the file")
    expect(first.address in second.process.stderr(), f"the address is not named: {second.process.stderr()}")
    first.process.expect_running()


def reload(stage):
    """a bad file leaves the old configuration whole; a good one keeps the counters of what stays"""
    sim = Sim(stage)
    config = {
        "web": {"lifecycle": True},
        "providers": [provider("p", sim.url)],
        "endpoints": [endpoint("stays", **OFTEN), endpoint("goes", **OFTEN)],
    }
    daemon = Daemon(stage, config)
    daemon.wait_runs(2, endpoint="stays")
    first = daemon.wait_runs(2, endpoint="goes")
    expect_equal("reload successful", first.of("cometcanary_config_last_reload_successful"), 1)

    daemon.configure(BAD.replace("URL", sim.url))
    daemon.process.send(signal.SIGHUP)
    refused = daemon.wait_series("a refused reload", lambda s: s.of("cometcanary_config_last_reload_successful") == 0)
    said = [f"{e['file']}:{e['line']}: {e['problem']}" for e in daemon.log(msg="configuration error")]
    expect_complaints("\n".join(said), daemon.config_path)
    when = "cometcanary_config_last_reload_success_timestamp_seconds"
    expect_equal("time of the last good one", refused.of(when), first.of(when))
    seen = refused.sum("cometcanary_probes_total", endpoint="goes")
    daemon.wait_runs(seen + 2, endpoint="goes")
    by_post = http(daemon.url + "/-/reload", method="POST")
    expect_equal("status of POST /-/reload", by_post.status, 500)
    expect_complaints(by_post.text, daemon.config_path)

    config["endpoints"] = [config["endpoints"][0], endpoint("comes", interval=NEVER)]
    before = daemon.series()
    daemon.configure(config)
    daemon.process.send(signal.SIGHUP)
    after = daemon.wait_series("a good reload", lambda s: s.of("cometcanary_config_last_reload_successful") == 1)
    for family in ("cometcanary_probes_total", "cometcanary_probe_duration_seconds_count"):
        expect(after.sum(family, endpoint="stays") >= before.sum(family, endpoint="stays") >= 2, f"{family} fell")
        expect_equal(f"{family} of goes", after.of(family, endpoint="goes", probe="sync"), None)
        expect_equal(f"{family} of comes", after.of(family, endpoint="comes", probe="sync"), 0)
    expect(after.of(when) > first.of(when), "the time of the last good one did not move")
    daemon.wait_runs(after.sum("cometcanary_probes_total", endpoint="stays") + 2, endpoint="stays")
    expect_equal("status of POST /-/reload", http(daemon.url + "/-/reload", method="POST").status, 200)
    final = daemon.series()
    runs = final.sum("cometcanary_probes_total", endpoint="stays")
    expect_equal("outcomes of what stays", outcomes(final, "stays"), {"ok": runs})


def new_key(stage):
    """a reload reads the secret's file again"""
    sim = Sim(stage, "--key", "next=the-next-key")
    path = stage.write("key", KEY + "\n")
    auth = {"auth": {"secret": {"file": str(path)}}}
    rows = [endpoint("chat", interval=NEVER)]
    daemon = Daemon(stage, {"web": {"lifecycle": True}, "providers": [provider("p", sim.url, **auth)], "endpoints": rows})
    daemon.probe_now("chat")
    daemon.wait_runs(1)
    path.write_text("the-next-key\n")
    expect_equal("status of POST /-/reload", http(daemon.url + "/-/reload", method="POST").status, 200)
    daemon.probe_now("chat")
    daemon.wait_runs(2)
    expect_equal("keys that arrived", [entry["key"] for entry in sim.journal()], ["test", "next"])


def without_the_key(stage):
    """plan and replay send nothing: they work where the key is not, and check says that it is missing"""
    auth = {"auth": {"secret": {"env": "NOT_SET_ANYWHERE"}}}
    config = {"providers": [provider("p", "http://127.0.0.1:9", **auth)], "endpoints": [endpoint("chat")]}
    recording = stage.write("recording.http", "HTTP/1.1 401 Unauthorized\r\n\r\n")
    replay = ["replay", "--endpoint", "chat", "--format", "json", recording]
    for name, args in (("plan", ["plan"]), ("requests", ["plan", "--show-requests"]), ("replay", replay)):
        done = command(stage, config, *args, name=name)
        expect_equal(f"exit code of {args}: {done.stderr()}", done.exit_code(), 0)
        if name == "requests":
            expect("Authorization: <secret>" in done.stdout(), done.stdout())
    expect_equal("exit code of check", command(stage, config, "check", name="check").exit_code(), EX_CONFIG)


harness.run(bad_start, port_taken, reload, new_key, without_the_key)
