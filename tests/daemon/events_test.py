# SPDX-License-Identifier: Apache-2.0
"""The stream of events."""
import http.client
import json
import unittest

from harness import DaemonCase, UnixConnection, main, raw_socket, wait_until


class Stream:
    """One listener: lines as they come."""

    def __init__(self, path, query=""):
        self.connection = UnixConnection(path)
        self.connection.request("GET", "/v1/events" + query)
        self.answer = self.connection.getresponse()

    def next(self, kind=None):
        while True:
            line = self.answer.readline()
            if not line:
                raise EOFError
            event = json.loads(line)
            if kind is None or event["event"] == kind:
                return event

    def close(self):
        self.answer.close()
        self.connection.close()


class Events(DaemonCase):
    def test_starts_with_the_status(self):
        self.start()
        stream = Stream(self.socket_path())
        self.assertEqual(stream.answer.status, 200)
        self.assertEqual(stream.answer.getheader("Content-Type"), "application/x-ndjson")
        first = stream.next()
        self.assertEqual(first["event"], "status")
        self.assertEqual(first["state"], "running")
        stream.close()

    def test_a_message_is_seen_at_both_ends(self):
        self.pair()
        there = Stream(self.socket_path("bert"))
        here = Stream(self.socket_path("anna"))
        here.next(), there.next()
        self.post("anna", "/v1/messages", to="bert", text="hello")
        message = there.next("message")["message"]
        self.assertEqual((message["text"], message["contact"], message["direction"]),
                         ("hello", "anna", "in"))
        while here.next("message")["message"]["state"] != "delivered":
            pass
        here.close(), there.close()

    def test_neighbours_and_contacts(self):
        anna = self.start("anna")
        self.post("anna", "/v1/init", name="anna", no_passphrase=True)
        link = self.post("anna", "/v1/invites")["link"]
        stream = Stream(self.socket_path("anna"))
        peers = self.lan_to("anna")
        bert = self.start("bert", config=self.config("bert", peers))
        up = stream.next("neighbour")
        self.assertEqual((up["up"], up["transport"], len(up["id"])), (True, "lan", 8))
        self.post("bert", "/v1/init", name="bert", no_passphrase=True)
        self.post("bert", "/v1/contacts", link=link)
        self.assertEqual(stream.next("contact")["contact"]["name"], "bert")
        self.stop(bert)
        self.assertFalse(stream.next("neighbour")["up"])
        self.stop(anna)
        with self.assertRaises((EOFError, ConnectionError, http.client.HTTPException)):
            while True:
                stream.next()

    def test_replays_from_a_message_on(self):
        self.pair()
        for i in range(150):
            self.post("anna", "/v1/messages", to="bert", text=str(i))
        stream = Stream(self.socket_path("anna"), "?after=20")
        seen = []
        while len(seen) < 130:
            id_ = stream.next("message")["message"]["id"]
            if id_ not in seen:
                seen.append(id_)
        self.assertEqual(seen, list(range(21, 151)))
        stream.close()
        self.assertEqual(self.refused("anna", "GET", "/v1/events?after=x"), (400, "bad_request"))

    def test_a_slow_listener_is_cut_off_and_others_are_not(self):
        self.pair()
        slow = raw_socket(self.socket_path("anna"))
        slow.sendall(b"GET /v1/events HTTP/1.1\r\nHost: x\r\n\r\n")
        slow.recv(100)  # it began; from now on nothing is read
        for _ in range(4):
            lines = "\n".join(json.dumps({"to": "bert", "text": "x" * 2000}) for _ in range(400))
            status, _ = self.ask("anna", "POST", "/v1/messages", lines, "application/x-ndjson")
            self.assertEqual(status, 200)
        wait_until(lambda: len(self.get("bert", "/v1/messages?after=1599")["messages"]) == 1, 60,
                   "all arrived")
        rest = b""
        while True:
            part = slow.recv(1 << 16)
            if not part:
                break
            rest += part
        self.assertIn(b'{"event":"lagged"}', rest)
        self.assertEqual(self.get("anna", "/v1/status")["state"], "running")


if __name__ == "__main__":
    main()
