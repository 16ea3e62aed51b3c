# SPDX-License-Identifier: Apache-2.0
"""Two people and what they do with messages, over real daemons."""
import json
import os
import pathlib
import signal

from harness import DaemonCase, main, wait_until


class Conversation(DaemonCase):
    def messages(self, name):
        return self.get(name, "/v1/messages")["messages"]

    def say(self, sender, to, text, **more):
        return self.post(sender, "/v1/messages", to=to, text=text, **more)["message"]["id"]

    def arrived(self, name, text):
        """The message with this text, once it is there."""
        def found():
            return next((m for m in self.messages(name) if m["text"] == text), None)
        return wait_until(found, what=f"{text} at {name}")

    def state(self, name, message):
        return self.get(name, f"/v1/messages/{message}")["message"]["state"]

    def becomes(self, name, message, state):
        wait_until(lambda: self.state(name, message) == state, what=f"{message} is {state}")

    def error(self, node, path, /, **fields):
        return self.refused(node, "POST", path, json.dumps(fields))

    def files_with(self, name, text):
        """Files of the data folder in which these bytes lie."""
        folder = pathlib.Path(self.path(name))
        return [str(file) for file in folder.rglob("*")
                if file.is_file() and text.encode() in file.read_bytes()]

    def test_answered_reacted_to_and_read(self):
        self.pair()
        first = self.say("anna", "bert", "where are you?")
        asked = self.arrived("bert", "where are you?")
        self.say("bert", "anna", "at the bridge", reply_to=asked["id"])
        answer = self.arrived("anna", "at the bridge")
        self.assertEqual(answer["about"], self.messages("anna")[0]["envelope"])
        self.post("anna", "/v1/messages/react", message=answer["id"], reaction="👍")
        self.assertEqual(self.arrived("bert", "👍")["kind"], "reaction")

        self.post("bert", "/v1/settings", read_receipts=True)
        self.assertEqual(self.post("bert", "/v1/messages/read", messages=[asked["id"], 99]),
                         {"read": 1})
        self.becomes("anna", first, "read")
        # Anna's are off: Bert is not told.
        self.post("anna", "/v1/messages/read", messages=[answer["id"]])
        self.say("anna", "bert", "after that")
        self.arrived("bert", "after that")
        self.assertIn("delivered", [m["state"] for m in self.messages("bert")])
        self.assertNotIn("read", [m["state"] for m in self.messages("bert")
                                  if m["direction"] == "out"])

    def test_what_is_asked_wrongly_is_refused(self):
        self.pair()
        self.say("anna", "bert", "hello")
        there = self.arrived("bert", "hello")["id"]
        self.assertEqual(self.error("bert", "/v1/messages/delete", message=there),
                         (409, "not_yours"))
        self.assertEqual(self.error("bert", "/v1/messages/delete", message=77),
                         (404, "unknown_message"))
        self.assertEqual(self.error("bert", "/v1/messages/delete"), (400, "bad_request"))
        self.assertEqual(self.error("bert", "/v1/messages/react", message=there,
                                    reaction="a whole sentence is not a reaction"),
                         (400, "bad_reaction"))
        self.assertEqual(self.error("bert", "/v1/messages/read", messages="all"),
                         (400, "bad_request"))
        self.assertEqual(self.error("bert", "/v1/messages", to="anna", text="x", reply_to=77),
                         (404, "unknown_message"))
        self.assertEqual(self.error("bert", "/v1/settings", read_receipts="perhaps"),
                         (400, "bad_request"))

    def test_blocked_and_heard_again(self):
        self.pair()
        self.post("bert", "/v1/contacts/block", contact="anna")
        self.assertEqual(self.error("bert", "/v1/messages", to="anna", text="x"),
                         (409, "contact_blocked"))
        sent = self.say("anna", "bert", "do you hear me?")
        self.becomes("anna", sent, "custody")
        self.assertEqual(self.messages("bert"), [])
        self.post("bert", "/v1/contacts/unblock", contact="anna")
        self.arrived("bert", "do you hear me?")
        self.becomes("anna", sent, "delivered")

    def test_taken_back_survives_kill_9_and_leaves_nothing(self):
        anna, bert = self.pair()
        long_text = "canary-" + "x" * 20_000
        for text in ("canary-short", long_text):
            sent = self.say("anna", "bert", text)
            there = self.arrived("bert", text)["id"]
            self.becomes("anna", sent, "delivered")
            self.post("anna", "/v1/messages/delete", message=sent)
            self.becomes("bert", there, "deleted")
        os.kill(bert.pid, signal.SIGKILL)
        bert.wait()
        self.start("bert", config=self.config("bert", self.lan_to("anna")))
        for name in ("anna", "bert"):
            self.assertEqual([m["text"] for m in self.messages(name) if m["kind"] == "text"],
                             ["", ""])
            self.assertEqual(self.files_with(name, "canary-"), [])
        # The block of the long text went back to the file system.
        texts = pathlib.Path(self.path("bert")) / "texts"
        blocks = sum(file.stat().st_blocks for file in texts.rglob("*") if file.is_file())
        self.assertLess(blocks * 512, 20_000)

    def test_what_disappears_does_so_over_a_kill(self):
        anna, bert = self.pair()
        sent = self.say("anna", "bert", "for a moment", disappears_after_s=1)
        there = self.arrived("bert", "for a moment")["id"]
        self.becomes("anna", sent, "deleted")
        self.assertEqual(self.state("bert", there), "received")
        self.post("bert", "/v1/messages/read", messages=[there])
        os.kill(bert.pid, signal.SIGKILL)
        bert.wait()
        self.start("bert", config=self.config("bert", self.lan_to("anna")))
        self.becomes("bert", there, "deleted")

    def test_another_identity_has_to_be_decided_about(self):
        self.pair()
        self.start("carl")
        self.post("carl", "/v1/init", name="bert", no_passphrase=True)
        link = self.post("carl", "/v1/invites")["link"]
        self.assertEqual(self.error("anna", "/v1/contacts", link=link, name="bert"),
                         (409, "name_taken"))
        added = self.post("anna", "/v1/contacts", link=link, name="bert", replace=True)
        self.assertEqual(added["contact"]["trust"], "changed")
        self.assertEqual(self.error("anna", "/v1/messages", to="bert", text="x"),
                         (409, "contact_changed"))
        names = {c["name"]: c for c in self.get("anna", "/v1/contacts")["contacts"]}
        self.assertEqual(set(names), {"bert", "bert (old)"})
        self.assertTrue(names["bert (old)"]["blocked"])
        self.post("anna", "/v1/contacts/trust", contact="bert")
        self.say("anna", "bert", "hello?")

    def test_a_new_name_is_told(self):
        self.pair()
        self.assertEqual(self.post("anna", "/v1/settings", name="hannah"),
                         {"name": "hannah", "read_receipts": False})
        wait_until(lambda: self.get("bert", "/v1/contacts")["contacts"][0]["own_name"] == "hannah",
                   what="the new name")
        self.assertEqual(self.get("bert", "/v1/contacts")["contacts"][0]["name"], "anna")


if __name__ == "__main__":
    main()
