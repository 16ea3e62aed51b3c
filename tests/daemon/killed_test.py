# SPDX-License-Identifier: Apache-2.0
"""Who is killed while two people meet, or while their session begins anew, meets them all the same.

    killed_test.py CHASKID [CASE...]

Afraid of: an invitation whose secret is gone and whose answer is still under way; a session that
one of the two has and the other never will.
"""
import os
import random

from friends import Friends
from harness import DaemonCase, main, wait_until

SEED = int(os.environ.get("CHASKI_SEED", "1"))


class Killed(DaemonCase):
    """Two people who pair nearby."""

    def setUp(self):
        super().setUp()
        self.process = {}

    def near(self):
        self.process["anna"] = self.start("anna")
        self.port_of_anna = self.port("anna")
        self.process["bert"] = self.start("bert", config=self.berts_config())
        for name in ("anna", "bert"):
            self.post(name, "/v1/init", name=name, no_passphrase=True)
        self.are_neighbours()

    def berts_config(self):
        return self.config("bert", 'listen = ["127.0.0.1"]\ndiscover = false\n'
                                   f'peers = ["127.0.0.1:{self.port_of_anna}"]\n')

    def kill(self, name):
        self.process[name].kill()
        self.process[name].wait(20)

    def come_back(self, name):
        if name == "anna":
            lan = f'listen = ["127.0.0.1"]\nport = {self.port_of_anna}\ndiscover = false\n'
            self.process[name] = self.start(name, config=self.config(name, lan))
        else:
            self.process[name] = self.start(name, config=self.berts_config())
        self.are_neighbours()

    def are_neighbours(self):
        for name in ("anna", "bert"):
            wait_until(lambda: self.get(name, "/v1/status")["neighbours"], what="neighbours")

    def peer(self, name):
        peers = self.get(name, "/v1/pairing")["pairing"]["peers"]
        return next((p["peer"] for p in peers if p["state"] == "comparing" and p["words"]), None)

    def symbols_are_shown(self):
        # Nobody may go on with an attempt that the other knows nothing of any more.
        for name in ("anna", "bert"):
            if self.get(name, "/v1/pairing")["pairing"]["state"] == "running":
                self.post(name, "/v1/pairing/cancel")
        for name in ("anna", "bert"):
            self.post(name, "/v1/pairing")
        return {name: wait_until(lambda: self.peer(name), what="symbols")
                for name in ("anna", "bert")}

    def contacts(self, name):
        return self.get(name, "/v1/contacts")["contacts"]

    def become_contacts(self):
        """By a pairing that nobody disturbs, unless the one before did."""
        if not (self.contacts("anna") and self.contacts("bert")):
            peers = self.symbols_are_shown()
            for name in ("anna", "bert"):
                self.post(name, "/v1/pairing/confirm", peer=peers[name])
        for name in ("anna", "bert"):
            wait_until(lambda: self.contacts(name), what=f"a contact of {name}")
            self.assertEqual([c["trust"] for c in self.contacts(name)], ["verified"])

    def a_message_passes_each_way(self):
        for name, other in (("anna", "bert"), ("bert", "anna")):
            text = f"from {name}"
            self.post(name, "/v1/messages", to=self.contacts(name)[0]["name"], text=text)
            wait_until(lambda: any(m["text"] == text and m["direction"] == "in" for m in
                                   self.get(other, "/v1/messages?limit=100")["messages"]),
                       what=f"{other} reads it")

    def paired_but_killed(self, victim, when):
        self.near()
        peers = self.symbols_are_shown()
        other = "bert" if victim == "anna" else "anna"
        if when == "one confirmed":
            self.post(other, "/v1/pairing/confirm", peer=peers[other])
        if when == "both confirmed":
            for name in (other, victim):
                self.post(name, "/v1/pairing/confirm", peer=peers[name])
        self.kill(victim)
        wait_until(lambda: not self.get(other, "/v1/status")["neighbours"], what="the link is gone")
        self.come_back(victim)
        if when == "both confirmed" and self.contacts(other):
            # What they agreed on comes through the mesh.
            wait_until(lambda: self.contacts(victim), what="the answer arrives")
        self.become_contacts()
        self.a_message_passes_each_way()

    def test_anna_is_killed_when_the_symbols_are_shown(self):
        self.paired_but_killed("anna", "shown")

    def test_bert_is_killed_when_the_other_has_confirmed(self):
        self.paired_but_killed("bert", "one confirmed")

    def test_anna_is_killed_when_both_have_confirmed(self):
        self.paired_but_killed("anna", "both confirmed")

    def test_bert_is_killed_when_both_have_confirmed(self):
        self.paired_but_killed("bert", "both confirmed")


class KilledWhileHealing(Friends):
    """Two friends whose session begins anew."""

    def test_whoever_is_killed_they_write_on(self):
        chance = random.Random(SEED)
        self.friends()
        self.lists_are_given()
        for turn in range(6):
            healer, other = chance.sample(("anna", "bert"), 2)
            victims = chance.choice(((healer,), (other,), (healer, other)))
            with self.subTest(seed=SEED, turn=turn, healer=healer, victims=victims):
                self.post(healer, "/v1/contacts/heal", contact=other)
                if chance.random() < 0.5:
                    self.says(healer, other, f"{turn} before")
                for name in victims:
                    self.process[name].kill()
                    self.process[name].wait(20)
                self.restart_both()
                self.flows_both_ways(f"turn {turn}")


if __name__ == "__main__":
    main()
