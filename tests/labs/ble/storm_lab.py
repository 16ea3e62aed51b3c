#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Inside the lab: real daemons write to each other while everything below them breaks.

    storm_lab.py CHASKID SEED [SECONDS [FAULT...]]     (of the lab's time; default 180)

Afraid of: a message that was accepted and is lost or comes twice, a node that is silent for ever
after something went away and came back, a connection that nobody owns, and memory or descriptors
that grow with each fault. The same seed makes the same faults. Prints one line of JSON.
"""
import collections
import json
import os
import random
import sys
import time

import faults
from phones import (Mail, air, connected, know_each_other, no_slot_leaks, nothing_left_behind,
                    phones)
from chaskid import scene

CALM_S = 300  # devices that BlueZ wrongly takes for connected are put right one by one
RSS_MAX_KIB, RSS_GROWTH_KIB, DESCRIPTORS_MAX = 40 * 1024, 4 * 1024, 60


class Storm:
    """The world that faults.py breaks."""

    def __init__(self, nodes, seed):
        self.phones, self.count, self.rng = nodes, len(nodes), random.Random(seed)
        self.far, self.mail, self.began = set(), Mail(), time.monotonic()
        self.happened = collections.Counter()
        self.warm = {}  # process -> its memory after a third of the time

    def any_adapter(self):
        return self.rng.randrange(self.count)

    def somebody_writes(self):
        alive = [phone for phone in self.phones if phone.process.poll() is None]
        for _ in range(self.rng.randint(1, 3)):
            one, other = self.rng.choice(alive), self.rng.choice(self.phones)
            if one is not other:
                self.mail.write(one, other, "in the storm")

    def while_it_lasts(self):
        """Between breaking and mending."""
        self.somebody_writes()
        time.sleep(self.rng.choice((0, self.rng.uniform(0, 1), self.rng.uniform(0, 8))))

    def rages(self, seconds, kinds):
        until = self.began + seconds
        while time.monotonic() < until:
            fault = self.rng.choice(kinds)
            self.happened[fault.__name__] += 1
            print(f"{time.monotonic() - self.began:.1f} {fault.__name__}", file=sys.stderr)
            fault(self)
            self.somebody_writes()
            time.sleep(self.rng.uniform(0.2, 8))
            if time.monotonic() - self.began > seconds / 3:
                for phone in self.phones:
                    self.warm.setdefault(phone.process.pid, phone.rss_kib())

    def calm(self):
        for pair in sorted(self.far):
            air("near {} {}".format(*pair))
        self.far.clear()
        return self.mail.arrives(CALM_S)

    def memory(self):
        rss = {phone.name: phone.rss_kib() for phone in self.phones}
        for phone in self.phones:
            grew = phone.rss_kib() - self.warm.get(phone.process.pid, phone.rss_kib())
            assert grew < RSS_GROWTH_KIB, f"{phone.name} grew by {grew} KiB"
            assert rss[phone.name] < RSS_MAX_KIB, f"{phone.name} has {rss[phone.name]} KiB"
            assert phone.descriptors() < DESCRIPTORS_MAX, os.listdir(
                f"/proc/{phone.process.pid}/fd")
        return rss


def main(seed, seconds, kinds):
    with scene("ble-storm") as (folder, nodes):
        storm = Storm(phones(folder, nodes, int(os.environ["LAB_ADAPTERS"])), seed)
        try:
            know_each_other(storm.phones)
            storm.rages(seconds, kinds)
            healed = storm.calm()
            no_slot_leaks(storm.phones)
            rss = storm.memory()
        except BaseException:
            print(f"FAILED with seed {seed}", file=sys.stderr)
            for phone in storm.phones:
                if phone.process.poll() is None:
                    print(phone.name, phone.adapter(), connected(phone.number), file=sys.stderr)
            raise
        descriptors = max(phone.descriptors() for phone in storm.phones)
        for phone in nodes:
            assert phone.stop() == 0, f"{phone.name} did not stop cleanly: {phone.log()[-400:]}"
        nothing_left_behind(range(storm.count))
        print(json.dumps({"seed": seed, "seconds": seconds, "messages": len(storm.mail.written),
                          "faults": storm.happened, "all_there_after_s": healed, "rss_kib": rss,
                          "descriptors": descriptors}))


if __name__ == "__main__":
    named = [getattr(faults, name) for name in sys.argv[4:]]
    main(int(sys.argv[2]), float(sys.argv[3]) if len(sys.argv) > 3 else 180.0, named or faults.ALL)
