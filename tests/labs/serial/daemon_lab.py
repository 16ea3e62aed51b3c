#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Two people write to each other over relays on microcontrollers, and their daemons have no other
way to each other.

    daemon_lab.py CHASKID IMAGES CASE [COUNT]

Exit: 0 passed, 1 failed, 77 QEMU or the firmware is missing.
"""
import contextlib
import os
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
import board  # noqa: E402
import line  # noqa: E402
from chaskid import Daemon, free_port, introduce, scene, wait_until  # noqa: E402

BAUD = 115_200


class Lab:
    def __init__(self, program, images, folder, nodes, stack):
        self.program, self.images = program, images
        self.folder, self.nodes, self.stack = folder, nodes, stack
        self.relays = 0

    def daemon(self, name):
        terminal = os.path.join(self.folder, f"tty-{name}")
        lan = (f'port = {free_port()}\nlisten = ["127.0.0.1"]\ndiscover = false\n'
               f'[serial]\ndevices = ["{terminal}"]\nbaud = {BAUD}\n[ble]\nenabled = false\n')
        node = Daemon(self.program, self.folder, name, lan=lan)
        self.nodes.append(node)
        node.terminal = terminal
        return node.start()

    def relay(self):
        self.relays += 1
        flash = os.path.join(self.folder, f"flash{self.relays}")
        board.make_flash(flash)
        relay = board.Board(os.path.join(self.folder, f"b{self.relays}"), self.images, flash=flash)
        self.stack.callback(relay.cut_power)
        return relay.start()

    def plug(self, node, uart):
        return self.stack.enter_context(
            line.Line(line.Terminal(node.terminal), line.Socket(uart), BAUD))

    def join(self, one, two):
        return self.stack.enter_context(line.Line(line.Socket(one), line.Socket(two), BAUD))


def write(sender, receiver, count):
    texts = [f"{sender.name} to {receiver.name}, {n}: " + "the bridge holds. " * 5
             for n in range(count)]
    sender.send_many([{"to": receiver.name, "text": text} for text in texts])
    return texts


def has(receiver, texts, seconds):
    def all_there():
        there = {m["text"] for m in receiver.messages() if m["direction"] == "in"}
        return there.issuperset(texts)
    wait_until(all_there, seconds, f"{len(texts)} messages at {receiver.name}", every=0.2)


def delivered(sender, texts, seconds):
    def all_told():
        sent = {m["text"]: m["state"] for m in sender.messages() if m["direction"] == "out"}
        return all(sent.get(text) == "delivered" for text in texts)
    wait_until(all_told, seconds, f"{sender.name} hears that all were delivered", every=0.2)


def both_ways(north, south, count):
    there, back = write(north, south, count), write(south, north, count)
    has(south, there, 60)
    has(north, back, 60)
    delivered(north, there, 60)
    delivered(south, back, 60)


def across(lab, count):
    north, south = lab.daemon("north"), lab.daemon("south")
    introduce(north, south)
    relay = lab.relay()
    lab.plug(north, relay.uart(0))
    lab.plug(south, relay.uart(1))
    both_ways(north, south, count)
    # What was delivered is nobody's load any more.
    def freed():
        status = relay.status()
        return status["accepted"] - status["carried"] >= 2 * count
    wait_until(freed, 60, "receipts free the relay", every=0.2)
    print(relay.status())


def chain(lab, count):
    north, south = lab.daemon("north"), lab.daemon("south")
    introduce(north, south)
    one, two = lab.relay(), lab.relay()
    lab.plug(north, one.uart(0))
    lab.join(one.uart(1), two.uart(2))
    lab.plug(south, two.uart(3))
    both_ways(north, south, count)
    print(one.status(), two.status())


def carry(lab, count):
    north, south = lab.daemon("north"), lab.daemon("south")
    introduce(north, south)
    relay = lab.relay()
    wire = lab.plug(north, relay.uart(0))
    texts = write(north, south, count)
    wait_until(lambda: relay.status()["carried"] >= count, 60, "the relay has them")
    north.stop()
    wire.close()
    lab.plug(south, relay.uart(0))
    has(south, texts, 60)
    print(relay.status())


CASES = {"across": across, "chain": chain, "carry": carry}


def main():
    program, images, case, *rest = sys.argv[1:]
    board.machines(images, "chaski-relay")
    with scene("serial") as (folder, nodes), contextlib.ExitStack() as stack:
        CASES[case](Lab(program, images, folder, nodes, stack), int(rest[0]) if rest else 10)


if __name__ == "__main__":
    main()
