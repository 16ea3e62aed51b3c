#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What `chaski` asks and prints about cards.

    card_cli_test.py PATH_OF_CHASKI
"""
import pathlib
import sys
import tempfile
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).parent))
from cli_case import Case  # noqa: E402
from fake_node import HOSTILE, FakeNode, contact  # noqa: E402

CARD = {"link": "chaski:card/abc", "price": 20, "issued_unix_s": 1795000000,
        "expires_unix_s": 1797592000, "answers": 0}


class Cards(Case):
    def test_a_card_is_shown(self):
        with FakeNode({"POST /v1/cards": (200, {"card": CARD, "made": True})}) as node:
            self.assertEqual(self.printed(node, "card"), "chaski:card/abc\n")
            self.assertEqual(node.requests[0][2], {})
            self.printed(node, "card", "--new", "--days", "7", "--price", "22")
            self.assertEqual(node.requests[1][2], {"new": True, "days": 7, "price": 22})
            self.assertIn("█", self.printed(node, "card", "--qr"))
            with tempfile.TemporaryDirectory() as folder:
                svg = pathlib.Path(folder, "card.svg")
                self.printed(node, "card", "--svg", str(svg))
                self.assertIn("<svg", svg.read_text())

    def test_a_card_is_published_and_those_of_others_are_listed(self):
        with FakeNode({"POST /v1/cards": (200, {"card": CARD, "made": False})}) as node:
            self.assertIn("nobody can take it back", self.printed(node, "card", "--publish"))
            self.assertEqual(node.requests[0][2], {"publish": True})
        heard = {"name": HOSTILE, "fingerprint": "aaaa bbbb cccc dddd", "link": "chaski:card/x",
                 "price": 20, "issued_unix_s": 1, "expires_unix_s": 4102444800}
        rows = {"own": [], "heard": [dict(heard, name="east", contact="my friend"), heard,
                                     dict(heard, name="")]}
        with FakeNode({"GET /v1/cards": (200, rows)}) as node:
            lines = self.printed(node, "cards").splitlines()
            self.assertEqual(len(lines), 3, "one line each, whatever the name")
            self.assertIn("aaaa bbbb cccc dddd  until 2100-01-01 00:00  your contact my friend",
                          lines[0])
            self.assertTrue(lines[2].startswith("(no name)"))
        with FakeNode({"GET /v1/cards": (200, {"own": [], "heard": []})}) as node:
            self.assertIn("No cards", self.printed(node, "cards"))
        answer = {"contact": contact("south", met="card"), "answer_link": "chaski:answer/x"}
        with FakeNode({"POST /v1/contacts": (200, answer)}) as node:
            self.assertIn("may be anybody",
                          self.printed(node, "add", "--card", "aaaa bbbb", "--no-qr"))
            self.assertEqual(node.requests[0][2], {"card": "aaaa bbbb"})
        self.refused(2, ["--card"], "/nowhere", "add", "chaski:card/x", "--card", "aaaa")
        self.refused(2, ["the link is missing"], "/nowhere", "add")

    def test_all_are_taken_back(self):
        for count, words in ((0, "no card to take back"), (1, "answer your card any more"),
                             (3, "answer your 3 cards any more")):
            with FakeNode({"POST /v1/cards/withdraw": (200, {"withdrawn": count})}) as node:
                self.assertIn(words, self.printed(node, "card", "--withdraw"))
                self.assertEqual(node.requests[0][2], {})
        self.refused(2, ["--withdraw"], "/nowhere", "card", "--withdraw", "--new")

    def test_who_is_added_by_a_card_may_be_anybody(self):
        answer = {"contact": contact("south", met="card"), "answer_link": "chaski:answer/x"}
        with FakeNode({"POST /v1/contacts": (200, answer)}) as node:
            out = self.printed(node, "add", "chaski:card/abc", "--no-qr")
            self.assertIn("south is a contact now, unverified.", out)
            self.assertIn("may be anybody", out)
            self.assertIn("chaski verify south", out)
            self.assertEqual(node.requests[0][2], {"link": "chaski:card/abc"})
        answer["contact"]["met"] = "invitation"
        with FakeNode({"POST /v1/contacts": (200, answer)}) as node:
            self.assertNotIn("anybody", self.printed(node, "add", "chaski:invite/x", "--no-qr"))

    def test_contacts_tell_who_came_by_a_card(self):
        rows = {"contacts": [contact("east", met="card"), contact("south", met="invitation")]}
        with FakeNode({"GET /v1/contacts": (200, rows)}) as node:
            lines = self.printed(node, "contacts").splitlines()
            self.assertTrue(lines[0].endswith("  met by a card"), lines[0])
            self.assertNotIn("card", lines[1])


if __name__ == "__main__":
    unittest.main(argv=[sys.argv[0], *sys.argv[2:]])
