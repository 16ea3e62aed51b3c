#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Real daemons, real Avahi, real cables: discovery is quick, and every change of topology heals.

usage: mesh_lab.py CHASKID [SEED]

north - ridge - south in namespaces of their own; north and south share no network. Measures from
plugging the cables to the first message at south (bar: 5 s), then makes changes drawn from the
seed (cable pulled and put back, cable removed, Avahi stopped, bus stopped, daemon killed), and
after each one writes a message that must arrive within 10 s. Prints one JSON line. Exit code 77,
with the reason, where namespaces are not permitted.
"""
import json
import os
import random
import sys
import time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "netlab"))
from chaskid import Daemon, introduce, wait_until  # noqa: E402
from netlab import Lab  # noqa: E402

FIRST_S, HEAL_S = 5.0, 10.0


class Mesh:
    def __init__(self, lab, program):
        self.lab = lab
        self.nodes = {name: lab.node(name) for name in ("north", "ridge", "south")}
        self.daemons = {
            name: Daemon(
                program, str(lab.folder), name, port=0, lan="discover = true\n", spawn=node.popen
            )
            for name, node in self.nodes.items()
        }
        self.sent = 0
        self.wires = {}

    def plug(self, a, b):
        self.wires[(a, b)] = self.lab.wire(a, b)

    def message_arrives(self, sender, receiver, within, what):
        """Seconds until a message written now is at its receiver."""
        self.sent += 1
        text = f"message {self.sent} after {what}"
        began = time.monotonic()
        self.daemons[sender].post("/v1/messages", to=receiver, text=text)
        wait_until(
            lambda: any(m["text"] == text for m in self.daemons[receiver].messages()),
            within,
            f"{text!r} from {sender} at {receiver}",
        )
        return time.monotonic() - began


def changes(mesh, rng):
    """Every kind of change once, in an order drawn from the seed; each gives its name."""
    pair = lambda: rng.choice([("north", "ridge"), ("ridge", "south")])

    def cable_pulled():
        wire = mesh.wires[pair()]
        wire.down()
        time.sleep(rng.uniform(0.1, 3))
        wire.up()

    def cable_replaced():
        ends = pair()
        mesh.lab.unwire(*ends)
        time.sleep(rng.uniform(0.1, 8))
        mesh.plug(*ends)

    def avahi_restarted():
        node = mesh.nodes[rng.choice(list(mesh.nodes))]
        node.stop_avahi(gently=rng.random() < 0.5)
        time.sleep(rng.uniform(0, 1))
        node.start_avahi()

    def bus_restarted():
        node = mesh.nodes[rng.choice(list(mesh.nodes))]
        node.stop_dbus()
        time.sleep(rng.uniform(0, 1))
        node.start_dbus()
        node.start_avahi()

    def daemon_killed():
        daemon = mesh.daemons[rng.choice(list(mesh.daemons))]
        daemon.kill()
        daemon.start()

    def bus_restarted_then_cable_replaced():
        bus_restarted()
        cable_replaced()

    kinds = [
        cable_pulled,
        cable_replaced,
        avahi_restarted,
        bus_restarted,
        daemon_killed,
        bus_restarted_then_cable_replaced,
    ]
    rng.shuffle(kinds)
    for kind in kinds:
        kind()
        yield kind.__name__


def main():
    program, seed = sys.argv[1], int(sys.argv[2]) if len(sys.argv) > 2 else 1
    if not Lab.available():
        print(f"skipped: {Lab.why_not()}")
        sys.exit(77)
    rng = random.Random(seed)
    with Lab() as lab:
        mesh = Mesh(lab, program)
        try:
            for daemon in mesh.daemons.values():
                daemon.start()
            introduce(mesh.daemons["north"], mesh.daemons["south"])
            mesh.plug("north", "ridge")
            mesh.plug("ridge", "south")
            first = mesh.message_arrives("north", "south", FIRST_S, "plugging the cables")
            healed = {}
            for change in changes(mesh, rng):
                sender, receiver = rng.sample(["north", "south"], 2)
                healed[change] = round(mesh.message_arrives(sender, receiver, HEAL_S, change), 2)
            print(
                json.dumps({"seed": seed, "first_message_s": round(first, 2), "healed_s": healed})
            )
            for daemon in mesh.daemons.values():
                assert daemon.stop() == 0, f"{daemon.name}: {daemon.log()[-400:]}"
        except BaseException:
            for daemon in mesh.daemons.values():
                print(f"--- {daemon.name}: {daemon.log()[-2500:]}", file=sys.stderr)
                try:
                    print(json.dumps(daemon.get("/v1/status"), indent=1), file=sys.stderr)
                except OSError:
                    pass
            print(f"FAILED with seed {seed}")
            raise


if __name__ == "__main__":
    main()
