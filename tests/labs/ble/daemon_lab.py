#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Inside the lab: real daemons, each with an adapter of its own and nothing else.

    daemon_lab.py CHASKID SCENE

Afraid of: what only shows when everything is real. Prints one line of JSON.
"""
import json
import os
import sys
import time

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
from chaskid import Daemon, introduce, scene, wait_until  # noqa: E402


def air(command):
    with open(os.environ["LAB_AIR"], "w", encoding="ascii") as fifo:
        fifo.write(command + "\n")


class Phone(Daemon):
    """A daemon that has Bluetooth alone."""

    def __init__(self, folder, number, ble="", name=None):
        lan = f'enabled = false\n[ble]\nadapters = ["hci{number}"]\n{ble}\n[log]\nlevel = "debug"\n'
        super().__init__(sys.argv[1], folder, name or f"n{number}", port=0, lan=lan)
        self.number = number

    def neighbours(self):
        return self.get("/v1/status")["neighbours"]

    def texts(self):
        return [message["text"] for message in self.messages() if message["direction"] == "in"]

    def has(self, text):
        return text in self.texts()


def phones(folder, nodes, count, ble=""):
    made = [Phone(folder, number, ble) for number in range(count)]
    for phone in made:
        phone.start()
        nodes.append(phone)
    return made


def know_each_other(nodes):
    for at, one in enumerate(nodes):
        for other in nodes[at + 1:]:
            introduce(one, other)


def everybody_writes_to_everybody(nodes, what, seconds=120):
    """Every pair, both ways; gives the seconds until the last is there."""
    began = time.monotonic()
    for one in nodes:
        for other in nodes:
            if one is not other:
                one.post("/v1/messages", to=other.name, text=f"{what} {one.name}")
    for one in nodes:
        for other in nodes:
            if one is not other:
                wait_until(lambda: one.has(f"{what} {other.name}"), seconds,
                           f"{other.name}'s {what} at {one.name}")
    return round(time.monotonic() - began, 2)


def pair():
    with scene("ble-pair") as (folder, nodes):
        left, right = phones(folder, nodes, 2)
        introduce(left, right)
        began = time.monotonic()
        left.post("/v1/messages", to="n1", text="hello")
        wait_until(lambda: right.has("hello"), 60, "the message is there")
        took = time.monotonic() - began
        return {"first_message_s": round(took, 2), "status": right.get("/v1/status")["transports"]}


def line():
    """A hears B and B hears C: B has both roles at once, and A's words reach C."""
    air("far 0 2")
    with scene("ble-line") as (folder, nodes):
        line_of = phones(folder, nodes, 3)
        know_each_other(line_of)
        return {"line_all_s": everybody_writes_to_everybody(line_of, "hello")}


def clique():
    with scene("ble-clique") as (folder, nodes):
        everybody = phones(folder, nodes, int(os.environ["LAB_ADAPTERS"]))
        know_each_other(everybody)
        first = everybody_writes_to_everybody(everybody, "hello")
        return {"nodes": len(everybody), "first_s": first,
                "second_s": everybody_writes_to_everybody(everybody, "again"),
                "links": [len(phone.neighbours()) for phone in everybody]}


def slots():
    """Two slots each and five neighbours near: turns are taken, everyone hears everything."""
    with scene("ble-slots") as (folder, nodes):
        everybody = phones(folder, nodes, int(os.environ["LAB_ADAPTERS"]), "links_max = 2")
        know_each_other(everybody)
        times = [everybody_writes_to_everybody(everybody, f"round {number}", 300)
                 for number in range(3)]
        return {"nodes": len(everybody), "rounds_s": times}


SCENES = {scene.__name__: scene for scene in (pair, line, clique, slots)}

if __name__ == "__main__":
    print(json.dumps(SCENES[sys.argv[2]]()))
