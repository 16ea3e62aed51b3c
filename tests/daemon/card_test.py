# SPDX-License-Identifier: Apache-2.0
"""Cards on the real chaskid: two who never met, a crash at any moment, and cards taken back.

    card_test.py CHASKID [CASE...]

Afraid of: an answer that opens twice and sets a session back; a stranger who looks like somebody
known; a secret that outlives the person's wish.
"""
import json
import random
import threading
import time

from harness import DaemonCase, main, wait_until


class Cards(DaemonCase):
    def person(self, name, lan=None):
        extra = {} if lan is None else {"lan": lan}
        process = self.start(name, config=self.config(name, **extra))
        if not self.get(name, "/v1/status")["identity"]:
            self.post(name, "/v1/init", name=name, no_passphrase=True)
        return process

    def contacts(self, name):
        return self.get(name, "/v1/contacts")["contacts"]

    def add(self, name, link):
        status, data = self.ask(name, "POST", "/v1/contacts", json.dumps({"link": link}))
        answer = json.loads(data)
        return status, answer if status == 200 else answer["error"]["code"]

    def reads(self, name, text):
        def has_come():
            messages = self.get(name, "/v1/messages?limit=1000")["messages"]
            return any(m["text"] == text and m["direction"] == "in" for m in messages)
        wait_until(has_come, what=f"{name} reads {text}")

    def test_two_who_never_met_talk_and_a_crash_forgets_nothing(self):
        anna = self.person("anna")
        card = self.post("anna", "/v1/cards", price=16)
        self.assertTrue(card["made"])
        self.assertTrue(card["card"]["link"].startswith("chaski:card/"))
        self.assertFalse(self.post("anna", "/v1/cards")["made"], "it is good still")
        self.person("bert", self.lan_to("anna"))
        status, added = self.add("bert", card["card"]["link"])
        self.assertEqual(status, 200, added)
        self.assertEqual((added["contact"]["met"], added["contact"]["trust"]),
                         ("card", "unverified"))
        self.post("bert", "/v1/messages", to="anna", text="we never met")
        self.reads("anna", "we never met")
        bert, = self.contacts("anna")
        self.assertEqual((bert["name"], bert["met"], bert["trust"]),
                         ("bert", "card", "unverified"))

        anna.kill()
        anna.wait()
        self.person("anna")
        self.assertEqual(self.get("anna", "/v1/cards")["own"][0]["answers"], 1)
        self.assertEqual(self.add("anna", added["answer_link"]), (409, "contact_exists"),
                         "the answer that came through the mesh, by hand after the crash")
        bert, = self.contacts("anna")
        self.assertEqual((bert["met"], bert["session"]["sessions"]), ("card", 1))

    def test_killed_at_any_moment_an_answer_opens_once(self):
        dice = random.Random(7)
        anna = self.person("anna")
        link = self.post("anna", "/v1/cards", price=24)["card"]["link"]
        self.person("bert")
        for number in range(1, 6):
            status, added = self.add("bert", link)
            self.assertEqual(status, 200, added)
            answer = added["answer_link"]
            told = []

            def take():
                try:
                    told.append(self.add("anna", answer))
                except (OSError, ValueError):
                    pass  # it died before it answered

            thread = threading.Thread(target=take)
            thread.start()
            time.sleep(dice.uniform(0, 0.02))
            anna.kill()
            anna.wait()
            thread.join()
            anna = self.person("anna")
            before = self.contacts("anna")
            sessions = before[0]["session"]["sessions"] if before else 0
            status, again = self.add("anna", answer)
            if told:
                self.assertEqual((status, again), (409, "contact_exists"), "it was acknowledged")
            # Whether the crash forgot it or not: the contact and that it opened are one.
            self.assertEqual(status == 409, sessions == number, (number, sessions, again))
            self.assertEqual(self.contacts("anna")[0]["session"]["sessions"], number)
            self.assertEqual(self.get("anna", "/v1/cards")["own"][0]["answers"], number)
            self.assertEqual(self.add("anna", answer), (409, "contact_exists"))

    def test_published_it_is_heard_and_added_by_its_fingerprint(self):
        self.person("anna")
        card = self.post("anna", "/v1/cards", price=16, publish=True)["card"]
        self.assertEqual(card["published"], "working")
        self.person("bert", self.lan_to("anna"))
        wait_until(lambda: self.get("anna", "/v1/cards")["own"][0]["published"] == "yes",
                   seconds=90, what="its stamp")
        heard = wait_until(lambda: self.get("bert", "/v1/cards")["heard"], what="it is heard")
        mark = self.get("anna", "/v1/whoami")["fingerprint"]
        self.assertEqual([(c["name"], c["fingerprint"], c["link"]) for c in heard],
                         [("anna", mark, card["link"])])
        self.assertEqual(self.contacts("bert"), [], "a card is no contact")
        self.assertEqual(self.refused("bert", "POST", "/v1/contacts",
                                      json.dumps({"card": "aaaa bbbb cccc dddd"})),
                         (404, "unknown_card"))
        self.assertEqual(self.refused("bert", "POST", "/v1/contacts",
                                      json.dumps({"card": mark, "link": card["link"]})),
                         (400, "bad_request"))
        added = self.post("bert", "/v1/contacts", card=mark, name="her")
        self.assertEqual((added["contact"]["name"], added["contact"]["trust"]),
                         ("her", "unverified"))
        self.post("bert", "/v1/messages", to="her", text="found you")
        self.reads("anna", "found you")
        self.assertEqual(self.get("bert", "/v1/cards")["heard"][0]["contact"], "her")

    def test_taken_back(self):
        self.person("anna")
        self.person("bert")
        link = self.post("anna", "/v1/cards")["card"]["link"]
        status, added = self.add("bert", link)
        self.assertEqual(status, 200, added)
        self.post("anna", "/v1/cards", new=True, days=7)
        self.assertEqual(self.post("anna", "/v1/cards/withdraw"), {"withdrawn": 2})
        self.assertEqual(self.get("anna", "/v1/cards")["own"], [])
        self.assertEqual(self.add("anna", added["answer_link"]), (404, "unknown_invite"))
        self.assertEqual(self.contacts("anna"), [])

    def test_a_backup_has_no_card(self):
        self.person("anna")
        link = self.post("anna", "/v1/cards")["card"]["link"]
        status, data = self.ask("anna", "POST", "/v1/backup", json.dumps({"passphrase": "b"}))
        self.assertEqual(status, 200)
        self.start("new", config=self.config("new"))
        self.post("new", "/v1/restore", backup_passphrase="b", no_passphrase=True,
                  data=data.hex())
        self.post("new", "/v1/restore/end")
        self.assertEqual(self.get("new", "/v1/cards")["own"], [])
        self.person("bert")
        status, added = self.add("bert", link)
        self.assertEqual(status, 200, added)
        self.assertEqual(self.add("new", added["answer_link"]), (404, "unknown_invite"))

    def test_bad_wishes(self):
        self.start("anna")
        self.assertEqual(self.refused("anna", "POST", "/v1/cards", "{}"), (409, "no_identity"))
        self.post("anna", "/v1/init", name="anna", no_passphrase=True)
        for body, code in (({"days": 0}, "bad_card_days"), ({"days": 91}, "bad_card_days"),
                           ({"days": 2**40}, "bad_card_days"), ({"price": 15}, "bad_card_price"),
                           ({"price": 25}, "bad_card_price"), ({"day": 1}, "bad_request")):
            self.assertEqual(self.refused("anna", "POST", "/v1/cards", json.dumps(body)),
                             (400, code))
        link = self.post("anna", "/v1/cards")["card"]["link"]
        self.assertEqual(self.add("anna", link), (400, "own_link"))
        self.assertEqual(self.add("anna", link[:-1]), (400, "damaged_link"))
        for _ in range(7):
            self.post("anna", "/v1/cards", new=True)
        self.assertEqual(self.refused("anna", "POST", "/v1/cards", json.dumps({"new": True})),
                         (409, "too_many_cards"))


if __name__ == "__main__":
    main()
