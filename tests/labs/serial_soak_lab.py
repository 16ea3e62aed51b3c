#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""A daemon with ten relays on cables that are plugged and unplugged at random.

usage: serial_soak_lab.py CHASKID [SECONDS] [SEED] [--relays N] [--growth MB]

The relays are daemons with a person each, who write to each other in pairs all the while; nothing
joins them but the cables to the daemon in the middle. Afterwards every cable is in: every message
that was accepted arrives, once. Then every cable is out. Fails as well when the daemon in the
middle has more files open than it has cables, when its memory grew by more than --growth, or when
its status does not say what is. Prints one JSON line.
"""
import argparse
import collections
import json
import os
import random
import sys
import time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from chaskid import Daemon, introduce, scene, wait_until  # noqa: E402
from serial_cable import Bench  # noqa: E402

BAUD = 921600
OFF = "enabled = false\n[ble]\nenabled = false\n"


def node(program, folder, name, device):
    lan = f'{OFF}[serial]\ndevices = ["{device}"]\nbaud = {BAUD}\n'
    return Daemon(program, folder, name, lan=lan)


def files_open(daemon):
    return len(os.listdir(f"/proc/{daemon.process.pid}/fd"))


def memory_mb(daemon):
    with open(f"/proc/{daemon.process.pid}/status", encoding="utf-8") as f:
        return int(next(line for line in f if line.startswith("VmRSS")).split()[1]) / 1024


class Soak:
    def __init__(self, folder, bench, wanted):
        self.random = random.Random(wanted.seed)
        self.hub = node(wanted.chaskid, folder, "hub", f"{folder}/line*-a")
        self.cables = [bench.cable(f"line{i}", BAUD) for i in range(wanted.relays)]
        self.relays = [node(wanted.chaskid, folder, f"relay{i}", cable.ends[1].path)
                       for i, cable in enumerate(self.cables)]
        self.written = collections.defaultdict(set)  # by who reads it
        self.plugs = 0

    def ports(self):
        return self.hub.get("/v1/status")["transports"]["serial"]["ports"]

    def start(self):
        for one in [self.hub, *self.relays]:
            one.start(wait=False)
        for one in [self.hub, *self.relays]:
            wait_until(one.answers, 60, f"{one.name} answers")
        for a, b in zip(self.relays[::2], self.relays[1::2]):
            introduce(a, b)

    def turn(self, cable):
        if cable.plugged:
            cable.unplug()
        else:
            cable.plug()
            self.plugs += 1

    def write(self):
        at = self.random.randrange(len(self.relays) // 2 * 2)
        writer, reader = self.relays[at], self.relays[at ^ 1]
        text = f"{sum(map(len, self.written.values()))} of {writer.name} " + "x" * 100
        writer.post("/v1/messages", to=reader.name, text=text)
        self.written[reader.name].add(text)

    def storm(self, seconds):
        """Gives the memory of the middle after a fifth of it, and at its end."""
        began, early = time.monotonic(), None
        while (passed := time.monotonic() - began) < seconds:
            self.turn(self.random.choice(self.cables))
            if self.random.random() < 0.5:
                self.write()
            if early is None and passed > seconds / 5:
                early = memory_mb(self.hub)
            # Mostly long enough for a handshake, now and then not.
            time.sleep(self.random.choice([0.01, 0.05, 0.2, 0.3]))
        return early, memory_mb(self.hub)

    def all_in(self):
        for cable in self.cables:
            if not cable.plugged:
                self.turn(cable)
        linked = lambda: [p for p in self.ports() if p.get("neighbour")]
        wait_until(lambda: len(linked()) == len(self.cables), 60, "every relay is a neighbour")

    def arrived(self, relay):
        texts = [m["text"] for m in relay.messages() if m["direction"] == "in"]
        assert len(texts) == len(set(texts)), f"{relay.name} has something twice"
        return set(texts) == self.written[relay.name]


def soak(wanted):
    with scene("serial-soak") as (folder, nodes), Bench(folder, wanted.seed) as bench:
        world = Soak(folder, bench, wanted)
        nodes += [world.hub, *world.relays]
        world.start()
        before = files_open(world.hub)
        early, late = world.storm(wanted.seconds)
        world.all_in()
        for relay in world.relays:
            wait_until(lambda relay=relay: world.arrived(relay), 120,
                       f"everything arrives at {relay.name}", every=0.2)
        # The calls that ask have a descriptor too, and one of the database may be new.
        most = before + len(world.cables) + 3
        assert files_open(world.hub) <= most, f"{files_open(world.hub)} files open, not {most}"
        for cable in world.cables:
            world.turn(cable)
        wait_until(lambda: not world.ports(), 10, "the status lists no port any more")
        wait_until(lambda: files_open(world.hub) <= before + 3, 10, "files are closed")
        status = world.hub.get("/v1/status")
        assert not [p for p in status["problems"] if p["part"] == "serial"], status["problems"]
        assert not status["neighbours"], status["neighbours"]
        assert late - early <= wanted.growth, f"memory grew from {early:.1f} to {late:.1f} MB"
        return {"seconds": wanted.seconds, "plugged_in": world.plugs,
                "messages": sum(map(len, world.written.values())), "files": [before, most],
                "memory_mb": [round(early, 1), round(late, 1)]}


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("chaskid")
    parser.add_argument("seconds", nargs="?", type=float, default=15)
    parser.add_argument("seed", nargs="?", type=int, default=1)
    parser.add_argument("--relays", type=int, default=10)
    parser.add_argument("--growth", type=float, default=8)
    wanted = parser.parse_args()
    print(json.dumps({"soak": soak(wanted), "seed": wanted.seed}))


if __name__ == "__main__":
    main()
