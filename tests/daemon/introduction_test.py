# SPDX-License-Identifier: Apache-2.0
"""Introductions on the real chaskid: Anna introduces Ben and Cleo, who become contacts and write.

    introduction_test.py CHASKID [CASE...]

Afraid of: somebody who becomes a contact without having said yes; a yes that a crash forgets or
says twice; an introduction that stays open for ever; a person who is not told.
"""
import json
import os
import signal
import sqlite3
import struct

from harness import DaemonCase, UnixConnection, main, wait_until

MINUTES = 60_000_000
DAY = 24 * 60 * MINUTES
PEOPLE = ("anna", "ben", "cleo")


class Introductions(DaemonCase):
    def setUp(self):
        super().setUp()
        self.process = {}

    def come_up(self, *names):
        for name in names:
            extra = {} if name == "anna" else {"lan": self.lan_to("anna")}
            self.process[name] = self.start(name, config=self.config(name, **extra))

    def friends(self):
        self.come_up(*PEOPLE)
        for name in PEOPLE:
            self.post(name, "/v1/init", name=name, no_passphrase=True)
        for name in ("ben", "cleo"):
            link = self.post("anna", "/v1/invites")["link"]
            answer = self.post(name, "/v1/contacts", link=link)["answer_link"]
            self.ask("anna", "POST", "/v1/contacts", json.dumps({"link": answer}))
        wait_until(lambda: len(self.contacts("anna")) == 2, what="they met")

    def contacts(self, name):
        return {c["name"]: c for c in self.get(name, "/v1/contacts")["contacts"]}

    def last(self, name):
        return self.get(name, "/v1/introductions")["introductions"][-1]

    def becomes(self, name, state):
        def it_is():
            listed = self.get(name, "/v1/introductions")["introductions"]
            return bool(listed) and listed[-1]["state"] == state
        wait_until(it_is, what=f"{name}: {state}")

    def say(self, name, word, **more):
        return self.post(name, f"/v1/introductions/{word}", id=self.last(name)["id"], **more)

    def let_pass(self, us, names=PEOPLE):
        """All stop, the clocks of these go on by so much, all start."""
        for name in PEOPLE:
            if self.process[name].poll() is None:
                self.assertEqual(self.stop(self.process[name]), 0)
        for name in names:
            database = sqlite3.connect(os.path.join(self.path(name), "chaski.db"))
            value = database.execute("SELECT value FROM relay WHERE name='clock'").fetchone()[0]
            later = struct.pack("<q", struct.unpack("<q", value[:8])[0] + us) + value[8:]
            database.execute("UPDATE relay SET value=? WHERE name='clock'", (later,))
            database.commit()
            database.close()
        self.come_up(*PEOPLE)

    def reads(self, name, text):
        def has_come():
            messages = self.get(name, "/v1/messages?limit=1000")["messages"]
            return any(m["text"] == text and m["direction"] == "in" for m in messages)
        wait_until(has_come, what=f"{name} reads {text}")

    def offered(self):
        made = self.post("anna", "/v1/introductions", first="ben", second="cleo",
                         note="you both sing")["introduction"]
        self.assertEqual((made["ours"], made["state"]), (True, "offered"))
        for name in ("ben", "cleo"):
            self.becomes(name, "offered")

    def kill(self, name):
        os.kill(self.process[name].pid, signal.SIGKILL)
        self.process[name].wait(20)

    def they_meet(self):
        """From two consents that Anna has to two contacts who write."""
        self.let_pass(6 * MINUTES)  # what tells them leaves within five
        for name in ("ben", "cleo"):
            wait_until(lambda: self.last(name)["state"] in ("meeting", "met"), what="told " + name)
        self.let_pass(6 * MINUTES)  # and so does the answer
        for name in ("ben", "cleo"):
            self.becomes(name, "met")
        self.becomes("anna", "met")
        for name, other in (("ben", "cleo"), ("cleo", "ben")):
            contact = self.contacts(name)[other]
            self.assertEqual((contact["trust"], contact["met"], contact["introduced_by"]),
                             ("unverified", "introduction", "anna"))
            self.post(name, "/v1/messages", to=other, text=f"hello {other}")
        for name in ("ben", "cleo"):
            self.reads(name, f"hello {name}")
        self.assertEqual(self.contacts("ben")["cleo"]["safety_number"],
                         self.contacts("cleo")["ben"]["safety_number"])

    def test_two_who_say_yes_become_contacts_and_write(self):
        self.friends()
        connection = UnixConnection(self.socket_path("ben"))
        connection.request("GET", "/v1/events")
        answer = connection.getresponse()
        self.offered()
        event = {"event": ""}
        while event["event"] != "introduction":
            event = json.loads(answer.readline())
        answer.close()
        connection.close()
        shown = event["introduction"]
        self.assertEqual((shown["by"], shown["name"], shown["note"], shown["state"]),
                         ("anna", "cleo", "you both sing", "offered"))
        self.assertEqual(self.refused("anna", "POST", "/v1/introductions",
                                      json.dumps({"first": "cleo", "second": "ben"})),
                         (409, "introduction_open"))
        body = json.dumps({"id": shown["id"], "name": "anna"})
        self.assertEqual(self.refused("ben", "POST", "/v1/introductions/accept", body),
                         (409, "name_taken"))
        self.assertEqual(self.refused("ben", "POST", "/v1/introductions/accept",
                                      json.dumps({"id": 1 << 40})), (404, "unknown_introduction"))
        self.assertEqual(self.say("ben", "accept")["introduction"]["state"], "accepted")
        self.say("cleo", "accept")
        self.becomes("anna", "meeting")
        self.assertEqual(list(self.contacts("ben")), ["anna"], "not at once")
        self.they_meet()
        # It is no message, and nobody reads it as one.
        self.assertEqual([m["kind"] for m in self.get("ben", "/v1/messages")["messages"]],
                         ["text"] * 2)

    def test_killed_between_the_yes_and_the_meeting_nothing_is_lost_or_said_twice(self):
        self.friends()
        self.offered()
        # What was answered is durable: the next instruction may be the last.
        for name in ("ben", "cleo"):
            self.say(name, "accept")
            self.kill(name)
        self.come_up("ben", "cleo")
        for name in ("ben", "cleo"):
            self.assertEqual(self.last(name)["state"], "accepted")
            body = json.dumps({"id": self.last(name)["id"]})
            self.assertEqual(self.refused(name, "POST", "/v1/introductions/accept", body),
                             (409, "introduction_over"))
        self.becomes("anna", "meeting")
        for name in PEOPLE:
            self.kill(name)
        self.come_up(*PEOPLE)
        self.assertEqual(self.last("anna")["parties"][0]["reply"], "yes")
        self.they_meet()

    def test_a_no_ends_it_and_the_other_is_not_told(self):
        self.friends()
        self.offered()
        self.say("ben", "accept")
        self.say("cleo", "decline")
        self.becomes("anna", "declined")
        self.assertEqual({p["contact"]: p["reply"] for p in self.last("anna")["parties"]}["cleo"],
                         "no")
        self.let_pass(57 * DAY)
        self.becomes("ben", "lapsed")
        self.assertEqual(list(self.contacts("ben")), ["anna"])
        self.assertEqual(list(self.contacts("cleo")), ["anna"])


if __name__ == "__main__":
    main()
