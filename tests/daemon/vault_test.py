# SPDX-License-Identifier: Apache-2.0
"""The vault on the real chaskid: what lies on its disk and in its memory, and who may open it.

    vault_test.py CHASKID [CASE...]

Afraid of: a word, a name, a key or an invitation that lies in the clear anywhere in the data
folder; a lock that leaves the person in memory; a crash between two passphrases that leaves
neither; a panic that leaves anything.
"""
import glob
import json
import os
import random
import re
import shutil
import signal
import sqlite3
import threading
import time

from harness import PROGRAM, DaemonCase, main, wait_until

CHEAP = "[vault]\npassphrase_passes = 1\npassphrase_memory_mib = 8\n"
SECRET = "correct horse battery staple"
CANARY = "the-canary-sings-%d-"
KEY_SIZE = 108


class VaultCase(DaemonCase):
    def vault_config(self, name, lan=None, rest=""):
        extra = {} if lan is None else {"lan": lan}
        return self.config(name, rest=CHEAP + rest, **extra)

    def begin(self, name="node", lan=None, passphrase=SECRET, rest=""):
        process = self.start(name, config=self.vault_config(name, lan, rest))
        if passphrase:
            self.post(name, "/v1/init", name=name, passphrase=passphrase)
        else:
            self.post(name, "/v1/init", name=name, no_passphrase=True)
        return process

    def again(self, name="node", **more):
        """The same node, started once more with the config that it has."""
        return self.start(name, config=self.path(name + ".toml"), **more)

    def unlock(self, name="node", passphrase=SECRET):
        return self.post(name, "/v1/unlock", passphrase=passphrase)

    def vault(self, name="node"):
        return self.get(name, "/v1/status")["vault"]

    def meet(self, a, b):
        link = self.post(a, "/v1/invites")["link"]
        answer = self.post(b, "/v1/contacts", link=link, name=f"friend-{a}")["answer_link"]
        status, data = self.ask(a, "POST", "/v1/contacts",
                                json.dumps({"link": answer, "name": f"friend-{b}"}))
        if status != 200:
            # It came through the mesh first.
            self.assertIn(json.loads(data)["error"]["code"], ("contact_exists", "unknown_invite"))
        return link

    def read(self, name):
        with open(self.path(name), "rb") as f:
            return f.read()

    def texts(self, name):
        messages = self.get(name, "/v1/messages?limit=1000")["messages"]
        return [m["text"] for m in messages]

    def everything(self, name="node"):
        """Every byte of every file of the data folder, with its name."""
        for folder, _, files in os.walk(self.path(name)):
            for file in files:
                path = os.path.join(folder, file)
                if os.path.isfile(path):
                    with open(path, "rb") as f:
                        yield path, f.read()

    def assert_nowhere(self, canaries, name="node"):
        for path, data in self.everything(name):
            for canary in canaries:
                self.assertFalse(canary in data, f"{canary!r} in {path}")


def forms(text):
    """How a text may lie in a file: as it is, and as UTF-16."""
    return [text.encode(), text.encode("utf-16-le")]


class Disk(VaultCase):
    def test_nothing_lies_in_the_clear_running_locked_or_after_a_panic(self):
        self.begin("anna")
        self.begin("bert", self.lan_to("anna"))
        link = self.meet("anna", "bert")
        wait_until(lambda: self.get("bert", "/v1/contacts")["contacts"], what="they met")
        open_link = self.post("anna", "/v1/invites")["link"]
        words = []
        for i in range(40):
            text = CANARY % i + "x" * random.randrange(40)
            if i % 10 == 0:
                text += "y" * 30_000  # large texts lie in files of their own
            words.append(text)
            self.post("anna", "/v1/messages", to="friend-bert", text=text)
        wait_until(lambda: len(self.texts("bert")) == 40, what="all were read")
        wait_until(lambda: all(m["state"] == "delivered" for m in
                               self.get("anna", "/v1/messages?limit=1000")["messages"]),
                   what="all receipts came")
        people = [bytes.fromhex(self.get(n, "/v1/whoami")["identity"]) for n in ("anna", "bert")]
        canaries = [f for i in range(40) for f in forms(CANARY % i)]
        canaries += [f for n in ("friend-anna", "friend-bert") for f in forms(n)]
        canaries += [k for both in people for k in (both[:32], both[32:])]
        canaries += [f for whole in (link, open_link) for f in forms(whole.split(":", 1)[1][40:90])]
        canaries += forms(SECRET) + [b"y" * 64]
        for name in ("anna", "bert"):
            self.assert_nowhere(canaries, name)
            self.assertTrue(any(path.endswith(".seg") for path, _ in self.everything(name)))
            self.post(name, "/v1/lock")
            self.assert_nowhere(canaries, name)
            wal = os.path.join(self.path(name), "chaski.db-wal")
            self.assertEqual(os.path.getsize(wal), 0, "what belongs together stays in no log")
            self.unlock(name)
            self.assertEqual(len(self.texts(name)), 40)
        self.post("anna", "/v1/panic")
        self.running[0].wait(20)
        self.assert_nowhere(canaries, "anna")
        self.assertEqual(sorted(os.listdir(self.path("anna"))), ["lock"])

    def test_the_tables_have_no_column_that_tells_of_the_person(self):
        self.begin()
        self.post("node", "/v1/lock")
        copy = self.path("copy.db")
        shutil.copy(os.path.join(self.path("node"), "chaski.db"), copy)
        tables = sqlite3.connect(copy)
        columns = [row[1] for row in tables.execute("PRAGMA table_info(envelopes)")]
        self.assertNotIn("local", columns)
        self.assertNotIn("depositor", columns)
        for table in ("items", "contacts", "sessions", "invitations", "threads", "undelivered",
                      "lives", "sums", "timers", "files", "file_marks"):
            self.assertEqual([row[1] for row in tables.execute(f"PRAGMA table_info({table})")],
                             ["key", "sealed"])
        tables.close()


class Passphrase(VaultCase):
    def test_a_locked_relay_carries_and_reads_after_the_unlock_what_came_meanwhile(self):
        self.begin("anna")
        bert = self.begin("bert", self.lan_to("anna"))
        self.begin("cleo", self.lan_to("bert"))
        self.meet("anna", "cleo")
        self.meet("anna", "bert")
        wait_until(lambda: len(self.get("anna", "/v1/contacts")["contacts"]) == 2, what="all met")
        before = self.get("bert", "/v1/status")["neighbours"]
        self.post("bert", "/v1/lock")
        status = self.get("bert", "/v1/status")
        self.assertEqual(status["vault"]["state"], "locked")
        self.assertEqual([n["id"] for n in status["neighbours"]], [n["id"] for n in before],
                         "links stay")
        for path in ("/v1/whoami", "/v1/contacts", "/v1/messages", "/v1/messages/1"):
            self.assertEqual(self.refused("bert", "GET", path), (403, "locked"))
        self.post("anna", "/v1/messages", to="friend-cleo", text="through a locked one")
        self.post("anna", "/v1/messages", to="friend-bert", text="for a locked one")
        wait_until(lambda: "through a locked one" in self.texts("cleo"), what="it carries")
        wait_until(lambda: self.get("bert", "/v1/status")["store"]["envelopes"] > 0,
                   what="what is for it waits")
        # Also over a restart, in which nothing is known of the person.
        self.assertEqual(self.stop(bert), 0)
        self.again("bert")
        self.assertEqual(self.vault("bert")["state"], "locked")
        self.assertEqual(self.refused("bert", "GET", "/v1/messages"), (403, "locked"))
        self.unlock("bert")
        wait_until(lambda: "for a locked one" in self.texts("bert"), what="it reads")
        wait_until(lambda: [m["state"] for m in
                            self.get("anna", "/v1/messages?contact=friend-bert")["messages"]]
                   == ["delivered"], what="and says so")

    def test_what_was_delivered_while_locked_is_known_after_the_unlock(self):
        self.begin("anna")
        self.begin("bert", self.lan_to("anna"))
        self.meet("anna", "bert")
        wait_until(lambda: self.get("bert", "/v1/contacts")["contacts"], what="they met")
        self.post("bert", "/v1/lock")
        self.post("anna", "/v1/messages", to="friend-bert", text="both will be locked")
        wait_until(lambda: self.get("anna", "/v1/messages/1")["message"]["state"] == "custody",
                   what="it was handed over")
        self.post("anna", "/v1/lock")
        received = lambda: self.get("anna", "/v1/status")["counters"]["envelopes_received"]
        before = received()
        self.unlock("bert")
        wait_until(lambda: self.texts("bert"), what="bert reads")
        wait_until(lambda: received() > before, what="the receipt came to anna")
        self.unlock("anna")
        wait_until(lambda: self.get("anna", "/v1/messages/1")["message"]["state"] == "delivered",
                   what="anna knows")

    def test_a_wrong_passphrase_is_one_error_and_changes_nothing(self):
        self.begin()
        self.post("node", "/v1/lock")
        before = dict(self.everything())[os.path.join(self.path("node"), "vault.key")]
        answers = set()
        for wrong in ("x", SECRET + " ", SECRET[:-1], "\0", "x" * 1024):
            status, data = self.ask("node", "POST", "/v1/unlock",
                                    json.dumps({"passphrase": wrong}))
            answers.add((status, data))
        self.assertEqual(len(answers), 1, "no difference")
        self.assertEqual(answers.pop()[0], 403)
        self.assertEqual(self.refused("node", "POST", "/v1/unlock",
                                      json.dumps({"passphrase": ""})), (400, "bad_passphrase"))
        self.assertEqual(before,
                         dict(self.everything())[os.path.join(self.path("node"), "vault.key")])
        self.unlock()
        self.assertEqual(self.refused("node", "POST", "/v1/unlock",
                                      json.dumps({"passphrase": SECRET})), (409, "not_locked"))

    def test_it_must_be_said_when_no_passphrase_is_wanted(self):
        process = self.start(config=self.vault_config("node"))
        for body in ({"name": "a"}, {"name": "a", "passphrase": None},
                     {"name": "a", "no_passphrase": False},
                     {"name": "a", "passphrase": "x", "no_passphrase": True},
                     {"name": "a", "no_passphrase": 1}):
            self.assertEqual(self.refused("node", "POST", "/v1/init", json.dumps(body))[0], 400)
        self.assertEqual(self.vault()["state"], "none")
        self.assertFalse(os.path.exists(self.path("node/vault.key")))
        self.post("node", "/v1/init", name="a", no_passphrase=True)
        self.assertEqual(self.refused("node", "POST", "/v1/lock"), (409, "no_passphrase"))
        self.assertEqual(self.stop(process), 0)
        self.again()
        self.assertEqual(self.get("node", "/v1/whoami")["name"], "a", "it opens by itself")

    def test_the_passphrase_can_be_changed_set_and_taken_away(self):
        process = self.begin()
        me = self.get("node", "/v1/whoami")
        self.assertEqual(self.refused("node", "POST", "/v1/passphrase", json.dumps(
            {"old": "wrong", "passphrase": "new"})), (403, "wrong_passphrase"))
        self.assertEqual(self.refused("node", "POST", "/v1/passphrase", json.dumps(
            {"passphrase": "new"})), (400, "bad_request"))
        self.post("node", "/v1/passphrase", old=SECRET, passphrase="new")
        self.assertEqual(sorted(glob.glob(self.path("node/vault.key*"))),
                         [self.path("node/vault.key")])
        self.assertEqual(self.stop(process), 0)
        process = self.again()
        self.assertEqual(self.refused("node", "POST", "/v1/unlock", json.dumps(
            {"passphrase": SECRET})), (403, "wrong_passphrase"))
        self.post("node", "/v1/passphrase", old="new", no_passphrase=True)  # also while locked
        self.assertEqual(self.stop(process), 0)
        process = self.again()
        self.assertEqual(self.get("node", "/v1/whoami"), me)
        self.post("node", "/v1/passphrase", passphrase="third")
        self.post("node", "/v1/lock")
        self.unlock(passphrase="third")
        self.assertEqual(self.get("node", "/v1/whoami"), me)

    def test_killed_while_the_passphrase_changes_one_of_both_opens(self):
        seed = random.randrange(1 << 32)
        print("seed", seed)
        chance = random.Random(seed)
        process = self.begin()
        me = self.get("node", "/v1/whoami")
        known, ends = SECRET, {}
        for round_ in range(12):
            wanted = f"passphrase {round_}"
            body = json.dumps({"old": known, "passphrase": wanted})
            asking = threading.Thread(target=self.ask_and_forget,
                                      args=("/v1/passphrase", body))
            asking.start()
            # Two stretchings of some 20 ms each, then the files.
            deadline = time.monotonic() + chance.uniform(0, 0.12)
            while time.monotonic() < deadline and not glob.glob(self.path("node/vault.key.*")):
                pass
            process.kill()
            process.wait()
            asking.join()
            process = self.again()
            for passphrase in (wanted, known):
                status, _ = self.ask("node", "POST", "/v1/unlock",
                                     json.dumps({"passphrase": passphrase}))
                if status == 200:
                    break
            self.assertEqual(status, 200, f"round {round_}: neither opens")
            ends[passphrase == wanted] = True
            known = passphrase
            self.assertEqual(self.get("node", "/v1/whoami"), me)
            self.assertEqual(glob.glob(self.path("node/vault.key.*")), [])

    def ask_and_forget(self, path, body):
        try:
            self.ask("node", "POST", path, body)
        except Exception:  # it was killed
            pass

    def test_locks_by_itself_when_it_is_not_used(self):
        self.begin(rest="lock_after_s = 2\n")
        begun = time.monotonic()
        while time.monotonic() - begun < 4:
            self.get("node", "/v1/contacts")  # used
            time.sleep(0.05)
        wait_until(lambda: self.vault()["state"] == "locked", what="it locks")  # no use: status
        self.assertEqual(self.refused("node", "GET", "/v1/contacts"), (403, "locked"))

    def test_two_passphrases_at_once_are_one_after_the_other(self):
        self.begin()
        self.post("node", "/v1/lock")
        codes = []

        def try_one():
            status, _ = self.ask("node", "POST", "/v1/unlock", json.dumps({"passphrase": "x"}))
            codes.append(status)
        threads = [threading.Thread(target=try_one) for _ in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        self.assertLessEqual(set(codes), {403, 409})
        self.unlock()


class Backup(VaultCase):
    def backup(self, name, passphrase="of the backup"):
        status, data = self.ask(name, "POST", "/v1/backup", json.dumps({"passphrase": passphrase}))
        self.assertEqual(status, 200, data)
        return data

    def restore(self, name, data, passphrase="of the backup", piece=100_000, whole=True):
        """The answers, up to the first that is no 200."""
        first = {"backup_passphrase": passphrase, "passphrase": SECRET, "data": data[:piece].hex()}
        status, answer = self.ask(name, "POST", "/v1/restore", json.dumps(first))
        at = piece
        while status == 200 and at < len(data):
            status, answer = self.ask(name, "POST", "/v1/restore/data",
                                      json.dumps({"data": data[at:at + piece].hex()}))
            at += piece
        if status == 200 and whole:
            status, answer = self.ask(name, "POST", "/v1/restore/end", "{}")
        return status, json.loads(answer)

    def written(self):
        """anna has met bert and has 30 messages, some of them large."""
        self.begin("anna")
        self.begin("bert", self.lan_to("anna"))
        self.meet("anna", "bert")
        wait_until(lambda: self.get("bert", "/v1/contacts")["contacts"], what="they met")
        for i in range(30):
            self.post("anna", "/v1/messages", to="friend-bert",
                      text=CANARY % i + "x" * (30_000 if i % 5 == 0 else 10))
        wait_until(lambda: all(m["state"] == "delivered" for m in
                               self.get("anna", "/v1/messages?limit=1000")["messages"]),
                   what="all receipts came")

    def test_a_backup_brings_everything_back_but_the_sessions(self):
        self.written()
        me = self.get("anna", "/v1/whoami")
        messages = self.get("anna", "/v1/messages?limit=1000")["messages"]
        contacts = self.get("anna", "/v1/contacts")["contacts"]
        data = self.backup("anna")
        for i in range(30):
            self.assertFalse((CANARY % i).encode() in data)
        self.assertNotEqual(data[52:100], self.backup("anna")[52:100], "never the same twice")
        self.assertEqual(self.restore("anna", data)[1]["error"]["code"], "identity_exists")
        self.post("anna", "/v1/panic")
        self.running[0].wait(20)

        self.again("anna")
        self.assertEqual(self.restore("anna", data, "wrong")[1]["error"]["code"],
                         "wrong_passphrase")
        self.assertEqual(self.vault("anna")["state"], "none")
        status, answer = self.restore("anna", data)
        self.assertEqual(status, 200, answer)
        self.assertEqual(answer, {**me, "contacts": 1, "messages": 30})
        self.assertEqual(self.get("anna", "/v1/messages?limit=1000")["messages"], messages)
        self.assertEqual(self.get("anna", "/v1/messages?contact=friend-bert&limit=1000")
                         ["messages"], messages)
        contacts[0]["needs_meeting"] = True
        contacts[0]["session"]["sessions"] = 0
        self.assertEqual(self.get("anna", "/v1/contacts")["contacts"], contacts)
        body = json.dumps({"to": "friend-bert", "text": "x"})
        self.assertEqual(self.refused("anna", "POST", "/v1/messages", body),
                         (409, "needs_meeting"))
        # They meet again; what was pinned of him stays.
        link = self.post("bert", "/v1/invites")["link"]
        met = self.post("anna", "/v1/contacts", link=link)["contact"]
        self.assertEqual((met["id"], met["name"], met["needs_meeting"]),
                         (contacts[0]["id"], "friend-bert", False))
        self.post("anna", "/v1/messages", to="friend-bert", text="from another node")
        self.assertEqual(len(self.texts("anna")), 31)
        self.post("anna", "/v1/lock")
        self.unlock("anna")
        self.assertEqual(len(self.texts("anna")), 31)

    def test_a_restore_that_is_cut_off_leaves_nobody_and_can_be_begun_again(self):
        self.written()
        data = self.backup("anna")
        process = self.start("other", config=self.vault_config("other"))
        status, _ = self.restore("other", data, whole=False)
        self.assertEqual(status, 200)
        self.assertEqual(self.refused("other", "GET", "/v1/whoami"), (409, "no_identity"))
        process.kill()
        process.wait()
        self.again("other")
        self.assertEqual(self.vault("other")["state"], "locked")
        self.unlock("other")
        self.assertEqual(self.refused("other", "GET", "/v1/whoami"), (409, "no_identity"))
        status, answer = self.restore("other", data)
        self.assertEqual((status, answer.get("messages")), (200, 30), answer)
        self.assertEqual(len(self.texts("other")), 30)

    def test_damaged_and_cut_backups_are_refused(self):
        self.written()
        data = self.backup("anna")
        self.start("other", config=self.vault_config("other"))
        self.assertEqual(self.restore("other", b"x" * 60)[1]["error"]["code"], "bad_backup")
        self.assertEqual(self.restore("other", data[:-1])[1]["error"]["code"], "bad_backup")
        changed = data[:-20] + bytes([data[-20] ^ 1]) + data[-19:]
        self.assertEqual(self.restore("other", changed)[1]["error"]["code"], "bad_backup")
        self.assertEqual(self.refused("other", "GET", "/v1/whoami"), (409, "no_identity"))
        self.post("other", "/v1/init", name="other", passphrase=SECRET)
        self.assertEqual(self.texts("other"), [])


class Panic(VaultCase):
    def test_the_key_is_gone_first_and_within_100_ms(self):
        process = self.begin()
        for i in range(50):
            self.post("node", "/v1/invites")
        answer = self.post("node", "/v1/panic")
        self.assertTrue(answer["key_destroyed"])
        self.assertLess(answer["key_us"], 100_000)
        self.assertEqual(process.wait(20), 0)
        process = self.again()
        self.assertEqual(self.vault()["state"], "none")
        self.assertEqual(self.refused("node", "GET", "/v1/whoami"), (409, "no_identity"))
        self.post("node", "/v1/init", name="another", no_passphrase=True)

    def test_a_locked_node_panics_without_passphrase(self):
        process = self.begin()
        self.post("node", "/v1/lock")
        self.assertTrue(self.post("node", "/v1/panic")["key_destroyed"])
        self.assertEqual(process.wait(20), 0)
        self.assertEqual(os.listdir(self.path("node")), ["lock"])

    def test_killed_during_a_panic_the_next_start_ends_it(self):
        for kept in range(4):
            with self.subTest(kept=kept):
                shutil.rmtree(self.path("node"), ignore_errors=True)
                process = self.begin()
                self.post("node", "/v1/invites")
                process.kill()
                process.wait()
                # As far as a panic came: the key is overwritten, some of the rest is there.
                with open(self.path("node/vault.key"), "r+b") as f:
                    f.write(b"\0" * KEY_SIZE)
                for name in ["chaski.db", "chaski.db-wal", "texts"][:kept]:
                    path = self.path("node/" + name)
                    shutil.rmtree(path) if os.path.isdir(path) else (
                        os.path.exists(path) and os.remove(path))
                process = self.again()
                self.assertEqual(self.vault()["state"], "none")
                self.assertFalse(os.path.exists(self.path("node/vault.key")))
                self.assertIn("a panic that was cut off", self.log())
                self.assertEqual(self.stop(process), 0)

    def test_killed_at_any_moment_of_a_panic_nothing_can_be_read(self):
        seed = random.randrange(1 << 32)
        print("seed", seed)
        chance = random.Random(seed)
        for _ in range(8):
            shutil.rmtree(self.path("node"), ignore_errors=True)
            process = self.begin()
            key = self.read("node/vault.key")
            asking = threading.Thread(target=self.ask_quietly)
            asking.start()
            deadline = time.monotonic() + chance.uniform(0, 0.02)
            while time.monotonic() < deadline:
                pass
            process.kill()
            process.wait()
            asking.join()
            left = dict(self.everything())
            now = left.get(self.path("node/vault.key"))
            if now == key:
                continue  # it had not begun
            self.assertIn(now, (None, b"\0" * KEY_SIZE))
            for path, data in left.items():
                self.assertFalse(key[60:] in data, path)
            process = self.again()
            self.assertEqual(self.vault()["state"], "none")
            self.assertEqual(self.stop(process), 0)

    def ask_quietly(self):
        try:
            self.ask("node", "POST", "/v1/panic", "{}")
        except Exception:  # it was killed
            pass


class Damage(VaultCase):
    def start_fails(self, words):
        run = self.run_to_end("--config", self.path("node.toml"))
        self.assertEqual(run.returncode, 4, run.stderr)
        self.assertEqual(run.stderr.count("\n"), 1, run.stderr)
        for word in words:
            self.assertIn(word, run.stderr)

    def test_a_key_file_that_is_missing_or_damaged_is_one_line_with_its_mend(self):
        process = self.begin(passphrase=None)
        self.assertEqual(self.stop(process), 0)
        path = self.path("node/vault.key")
        good = self.read("node/vault.key")
        os.rename(path, path + "-away")
        self.start_fails(["key file", "missing", "put it back"])
        for bad in (b"", b"x" * KEY_SIZE, good[:-1], good + b"x", good[:70] + b"x" + good[71:]):
            with open(path, "wb") as f:
                f.write(bad)
            self.start_fails(["key file", "damaged", "put a copy"])
        with open(path, "wb") as f:
            f.write(good[:8] + b"\x09" + good[9:])
        self.start_fails(["newer"])
        with open(path, "wb") as f:
            f.write(good)
        process = self.again()
        self.assertEqual(self.get("node", "/v1/whoami")["name"], "node")
        self.assertEqual(self.stop(process), 0)
        other = self.begin("other", passphrase=None)
        self.assertEqual(self.stop(other), 0)
        shutil.copy(self.path("other/vault.key"), path)
        self.start_fails(["is not the one of"])

    def test_rows_that_were_swapped_replayed_or_removed_are_refused(self):
        process = self.begin(passphrase=None)
        for _ in range(3):
            self.post("node", "/v1/invites")
        self.assertEqual(self.stop(process), 0)
        database = self.path("node/chaski.db")
        good = self.path("good.db")
        shutil.copy(database, good)

        def changed(*statements):
            shutil.copy(good, database)
            connection = sqlite3.connect(database)
            with connection:
                for statement in statements:
                    connection.execute(statement)
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
            connection.close()

        told = ["was changed", "chaski restore"]
        changed("UPDATE invitations SET sealed = (SELECT sealed FROM invitations WHERE key = 1) "
                "WHERE key = 2")
        self.start_fails(told)
        changed("CREATE TEMP TABLE t AS SELECT * FROM invitations",
                "UPDATE invitations SET sealed = (SELECT sealed FROM t WHERE key = "
                "CASE invitations.key WHEN 1 THEN 2 ELSE 1 END) WHERE key < 3")
        self.start_fails(told)
        changed("DELETE FROM invitations WHERE key = 3")
        self.start_fails(told)
        changed("UPDATE items SET key = key + 10")
        self.start_fails(told)
        changed("DELETE FROM sums")
        self.start_fails(told)
        changed()
        process = self.again()
        self.post("node", "/v1/invites")
        self.assertEqual(self.stop(process), 0)
        # An older state of one table beside newer ones of the others.
        connection = sqlite3.connect(database)
        connection.execute("ATTACH ? AS old", (good,))
        with connection:
            connection.execute("DELETE FROM main.invitations")
            connection.execute("INSERT INTO main.invitations SELECT * FROM old.invitations")
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        connection.close()
        self.start_fails(told)

    def test_a_changed_vault_behind_a_passphrase_stays_locked_and_the_relay_runs(self):
        process = self.begin()
        self.post("node", "/v1/invites")
        self.assertEqual(self.stop(process), 0)
        connection = sqlite3.connect(self.path("node/chaski.db"))
        with connection:
            connection.execute("DELETE FROM invitations")
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        connection.close()
        self.again()
        self.assertEqual(self.refused("node", "POST", "/v1/unlock", json.dumps(
            {"passphrase": SECRET})), (409, "vault_damaged"))
        self.assertEqual(self.vault()["state"], "locked")


class Memory(VaultCase):
    """Needs a program whose allocator is our own: not one with sanitizers."""

    def memory_of(self, process):
        found = b""
        with open(f"/proc/{process.pid}/maps", encoding="ascii") as maps, \
                open(f"/proc/{process.pid}/mem", "rb", 0) as memory:
            for line in maps:
                match = re.match(r"([0-9a-f]+)-([0-9a-f]+) r", line)
                if not match or "[v" in line:
                    continue
                begin, end = (int(part, 16) for part in match.groups())
                try:
                    memory.seek(begin)
                    found += memory.read(end - begin)
                except OSError:
                    continue
        return found

    def test_after_a_lock_nothing_of_the_person_is_in_memory(self):
        anna = self.begin("anna")
        self.begin("bert", self.lan_to("anna"))
        link = self.meet("anna", "bert")
        wait_until(lambda: self.get("bert", "/v1/contacts")["contacts"], what="they met")
        for i in range(20):
            self.post("anna", "/v1/messages", to="friend-bert", text=CANARY % i + "z" * 9_000)
            self.post("bert", "/v1/messages", to="friend-anna", text="bert:" + CANARY % i)
        wait_until(lambda: len(self.texts("anna")) == 40, what="all were read")
        self.get("anna", "/v1/contacts")
        identity = bytes.fromhex(self.get("anna", "/v1/whoami")["identity"])
        canaries = [(CANARY % i).encode() for i in range(20)]
        canaries += [b"friend-bert", SECRET.encode(), link[60:100].encode()]
        before = self.memory_of(anna)
        self.assertIn(identity[:32], before, "this looks where it should")
        self.post("anna", "/v1/lock")
        after = self.memory_of(anna)
        self.assertEqual([c for c in canaries if c in after], [])
        self.unlock("anna")
        self.assertEqual(len(self.texts("anna")), 40)

    def test_no_core_is_dumped(self):
        process = self.begin()
        with open(f"/proc/{process.pid}/limits", encoding="ascii") as f:
            limits = f.read()
        self.assertRegex(limits, r"Max core file size\s+0\s+0")
        before = set(os.listdir(self.folder)) | set(os.listdir("."))
        process.send_signal(signal.SIGABRT)
        process.wait(20)
        after = set(os.listdir(self.folder)) | set(os.listdir("."))
        self.assertEqual([n for n in after - before if "core" in n], [])


if __name__ == "__main__":
    with open(PROGRAM, "rb") as f:
        code = f.read()
    if b"__asan_init" in code or b"__tsan_init" in code:
        del Memory.test_after_a_lock_nothing_of_the_person_is_in_memory
    main()
