#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Two real chaskid over loopback, and two people who type chaski pair.

    pair_test.py PATH_OF_CHASKID PATH_OF_CHASKI [CASE...]
"""
import json
import os
import pathlib
import pty
import re
import select
import signal
import subprocess
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).parents[1] / "daemon"))
from harness import DaemonCase, main, wait_until  # noqa: E402

CHASKI = os.path.abspath(sys.argv.pop(1))


class Screen:
    """A terminal with chaski on it."""

    def __init__(self, socket, *arguments):
        self.master, slave = pty.openpty()
        where = {**os.environ, "CHASKI_SOCKET": socket, "NO_COLOR": "1"}
        self.process = subprocess.Popen([CHASKI, *arguments], stdin=slave, stdout=slave,
                                        stderr=slave, env=where, start_new_session=True)
        os.close(slave)
        self.text = ""

    def read(self):
        while select.select([self.master], [], [], 0)[0]:
            try:
                part = os.read(self.master, 65536)
            except OSError:
                break
            if not part:
                break
            self.text += part.decode()
        return self.text

    def wait_for(self, pattern, seconds=30):
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            found = re.search(pattern, self.read())
            if found:
                return found
            select.select([self.master], [], [], 0.05)
        raise AssertionError(f"{pattern!r} is not in {self.text!r}")

    def type(self, line):
        os.write(self.master, line.encode() + b"\n")

    def end(self):
        code = self.process.wait(30)
        self.read()
        os.close(self.master)
        return code


class Pairing(DaemonCase):
    def near(self):
        """anna and bert, neighbours who do not know each other."""
        self.start("anna")
        peers = self.lan_to("anna")
        self.start("bert", config=self.config("bert", peers))
        for name in ("anna", "bert"):
            self.post(name, "/v1/init", name=name, no_passphrase=True)
            wait_until(lambda: self.get(name, "/v1/status")["neighbours"], what="neighbours")

    def chaski(self, name, *arguments):
        where = {**os.environ, "CHASKI_SOCKET": self.socket_path(name)}
        return subprocess.run([CHASKI, *arguments], env=where, timeout=60, capture_output=True,
                              stdin=subprocess.DEVNULL)

    def trusts(self, name):
        return [(c["name"], c["trust"]) for c in self.get(name, "/v1/contacts")["contacts"]]

    def words_at(self, name):
        peers = self.get(name, "/v1/pairing")["pairing"]["peers"]
        return peers[0]["words"] if peers else None

    def expect_met(self, of_anna="bert", of_bert="anna"):
        self.assertEqual(self.trusts("anna"), [(of_anna, "verified")])
        self.assertEqual(self.trusts("bert"), [(of_bert, "verified")])
        self.post("anna", "/v1/messages", to=of_anna, text="h\u00fcllo")
        wait_until(lambda: self.get("bert", "/v1/messages")["messages"], what="a message")

    def test_two_people_at_terminals(self):
        self.near()
        anna = Screen(self.socket_path("anna"), "pair")
        anna.wait_for(r"Looking for somebody near .* \d:\d\d left")
        bert = Screen(self.socket_path("bert"), "pair", "--name", "my friend")
        symbols = r"  1((?:  \S+ [a-z]+){6})"
        self.assertEqual(anna.wait_for(symbols)[1], bert.wait_for(symbols)[1])
        anna.wait_for(r"yes or no, \d:\d\d left: ")
        anna.type("y")  # not a whole word: asked again
        anna.type("yes")
        anna.wait_for("Waiting for them to say yes")
        self.assertEqual(self.trusts("bert"), [])
        bert.wait_for("yes or no")
        bert.type("yes")
        bert.wait_for("my friend is a contact now, verified")
        anna.wait_for("bert is a contact now, verified")
        self.assertEqual((anna.end(), bert.end()), (0, 0))
        self.expect_met(of_bert="my friend")

    def test_by_programs(self):
        self.near()
        where = {**os.environ, "CHASKI_SOCKET": self.socket_path("anna")}
        anna = subprocess.Popen([CHASKI, "pair", "--json"], env=where, stdout=subprocess.PIPE,
                                stderr=subprocess.PIPE, stdin=subprocess.DEVNULL, text=True)
        self.assertEqual(json.loads(anna.stdout.readline())["pairing"]["state"], "running")
        self.post("bert", "/v1/pairing")
        words = wait_until(lambda: self.words_at("bert"), what="symbols")
        self.assertEqual(len(words.split()), 6)
        # What stands on bert's screen is said yes to on anna's node, and the other way round.
        said = self.chaski("anna", "pair", "--yes-if", *words.split(), "--cancel")
        self.assertEqual(said.returncode, 2, "one or the other")
        self.assertEqual(self.post("anna", "/v1/pairing/confirm", words=words)["pairing"]["state"],
                         "running")
        done = self.chaski("bert", "pair", "--json", "--yes-if", words.upper())
        self.assertEqual(done.returncode, 0, done.stderr)
        last = json.loads(done.stdout.splitlines()[-1])["pairing"]
        self.assertEqual((last["state"], last["contact"]["trust"]), ("met", "verified"))
        out, err = anna.communicate(timeout=30)
        self.assertEqual((anna.returncode, err), (0, ""))
        self.assertEqual(json.loads(out.splitlines()[-1])["pairing"]["contact"]["name"], "bert")
        self.expect_met()

    def test_other_words_are_refused_and_no_ends_it_for_both(self):
        self.near()
        refused = self.chaski("anna", "pair", "--yes-if", "apple bus cake corn cow dog")
        self.assertEqual(refused.returncode, 1)
        self.assertIn(b"does not pair now", refused.stderr)
        anna = Screen(self.socket_path("anna"), "pair")
        self.post("bert", "/v1/pairing")
        anna.wait_for("yes or no")
        wait_until(lambda: self.words_at("bert"), what="symbols")
        refused = self.chaski("bert", "pair", "--yes-if", "apple bus cake corn cow dog")
        self.assertIn(b"nobody near shows these six words", refused.stderr)
        anna.type("apple bus cake corn cow dog")
        anna.wait_for("nobody near shows these six words")
        anna.type("no")
        self.assertEqual(anna.end(), 1)
        self.assertIn("stopped here", anna.text)
        wait_until(lambda: self.get("bert", "/v1/pairing")["pairing"]["peers"][0]["state"] ==
                   "failed", what="bert hears it")
        self.assertEqual(self.trusts("anna") + self.trusts("bert"), [])
        self.assertEqual(self.refused("bert", "POST", "/v1/pairing/confirm", '{"peer": 1}'),
                         (404, "unknown_peer"))

    def test_ctrl_c_ends_it_on_the_node(self):
        self.near()
        anna = Screen(self.socket_path("anna"), "pair")
        anna.wait_for("Looking for")
        anna.process.send_signal(signal.SIGINT)
        self.assertEqual(anna.end(), 1)
        self.assertEqual(self.get("anna", "/v1/pairing")["pairing"]["why"], "cancelled")
        self.assertEqual(self.chaski("anna", "pair", "--cancel").returncode, 0)

    def test_listeners_hear_of_it_and_bad_requests_are_refused(self):
        self.near()
        self.assertEqual(self.get("anna", "/v1/pairing")["pairing"]["state"], "none")
        for body in '{"peer": 1, "words": "x"}', "{}", '{"peer": -1}', '{"words": 7}':
            self.assertEqual(self.refused("anna", "POST", "/v1/pairing/confirm", body),
                             (400, "bad_request"), body)
        self.assertEqual(self.refused("anna", "POST", "/v1/pairing/confirm", '{"peer": 1}'),
                         (409, "no_pairing"))
        self.assertEqual(self.refused("anna", "POST", "/v1/pairing", '{"name": "a\\nb"}'),
                         (400, "bad_name"))
        where = {**os.environ, "CHASKI_SOCKET": self.socket_path("anna")}
        watch = subprocess.Popen([CHASKI, "watch", "--json"], env=where, stdout=subprocess.PIPE,
                                 stdin=subprocess.DEVNULL, text=True)
        self.assertEqual(json.loads(watch.stdout.readline())["event"], "status")
        self.post("anna", "/v1/pairing")
        self.assertEqual(json.loads(watch.stdout.readline()), {"event": "pairing"})
        self.post("bert", "/v1/pairing")
        self.assertEqual(json.loads(watch.stdout.readline()), {"event": "pairing"})
        watch.kill()
        watch.wait()
        watch.stdout.close()

    def test_a_lock_ends_it(self):
        self.start("node")
        self.post("node", "/v1/init", name="n", passphrase="secret")
        self.post("node", "/v1/pairing")
        self.post("node", "/v1/lock")
        self.assertEqual(self.refused("node", "GET", "/v1/pairing"), (403, "locked"))
        self.post("node", "/v1/unlock", passphrase="secret")
        self.assertEqual(self.get("node", "/v1/pairing")["pairing"]["state"], "none")


if __name__ == "__main__":
    main()
