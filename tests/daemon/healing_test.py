# SPDX-License-Identifier: Apache-2.0
"""Sessions that begin anew on the real chaskid: backup, wipe, restore, and messages flow again.

    healing_test.py CHASKID [CASE...]

Afraid of: two friends of whom one lost a disk and who can never write to each other again; a
session that is renewed for somebody else; a person who is not told.
"""
import json
import os
import sqlite3
import struct
import time

from harness import DaemonCase, UnixConnection, main, wait_until

CHEAP = "[vault]\npassphrase_passes = 1\npassphrase_memory_mib = 8\n"
SECRET = "correct horse"
HOURS = 3_600_000_000


class Healing(DaemonCase):
    def setUp(self):
        super().setUp()
        self.process = {}

    def come_up(self, name, lan=None):
        extra = {} if lan is None else {"lan": lan}
        self.process[name] = self.start(name, config=self.config(name, rest=CHEAP, **extra))

    def friends(self):
        self.come_up("anna")
        self.post("anna", "/v1/init", name="anna", passphrase=SECRET)
        self.come_up("bert", self.lan_to("anna"))
        self.post("bert", "/v1/init", name="bert", passphrase=SECRET)
        link = self.post("anna", "/v1/invites")["link"]
        answer = self.post("bert", "/v1/contacts", link=link)["answer_link"]
        self.ask("anna", "POST", "/v1/contacts", json.dumps({"link": answer}))
        wait_until(lambda: self.get("anna", "/v1/contacts")["contacts"], what="they met")

    def restart_both(self, hours=0):
        """Both stop, the clock of their nodes goes on by so much, both start."""
        for name in ("anna", "bert"):
            if self.process[name].poll() is None:
                self.assertEqual(self.stop(self.process[name]), 0)
            self.let_pass(name, hours)
        self.come_up("anna")
        self.come_up("bert", self.lan_to("anna"))
        for name in ("anna", "bert"):
            if self.get(name, "/v1/status")["vault"]["state"] == "locked":
                self.post(name, "/v1/unlock", passphrase=SECRET)

    def let_pass(self, name, hours):
        path = os.path.join(self.path(name), "chaski.db")
        if not hours or not os.path.exists(path):
            return
        database = sqlite3.connect(path)
        value = database.execute("SELECT value FROM relay WHERE name='clock'").fetchone()[0]
        later = struct.pack("<q", struct.unpack("<q", value[:8])[0] + hours * HOURS) + value[8:]
        database.execute("UPDATE relay SET value=? WHERE name='clock'", (later,))
        database.commit()
        database.close()

    def contact(self, name):
        return self.get(name, "/v1/contacts")["contacts"][0]

    def lists_are_given(self):
        """What is due within the hour after they met."""
        self.assertEqual(self.contact("anna")["session"]["standing"], 0, "not at once")
        self.restart_both(hours=2)
        for name in ("anna", "bert"):
            wait_until(lambda: self.contact(name)["session"]["standing"] == 8,
                       what="the list came to " + name)

    def backup(self, name):
        status, data = self.ask(name, "POST", "/v1/backup", json.dumps({"passphrase": "b"}))
        self.assertEqual(status, 200)
        return data

    def wipe_and_restore(self, name, data):
        self.post(name, "/v1/panic")
        self.process[name].wait(20)
        self.restart_both()
        self.post(name, "/v1/restore", backup_passphrase="b", passphrase=SECRET, data=data.hex())
        return self.post(name, "/v1/restore/end")

    def says(self, name, to, text):
        self.post(name, "/v1/messages", to=to, text=text)

    def reads(self, name, text):
        def has_come():
            messages = self.get(name, "/v1/messages?limit=1000")["messages"]
            return any(m["text"] == text and m["direction"] == "in" for m in messages)
        wait_until(has_come, what=f"{name} reads {text}")

    def flows_both_ways(self, mark):
        self.says("anna", "bert", mark + " from anna")
        self.reads("bert", mark + " from anna")
        self.says("bert", "anna", mark + " from bert")
        self.reads("anna", mark + " from bert")

    def test_after_a_restore_messages_flow_both_ways_and_nobody_has_to_meet(self):
        self.friends()
        self.flows_both_ways("before")
        number = self.contact("anna")["safety_number"]
        for name, other in (("anna", "bert"), ("bert", "anna")):
            self.post(name, "/v1/contacts/verify", contact=other, safety_number=number)
        self.lists_are_given()
        data = self.backup("anna")
        self.says("bert", "anna", "after the backup")
        self.reads("anna", "after the backup")

        self.assertEqual(self.wipe_and_restore("anna", data)["contacts"], 1)
        contact = self.contact("anna")
        self.assertEqual((contact["needs_meeting"], contact["trust"], contact["session"]),
                         (False, "verified", {"sessions": 0, "standing": 8, "renewed_unix_s": 0}))
        self.flows_both_ways("restored")
        self.assertEqual(self.contact("anna")["session"]["standing"], 7)
        contact = self.contact("bert")
        self.assertEqual((contact["trust"], contact["session"]["sessions"]), ("verified", 2))
        self.assertGreater(contact["session"]["renewed_unix_s"], 0)
        self.assertEqual(self.contact("anna")["safety_number"], number)
        # Also over a restart, and the lists go round once more.
        self.restart_both(hours=2)
        self.flows_both_ways("restarted")
        for name in ("anna", "bert"):
            wait_until(lambda: self.contact(name)["session"]["standing"] >= 7, what="new lists")

        # The same backup a second time: a life has gone by that it knows nothing of.
        # Sessions are told apart by the second: two lives begin in different ones.
        now = int(time.time())
        wait_until(lambda: time.time() >= now + 1, what="the next second")
        self.wipe_and_restore("anna", data)
        for attempt in range(4):
            self.says("anna", "bert", f"second life {attempt}")
            try:
                self.reads("bert", f"second life {attempt}")
                break
            except AssertionError:  # it fell on an invitation that the first life used up
                self.post("anna", "/v1/contacts/heal", contact="bert")
        self.flows_both_ways("second life")

    def test_the_person_can_renew_it_and_both_are_told(self):
        self.friends()
        body = json.dumps({"contact": "bert"})
        self.assertEqual(self.refused("anna", "POST", "/v1/contacts/heal", body),
                         (409, "needs_meeting"), "nothing was given yet")
        self.assertEqual(self.refused("anna", "POST", "/v1/contacts/heal",
                                      json.dumps({"contact": "x"})), (404, "unknown_contact"))
        self.lists_are_given()
        connections = {}
        for name in ("anna", "bert"):
            connections[name] = UnixConnection(self.socket_path(name))
            connections[name].request("GET", "/v1/events")
            connections[name] = (connections[name], connections[name].getresponse())
        self.assertEqual(self.post("anna", "/v1/contacts/heal", contact="bert")["contact"]
                         ["session"]["standing"], 7)
        for name, by in (("anna", "us"), ("bert", "them")):
            connection, answer = connections[name]
            event = {"event": ""}
            while event["event"] != "session":
                event = json.loads(answer.readline())
            self.assertEqual((event["renewed_by"], event["contact"]["trust"]), (by, "unverified"))
            answer.close()
            connection.close()
        self.flows_both_ways("renewed")
        for _ in range(7):
            self.post("anna", "/v1/contacts/heal", contact="bert")
        self.assertEqual(self.refused("anna", "POST", "/v1/contacts/heal", body),
                         (409, "needs_meeting"), "all were used")
        self.flows_both_ways("eight times")

    def test_a_message_under_way_says_that_the_session_is_new(self):
        self.friends()
        self.lists_are_given()
        self.stop(self.process["bert"])
        self.says("anna", "bert", "under way")
        self.post("anna", "/v1/contacts/heal", contact="bert")
        life = [e["what"] for e in self.get("anna", "/v1/messages/1")["life"]]
        self.assertIn("session renewed", life)
        self.restart_both()
        self.reads("bert", "under way")


if __name__ == "__main__":
    main()
