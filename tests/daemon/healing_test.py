# SPDX-License-Identifier: Apache-2.0
"""Sessions that begin anew on the real chaskid: backup, wipe, restore, and messages flow again.

    healing_test.py CHASKID [CASE...]

Afraid of: two friends of whom one lost a disk and who can never write to each other again; a
session that is renewed for somebody else; a person who is not told.
"""
import json
import time

from friends import SECRET, Friends
from harness import UnixConnection, main, wait_until


class Healing(Friends):
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
