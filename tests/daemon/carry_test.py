# SPDX-License-Identifier: Apache-2.0
"""Two nodes without any network, a stick, and a runner: chaski carry, with the real programs.

    carry_test.py CHASKID CHASKI [CASE...]

Afraid of: a message that a stick loses, doubles or tells of; half a bundle that is believed; a
stick from a stranger that costs memory or time; a kill at any moment.
"""
import json
import os
import random
import re
import resource
import subprocess
import sys
import time

CHASKI = os.path.abspath(sys.argv.pop(2))

from harness import DaemonCase, main  # noqa: E402

SEED = int(os.environ.get("CHASKI_SEED", "1"))
ALONE = "enabled = false\n"


class Carry(DaemonCase):
    def setUp(self):
        super().setUp()
        self.stick = self.path("stick")
        os.mkdir(self.stick)
        self.process = {}

    def come_up(self, name, node="", **keywords):
        config = self.config(name, ALONE)
        if node:
            with open(config, encoding="utf-8") as f:
                text = f.read().replace("[node]\n", "[node]\n" + node)
            self.write(os.path.basename(config), text)
        self.process[name] = self.start(name, config=config, **keywords)

    def villages(self, *names):
        """anna and bert, who met once and have no network; others who know nobody."""
        for name in names or ("anna", "bert"):
            self.come_up(name)
            self.post(name, "/v1/init", name=name, no_passphrase=True)
        link = self.post("anna", "/v1/invites")["link"]
        answer = self.post("bert", "/v1/contacts", link=link)["answer_link"]
        self.post("anna", "/v1/contacts", link=answer)

    def start_carry(self, name, way, *more):
        return subprocess.Popen(
            [CHASKI, "--json", "--socket", self.socket_path(name), "carry", way, self.stick,
             *more], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
            text=True)

    def carry(self, name, way, *more, code=0):
        process = self.start_carry(name, way, *more)
        out, err = process.communicate(timeout=60)
        self.assertEqual(process.returncode, code, err)
        return json.loads(out if code == 0 else err)

    def say(self, name, way, *more):
        done = subprocess.run([CHASKI, "--socket", self.socket_path(name), "carry", way,
                               self.stick, *more], capture_output=True, text=True, timeout=60,
                              check=False)
        self.assertEqual(done.returncode, 0, done.stderr)
        return done.stdout

    def texts(self, name):
        return [m["text"] for m in self.get(name, "/v1/messages?limit=1000")["messages"]
                if m["direction"] == "in"]

    def states(self, name):
        return {m["text"]: m["state"] for m in
                self.get(name, "/v1/messages?limit=1000")["messages"] if m["direction"] == "out"}

    def bundles(self):
        return sorted(f for f in os.listdir(self.stick) if f.endswith(".csk"))

    def bundle_path(self, index=0):
        return os.path.join(self.stick, self.bundles()[index])

    def rss_kb(self, name):
        with open(f"/proc/{self.process[name].pid}/status", encoding="ascii") as f:
            return int(re.search(r"VmRSS:\s+(\d+)", f.read()).group(1))


class Runner(Carry):
    def test_a_message_and_its_receipt_go_there_and_back(self):
        self.villages()
        self.post("anna", "/v1/messages", to="bert", text="the bridge holds")
        out = self.carry("anna", "out")
        self.assertEqual((out["envelopes"], out["places"], out["no_room"]), (1, 0, 0))
        self.assertEqual(os.path.getsize(self.bundle_path()), out["bytes"])
        self.assertEqual(self.texts("bert"), [])
        taken = self.carry("bert", "in")
        self.assertEqual((taken["envelopes"], taken["taken"]), (1, 1))
        self.assertEqual(self.texts("bert"), ["the bridge holds"])
        self.assertEqual(self.carry("bert", "in")["known"], 1)
        self.assertEqual(self.texts("bert"), ["the bridge holds"])
        self.assertEqual(self.states("anna"), {"the bridge holds": "accepted"})
        out = self.carry("bert", "out")
        self.assertEqual(out["places"], 1)
        self.assertEqual(len(self.bundles()), 2)
        taken = self.carry("anna", "in")
        self.assertIn("own", [b.get("problem") for b in taken["bundles"]])
        self.assertEqual(self.states("anna"), {"the bridge holds": "delivered"})
        # Both know all of it: the next bundles are empty, and take the places of the old ones.
        self.assertEqual(self.carry("anna", "out")["envelopes"], 0)
        self.assertEqual(len(self.bundles()), 2)

    def test_a_third_village_carries_and_a_relay_without_a_person_too(self):
        self.villages("anna", "bert")
        self.come_up("relay")
        self.post("anna", "/v1/messages", to="bert", text="by two runners")
        self.carry("anna", "out")
        self.assertEqual(self.carry("relay", "in")["taken"], 1)
        self.carry("relay", "out", "--all")
        os.rename(self.stick, self.path("annas"))
        os.mkdir(self.stick)
        self.assertEqual(self.carry("relay", "out")["envelopes"], 1)
        self.assertEqual(self.carry("bert", "in")["taken"], 1)
        self.assertEqual(self.texts("bert"), ["by two runners"])

    def test_what_every_place_has_is_left_out_unless_all_is_asked_for(self):
        self.villages()
        self.come_up("relay")
        self.post("anna", "/v1/messages", to="bert", text="one")
        self.carry("anna", "out")
        self.carry("relay", "in")
        self.carry("relay", "out")
        out = self.carry("anna", "out")
        self.assertEqual((out["envelopes"], out["known"], out["places"]), (0, 1, 1))
        self.assertEqual(self.carry("anna", "out", "--all")["envelopes"], 1)
        # Its own bundles are known again after a restart.
        self.assertEqual(self.stop(self.process["anna"]), 0)
        self.come_up("anna")
        self.carry("anna", "out")
        self.assertEqual(len(self.bundles()), 2)

    def test_a_person_hears_what_happened(self):
        self.villages()
        self.post("anna", "/v1/messages", to="bert", text="one")
        text = self.say("anna", "out")
        self.assertIn("1 envelope on the stick", text)
        self.assertIn("keeps its copies", text)
        text = self.say("bert", "in")
        self.assertIn("1 new envelope taken from 1 bundle", text)
        text = self.say("anna", "in")
        self.assertIn("No bundle of somebody else", text)
        self.assertIn("this node wrote it", text)

    def test_a_closed_mesh_is_closed_to_finders(self):
        for name, byte in (("anna", "a"), ("cora", "a"), ("bert", "b")):
            key = self.write(name + ".key", byte * 64 + "\n")
            os.chmod(key, 0o600)
            self.come_up(name, f'network_key_file = "{key}"\n')
        self.post("anna", "/v1/init", name="anna", no_passphrase=True)
        self.carry("anna", "out")
        self.assertEqual(self.carry("bert", "in")["bundles"][0]["problem"], "another_mesh")
        self.assertNotIn("problem", self.carry("cora", "in")["bundles"][0])
        # Nor does bert take it for a place that it knows.
        self.assertEqual(self.carry("bert", "out")["places"], 0)

    def test_nothing_on_a_stick_names_anybody(self):
        self.villages()
        self.post("anna", "/v1/messages", to="bert", text="canary of anna")
        self.carry("anna", "out")
        with open(self.bundle_path(), "rb") as f:
            data = f.read()
        for word in (b"anna", b"bert", b"canary"):
            self.assertNotIn(word, data)
        self.assertRegex(self.bundles()[0], r"^[0-9a-f]{8}\.csk$")


class Stick(Carry):
    """Hostile ones, and those that break."""

    def test_rubbish_links_pipes_and_64_gb_cost_nothing(self):
        self.villages()
        with open(os.path.join(self.stick, "00000001.csk"), "wb") as f:
            f.truncate(64 << 30)
        with open(os.path.join(self.stick, "00000002.csk"), "wb") as f:
            f.write(b"chaskis\x01" + bytes(32) + b"\x02\x00\x00\x04")
            f.truncate(1 << 30)
        os.symlink("/etc/passwd", os.path.join(self.stick, "00000003.csk"))
        os.mkfifo(os.path.join(self.stick, "00000004.csk"))
        os.mkdir(os.path.join(self.stick, "00000005.csk"))
        with open(os.path.join(self.stick, "00000006.csk"), "wb") as f:
            f.write(os.urandom(1 << 20))
        before = self.rss_kb("bert")
        started = time.monotonic()
        taken = self.carry("bert", "in")
        self.assertLess(time.monotonic() - started, 30)
        self.assertLess(self.rss_kb("bert") - before, 64 << 10)
        self.assertEqual([b["problem"] for b in taken["bundles"]],
                         ["too_large", "not_whole", "not_a_file", "not_a_file", "not_a_file",
                          "not_a_bundle"])
        self.assertEqual(taken["envelopes"], 0)
        out = self.carry("bert", "out")
        self.assertEqual(out["places"], 0)

    def test_what_is_read_of_one_stick_is_bounded(self):
        self.villages()
        self.post("anna", "/v1/messages", to="bert", text="one")
        size = self.carry("anna", "out")["bytes"]
        taken = self.carry("bert", "in", "--max", str(size - 1))
        self.assertEqual(taken["bundles"][0]["problem"], "max")
        self.assertEqual(self.carry("bert", "in", "--max", str(size))["taken"], 1)

    def test_half_a_bundle_is_never_believed(self):
        self.villages()
        self.post("anna", "/v1/messages", to="bert", text="one")
        self.carry("anna", "out")
        path = self.bundle_path()
        with open(path, "rb") as f:
            whole = f.read()
        chance = random.Random(SEED)
        for size in [0, 39, 40, len(whole) - 1] + [chance.randrange(len(whole)) for _ in range(8)]:
            with open(path, "wb") as f:
                f.write(whole[:size])
            taken = self.carry("bert", "in")
            self.assertIn(taken["bundles"][0]["problem"], ("not_whole", "not_a_bundle"), size)
            self.assertEqual(taken["envelopes"], 0)
        self.assertEqual(self.texts("bert"), [])

    def test_a_full_or_locked_stick_is_told_and_left_clean(self):
        self.villages()
        for i in range(40):
            self.post("anna", "/v1/messages", to="bert", text=f"{i} " + "x" * 20_000)

        def small_files():
            resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, 100_000))
            import signal
            signal.signal(signal.SIGXFSZ, signal.SIG_IGN)

        process = subprocess.run(
            [CHASKI, "--json", "--socket", self.socket_path("anna"), "carry", "out", self.stick],
            capture_output=True, text=True, timeout=60, preexec_fn=small_files, check=False)
        self.assertEqual(process.returncode, 1, process.stderr)
        self.assertEqual(json.loads(process.stderr)["error"]["code"], "stick_full")
        self.assertEqual(os.listdir(self.stick), [])
        out = self.carry("anna", "out", "--max", "200K")
        self.assertLessEqual(out["bytes"], 200_000)
        self.assertEqual(out["envelopes"] + out["no_room"], 40)
        error = self.carry("anna", "out", "--max", "1K", code=1)
        self.assertEqual(error["error"]["code"], "stick_full")
        os.rename(self.stick, self.path("gone"))
        error = self.carry("anna", "out", code=2)
        self.assertEqual(error["error"]["code"], "no_stick")

    def test_what_is_handed_to_the_api_is_checked(self):
        self.villages()
        octets = "application/octet-stream"
        for body in (b"", b"x" * 40, b"chaskis\x01" + bytes(32),
                     b"chaskis\x01" + bytes(40) + b"\x02\x10\x00\x00" + bytes(15)):
            status, code = self.refused("anna", "POST", "/v1/carry/in", body, octets)
            self.assertIn((status, code), [(400, "not_a_bundle"), (400, "damaged_bundle")])
        self.assertEqual(self.refused("anna", "POST", "/v1/carry/in", b"chaskis\x01" + bytes(40)
                                      + b"\x02\x10\x00\x00" + bytes(16), octets),
                         (409, "another_mesh"))
        self.assertEqual(self.refused("anna", "POST", "/v1/carry/out", b"junk", octets),
                         (400, "not_a_bundle"))
        self.assertEqual(self.refused("anna", "POST", "/v1/carry/out?max=x", b"", octets),
                         (400, "bad_request"))
        self.assertEqual(self.refused("anna", "POST", "/v1/carry/own", b'{"headers":["zz"]}'),
                         (400, "bad_request"))
        newer = b"chaskis\x02" + bytes(32)
        self.assertEqual(self.refused("anna", "POST", "/v1/carry/in", newer, octets),
                         (400, "newer_bundle"))


class Killed(Carry):
    """kill -9 of the node and of chaski at random moments, out and in."""
    MESSAGES = 60

    def test_nothing_is_lost_and_no_half_bundle_believed(self):
        chance = random.Random(SEED)
        self.villages()
        wanted = [f"{i} " + "x" * chance.choice((10, 3_000, 20_000)) for i in range(self.MESSAGES)]
        for text in wanted:
            self.post("anna", "/v1/messages", to="bert", text=text)
        for _ in range(12):
            name, way = chance.choice((("anna", "out"), ("bert", "in"), ("bert", "out"),
                                       ("anna", "in")))
            started = self.start_carry(name, way)
            time.sleep(chance.random() * 0.15)  # the moment is what is drawn by lot
            victim = chance.choice((started, self.process[name]))
            victim.kill()
            victim.wait(20)
            started.communicate(timeout=60)
            if victim is self.process[name]:
                self.come_up(name)
            # Whatever is there has the name of a bundle and is one, or is nobody's.
            for bundle in self.carry(name, "in")["bundles"]:
                self.assertIn(bundle.get("problem", "whole"), ("whole", "own"))
        for _ in range(2):
            self.carry("anna", "in")
            self.carry("anna", "out")
            self.carry("bert", "in")
            self.carry("bert", "out")
        self.carry("anna", "in")
        self.assertEqual(sorted(self.texts("bert")), sorted(wanted))
        self.assertEqual(set(self.states("anna").values()), {"delivered"})
        self.carry("anna", "out")
        self.assertEqual([f for f in os.listdir(self.stick) if not f.endswith(".csk")], [])
        self.assertEqual(len(self.bundles()), 2)


if __name__ == "__main__":
    main()
