# SPDX-License-Identifier: Apache-2.0
"""nginx between us and the provider: what a real gateway answers when its upstream is dead, hangs, or is not there."""

import socket
import ssl

import harness
from canary import NEVER, Daemon, endpoint, outcomes, provider
from harness import expect, expect_equal
from nginx import answer, start_nginx
from tls import Authority

PLAIN = """\
  server {{
    listen 127.0.0.1:{port};
    location /dead/ {{ proxy_pass http://127.0.0.1:{dead}; }}
    location /hanging/ {{ proxy_pass http://127.0.0.1:{hanging}; }}
    location /limited/ {{ return 429; }}
    location /unavailable/ {{ return 503; }}
    location /forbidden/ {{ return 403; }}
    location /large/ {{ client_max_body_size 10; proxy_pass http://127.0.0.1:{dead}; }}
    location /moved {{ return 301 https://$host/login; }}
    location /page/ {{ default_type text/html; return 200 "<!doctype html><title>Hello</title>"; }}
    location /json/ {{ default_type text/html; return 200 '{answer}'; }}
    location /closed/ {{ return 444; }}
  }}
"""
TLS = """\
  server {{
    listen 127.0.0.1:{port} ssl{h2};
    ssl_certificate {cert};
    ssl_certificate_key {key};
    ssl_protocols {protocols};
    default_type application/json;
    location / {{ return 200 '{answer}'; }}
  }}
"""
OUTCOMES = {
    "dead": "gateway_error",  # 502
    "hanging": "gateway_error",  # 504
    "limited": "rate_limited",
    "unavailable": "gateway_error",  # 503 in HTML
    "forbidden": "access_blocked",
    "large": "bad_request",  # 413
    "moved": "redirect_unexpected",
    "page": "not_json",
    "json": "wrong_content_type",
    "closed": "connection_closed",
    "missing": "not_found",
}


def probe_all(stage, providers, endpoints):
    """One run of each endpoint; the scrape after it."""
    daemon = Daemon(stage, {"web": {"lifecycle": True}, "providers": providers, "endpoints": endpoints})
    for row in endpoints:
        daemon.probe_now(row["name"])
    return daemon, daemon.wait_runs(len(endpoints))


def error_pages(stage):
    """502, 504, error pages in HTML, a redirect, a closed connection: each its outcome"""
    port, dead = stage.port(), stage.port()
    with socket.create_server(("127.0.0.1", 0)) as hanging:
        ports = {"port": port, "dead": dead, "hanging": hanging.getsockname()[1]}
        start_nginx(stage, [port], PLAIN.format(answer=answer(), **ports))
        rows = [endpoint(name, path=f"/{name}/", interval=NEVER) for name in OUTCOMES]
        daemon, series = probe_all(stage, [provider("p", f"http://127.0.0.1:{port}", max_in_flight=20)], rows)
    for name, outcome in OUTCOMES.items():
        expect_equal(f"outcome of /{name}/", outcomes(series, name), {outcome: 1})
    statuses = {e["endpoint"]: e.get("http.response.status_code") for e in daemon.log(msg="probe finished")}
    for name, status in (("dead", 502), ("hanging", 504), ("unavailable", 503), ("large", 413), ("closed", None)):
        expect_equal(f"status of /{name}/", statuses[name], status)
    expect_equal("requests that nginx saw", len((stage.folder / "access.log").read_text().splitlines()), len(rows))


def tls(stage):
    """TLS by a CA of our own: HTTP/2 and 1.1 are ok; an unknown CA, a wrong name, an expired one, an old TLS are tls_error"""
    authority = Authority(stage)
    certificates = {
        "good": authority.issue("good"),
        "named": authority.issue("named", extensions="other"),
        "expired": authority.issue("expired", dates=("20200101000000Z", "20210101000000Z")),
        "future": authority.issue("future", dates=("20990101000000Z", "21000101000000Z")),
        "old": authority.issue("old"),
    }
    ports = {name: stage.port() for name in certificates}
    servers = "".join(
        TLS.format(
            port=ports[name],
            cert=cert,
            key=key,
            h2=" http2",
            protocols="TLSv1.2" if name == "old" else "TLSv1.2 TLSv1.3",
            answer=answer(),
        )
        for name, (cert, key) in certificates.items()
    )
    start_nginx(stage, ports.values(), servers)
    trust = {"tls": {"ca_file": str(authority.ca)}}
    newest = {"tls": {"ca_file": str(authority.ca), "min_version": "TLS13"}}
    providers = [provider(name, f"https://127.0.0.1:{ports[name]}", **trust) for name in certificates if name != "old"]
    providers += [
        provider("old", f"https://127.0.0.1:{ports['old']}", **newest),
        provider("unknown-ca", f"https://127.0.0.1:{ports['good']}"),
        provider("by-name", f"https://localhost:{ports['good']}", http_version="1.1", ip_family="ip4", **trust),
        provider("http2", f"https://127.0.0.1:{ports['good']}", http_version="2", **trust),
        provider("not-tls", f"http://127.0.0.1:{ports['good']}"),
    ]
    rows = [endpoint(row["name"], row["name"], interval=NEVER) for row in providers]
    rows.append(endpoint("reused", "http2", interval=NEVER, connection="reuse"))
    daemon, series = probe_all(stage, providers, rows)
    daemon.probe_now("reused")
    series = daemon.wait_runs(2, endpoint="reused")
    for name in ("good", "by-name", "http2"):
        expect_equal(f"outcome of {name}", outcomes(series, name), {"ok": 1})
    expect_equal("outcome of reused", outcomes(series, "reused"), {"ok": 2})
    for name in ("named", "expired", "future", "old", "unknown-ca"):
        expect_equal(f"outcome of {name}", outcomes(series, name), {"tls_error": 1})
    expect_equal("outcome of not-tls", outcomes(series, "not-tls"), {"bad_request": 1})
    spoken = [line.split('"')[1].rsplit(" ")[-1] for line in (stage.folder / "access.log").read_text().splitlines()]
    expect_equal("HTTP/2 requests", spoken.count("HTTP/2.0"), 4)
    pem = ssl.get_server_certificate(("127.0.0.1", ports["good"]))
    (stage.folder / "seen.crt").write_text(pem)
    dates = stage.run("openssl", ["openssl", "x509", "-in", "seen.crt", "-noout", "-enddate"]).stdout()
    ends = ssl.cert_time_to_seconds(dates.strip().partition("=")[2])
    told = series.of("cometcanary_tls_certificate_not_after_timestamp_seconds", provider="good")
    expect_equal("notAfter of the certificate", told, ends)
    expect(series.of("cometcanary_probe_phases_total", endpoint="good", probe="sync", phase="tls") == 1, "no TLS phase")


harness.run(error_pages, tls)
