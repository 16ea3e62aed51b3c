# SPDX-License-Identifier: Apache-2.0
"""Two friends on the real chaskid whose clocks a test moves on; to be imported."""
import json
import os
import sqlite3
import struct

from harness import DaemonCase, wait_until

CHEAP = "[vault]\npassphrase_passes = 1\npassphrase_memory_mib = 8\n"
SECRET = "correct horse"
HOURS = 3_600_000_000


class Friends(DaemonCase):
    """anna and bert, who met."""

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
