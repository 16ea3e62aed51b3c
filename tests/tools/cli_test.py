#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Runs the real `chaski` against a fake node: what it asks, what it prints, how it ends.

    cli_test.py PATH_OF_CHASKI [CASE...]
"""
import errno
import json
import os
import pathlib
import pty
import select
import socket
import subprocess
import sys
import tempfile
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).parent))
from cli_case import CHASKI, Case  # noqa: E402
from fake_node import HOSTILE, STATUS, FakeNode, contact, message  # noqa: E402

WHO = {"name": "north", "identity": "ab" * 64, "fingerprint": "11 22 33"}


def refusal(code="unknown_contact", text="nobody is called east", mend="see chaski contacts"):
    return {"error": {"code": code, "message": text, "mend": mend}}


def ours(first=None, second=None, state="offered"):
    """An introduction of two contacts, as the API shows it."""
    plain = {"reply": "none", "offer": "underway", "meet": "unsaid"}
    return {"id": 7, "ours": True, "state": state, "began_unix_s": 1_700_000_000, "left_s": 60,
            "parties": [{**plain, "contact": "ben", **(first or {})},
                        {**plain, "contact": "cleo", **(second or {})}]}


def theirs(state, **more):
    return {"id": 7, "ours": False, "state": state, "began_unix_s": 1_700_000_000, "by": "anna",
            "name": "cleo", "reply": "unsaid", **more}


class Identity(Case):
    def test_init_sends_the_name_and_says_who_you_are(self):
        with FakeNode({"POST /v1/init": (200, WHO)}) as node:
            out = self.printed(node, "init", "north", "--no-passphrase")
            self.assertEqual(node.requests,
                             [("POST", "/v1/init", {"name": "north", "no_passphrase": True})])
        self.assertIn("You are north", out)
        self.assertIn("11 22 33", out)

    def test_init_twice_is_refused_with_the_nodes_own_words(self):
        answer = refusal("identity_exists", "this node is north already", "see chaski whoami")
        with FakeNode({"POST /v1/init": (409, answer)}) as node:
            err = self.refused(1, ["this node is north already", "see chaski whoami"], node,
                               "init", "x", "--no-passphrase")
        self.assertEqual(err, "chaski: this node is north already; see chaski whoami\n")

    def test_whoami(self):
        with FakeNode({"GET /v1/whoami": (200, WHO)}) as node:
            self.assertIn("north\nfingerprint  11 22 33", self.printed(node, "whoami"))
            self.assertEqual(json.loads(self.printed(node, "whoami", "--json")), WHO)


class Vault(Case):
    def test_a_passphrase_comes_from_an_open_file_and_never_from_the_command_line(self):
        for command, path in (["init", "north"], "/v1/init"), (["unlock"], "/v1/unlock"):
            with FakeNode({f"POST {path}": (200, WHO)}) as node:
                out = self.printed(node, *command, "--passphrase-fd", "0", stdin=b"se cret\nmore")
                self.assertNotIn("se cret", out)
                self.assertEqual(node.requests[-1][2]["passphrase"], "se cret")
                self.refused(2, ["passphrase"], node, *command, "--passphrase", "x")

    def test_without_a_terminal_it_must_be_said(self):
        with FakeNode({}) as node:
            self.refused(2, ["no terminal", "--no-passphrase"], node, "init", "north")
            self.refused(2, ["no terminal", "--passphrase-fd"], node, "unlock")
            self.refused(2, ["no terminal", "--now"], node, "panic")
            self.refused(2, ["empty"], node, "unlock", "--passphrase-fd", "0", stdin=b"\n")
            self.refused(2, ["too long"], node, "unlock", "--passphrase-fd", "0",
                         stdin=b"x" * 1_025)
            self.refused(2, ["cannot be read"], node, "unlock", "--passphrase-fd", "99")
            self.assertEqual(node.requests, [])

    def test_a_locked_node_is_an_exit_code_of_its_own(self):
        answer = refusal("locked", "this node is locked", "run `chaski unlock` first")
        with FakeNode({"GET /v1/contacts": (403, answer)}) as node:
            self.refused(6, ["locked", "chaski unlock"], node, "contacts")
        wrong = refusal("wrong_passphrase", "this is not the passphrase", "type it again")
        with FakeNode({"POST /v1/unlock": (403, wrong)}) as node:
            self.refused(1, ["not the passphrase"], node, "unlock", "--passphrase-fd", "0",
                         stdin=b"x\n")

    def test_the_passphrase_is_changed_with_the_one_of_now(self):
        status = dict(STATUS, vault={"state": "open", "passphrase": True})
        with FakeNode({"GET /v1/status": (200, status), "POST /v1/passphrase": (200, {})}) as node:
            self.printed(node, "passphrase", "--old-passphrase-fd", "0", "--passphrase-fd", "0",
                         stdin=b"old\nnew\n")
            self.assertEqual(node.requests[-1][2], {"old": "old", "passphrase": "new"})
            self.assertIn("no passphrase any more",
                          self.printed(node, "passphrase", "--old-passphrase-fd", "0",
                                       "--no-passphrase", stdin=b"old\n"))
        status["vault"]["passphrase"] = False
        with FakeNode({"GET /v1/status": (200, status), "POST /v1/passphrase": (200, {})}) as node:
            self.printed(node, "passphrase", "--passphrase-fd", "0", stdin=b"new\n")
            self.assertEqual(node.requests[-1][2], {"passphrase": "new"})

    def test_a_backup_is_a_new_file_for_its_owner_alone(self):
        with tempfile.TemporaryDirectory() as folder, \
                FakeNode({"POST /v1/backup": (200, b"sealed bytes")}) as node:
            file = os.path.join(folder, "me.chaski")
            self.printed(node, "backup", file, "--passphrase-fd", "0", stdin=b"secret\n")
            self.assertEqual(pathlib.Path(file).read_bytes(), b"sealed bytes")
            self.assertEqual(os.stat(file).st_mode & 0o777, 0o600)
            self.assertEqual(node.requests[-1][2], {"passphrase": "secret"})
            code, _, _ = self.run_chaski(node, "backup", file, "--passphrase-fd", "0",
                                         stdin=b"secret\n")
            self.assertNotEqual(code, 0, "what is there is not overwritten")
            self.refused(2, ["no terminal"], node, "backup", os.path.join(folder, "other"))
            self.assertFalse(os.path.exists(os.path.join(folder, "other")))

    def test_a_restore_sends_the_file_in_pieces(self):
        answers = {"POST /v1/restore": (200, {}), "POST /v1/restore/data": (200, {}),
                   "POST /v1/restore/end": (200, dict(WHO, contacts=2, messages=3))}
        with tempfile.NamedTemporaryFile() as file, FakeNode(answers) as node:
            data = bytes(range(256)) * 3_000
            file.write(data)
            file.flush()
            out = self.printed(node, "restore", file.name, "--backup-passphrase-fd", "0",
                               "--passphrase-fd", "0", stdin=b"old\nnew\n")
            self.assertIn("2 contacts and 3 messages", out)
            first = node.requests[0][2]
            self.assertEqual((first["backup_passphrase"], first["passphrase"]), ("old", "new"))
            sent = "".join(request[2].get("data", "") for request in node.requests)
            self.assertEqual(bytes.fromhex(sent), data)
            self.refused(2, ["cannot read"], node, "restore", "/nonexistent",
                         "--backup-passphrase-fd", "0", "--no-passphrase", stdin=b"old\n")

    def test_panic_says_how_long_the_key_took(self):
        answer = {"key_destroyed": True, "key_us": 1500}
        with FakeNode({"POST /v1/panic": (200, answer)}) as node:
            self.assertIn("1.5 ms", self.printed(node, "panic", "--now"))
        with FakeNode({"POST /v1/panic": (200, dict(answer, key_destroyed=False))}) as node:
            self.refused(1, ["refused to overwrite"], node, "panic", "--now")

    def test_status_tells_of_the_vault(self):
        for vault, words in (({"state": "locked", "passphrase": True}, "type chaski unlock"),
                             ({"state": "open", "passphrase": True}, "under a passphrase"),
                             ({"state": "open", "passphrase": False}, "without a passphrase")):
            status = dict(STATUS, vault=vault, identity=False)
            with FakeNode({"GET /v1/status": (200, status)}) as node:
                out = self.printed(node, "status")
                self.assertIn(words, out)
                self.assertEqual("chaski init" in out, vault["state"] != "locked")


class People(Case):
    def test_invite_prints_the_link_alone_into_a_pipe(self):
        with FakeNode({"POST /v1/invites": (200, {"link": "chaski:abc"})}) as node:
            self.assertEqual(self.printed(node, "invite"), "chaski:abc\n")
            self.assertEqual(node.requests, [("POST", "/v1/invites", {})])
            self.assertEqual(self.printed(node, "invite", "--json"), '{"link":"chaski:abc"}\n')

    def test_invite_draws_a_code_when_asked(self):
        with FakeNode({"POST /v1/invites": (200, {"link": "chaski:abc"})}) as node:
            lines = self.printed(node, "invite", "--qr").splitlines()
        self.assertEqual(lines[-1], "chaski:abc")
        # Version 1 has 21 modules a side: with the quiet zone 29 columns and 15 lines of two rows.
        self.assertEqual([len(line) for line in lines[:-1]], [29] * 15)
        self.assertEqual(set("".join(lines[:-1])) - set(" █▀▄"), set())

    def test_invite_puts_its_code_into_new_private_files(self):
        with tempfile.TemporaryDirectory() as folder:
            png, svg = pathlib.Path(folder, "a.png"), pathlib.Path(folder, "a.svg")
            with FakeNode({"POST /v1/invites": (200, {"link": "chaski:abc"})}) as node:
                out = self.printed(node, "invite", "--png", str(png), "--svg", str(svg))
                self.assertEqual(out, "chaski:abc\n")
                self.assertEqual(png.read_bytes()[:8], b"\x89PNG\r\n\x1a\n")
                self.assertIn("<svg", svg.read_text())
                self.assertEqual([p.stat().st_mode & 0o777 for p in (png, svg)], [0o600, 0o600])
                before = len(node.requests)
                self.refused(1, [str(png), "exists already"], node, "invite", "--png", str(png))
                nowhere = str(pathlib.Path(folder, "no", "a.png"))
                self.refused(1, [nowhere, "No such file"], node, "invite", "--png", nowhere)
                self.assertEqual(len(node.requests), before)

    def test_a_refused_invitation_leaves_no_file(self):
        answer = refusal("no_identity", "there is no identity", "chaski init <name>")
        with tempfile.TemporaryDirectory() as folder:
            png = pathlib.Path(folder, "a.png")
            with FakeNode({"POST /v1/invites": (409, answer)}) as node:
                self.refused(1, ["no identity"], node, "invite", "--png", str(png))
            self.assertFalse(png.exists())

    def test_add_shows_the_code_of_the_answer(self):
        answer = {"contact": contact("south"), "answer_link": "chaski:back"}
        with tempfile.TemporaryDirectory() as folder:
            svg = pathlib.Path(folder, "a.svg")
            with FakeNode({"POST /v1/contacts": (200, answer)}) as node:
                out = self.printed(node, "add", "chaski:abc", "--qr", "--svg", str(svg))
            self.assertIn("▀", out)
            self.assertIn("chaski add chaski:back", out)
            self.assertIn("<svg", svg.read_text())

    def test_verify_compares_a_number_that_was_scanned_or_read_out(self):
        answer = {"contact": contact("south", trust="verified")}
        wrong = refusal("number_differs", "the two safety numbers are not the same", "compare")
        with FakeNode({"POST /v1/contacts/verify": (200, answer)}) as node:
            out = self.printed(node, "verify", "south", "12345", "67890")
            self.assertIn("south is verified", out)
            self.assertEqual(node.requests[-1][2],
                             {"contact": "south", "safety_number": "1234567890"})
            self.printed(node, "verify", "south", "chaski:safety/1234567890")
            self.assertEqual(node.requests[-1][2]["safety_number"], "chaski:safety/1234567890")
        with FakeNode({"POST /v1/contacts/verify": (409, wrong)}) as node:
            self.refused(1, ["not the same"], node, "verify", "south", "1")

    def test_heal_says_what_becomes_of_what_is_written(self):
        answer = {"contact": {**contact("south"), "session": {"standing": 7}}}
        with FakeNode({"POST /v1/contacts/heal": (200, answer)}) as node:
            out = self.printed(node, "heal", "south")
            self.assertIn("new session", out)
            self.assertIn("7 times more", out)
            self.assertEqual(node.requests[-1][2], {"contact": "south"})
        used = refusal("needs_meeting", "you have to meet this contact again", "chaski invite")
        with FakeNode({"POST /v1/contacts/heal": (409, used)}) as node:
            self.refused(1, ["meet this contact again", "chaski invite"], node, "heal", "south")

    def test_introduce_asks_two_and_says_what_is_told_when(self):
        answer = {"introduction": ours()}
        with FakeNode({"POST /v1/introductions": (200, answer)}) as node:
            out = self.printed(node, "introduce", "ben", "cleo", "--note", "you both sing")
            self.assertIn("ben and cleo are asked", out)
            self.assertIn("both say yes", out)
            self.assertEqual(node.requests[-1][2],
                             {"first": "ben", "second": "cleo", "note": "you both sing"})
            self.printed(node, "introduce", "ben", "cleo")
            self.assertEqual(node.requests[-1][2], {"first": "ben", "second": "cleo"})
            shown = json.loads(self.printed(node, "--json", "introduce", "ben", "cleo"))
            self.assertEqual(shown, answer)
        same = refusal("same_contact", "both are the same contact", "name two of your contacts")
        with FakeNode({"POST /v1/introductions": (400, same)}) as node:
            self.refused(1, ["the same contact"], node, "introduce", "ben", "ben")
            self.refused(2, ["second"], node, "introduce", "ben")

    def test_introductions_says_in_plain_words_where_each_stands(self):
        yes, no = {"reply": "yes"}, {"reply": "no"}
        told, late = {**yes, "meet": "delivered"}, {**yes, "meet": "expired"}
        due = {**yes, "meet": "due"}
        for one, words in (
                (ours(), "ben is being asked, cleo is being asked"),
                (ours({"offer": "delivered"}, {"offer": "expired"}),
                 "ben was asked, the question to cleo ran out on its way"),
                (ours(yes, no, state="declined"), "ben said yes, cleo said no"),
                (ours(state="lapsed"), "its time is over"),
                (ours(due, told, state="meeting"), "ben is told within minutes, cleo was told"),
                (ours(told, late, state="lapsed"), "introduce them again"),
                (ours(told, told, state="met"), "know of each other"),
                (ours(state="refused"), "blocked"),
                (theirs("offered"), "chaski introductions accept 7, or decline 7"),
                (theirs("offered", note="you both sing"), "“you both sing”"),
                (theirs("accepted"), "nothing came back yet"),
                (theirs("accepted", reply="expired"), "ran out on its way to anna"),
                (theirs("meeting"), "you will be contacts"),
                (theirs("met", contact="cleo-2"), "chaski verify cleo-2"),
                (theirs("known", contact="ridge"), "your contact ridge already"),
                (theirs("declined"), "you said no"),
                (theirs("refused"), "blocked"),
                (theirs("lapsed"), "nothing came of it")):
            with FakeNode({"GET /v1/introductions": (200, {"introductions": [one]})}) as node:
                out = self.printed(node, "introductions")
                self.assertIn(words, out)
                self.assertTrue(out.startswith("7  "), out)
        with FakeNode({"GET /v1/introductions": (200, {"introductions": []})}) as node:
            self.assertIn("chaski introduce", self.printed(node, "introductions"))

    def test_an_introduction_is_answered_by_its_number(self):
        with FakeNode({"POST /v1/introductions/accept": (200, {"introduction": theirs("accepted")}),
                       "POST /v1/introductions/decline": (200, {"introduction": theirs("declined")})
                       }) as node:
            self.assertIn("anna is told that you want to know cleo",
                          self.printed(node, "introductions", "accept", "7", "--name", "singer"))
            self.assertEqual(node.requests[-1][2], {"id": 7, "name": "singer"})
            self.assertIn("anna is told that you said no",
                          self.printed(node, "introductions", "decline", "7"))
            self.assertEqual(node.requests[-1][2], {"id": 7})
            self.refused(2, ["number"], node, "introductions", "accept")
            self.refused(2, ["action"], node, "introductions", "perhaps", "7")

    def test_contacts_says_who_introduced_them(self):
        rows = {"contacts": [contact("cleo", met="introduction", introduced_by="anna")]}
        with FakeNode({"GET /v1/contacts": (200, rows)}) as node:
            self.assertIn("introduced by anna", self.printed(node, "contacts"))

    def test_verify_asks_nobody_in_a_pipe_and_takes_back(self):
        listed = {"contacts": [contact("south")]}
        with FakeNode({"GET /v1/contacts": (200, listed),
                       "POST /v1/contacts/unverify": (200, {"contact": contact("south")})}) as node:
            self.refused(2, ["nobody compares here"], node, "verify", "south")
            self.refused(1, ["no contact"], node, "verify", "nobody")
            self.assertIn("not verified", self.printed(node, "verify", "south", "--undo"))
            self.assertEqual(node.requests[-1],
                             ("POST", "/v1/contacts/unverify", {"contact": "south"}))

    def test_invite_states_a_price(self):
        with FakeNode({"POST /v1/invites": (200, {"link": "chaski:abc", "price": 20})}) as node:
            self.assertEqual(self.printed(node, "invite", "--price", "20"), "chaski:abc\n")
            self.assertEqual(node.requests[0][2], {"price": 20})

    def test_add_tells_of_the_work_and_gives_it_up(self):
        answer = {"contact": contact("south"), "work": {"contact": "south", "left_s": 4}}
        with FakeNode({"POST /v1/contacts": (200, answer),
                       "POST /v1/work/cancel": (200, {})}) as node:
            self.assertIn("working, about 4 s", self.printed(node, "add", "chaski:abc"))
            self.printed(node, "add", "--cancel", "south")
            self.assertEqual(node.requests[-1],
                             ("POST", "/v1/work/cancel", {"contact": "south"}))

    def test_add_takes_a_link_and_a_name(self):
        answer = {"contact": contact("south"), "answer_link": "chaski:back"}
        with FakeNode({"POST /v1/contacts": (200, answer)}) as node:
            out = self.printed(node, "add", "chaski:abc", "--name", "south")
            self.assertEqual(node.requests[0][2], {"link": "chaski:abc", "name": "south"})
            self.assertIn("south is a contact now, unverified", out)
            self.assertIn("chaski add chaski:back", out)
            self.assertIn("12345 67890", out)
            self.assertEqual(json.loads(self.printed(node, "add", "x", "--json")), answer)

    def test_a_bad_link_is_one_line(self):
        bad = refusal("bad_link", "the link is cut short", "ask for a new one")
        with FakeNode({"POST /v1/contacts": (400, bad)}) as node:
            self.refused(1, ["the link is cut short", "ask for a new one"], node, "add", "chaski:x")

    def test_contacts(self):
        people = {"contacts": [contact("south"), contact("ridge", trust="changed")]}
        with FakeNode({"GET /v1/contacts": (200, people)}) as node:
            out = self.printed(node, "contacts")
            self.assertEqual(self.printed(node, "contacts", "--names"), "south\nridge\n")
            self.assertEqual(json.loads(self.printed(node, "--json", "contacts")), people)
        self.assertIn("south  unverified  safety number 12345 67890", out)
        self.assertIn("ridge  changed", out)

    def test_no_contacts_says_how_to_get_one(self):
        with FakeNode({"GET /v1/contacts": (200, {"contacts": []})}) as node:
            self.assertIn("chaski invite", self.printed(node, "contacts"))
            self.assertEqual(self.printed(node, "contacts", "--names"), "")


FILE = {"id": 12, "contact": "south", "direction": "in", "state": "whole", "name": "map.png",
        "media_type": "image/png", "size": 3000, "done": 3000, "waits_for_room": False}


class Files(Case):
    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()
        self.path = pathlib.Path(self.folder.name)

    def tearDown(self):
        self.folder.cleanup()

    def content(self, text, whole=True):
        def answer(handler):
            handler.begin_events()
            handler.raw(b"%x\r\n%s\r\n" % (len(text), text))
            if whole:
                handler.raw(b"0\r\n\r\n")
        return {"GET /v1/files/12": (200, {"file": FILE}), "GET /v1/files/12/content": answer}

    def test_send_takes_a_file_and_a_text(self):
        (self.path / "my map.png").write_text("x" * 700_000)
        out = dict(FILE, direction="out", state="under_way", done=0)
        with FakeNode({"POST /v1/messages": (200, {"message": message(11)}),
                       "POST /v1/files": (200, {"message": message(12), "file": out})}) as node:
            printed = self.printed(node, "send", "south", "see here", "--lifetime", "1d", "--file",
                                   str(self.path / "my map.png"))
            text, file = node.requests
        self.assertEqual(text[2], {"to": "south", "text": "see here", "lifetime_s": 86400})
        self.assertEqual(file[:2], ("POST", "/v1/files?to=south&lifetime_s=86400"
                                            "&name=my%20map.png"))
        self.assertEqual(file[2], "x" * 700_000)
        self.assertIn("File 12 to south is accepted, 700.0 KB", printed)

    def test_what_cannot_be_read_is_refused_before_asking(self):
        with FakeNode({}) as node:
            self.refused(2, ["cannot read", "No such file"], node, "send", "south", "--file",
                         str(self.path / "none"))
            self.refused(2, ["no plain file"], node, "send", "south", "--file", str(self.path))
            self.assertEqual(node.requests, [])

    def test_a_refused_file_is_one_line(self):
        (self.path / "a").write_text("x" * 3_000_000)
        with FakeNode({"POST /v1/files": (404, refusal())}) as node:
            self.refused(1, ["nobody is called east"], node, "send", "east", "--file",
                         str(self.path / "a"))

    def test_files(self):
        files = [FILE, dict(FILE, id=13, direction="out", state="under_way", done=1500),
                 dict(FILE, id=14, state="under_way", done=0, waits_for_room=True),
                 dict(FILE, id=15, state="wrong", name=HOSTILE)]
        with FakeNode({"GET /v1/files": (200, {"files": files})}) as node:
            lines = self.printed(node, "files").splitlines()
        self.assertEqual(len(lines), 4)
        self.assertIn("#12  from south  map.png  3.0 KB  here", lines[0])
        self.assertIn("#13  to south  map.png  3.0 KB  50 %", lines[1])
        self.assertIn("waits for room", lines[2])
        self.assertIn("its sender lied", lines[3])
        with FakeNode({"POST /v1/files/12/remove": (200, {})}) as node:
            self.assertIn("Removed", self.printed(node, "files", "--remove", "#12"))
            self.refused(2, ["'soon'"], node, "files", "--remove", "soon")

    def test_save_writes_a_whole_file_for_its_owner_alone(self):
        with FakeNode(self.content(b"abc" * 1000)) as node:
            self.assertIn("is saved, 3.0 KB", self.printed(node, "save", "12",
                                                           str(self.path / "mine.png")))
            self.printed(node, "save", "12", str(self.path))
        for name in ("mine.png", "map.png"):
            self.assertEqual((self.path / name).read_bytes(), b"abc" * 1000)
            self.assertEqual((self.path / name).stat().st_mode & 0o777, 0o600)
        self.assertEqual(sorted(os.listdir(self.path)), ["map.png", "mine.png"])

    def test_save_replaces_nothing_unless_told(self):
        (self.path / "mine").write_text("old")
        with FakeNode(self.content(b"new")) as node:
            self.refused(1, ["exists already", "--force"], node, "save", "12",
                         str(self.path / "mine"))
            self.assertEqual((self.path / "mine").read_text(), "old")
            self.printed(node, "save", "12", str(self.path / "mine"), "--force")
        self.assertEqual((self.path / "mine").read_text(), "new")

    def test_what_breaks_off_or_is_not_right_is_not_saved(self):
        with FakeNode(self.content(b"half", whole=False)) as node:
            self.refused(1, ["not what its sender said"], node, "save", "12",
                         str(self.path / "mine"))
        self.assertEqual(os.listdir(self.path), [])


class Messages(Case):
    def accepts(self):
        return FakeNode({"POST /v1/messages": (200, {"message": message(12)})})

    def sent(self, *arguments, stdin=b""):
        with self.accepts() as node:
            self.printed(node, "send", *arguments, stdin=stdin)
            return node.requests[0][2]

    def test_send_text_from_the_command_line(self):
        with self.accepts() as node:
            out = self.printed(node, "send", "south", "the bridge holds")
            self.assertEqual(node.requests[0][2], {"to": "south", "text": "the bridge holds"})
        self.assertEqual(out, "Message 12 to south is accepted; it lives for 7 d.\n")

    def test_words_are_joined(self):
        self.assertEqual(self.sent("south", "the", "bridge")["text"], "the bridge")

    def test_send_text_from_standard_input(self):
        self.assertEqual(self.sent("south", stdin=b"two\nlines\n")["text"], "two\nlines")
        self.assertEqual(self.sent("south", "-", stdin="é".encode())["text"], "é")

    def test_long_texts_go_as_they_are(self):
        text = "h\u00fcllo \"\\ " * 4_000
        taken = message(12, contact="s\u00fcd & co")
        del taken["text"]
        answers = {"POST /v1/messages": (200, {"message": taken})}
        with FakeNode(answers) as node:
            out = self.printed(node, "send", "s\u00fcd & co", "-", "--lifetime", "1d", "--urgent",
                               stdin=text.encode())
            self.assertEqual(node.requests, [
                ("POST",
                 "/v1/messages?to=s%C3%BCd%20%26%20co&lifetime_s=86400&priority=urgent", text)])
            self.assertIn("Message 12 to s\u00fcd & co is accepted", out)
            out = self.printed(node, "send", "s\u00fcd & co", "--json", stdin=text.encode())
            self.assertEqual(json.loads(out)["message"]["text"], text)

    def test_lifetime_and_urgency(self):
        body = self.sent("south", "x", "--lifetime", "7d", "--urgent")
        self.assertEqual(body["lifetime_s"], 604800)
        self.assertEqual(body["priority"], "urgent")

    def test_json_is_what_the_api_answered(self):
        with self.accepts() as node:
            out = self.printed(node, "send", "south", "x", "--json")
        self.assertEqual(json.loads(out), {"message": message(12)})

    def test_what_cannot_be_sent_is_refused_before_asking(self):
        with self.accepts() as node:
            self.refused(2, ["empty"], node, "send", "south", "")
            self.refused(2, ["empty"], node, "send", "south", stdin=b"\n")
            self.refused(2, ["UTF-8"], node, "send", "south", stdin=b"\xff\xfe")
            self.refused(2, ["over 1 MiB"], node, "send", "south", stdin=b"x" * (2 << 20))
            self.refused(2, ["--lifetime", "'soon'"], node, "send", "south", "x",
                         "--lifetime", "soon")
            self.refused(2, ["--lifetime 15d is too long", "14 d"], node, "send", "south", "x",
                         "--lifetime", "15d")
            self.assertEqual(node.requests, [])

    def test_an_unknown_contact_is_one_line(self):
        with FakeNode({"POST /v1/messages": (404, refusal())}) as node:
            self.refused(1, ["nobody is called east", "see chaski contacts"], node,
                         "send", "east", "x")
            err = self.refused(1, [], node, "send", "east", "x", "--json")
        self.assertEqual(json.loads(err), refusal())

    def test_messages(self):
        rows = {"messages": [message(1), message(2, direction="in", state="received",
                                                 received_unix_s=1700000100, text="good\nnews")]}
        with FakeNode({"GET /v1/messages": (200, rows),
                       "POST /v1/messages/read": (200, {"read": 1})}) as node:
            out = self.printed(node, "messages", "the south & co", "--after", "3", "--limit", "9")
            self.assertEqual(node.requests[0][1],
                             "/v1/messages?contact=the%20south%20%26%20co&after=3&limit=9")
            self.assertEqual(json.loads(self.printed(node, "messages", "--json")), rows)
        self.assertEqual(out, "  #1  2023-11-14 22:13  to south  accepted  the bridge holds\n"
                              "  #2  2023-11-14 22:15  from south  received  good\n"
                              "      | news\n")

    def test_no_messages(self):
        with FakeNode({"GET /v1/messages": (200, {"messages": []})}) as node:
            self.assertEqual(self.printed(node, "messages"), "No messages.\n")

    def test_explain(self):
        answer = {"message": message(12, state="custody"), "explanation": "ridge keeps it.",
                  "life": [{"unix_s": 1700000000, "what": "accepted"},
                           {"unix_s": 1700000005, "what": "custody", "neighbour": "1a2b3c4d"}],
                  "held": {"age_s": 65, "expires_in_s": 3600, "hops_left": 15, "copies": 0},
                  "neighbours": [{"id": "1a2b3c4d", "since_s": 120, "why": "has_it",
                                  "explanation": "has it"},
                                 {"id": "5e6f7081", "since_s": 5, "why": "refused",
                                  "retry_in_s": 2, "ahead": 0,
                                  "explanation": "said that its store is full, asked again in "
                                                 "2 seconds"}]}
        with FakeNode({"GET /v1/messages/12": (200, answer)}) as node:
            out = self.printed(node, "explain", "#12")
            self.assertEqual(json.loads(self.printed(node, "explain", "12", "--json")), answer)
            self.refused(2, ["'twelve' is no message number"], node, "explain", "twelve")
            self.refused(2, ["no message number"], node, "explain", "12/../status")
            self.refused(1, ["/v1/messages/13"], node, "explain", "13")
        self.assertIn("ridge keeps it.", out)
        self.assertIn("custody (neighbour 1a2b3c4d)", out)
        self.assertIn("held here: 1 min 5 s old, expires in 1 h", out)
        self.assertIn("  1a2b3c4d (link since 2 min): has it\n", out)
        self.assertIn("  5e6f7081 (link since 5 s): said that its store is full, asked again in "
                      "2 seconds\n", out)

    def test_explain_says_when_nobody_is_here(self):
        answer = {"message": message(12, state="accepted"), "explanation": "It waits.",
                  "life": [], "held": {"age_s": 1, "expires_in_s": 2}, "neighbours": []}
        with FakeNode({"GET /v1/messages/12": (200, answer)}) as node:
            self.assertIn("  no neighbour is here\n", self.printed(node, "explain", "12"))
            del answer["neighbours"]
            self.assertNotIn("no neighbour", self.printed(node, "explain", "12"))


class Waiting(Case):
    def node(self, events, first="accepted", end=lambda handler: handler.hold()):
        def stream(handler):
            handler.begin_events()
            handler.event({"event": "status", "problems": []})
            for event in events:
                handler.event(event)
            end(handler)
        return FakeNode({"POST /v1/messages": (200, {"message": message(12)}),
                         "GET /v1/messages/12": (200, {"message": message(12, state=first)}),
                         "GET /v1/events": stream})

    def test_wait_ends_when_it_was_delivered(self):
        events = [{"event": "message", "message": message(11, state="delivered")},
                  {"event": "message", "message": message(12, state="custody")},
                  {"event": "neighbour", "up": True, "id": "x", "transport": "lan"},
                  {"event": "message", "message": message(12, state="delivered")}]
        with self.node(events) as node:
            out = self.printed(node, "send", "south", "x", "--wait")
            self.assertTrue(out.endswith("Delivered.\n"), out)
            out = self.printed(node, "send", "south", "x", "--wait", "--json")
        self.assertEqual(json.loads(out)["message"]["state"], "delivered")

    def test_a_delivery_before_the_stream_stood_is_not_missed(self):
        with self.node([], first="delivered") as node:
            self.assertIn("Delivered.", self.printed(node, "send", "south", "x", "--wait"))

    def test_an_expired_message_is_not_delivered(self):
        with self.node([{"event": "message", "message": message(12, state="expired")}]) as node:
            code, _, err = self.run_chaski(node, "send", "south", "x", "--wait")
        self.assertEqual(code, 4)
        self.assertIn("message 12 expired", err)

    def test_a_timeout_says_that_the_message_lives_on(self):
        with self.node([]) as node:
            code, _, err = self.run_chaski(node, "send", "south", "x", "--wait", "--timeout", "1s")
        self.assertEqual(code, 4)
        self.assertIn("not delivered within 1s", err)
        self.assertIn("stays under way", err)

    def test_a_node_that_goes_away_while_waiting(self):
        with self.node([], end=lambda handler: None) as node:
            code, _, err = self.run_chaski(node, "send", "south", "x", "--wait")
        self.assertEqual(code, 3)
        self.assertIn("went away", err)

    def test_a_timeout_without_wait_is_a_mistake(self):
        self.refused(2, ["--wait"], "/nonexistent", "send", "south", "x", "--timeout", "3s")


class Watching(Case):
    EVENTS = [{"event": "status", "problems": [{"part": "lan", "what": "no network",
                                                "mend": "plug it in"}]},
              {"event": "neighbour", "up": True, "id": "1a2b3c4d", "transport": "lan"},
              {"event": "neighbour", "up": False, "id": "1a2b3c4d", "transport": "lan"},
              {"event": "contact", "contact": contact("south")},
              {"event": "message", "message": message(3, state="delivered")},
              {"event": "something of tomorrow"}]

    def stream(self, handler):
        handler.begin_events()
        for event in self.EVENTS:
            handler.event(event)
        handler.raw(b"0\r\n\r\n")

    def test_watch_tells_what_happens_and_that_the_node_went_away(self):
        with FakeNode({"GET /v1/events": self.stream}) as node:
            code, out, err = self.run_chaski(node, "watch")
            self.assertEqual(node.requests, [("GET", "/v1/events", None)])
        self.assertEqual(code, 3)
        self.assertEqual(err.count("\n"), 1)
        self.assertIn("went away", err)
        for words in ["no network; plug it in", "neighbour 1a2b3c4d is here (lan)",
                      "neighbour 1a2b3c4d is gone", "contact south", "to south  delivered"]:
            self.assertIn(words, out)
        self.assertEqual(out.count("\n"), 5, out)

    def test_json_is_one_event_a_line(self):
        with FakeNode({"GET /v1/events": self.stream}) as node:
            code, out, _ = self.run_chaski(node, "watch", "--json", "--after", "7")
            self.assertEqual(node.requests[0][1], "/v1/events?after=7")
        self.assertEqual(code, 3)
        self.assertEqual([json.loads(line) for line in out.splitlines()], self.EVENTS)

    def test_events_cut_at_any_place_are_put_together(self):
        def stream(handler):
            handler.begin_events()
            text = json.dumps({"event": "message", "message": message(3, text="é" * 40)}) + "\n"
            for byte in text.encode():
                handler.raw(b"1\r\n" + bytes([byte]) + b"\r\n")
        with FakeNode({"GET /v1/events": stream}) as node:
            _, out, _ = self.run_chaski(node, "watch")
        self.assertIn("é" * 40, out)

    def test_a_node_that_refuses_to_stream(self):
        answer = refusal("stopping", "the node is stopping", "start it again")
        with FakeNode({"GET /v1/events": (503, answer)}) as node:
            self.refused(1, ["the node is stopping; start it again"], node, "watch")

    def test_broken_chunks_are_not_chaskid(self):
        def stream(handler):
            handler.begin_events()
            handler.raw(b"what\r\n")
        with FakeNode({"GET /v1/events": stream}) as node:
            self.refused(5, ["does not speak like chaskid"], node, "watch")


class Status(Case):
    def test_status_says_what_is_off_and_the_mend(self):
        with FakeNode({"GET /v1/status": (200, STATUS)}) as node:
            out = self.printed(node, "status")
            self.assertEqual(json.loads(self.printed(node, "status", "--json")), STATUS)
        for words in ["1a2b3c4d, chaskid 0.1.0, up for 2 min 5 s, running",
                      "5e6f7a8b over lan, here for 1 min 5 s, 2 to send, 1 not acknowledged yet",
                      "its store is full", "listening on port 40123; 1 connection",
                      "discovery off: no avahi", "3 envelopes (1.2 KB of 1.1 GB)",
                      "takes nothing new: the disk is full", "3 dropped",
                      "discovery: avahi-daemon is not running",
                      "-> systemctl start avahi-daemon"]:
            self.assertIn(words, out)


    def test_status_has_a_line_for_each_serial_port(self):
        def port(device, state, **more):
            return dict({"device": device, "state": state, "problem": ""}, **more)

        noisy = {"packets_received": 90, "damaged": 110, "sent_again": 7, "since_s": 65}
        status = dict(STATUS, transports={"serial": {"baud": 115200, "ports": [
            port("/dev/ttyS1", "open", since_s=5, neighbour=None),
            port("/dev/ttyS2", "open", since_s=5, neighbour=None, hears_itself=True),
            port("/dev/ttyUSB0", "linked", neighbour="5e6f7a8b", **noisy),
            port("/dev/ttyUSB1", "refused", problem="permission to open /dev/ttyUSB1 is denied"),
            port("/dev/ttyUSB2", "absent")]}})
        with FakeNode({"GET /v1/status": (200, status)}) as node:
            lines = self.printed(node, "status").splitlines()
        for words in ["/dev/ttyS1: nobody at the other end, open for 5 s",
                      "/dev/ttyS2: hears only itself, open for 5 s",
                      "/dev/ttyUSB0: neighbour 5e6f7a8b, open for 1 min 5 s, 110 of 200 packets "
                      "came damaged (see that both ends have the same baud), 7 sent again",
                      "permission to open /dev/ttyUSB1 is denied", "/dev/ttyUSB2: not plugged in"]:
            self.assertTrue(any(line.endswith(words) for line in lines), (words, lines))
        status["transports"] = {"serial": {"ports": []}}
        with FakeNode({"GET /v1/status": (200, status)}) as node:
            self.assertIn("no device is plugged in", self.printed(node, "status"))


class Failures(Case):
    def test_no_node_names_every_place_that_was_looked_at(self):
        err = self.refused(3, ["no node is running here", "systemctl start chaskid"], None,
                           "status", environment={"XDG_STATE_HOME": "/nonexistent/state"})
        for place in ["/run/chaski/chaskid.sock", "/var/lib/chaski/chaskid.sock",
                      "/nonexistent/state/chaski/chaskid.sock"]:
            self.assertIn(place, err)

    def test_the_state_folder_of_the_home_is_looked_at(self):
        err = self.refused(3, [], None, "status", environment={"HOME": "/nonexistent/home"})
        self.assertIn("/nonexistent/home/.local/state/chaski/chaskid.sock", err)

    def test_a_node_in_the_state_folder_is_found(self):
        with FakeNode({"GET /v1/whoami": (200, WHO)}) as node:
            place = pathlib.Path(node.folder.name, "chaski")
            place.mkdir()
            os.symlink(node.path, place / "chaskid.sock")
            out = self.printed(None, "whoami", environment={"XDG_STATE_HOME": node.folder.name})
        self.assertIn("north", out)

    def test_the_option_goes_before_the_environment(self):
        with FakeNode({"GET /v1/whoami": (200, WHO)}) as node:
            out = self.printed("/nonexistent/other", "whoami", "--socket", node.path)
        self.assertIn("north", out)

    def test_a_socket_without_a_node(self):
        with tempfile.TemporaryDirectory() as folder:
            path = os.path.join(folder, "s")
            dead = socket.socket(socket.AF_UNIX)
            dead.bind(path)
            dead.close()
            self.refused(3, [path, "is not running"], path, "status")

    def test_a_socket_path_that_is_too_long(self):
        self.refused(3, ["too long", "107"], "/" + "x" * 120, "status")

    def test_something_else_at_the_socket(self):
        for answer in [b"SSH-2.0-OpenSSH\r\n\r\n\r\n", b"\0" * 40000, b"x" * 40000 + b"\r\n\r\n"]:
            with FakeNode({"GET /v1/status": lambda handler: handler.raw(answer)}) as node:
                self.refused(5, ["does not speak like chaskid"], node, "status")

    def test_answers_that_are_not_the_api(self):
        for answer in [b"[]", b"hello", b"", b"{}", b'{"name": 3, "fingerprint": "x"}']:
            with FakeNode({"GET /v1/whoami": (200, answer)}) as node:
                self.refused(5, ["the node's answer"], node, "whoami")

    def test_an_error_without_the_error_object(self):
        with FakeNode({"GET /v1/whoami": (500, b"oops")}) as node:
            self.refused(5, ["status 500"], node, "whoami")

    def test_a_node_that_dies_in_its_answer(self):
        for answer in [b"", b"HTTP/1.1 200 OK\r\nContent-Le",
                       b"HTTP/1.1 200 OK\r\nContent-Length: 50\r\n\r\n{"]:
            with FakeNode({"GET /v1/status": lambda handler: handler.raw(answer)}) as node:
                self.refused(3, ["went away", "journalctl"], node, "status")

    def test_output_that_cannot_be_written(self):
        with FakeNode({"GET /v1/whoami": (200, WHO)}) as node, open("/dev/full", "wb") as full:
            run = subprocess.run([CHASKI, "--socket", node.path, "whoami"], stdout=full,
                                 stderr=subprocess.PIPE)
        self.assertEqual(run.returncode, 1)
        self.assertIn("cannot write the output", run.stderr.decode())


class CommandLine(Case):
    def test_mistakes_are_one_line_that_names_the_help(self):
        for arguments, words in [
            ([], ["chaski --help"]),
            (["frobnicate"], ["frobnicate", "chaski --help"]),
            (["send"], ["contact", "chaski send --help"]),
            (["whoami", "--loud"], ["--loud", "chaski whoami --help"]),
            (["messages", "--after", "soon"], ["--after"]),
            (["invite", "--qr", "--no-qr"], ["--no-qr"]),
            (["completion", "tcsh"], ["tcsh", "bash, zsh and fish"]),
        ]:
            self.refused(2, words, "/nonexistent", *arguments)

    def test_help_and_version(self):
        out = self.printed(None, "--help")
        for word in ["init", "whoami", "invite", "add", "contacts", "send", "messages", "watch",
                     "unlock", "lock", "passphrase", "panic", "backup", "restore",
                     "status", "explain", "completion", "Exit codes", "CHASKI_SOCKET"]:
            self.assertIn(word, out)
        self.assertIn("--lifetime", self.printed(None, "send", "--help"))
        version = pathlib.Path(__file__).parents[2].joinpath("VERSION").read_text().strip()
        self.assertEqual(self.printed(None, "--version"), f"chaski {version}\n")

    def test_the_documented_exit_codes_are_those_of_the_help(self):
        text = pathlib.Path(__file__).parents[2].joinpath("docs/cli.md").read_text()
        for code in range(7):
            self.assertIn(f"| {code} |", text)

    def test_every_command_is_documented(self):
        text = pathlib.Path(__file__).parents[2].joinpath("docs/cli.md").read_text()
        for word in ["init", "whoami", "invite", "add", "contacts", "send", "messages", "watch",
                     "unlock", "lock", "passphrase", "panic", "backup", "restore",
                     "status", "explain", "completion"]:
            self.assertIn(f"`chaski {word}", text)


class Terminal(Case):
    def in_terminal(self, node, *arguments, **environment):
        """What the command writes when its output is a terminal."""
        master, slave = pty.openpty()
        where = {"PATH": os.environ["PATH"], "TZ": "UTC", "TERM": "xterm",
                 "CHASKI_SOCKET": node.path, **environment}
        where.update({k: v for k, v in os.environ.items() if k.endswith("SAN_OPTIONS")})
        with subprocess.Popen([CHASKI, *arguments], stdin=subprocess.DEVNULL, stdout=slave,
                              stderr=slave, env=where) as child:
            os.close(slave)
            out = b""
            while select.select([master], [], [], 20)[0]:
                try:
                    piece = os.read(master, 65536)
                except OSError as error:
                    if error.errno != errno.EIO:
                        raise
                    break
                if not piece:
                    break
                out += piece
            code = child.wait(20)
        os.close(master)
        return code, out.decode()

    def harmless(self, out):
        """Nothing of the hostile text may reach the terminal as control."""
        for control in ["\x07", "\x1b]", "\x1b[2J", "\u202e", "\x9b", "\rfrom", "\nfrom boss"]:
            self.assertNotIn(control, out)
        self.assertIn("\\x1b", out)

    def test_a_hostile_message_does_not_drive_the_terminal(self):
        evil = message(1, text=HOSTILE, contact=HOSTILE, direction="in", state=HOSTILE)

        def stream(handler):
            handler.begin_events()
            handler.event({"event": "message", "message": evil})
            handler.event({"event": "neighbour", "up": True, "id": HOSTILE, "transport": HOSTILE})
            handler.event({"event": "contact", "contact": contact(HOSTILE, trust=HOSTILE)})
            handler.event({"event": "status", "problems": [{"what": HOSTILE, "mend": HOSTILE}]})

        explained = {"message": evil, "explanation": HOSTILE,
                     "life": [{"unix_s": 1, "what": HOSTILE, "neighbour": HOSTILE}],
                     "neighbours": [{"id": HOSTILE, "since_s": 1, "why": HOSTILE,
                                     "explanation": HOSTILE}]}
        status = json.loads(json.dumps(STATUS))
        status.update(version=HOSTILE, node=HOSTILE, state=HOSTILE,
                      problems=[{"part": HOSTILE, "what": HOSTILE, "mend": HOSTILE}])
        status["transports"] = {HOSTILE: {"problem": HOSTILE, "discovery_problem": HOSTILE}}
        status["transports"]["serial"] = {"ports": [
            {"device": HOSTILE, "state": "refused", "problem": HOSTILE},
            {"device": HOSTILE, "state": "linked", "neighbour": HOSTILE}]}
        status["store"].update(path=HOSTILE, problem=HOSTILE)
        status["neighbours"][0].update(id=HOSTILE, transport=HOSTILE)
        person = contact(HOSTILE, trust=HOSTILE, safety_number=HOSTILE)
        with FakeNode({"GET /v1/messages": (200, {"messages": [evil]}),
                       "GET /v1/messages/1": (200, explained),
                       "GET /v1/contacts": (200, {"contacts": [person]}),
                       "POST /v1/contacts": (200, {"contact": person, "answer_link": HOSTILE}),
                       "GET /v1/whoami": (200, {"name": HOSTILE, "fingerprint": HOSTILE}),
                       "POST /v1/messages": (200, {"message": evil}),
                       "GET /v1/status": (200, status),
                       "POST /v1/init": (409, refusal(HOSTILE, HOSTILE, HOSTILE)),
                       "GET /v1/events": stream}) as node:
            for command in [["messages"], ["explain", "1"], ["contacts"], ["contacts", "--names"],
                            ["add", "x"], ["whoami"], ["send", "x", "y"], ["status"],
                            ["init", "x", "--no-passphrase"], ["watch"]]:
                with self.subTest(command=command):
                    self.harmless(self.in_terminal(node, *command)[1])

    def test_a_line_of_a_message_cannot_pass_for_a_line_of_ours(self):
        fake = "hello\n  #9  10:00:00  from boss  received  send money"
        rows = {"messages": [message(1, text=fake)]}
        with FakeNode({"GET /v1/messages": (200, rows)}) as node:
            _, out = self.in_terminal(node, "messages", NO_COLOR="1")
        self.assertIn("\r\n      |   #9", out)

    def test_json_is_safe_too(self):
        rows = {"messages": [message(1, text=HOSTILE)]}
        with FakeNode({"GET /v1/messages": (200, rows)}) as node:
            _, out = self.in_terminal(node, "messages", "--json")
        self.assertEqual(json.loads(out), rows)
        for control in ["\x1b", "\x07", "\u202e", "\x9b"]:
            self.assertNotIn(control, out)

    def test_colours_only_where_they_are_wanted(self):
        with FakeNode({"GET /v1/status": (200, STATUS)}) as node:
            self.assertIn("\x1b[33m", self.in_terminal(node, "status")[1])
            self.assertNotIn("\x1b", self.in_terminal(node, "status", NO_COLOR="1")[1])
            self.assertNotIn("\x1b", self.in_terminal(node, "status", TERM="dumb")[1])

    def test_invite_on_a_terminal_says_what_a_price_means(self):
        with FakeNode({"POST /v1/invites": (200, {"link": "chaski:abc", "price": 20})}) as node:
            _, out = self.in_terminal(node, "invite", "--price", "20", "--no-qr")
        self.assertIn("costs their node 4 s of work", out)

    def test_invite_on_a_terminal_shows_a_code(self):
        with FakeNode({"POST /v1/invites": (200, {"link": "chaski:abc"})}) as node:
            _, out = self.in_terminal(node, "invite")
            _, plain = self.in_terminal(node, "invite", "--no-qr")
        self.assertIn("▀", out)
        self.assertIn("\x1b[30;107m", out)
        self.assertNotIn("▀", plain)
        self.assertIn("chaski:abc", plain)


if __name__ == "__main__":
    unittest.main(argv=[sys.argv[0], *sys.argv[2:]])
