#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What `chaski` asks and prints when messages are answered, deleted and read.

    conversation_cli_test.py PATH_OF_CHASKI
"""
import pathlib
import sys
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).parent))
from cli_case import Case  # noqa: E402
from fake_node import HOSTILE, FakeNode, contact, message  # noqa: E402


class Conversation(Case):
    def test_send_answers_and_disappears(self):
        with FakeNode({"POST /v1/messages": (200, {"message": message(12)})}) as node:
            self.printed(node, "send", "south", "yes", "--reply-to", "#7", "--disappear", "2h")
            self.assertEqual(node.requests[0][2], {"to": "south", "text": "yes", "reply_to": 7,
                                                   "disappears_after_s": 7200})
            self.printed(node, "send", "south", "--disappear", "2h", stdin=b"y" * 9000)
            self.assertEqual(node.requests[1][1], "/v1/messages?to=south&disappears_after_s=7200")
            self.refused(2, ["--disappear"], node, "send", "south", "x", "--disappear", "soon")

    def test_react(self):
        with FakeNode({"POST /v1/messages/react": (200, {"message": message(13)})}) as node:
            self.assertEqual(self.printed(node, "react", "7", "👍"), "👍 goes to south.\n")
            self.assertEqual(self.printed(node, "react", "#7"), "Your reaction is taken back.\n")
            self.assertEqual([r[2] for r in node.requests],
                             [{"message": 7, "reaction": "👍"}, {"message": 7, "reaction": ""}])
            self.refused(2, ["no message number"], node, "react", "seven", "!")

    def test_delete(self):
        with FakeNode({"POST /v1/messages/delete": (200, {"message": message(13)})}) as node:
            out = self.printed(node, "delete", "7")
            self.assertIn("south is asked to delete it too (see chaski explain 13)", out)
            self.assertEqual(node.requests[0][2], {"message": 7, "here": False})
        with FakeNode({"POST /v1/messages/delete": (200, {})}) as node:
            self.assertEqual(self.printed(node, "delete", "7", "--here"), "Deleted here.\n")
            self.assertEqual(node.requests[0][2], {"message": 7, "here": True})

    def test_messages_tell_what_belongs_together_and_what_was_shown_is_read(self):
        rows = {"messages": [
            message(1, envelope="aa"),
            message(2, direction="in", state="received", kind="text", about="aa", text="yes",
                    received_unix_s=1700000100),
            message(3, direction="in", state="read", kind="reaction", about="bb", text=HOSTILE),
            message(4, state="deleted", text="", sent_unix_s=0),
            message(5, state="deleted", text="", disappears_after_s=60),
            message(6, kind="deletion", about="aa", text=""),
            message(7, direction="in", state="read", text="burn this", disappears_after_s=7200),
        ]}
        answers = {"GET /v1/messages": (200, rows), "POST /v1/messages/read": (200, {"read": 1})}
        with FakeNode(answers) as node:
            out = self.printed(node, "messages")
            self.assertIn("received  in reply to #1  yes\n", out)
            self.assertIn("read  about a message  ", out)
            self.assertIn("deleted  (deleted)\n", out)
            self.assertIn("deleted  (it disappeared)\n", out)
            self.assertIn("about #1  (asked to delete a message)\n", out)
            self.assertIn("gone 2 h after reading  burn this\n", out)
            self.assertNotIn("1970", out)
            self.assertEqual(node.requests[1][1:], ("/v1/messages/read", {"messages": [2]}))
            # A program says for itself what was read.
            self.printed(node, "messages", "--json")
            self.assertEqual(len(node.requests), 3)

    def test_whom_to_hear(self):
        answer = (200, {"contact": contact("south", blocked=True)})
        answers = {f"POST /v1/contacts/{what}": answer for what in ("block", "unblock", "trust")}
        with FakeNode(answers) as node:
            self.assertIn("south is blocked", self.printed(node, "block", "south"))
            self.assertIn("south is heard again", self.printed(node, "unblock", "south"))
            self.assertIn("chaski verify", self.printed(node, "trust", "south"))
            self.assertEqual([r[2] for r in node.requests], [{"contact": "south"}] * 3)
        rows = {"contacts": [contact("south", blocked=True, own_name="sud")]}
        with FakeNode({"GET /v1/contacts": (200, rows)}) as node:
            self.assertEqual(self.printed(node, "contacts"), "south  blocked     safety number "
                             "12345 67890  calls themselves sud\n")

    def test_a_new_identity_has_to_be_decided_about(self):
        answer = {"contact": contact("south", trust="changed")}
        with FakeNode({"POST /v1/contacts": (200, answer)}) as node:
            out = self.printed(node, "add", "chaski:invite/x", "--name", "south", "--replace")
            self.assertIn("Compare the number: chaski verify south", out)
            self.assertEqual(node.requests[0][2]["replace"], True)
            self.refused(2, ["--name"], node, "add", "chaski:invite/x", "--replace")

    def test_settings(self):
        now = {"name": "north", "read_receipts": False}
        answers = {"GET /v1/settings": (200, now),
                   "POST /v1/settings": (200, {"name": "norah", "read_receipts": True})}
        with FakeNode(answers) as node:
            self.assertIn("nobody is told what you read", self.printed(node, "settings"))
            out = self.printed(node, "settings", "--name", "norah", "--read-receipts", "on")
            self.assertIn("norah", out)
            self.assertEqual(node.requests[1][2], {"name": "norah", "read_receipts": True})
            self.refused(2, ["read-receipts"], node, "settings", "--read-receipts", "perhaps")


if __name__ == "__main__":
    unittest.main(argv=[sys.argv[0], *sys.argv[2:]])
