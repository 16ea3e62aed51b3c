# SPDX-License-Identifier: Apache-2.0
"""The API over its socket: good requests, bad ones, hostile ones."""
import json
import random
import unittest

from harness import DaemonCase, UnixConnection, main, raw_socket, read_all, wait_until


class Api(DaemonCase):
    def raw(self, data, name="node", half_close=True):
        s = raw_socket(self.socket_path(name))
        try:
            s.sendall(data)
        except (BrokenPipeError, ConnectionResetError):
            pass
        if half_close:
            try:
                s.shutdown(1)
            except OSError:
                pass
        data = read_all(s)
        s.close()
        return data

    def test_status_has_what_the_contract_names(self):
        self.start()
        status = self.get("node", "/v1/status")
        for key in ("version", "uptime_s", "node", "identity", "state", "problems", "neighbours",
                    "handshakes", "work",
                    "transports", "store", "counters"):
            self.assertIn(key, status)
        self.assertEqual(len(status["node"]), 8)
        self.assertFalse(status["identity"])
        self.assertTrue(status["transports"]["lan"]["listening"])
        for key in ("path", "envelopes", "bytes", "bytes_max", "free_bytes", "accepts", "problem"):
            self.assertIn(key, status["store"])
        for key in ("envelopes_received", "envelopes_accepted", "envelopes_sent", "bytes_received",
                    "bytes_sent",
                    "dropped", "links_closed", "commits", "messages"):
            self.assertIn(key, status["counters"])

    def test_a_message_crosses_and_is_explained(self):
        self.pair()
        sent = self.post("anna", "/v1/messages", to="bert", text="h\u00fcllo",
                         priority="urgent")["message"]
        self.assertEqual((sent["id"], sent["direction"], sent["text"]), (1, "out", "h\u00fcllo"))
        wait_until(lambda: self.get("anna", "/v1/messages/1")["message"]["state"] == "delivered",
                   what="delivery")
        life = self.get("anna", "/v1/messages/1")
        self.assertEqual([e["what"] for e in life["life"]][:1], ["accepted"])
        self.assertIn("delivered", life["explanation"])
        there = self.get("bert", "/v1/messages")["messages"]
        self.assertEqual([(m["text"], m["state"], m["contact"]) for m in there],
                         [("h\u00fcllo", "received", "anna")])

    def test_a_contact_is_verified_by_the_other_sides_number(self):
        self.pair()
        number = self.get("anna", "/v1/contacts")["contacts"][0]["safety_number"]
        verified = self.post("bert", "/v1/contacts/verify", contact="anna",
                             safety_number=number)["contact"]
        self.assertEqual(verified["trust"], "verified")
        self.assertEqual(self.get("bert", "/v1/contacts")["contacts"][0]["trust"], "verified")
        other = json.dumps({"contact": "anna", "safety_number": number[:-1] + "x"})
        self.assertEqual(self.refused("bert", "POST", "/v1/contacts/verify", other),
                         (409, "number_differs"))
        self.assertEqual(self.get("bert", "/v1/contacts")["contacts"][0]["trust"], "verified")
        back = self.post("bert", "/v1/contacts/unverify", contact="anna")["contact"]
        self.assertEqual(back["trust"], "unverified")

    def test_a_raw_text_crosses_and_is_read_raw(self):
        self.pair()
        text = ("h\u00fcllo \"quoted\" \\ \n" * 4_000).encode()[:65_536]
        plain = "text/plain; charset=utf-8"
        status, data = self.ask("anna", "POST", "/v1/messages?to=bert&lifetime_s=3600", text, plain)
        self.assertEqual(status, 200, data)
        sent = json.loads(data)["message"]
        self.assertEqual((sent["id"], sent["contact"], sent["lifetime_s"]), (1, "bert", 3600))
        self.assertNotIn("text", sent)
        wait_until(lambda: self.get("anna", "/v1/messages/1")["message"]["state"] == "delivered",
                   what="delivery")
        for name in ("anna", "bert"):
            self.assertEqual(self.ask(name, "GET", "/v1/messages/1/text"), (200, text))
            self.assertEqual(self.get(name, "/v1/messages/1")["message"]["text"], text.decode())
            connection = UnixConnection(self.socket_path(name))
            connection.request("GET", "/v1/messages/1/text")
            self.assertEqual(connection.getresponse().headers["Content-Type"], plain)
            connection.close()

    def test_raw_texts_are_refused_with_their_reason(self):
        self.pair()
        plain = "text/plain; charset=utf-8"

        def refused(query, body=b"x", kind=plain):
            return self.refused("anna", "POST", "/v1/messages" + query, body, kind)
        self.assertEqual(refused("?to=bert", b"x" * 65_537), (413, "text_too_long"))
        self.assertEqual(refused("?to=bert", b"x" * ((1 << 20) + 1)), (413, "too_large"))
        self.assertEqual(refused("?to=bert", b"\xff"), (400, "bad_request"))
        self.assertEqual(refused("?to=carl"), (404, "unknown_contact"))
        self.assertEqual(self.get("anna", "/v1/messages")["messages"], [])

    def test_raw_texts_follow_each_other_on_one_connection(self):
        self.pair()
        texts = [bytes([97 + i % 26]) * size
                 for i, size in enumerate([1, 511, 512, 513, 8_192, 65_536, 3, 65_535])]
        request = b"".join(b"POST /v1/messages?to=bert HTTP/1.1\r\nHost: x\r\nContent-Type: "
                           b"text/plain\r\nContent-Length: %d\r\n\r\n%s" % (len(t), t)
                           for t in texts)
        answer = self.raw(request, "anna")
        self.assertEqual(answer.count(b"HTTP/1.1 200"), len(texts), answer[:200])
        for i, text in enumerate(texts):
            self.assertEqual(self.ask("anna", "GET", f"/v1/messages/{i + 1}/text"), (200, text))

    def test_a_stamp_is_found_in_the_background_whatever_happens_meanwhile(self):
        self.start("anna", config=self.config("anna", rest="[invite]\nprice = 18\n"))
        towards_anna = self.config("bert", self.lan_to("anna"))
        bert = self.start("bert", config=towards_anna)
        for name in ("anna", "bert"):
            self.post(name, "/v1/init", name=name, no_passphrase=True)
        invite = self.post("anna", "/v1/invites")
        self.assertEqual(invite["price"], 18)
        work = self.post("bert", "/v1/contacts", link=invite["link"])["work"]
        self.assertEqual((work["contact"], work["price"]), ("anna", 18))
        bert.kill()
        bert.wait()
        self.start("bert", config=towards_anna)
        wait_until(lambda: self.get("anna", "/v1/contacts")["contacts"], 60, "the answer comes")
        self.assertEqual(self.get("anna", "/v1/contacts")["contacts"][0]["name"], "bert")
        self.assertEqual(self.get("bert", "/v1/status")["work"], [])

    def test_it_is_explained_who_has_a_message_that_waits(self):
        self.start("anna")
        bert = self.start("bert")
        for name in ("anna", "bert"):
            self.post(name, "/v1/init", name=name, no_passphrase=True)
        link = self.post("anna", "/v1/invites")["link"]
        answer = self.post("bert", "/v1/contacts", link=link)["answer_link"]
        self.post("anna", "/v1/contacts", link=answer)
        self.stop(bert)
        self.post("anna", "/v1/messages", to="bert", text="later")
        alone = self.get("anna", "/v1/messages/1")
        self.assertEqual(alone["neighbours"], [])
        self.assertGreater(alone["held"]["hops_left"], 0)
        self.start("carl", config=self.config("carl", self.lan_to("anna")))
        wait_until(lambda: self.get("anna", "/v1/messages/1")["message"]["state"] == "custody",
                   what="carl takes it")
        standing = self.get("anna", "/v1/messages/1")["neighbours"]
        self.assertEqual([(s["why"], s["explanation"]) for s in standing], [("has_it", "has it")])
        self.assertEqual(standing[0]["id"], self.get("carl", "/v1/status")["node"])

    def test_a_batch_of_thousands_is_one_request(self):
        self.pair()
        lines = [json.dumps({"to": "bert", "text": f"m{i}"}) for i in range(3000)]
        lines[100] = "nonsense"
        lines[200] = json.dumps({"to": "carl", "text": "x"})
        status, data = self.ask("anna", "POST", "/v1/messages", "\n".join(lines),
                                "application/x-ndjson")
        self.assertEqual(status, 200)
        answers = [json.loads(line) for line in data.splitlines()]
        self.assertEqual(len(answers), 3000)
        self.assertEqual([i for i, a in enumerate(answers) if "id" not in a], [100, 200])
        self.assertEqual(answers[200]["error"]["code"], "unknown_contact")
        wait_until(lambda: self.get("bert", "/v1/status")["counters"]["messages"] == 2998, 60,
                   "all arrive")
        texts, after = [], 0
        while True:
            page = self.get("bert", f"/v1/messages?after={after}&limit=1000")["messages"]
            if not page:
                break
            texts += [m["text"] for m in page]
            after = page[-1]["id"]
        self.assertEqual(sorted(texts), sorted(f"m{i}" for i in range(3000) if i not in (100, 200)))

    def test_what_was_answered_survives_a_kill(self):
        process = self.start("anna")
        self.post("anna", "/v1/init", name="anna", no_passphrase=True)
        bert = self.start("bert")
        self.post("bert", "/v1/init", name="bert", no_passphrase=True)
        link = self.post("anna", "/v1/invites")["link"]
        answer = self.post("bert", "/v1/contacts", link=link)["answer_link"]
        self.post("anna", "/v1/contacts", link=answer)
        for i in range(20):
            self.assertEqual(self.post("anna", "/v1/messages", to="bert",
                                       text=str(i))["message"]["id"], i + 1)
        process.kill()
        process.wait()
        self.start("anna")
        self.assertEqual([m["text"] for m in self.get("anna", "/v1/messages")["messages"]],
                         [str(i) for i in range(20)])
        bert.kill()

    def test_errors_are_of_one_form(self):
        self.start()
        self.assertEqual(self.refused("node", "GET", "/"), (404, "unknown_request"))
        self.assertEqual(self.refused("node", "DELETE", "/v1/status"), (405, "unknown_method"))
        self.assertEqual(self.refused("node", "GET", "/v1/whoami"), (409, "no_identity"))
        self.assertEqual(self.refused("node", "POST", "/v1/init", "{"), (400, "bad_request"))
        self.assertEqual(self.refused("node", "GET", "/v1/%zz"), (400, "bad_request"))
        self.assertEqual(self.refused("node", "GET", "/v1/messages/7"), (409, "no_identity"))
        self.post("node", "/v1/init", name="anna", no_passphrase=True)
        self.assertEqual(self.refused("node", "GET", "/v1/messages/7"), (404, "unknown_message"))

    def test_bodies_are_bounded(self):
        self.start()
        self.assertEqual(self.refused("node", "POST", "/v1/init", b"x" * ((1 << 20) + 1)),
                         (413, "too_large"))
        self.assertEqual(self.refused("node", "POST", "/v1/messages", b"x" * ((16 << 20) + 1),
                                      "application/x-ndjson"),
                         (413, "too_large"))
        chunks = b"".join(b"10000\r\n" + b"x" * 65536 + b"\r\n" for _ in range(20))
        head = b"POST /v1/init HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n"
        answer = self.raw(head + chunks)
        self.assertTrue(answer == b"" or b" 413 " in answer.splitlines()[0], answer[:100])
        self.assertEqual(self.get("node", "/v1/status")["state"], "running")

    def test_headers_are_bounded(self):
        self.start()
        long_one = b"X-Long: " + b"y" * 100_000
        answer = self.raw(b"GET /v1/status HTTP/1.1\r\n" + long_one + b"\r\n\r\n")
        self.assertIn(b" 400 ", answer.splitlines()[0])
        many = b"".join(b"X-%d: y\r\n" % i for i in range(5_000))
        self.assertIn(b" 400 ",
                      self.raw(b"GET /v1/status HTTP/1.1\r\n" + many + b"\r\n").splitlines()[0])
        self.assertIn(b" 400 ",
                      self.raw(b"GET /" + b"a" * 50_000 + b" HTTP/1.1\r\n\r\n").splitlines()[0])

    def test_what_is_no_http_is_answered_or_closed(self):
        self.start()
        seed = random.randrange(1 << 32)
        print("seed", seed)
        chance = random.Random(seed)
        good = (b"POST /v1/init HTTP/1.1\r\nHost: x\r\nContent-Length: 36\r\n\r\n"
                b"{\"name\":\"anna\",\"no_passphrase\":true}")
        samples = [b"", b"\r\n\r\n", b"\0" * 1000, b"GET\r\n\r\n", b"GET / HTTP/9.9\r\n\r\n",
                   b"\x16\x03\x01" + b"\0" * 200,
                   b"POST /v1/init HTTP/1.1\r\nContent-Length: -1\r\n\r\n",
                   b"POST /v1/init HTTP/1.1\r\nContent-Length: 99999999999999999999\r\n\r\n",
                   b"POST /v1/init HTTP/1.1\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\n",
                   b"POST /v1/init HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n"]
        samples += [good[:n] for n in range(0, len(good), 7)]
        for _ in range(300):
            data = bytearray(good)
            for _ in range(chance.randrange(1, 6)):
                data[chance.randrange(len(data))] = chance.randrange(256)
            samples.append(bytes(data))
        for sample in samples:
            answer = self.raw(sample)
            self.assertTrue(answer == b"" or answer.startswith(b"HTTP/1.1 "), (sample, answer[:80]))
        self.assertEqual(self.get("node", "/v1/status")["state"], "running")

    def test_half_open_clients_do_not_keep_others_out(self):
        self.start()
        open_ones = [raw_socket(self.socket_path()) for _ in range(50)]
        for i, s in enumerate(open_ones):
            s.sendall(b"POST /v1/init HTTP/1.1\r\nContent-Length: 100\r\n\r\n{"[:10 + i])
        self.assertEqual(self.get("node", "/v1/status")["state"], "running")
        for s in open_ones:
            s.close()

    def test_clients_are_bounded_and_places_come_free_again(self):
        self.start()
        crowd = [raw_socket(self.socket_path()) for _ in range(64)]
        turned_away = wait_until(lambda: self.raw(b"GET /v1/status HTTP/1.1\r\n\r\n") == b"",
                                 what="one too many")
        self.assertTrue(turned_away)
        for s in crowd:
            s.close()
        wait_until(lambda: self.raw(b"GET /v1/status HTTP/1.1\r\nConnection: close\r\n\r\n"),
                   what="a free place")

    def test_ten_thousand_pipelined_requests(self):
        self.start()
        self.post("node", "/v1/init", name="anna", no_passphrase=True)
        request = b"GET /v1/contacts HTTP/1.1\r\nHost: x\r\n\r\n"
        s = raw_socket(self.socket_path())
        answers, sent = b"", 0
        while sent < 10_000:
            # In parts, reading between them, as a client with one thread must.
            s.sendall(request * 100)
            sent += 100
            while answers.count(b"HTTP/1.1 200") < sent:
                answers += s.recv(1 << 20)
        s.close()
        self.assertEqual(answers.count(b"HTTP/1.1 200"), 10_000)
        self.assertEqual(answers.count(b'{"contacts":[]}'), 10_000)

    def test_pipelined_without_reading_is_held_back_not_buffered(self):
        process = self.start()
        request = b"GET /v1/status HTTP/1.1\r\nHost: x\r\n\r\n"
        s = raw_socket(self.socket_path())
        s.setblocking(False)
        sent = 0
        try:
            while sent < 10_000:
                s.sendall(request * 100)
                sent += 100
        except BlockingIOError:
            pass
        self.assertLess(sent, 10_000, "the daemon read everything without being able to answer")
        self.assertEqual(self.get("node", "/v1/status")["state"], "running")
        with open(f"/proc/{process.pid}/status", encoding="ascii") as f:
            resident = int(f.read().split("VmRSS:")[1].split()[0])
        self.assertLess(resident, 400_000)
        s.close()

    def test_keep_alive_and_close(self):
        self.start()
        connection = UnixConnection(self.socket_path())
        for _ in range(3):
            connection.request("GET", "/v1/status")
            answer = connection.getresponse()
            self.assertEqual(answer.status, 200)
            answer.read()
        connection.close()
        answer = self.raw(b"GET /v1/status HTTP/1.1\r\nConnection: close\r\n\r\n", half_close=False)
        self.assertIn(b"Connection: close", answer)


if __name__ == "__main__":
    main()
