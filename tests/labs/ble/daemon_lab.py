#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Inside the lab: real daemons, each with an adapter of its own and nothing else.

    daemon_lab.py CHASKID pair|line|clique|slots|restart|stop

Afraid of: what only shows when everything is real: neighbours that never meet, a node that
cannot have both roles, a pair that starves when there are fewer slots than neighbours, a neighbour
that is lost with a restart, and a connection or an advertisement that outlives its daemon. Prints
one line of JSON.
"""
import json
import os
import sys
import time

from phones import (Mail, advertisements, air, bluez_objects, connected,
                    everybody_writes_to_everybody,
                    know_each_other, no_slot_leaks, nothing_left_behind, phones)
from chaskid import introduce, scene

FIRST_S, PAIR_S, ROUND_S, BACK_S = 6, 60, 60, 30


def pair():
    with scene("ble-pair") as (folder, nodes):
        left, right = phones(folder, nodes, 2)
        introduce(left, right)
        mail = Mail()
        mail.write(left, right, "hello")
        took = mail.arrives(PAIR_S)
        assert took < FIRST_S, f"the first message took {took} s"
        for phone in (left, right):
            told = bluez_objects()[f"/org/bluez/hci{phone.number}"]["org.bluez.Adapter1"]
            assert told["Alias"] == "device", f"whoever connects reads {told['Alias']}"
            assert not told["Pairable"], "it answers who wants to pair"
        return {"first_message_s": took, "adapter": right.adapter()}


def line():
    """A hears B and B hears C: B has both roles at once, and A's words reach C."""
    air("far 0 2")
    with scene("ble-line") as (folder, nodes):
        line_of = phones(folder, nodes, 3)
        know_each_other(line_of)
        result = {"line_all_s": everybody_writes_to_everybody(line_of, "hello", ROUND_S)}
        assert len(line_of[0].neighbours()) == 1, "only the middle one is in range"
        return result


def clique():
    with scene("ble-clique") as (folder, nodes):
        everybody = phones(folder, nodes, int(os.environ["LAB_ADAPTERS"]))
        know_each_other(everybody)
        rounds = [everybody_writes_to_everybody(everybody, f"round {number}", ROUND_S)
                  for number in range(2)]
        return {"nodes": len(everybody), "rounds_s": rounds,
                "links": [len(phone.neighbours()) for phone in everybody]}


def slots():
    """Two slots each, enough for one's own half; then the other half comes near.

    Who has both slots taken hears nobody of the other half unless a link gives way.
    """
    count = int(os.environ["LAB_ADAPTERS"])
    halves = range(count // 2), range(count // 2, count)
    across = [f"{one} {other}" for one in halves[0] for other in halves[1]]
    for pair_of in across:
        air(f"far {pair_of}")
    with scene("ble-slots") as (folder, nodes):
        everybody = phones(folder, nodes, count, "links_max = 2")
        know_each_other(everybody)
        for half in halves:
            everybody_writes_to_everybody([everybody[number] for number in half], "half", ROUND_S)
        for pair_of in across:
            air(f"near {pair_of}")
        times = []
        for number in range(2):
            times.append(everybody_writes_to_everybody(everybody, f"round {number}", ROUND_S))
            taken = [phone.adapter()["slots"] for phone in everybody]
            assert max(taken) <= 2, taken
        return {"nodes": count, "rounds_s": times}


def restart():
    """A daemon that is killed, and one that stops and starts, under a neighbour that lives on."""
    with scene("ble-restart") as (folder, nodes):
        left, right = phones(folder, nodes, 2)
        introduce(left, right)
        mail, took = Mail(), {}
        mail.write(left, right, "before")
        mail.arrives(PAIR_S)
        for end in (right.kill, right.stop):
            end()
            mail.write(left, right, "meanwhile")
            right.start()
            began = time.monotonic()
            mail.arrives(BACK_S)
            took[f"after_{end.__name__}_s"] = round(time.monotonic() - began, 2)
            mail.write(right, left, "back")
            mail.arrives(BACK_S)
            no_slot_leaks(nodes)
        return took


def stop():
    with scene("ble-stop") as (folder, nodes):
        everybody = phones(folder, nodes, int(os.environ["LAB_ADAPTERS"]))
        know_each_other(everybody)
        everybody_writes_to_everybody(everybody, "hello", ROUND_S)
        numbers = [phone.number for phone in everybody]
        assert all(map(connected, numbers)) and all(map(advertisements, numbers))
        began = time.monotonic()
        everybody[0].kill()
        for phone in everybody[1:]:
            assert phone.stop() == 0
        nothing_left_behind(numbers)
        nodes.clear()
        return {"gone_after_s": round(time.monotonic() - began, 2)}


SCENES = {scene_of.__name__: scene_of for scene_of in (pair, line, clique, slots, restart, stop)}

if __name__ == "__main__":
    print(json.dumps(SCENES[sys.argv[2]]()))
