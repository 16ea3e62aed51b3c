#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Inside the lab, two daemons: what carries when something else cannot.

    bearers_lab.py CHASKID lanes|lanes_of_one|takeover|pairing

Afraid of: nodes that never talk because one end has no L2CAP, a neighbour on Wi-Fi and on
Bluetooth that is lost, or slow to come back, when Wi-Fi falls silent, and two people who hold the
same, nothing, and therefore cannot meet. Prints one line of JSON.
"""
import json
import sys
import time

from phones import Mail, Phone, connected, no_slot_leaks, phones, shell
from chaskid import free_port, introduce, scene, wait_until

FIRST_S, LANES_FIRST_S, TAKEOVER_S, MEET_S = 60, 6, 2, 20
TEXTS = 20


def over_lanes(*channels):
    with scene("ble-lanes") as (folder, nodes):
        left, right = [Phone(folder, number, f"channels = {value}\n")
                       for number, value in enumerate(channels)]
        nodes += [left, right]
        for phone in nodes:
            phone.start()
        introduce(left, right)
        mail = Mail()
        mail.write(left, right, "hello")
        first = mail.arrives(FIRST_S)
        assert first < LANES_FIRST_S, f"the first message took {first} s"
        for number in range(TEXTS):
            mail.write(left, right, f"there {number} " + "x" * 3000)
            mail.write(right, left, f"back {number} " + "x" * 3000)
        rest = mail.arrives(FIRST_S)
        for phone in nodes:
            assert (phone.adapter()["links"], phone.adapter()["lanes"]) == (1, 1), phone.adapter()
        no_slot_leaks(nodes)
        return {"first_message_s": first, "texts": 2 * TEXTS, "texts_s": rest}


def lanes():
    return over_lanes("false", "false")


def lanes_of_one():
    """Whoever dials, one of the two has no channel to offer or to dial."""
    return over_lanes("true", "false")


def transports(phone):
    return [(one["transport"], one["links"]) for one in phone.neighbours()]


def takeover():
    """Wi-Fi, here loopback, carries; it falls silent without a word, and Bluetooth goes on."""
    with scene("ble-takeover") as (folder, nodes):
        ports = [free_port() for _ in range(2)]
        left = Phone(folder, 0)
        right = Phone(folder, 1)
        for phone, port, peers in ((left, ports[0], ""), (right, ports[1],
                                                          f'"127.0.0.1:{ports[0]}"')):
            with open(phone.config, encoding="utf-8") as f:
                text = f.read()
            lan = f'port = {port}\nlisten = ["127.0.0.1"]\ndiscover = false\npeers = [{peers}]\n'
            with open(phone.config, "w", encoding="utf-8") as f:
                f.write(text.replace("[lan]\nenabled = false\n", f"[lan]\n{lan}"))
            nodes.append(phone)
            phone.start()
        introduce(left, right)
        mail = Mail()
        mail.write(left, right, "first")
        mail.arrives(FIRST_S)
        # In sync there is nothing to dial for; what differs is held by one and not yet the other.
        took = []
        for turn in range(3):
            shell("ip link set lo down")
            wait_until(lambda: all(transports(phone)[:1] != [("lan", 1)] and
                                   transports(phone)[:1] != [("lan", 2)] for phone in nodes),
                       FIRST_S, "Wi-Fi is given up")
            mail.write(left, right, f"without Wi-Fi {turn}")
            mail.arrives(FIRST_S)
            assert ("ble", 1) in transports(left), transports(left)
            shell("ip link set lo up")
            wait_until(lambda: all(("lan", 2) in transports(phone) for phone in nodes), FIRST_S,
                       "both links are there, and Wi-Fi carries")
            # Now both are there: who writes when it falls silent waits for two seconds at most.
            shell("ip link set lo down")
            began = time.monotonic()
            mail.write(left, right, f"taken over {turn}")
            mail.arrives(FIRST_S)
            took.append(round(time.monotonic() - began, 2))
            assert transports(left) == [("ble", 1)], transports(left)
            shell("ip link set lo up")
            wait_until(lambda: all(("lan", 2) in transports(phone) for phone in nodes), FIRST_S,
                       "Wi-Fi is back, and carries")
        assert len(connected(0)) == 1
        assert max(took) <= TAKEOVER_S, took
        return {"takeover_s": took}


def pairing():
    """Two who never met and have nothing to exchange: they are dialled since they ask for it."""
    with scene("ble-pairing") as (folder, nodes):
        both = phones(folder, nodes, 2)
        for phone in both:
            phone.post("/v1/init", name=phone.name, no_passphrase=True)
        began = time.monotonic()
        for phone in both:
            phone.post("/v1/pairing")
        seen = [wait_until(lambda: phone.get("/v1/pairing")["pairing"]["peers"], MEET_S,
                           f"{phone.name} sees the other's symbols")[0] for phone in both]
        assert seen[0]["words"] == seen[1]["words"], seen
        took = round(time.monotonic() - began, 2)
        for phone, peer in zip(both, seen):
            phone.post("/v1/pairing/confirm", peer=peer["peer"])
        for phone in both:
            wait_until(lambda: phone.get("/v1/contacts")["contacts"], MEET_S, "they met")
        mail = Mail()
        mail.write(both[0], both[1], "well met")
        mail.arrives(MEET_S)
        return {"symbols_s": took, "trust": both[1].get("/v1/contacts")["contacts"][0]["trust"]}


SCENES = {scene.__name__: scene for scene in (lanes, lanes_of_one, takeover, pairing)}

if __name__ == "__main__":
    print(json.dumps(SCENES[sys.argv[2]]()))
