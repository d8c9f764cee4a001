# SPDX-License-Identifier: Apache-2.0
"""Debian's Prometheus and Alertmanager on a Stage, and somebody who is told of alerts."""

import json
import threading
import urllib.parse
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from harness import answers, expect_equal, http

ALERTMANAGER = "prometheus-alertmanager"


class Prometheus:
    """Ready when the constructor returns. config: the text of prometheus.yml; data: a folder with blocks to begin with."""

    def __init__(self, stage, config, data="data"):
        port = stage.port()
        self.url = f"http://127.0.0.1:{port}"
        argv = ["prometheus", "--config.file", stage.write("prometheus.yml", config), "--storage.tsdb.path", data]
        argv += ["--web.listen-address", f"127.0.0.1:{port}", "--enable-feature", "exemplar-storage"]
        self.process = stage.start("prometheus", argv, env={"GOMAXPROCS": "1"})
        self.process.wait_until("ready", lambda: answers(self.url + "/-/ready"))

    def ask(self, path, **parameters):
        reply = http(f"{self.url}/api/v1/{path}?{urllib.parse.urlencode(parameters)}")
        expect_equal(f"{path} {parameters}: {reply.text}", reply.status, 200)
        return json.loads(reply.text)["data"]

    def query(self, expr, **parameters):
        """The samples of an instant query."""
        return self.ask("query", query=expr, **parameters)["result"]

    def value(self, query):
        """The only value of an instant query, or None."""
        result = self.query(query)
        return float(result[0]["value"][1]) if len(result) == 1 else None

    def names(self, job):
        return {row["__name__"] for row in self.ask("series", **{"match[]": f'{{job="{job}"}}'})}

    def alerts(self):
        """{(alertname, state)} of what it evaluates right now."""
        return {(row["labels"]["alertname"], row["state"]) for row in self.ask("alerts")["alerts"]}


class Receiver:
    """A webhook: keeps every alert that it was told, in order."""

    def __init__(self, stage):
        told = self.told = []

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self):
                told.extend(json.loads(self.rfile.read(int(self.headers["Content-Length"])))["alerts"])
                self.send_response(200)
                self.end_headers()

            def log_message(self, *_):
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", stage.port()), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}/"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def names(self, status="firing"):
        return {alert["labels"]["alertname"] for alert in self.told if alert["status"] == status}

    def of(self, name, status="firing"):
        return [alert for alert in self.told if alert["labels"]["alertname"] == name and alert["status"] == status]


class Alertmanager:
    """Ready when the constructor returns. config: the text of alertmanager.yml."""

    def __init__(self, stage, config):
        port = stage.port()
        self.address = f"127.0.0.1:{port}"
        self.url = f"http://{self.address}"
        argv = [ALERTMANAGER, "--config.file", stage.write("alertmanager.yml", config), "--storage.path", "alerts"]
        argv += ["--web.listen-address", self.address, "--cluster.listen-address", ""]
        self.process = stage.start("alertmanager", argv, env={"GOMAXPROCS": "1"})
        self.process.wait_until("ready", lambda: answers(self.url + "/-/ready"))

    def suppressed(self):
        """The names of alerts that are active and inhibited or silenced."""
        rows = json.loads(http(self.url + "/api/v2/alerts").text)
        return {row["labels"]["alertname"] for row in rows if row["status"]["state"] == "suppressed"}
