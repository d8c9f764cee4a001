# SPDX-License-Identifier: Apache-2.0
"""What the service manager is told, and when."""

import signal
import socket

import harness
from canary import EX_CONFIG, Daemon, Sim, endpoint, provider
from harness import PATIENCE_S, Failure, expect, expect_equal


class Manager:
    """The other end of $NOTIFY_SOCKET."""

    def __init__(self, stage):
        self.door = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.door.bind(f"\0cometcanary-test-{stage.port()}")
        self.door.settimeout(PATIENCE_S)
        self.name = "@" + self.door.getsockname()[1:].decode()

    def next(self, *, but=()):
        """The next message as a dict, without those that hold nothing but `but`."""
        while True:
            try:
                message = dict(line.split("=", 1) for line in self.door.recv(4096).decode().splitlines())
            except TimeoutError as error:
                raise Failure("the manager is told nothing") from error
            if not set(message) <= set(but):
                return message


def config_for(sim):
    return {"providers": [provider("p", sim.url)], "endpoints": [endpoint("chat")]}


def life(stage):
    """ready once it serves, reloading with its time and ready again, refused said in the status, stopping at the end"""
    manager, sim = Manager(stage), Sim(stage)
    daemon = Daemon(stage, config_for(sim), env={"NOTIFY_SOCKET": manager.name})
    first = manager.next()
    expect_equal("at the start", first.get("READY"), "1")
    expect("1 endpoint" in first["STATUS"], first["STATUS"])
    daemon.process.send(signal.SIGHUP)
    reloading = manager.next()
    expect_equal("reloading", reloading.get("RELOADING"), "1")
    expect(int(reloading["MONOTONIC_USEC"]) > 0, f"{reloading}")
    expect_equal("after the reload", manager.next().get("READY"), "1")
    daemon.configure("version = 1; frob = 2;\n")
    daemon.process.send(signal.SIGHUP)
    expect_equal("reloading", manager.next().get("RELOADING"), "1")
    refused = manager.next()
    expect_equal("after a refused reload", refused.get("READY"), "1")
    expect("refused" in refused["STATUS"], refused["STATUS"])
    daemon.process.send(signal.SIGTERM)
    expect_equal("at the end", manager.next().get("STOPPING"), "1")
    expect_equal("exit code", daemon.process.exit_code(), 0)


def watchdog(stage):
    """with a watchdog it is fed again and again by the scheduler's tick"""
    manager, sim = Manager(stage), Sim(stage)
    env = {"NOTIFY_SOCKET": manager.name, "WATCHDOG_USEC": "3000000"}
    Daemon(stage, config_for(sim), env=env)
    for _ in range(3):
        expect_equal("fed", manager.next(but=("READY", "STATUS")), {"WATCHDOG": "1"})


def never_ready(stage):
    """with a bad configuration the manager is not told that it is ready"""
    manager = Manager(stage)
    manager.door.settimeout(0)
    daemon = Daemon(stage, "version = 1;\n", env={"NOTIFY_SOCKET": manager.name}, wait=False)
    expect_equal("exit code", daemon.process.exit_code(), EX_CONFIG)
    try:
        raise Failure(f"it was told {manager.door.recv(4096)}")
    except BlockingIOError:
        pass


harness.run(life, watchdog, never_ready)
