#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""kill -9 at a random moment while 1,000 messages are in flight: all arrive, none twice.

usage: durability.py CHASKID {ridge|south|north} FIRST_SEED SEEDS [MESSAGES]

north - ridge - south over loopback. The named node is killed once, twice or three times at moments
drawn from the seed, restarted, and must lose nothing: what north's API answered as accepted
arrives at south exactly once and turns to delivered at north. A failing seed is printed; the same
seed draws the same moments.
"""
import collections
import http.client
import os
import random
import sys
import threading
import time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from chaskid import Daemon, introduce, scene, wait_until  # noqa: E402


def one_run(program, victim_name, seed, count):
    rng = random.Random(f"{victim_name}-{seed}")
    with scene("durability") as (folder, nodes):
        ridge = Daemon(program, folder, "ridge")
        north = Daemon(program, folder, "north", peers=[ridge.port])
        south = Daemon(program, folder, "south", peers=[ridge.port])
        nodes += [north, ridge, south]
        for node in nodes:
            node.start()
        introduce(north, south)
        victim = {n.name: n for n in nodes}[victim_name]
        # After so many accepted messages; the last strike falls while the last ones travel.
        marks = sorted(rng.randrange(1, count) for _ in range(rng.randint(0, 2))) + [count]
        struck, lock = threading.Event(), threading.Lock()

        def strike():
            with lock:
                struck.set()
                victim.kill()

        strikes = []

        def arm():
            """Strikes within 15 ms, in the middle of whatever is then going on."""
            while marks and len(accepted) >= marks[0]:
                marks.pop(0)
                strikes.append(threading.Timer(rng.uniform(0, 0.015), strike))
                strikes[-1].start()

        def revive():
            """Starts the victim again, as often as it is struck down, until it answers."""
            while struck.is_set():
                with lock:
                    struck.clear()
                    victim.start(wait=False)
                wait_until(
                    lambda: struck.is_set() or victim.answers(), 20, f"{victim.name} is back"
                )

        # A batch whose answer was cut off may or may not be durable: its texts are never written
        # again.
        accepted, written = {}, 0
        while len(accepted) < count:
            size = min(rng.choice([1, 7, 25, 50]), count - len(accepted))
            batch = [
                {"to": "south", "text": f"message {written + i:05d} ".ljust(200, ".")}
                for i in range(size)
            ]
            written += size
            try:
                for message, answer in zip(batch, north.send_many(batch)):
                    assert "id" in answer, answer
                    accepted[message["text"]] = answer["id"]
            except (OSError, http.client.HTTPException):
                assert victim is north, "north's API failed though nobody killed it"
            arm()
            revive()
        for timer in strikes:
            timer.join()
        revive()

        def arrived():
            got = collections.Counter(m["text"] for m in south.messages() if m["direction"] == "in")
            twice = [t for t, n in got.items() if n > 1]
            assert not twice, f"shown twice: {twice[:3]}"
            return all(text in got for text in accepted)

        wait_until(arrived, 60, f"all {count} messages at south")
        ids = set(accepted.values())

        def delivered():
            states = collections.Counter(m["state"] for m in north.messages() if m["id"] in ids)
            return states["delivered"] == len(ids)

        wait_until(delivered, 60, "every message delivered at north")


def main():
    program, victim, first, seeds = sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4])
    count = int(sys.argv[5]) if len(sys.argv) > 5 else 1000
    for seed in range(first, first + seeds):
        began = time.monotonic()
        try:
            one_run(program, victim, seed, count)
        except BaseException as error:
            print(f"FAILED {victim} seed {seed}: {error}")
            raise
        print(
            f"ok {victim} seed {seed}: {count} messages, {time.monotonic() - began:.1f} s",
            flush=True,
        )


if __name__ == "__main__":
    main()
