# SPDX-License-Identifier: Apache-2.0
"""A node that says what it was told to say: the local API over a Unix socket, canned."""
import json
import os
import socketserver
import tempfile
import threading

HOSTILE = "\x1b]0;owned\x07\x1b[2Jred\u202eder\r\nfrom boss\x9b31m"


def message(number, **changes):
    """A message as docs/api.md describes it."""
    out = {"id": number, "contact": "south", "direction": "out", "state": "accepted",
           "text": "the bridge holds", "envelope": "ab" * 16, "sent_unix_s": 1700000000,
           "lifetime_s": 604800}
    out.update(changes)
    return out


def contact(name="south", **changes):
    out = {"id": "c0ffee", "name": name, "fingerprint": "aa bb cc", "trust": "unverified",
           "safety_number": "12345 67890", "added_unix_s": 1700000000}
    out.update(changes)
    return out


STATUS = {
    "version": "0.1.0", "uptime_s": 125, "node": "1a2b3c4d", "identity": True, "state": "running",
    "problems": [{"part": "discovery", "what": "avahi-daemon is not running",
                  "mend": "systemctl start avahi-daemon"}],
    "neighbours": [{"id": "5e6f7a8b", "transport": "lan", "links": 1, "since_s": 65, "queued": 2,
                    "unacknowledged": 1, "refuses": True}],
    "handshakes": 0,
    "transports": {"lan": {"listening": True, "port": 40123, "problem": "", "discovery": False,
                           "discovery_problem": "no avahi", "connections": 1, "dialling": 0,
                           "services": 2}},
    "store": {"path": "/var/lib/chaski/chaski.db", "envelopes": 3, "bytes": 1200,
              "bytes_max": 1073741824, "free_bytes": 9000000, "accepts": False,
              "problem": "the disk is full"},
    "counters": {"envelopes_received": 7, "envelopes_accepted": 6, "envelopes_sent": 5,
                 "bytes_received": 700, "bytes_sent": 500, "dropped": {"duplicate": 3},
                 "links_closed": {}, "commits": 9, "messages": 4},
}


class Handler(socketserver.StreamRequestHandler):
    def handle(self):
        line = self.rfile.readline().decode()
        if not line:
            return
        method, target, _ = line.split()
        length, is_text = 0, False
        while (header := self.rfile.readline().strip()):
            name, value = header.decode().split(":", 1)
            if name.lower() == "content-length":
                length = int(value)
            if name.lower() == "content-type":
                is_text = value.strip().startswith(("text/plain", "application/octet-stream"))
        body = self.rfile.read(length).decode() or None
        if body and not is_text:
            body = json.loads(body)
        self.server.requests.append((method, target, body))
        answer = self.server.answers.get(f"{method} {target}") \
            or self.server.answers.get(f"{method} {target.split('?')[0]}")
        if callable(answer):
            answer(self)
        elif answer is None:
            self.answer(404, {"error": {"code": "not_found", "message": f"no {target}",
                                        "mend": "see docs/api.md"}})
        else:
            self.answer(*answer)

    def answer(self, status, body):
        text = body if isinstance(body, bytes) else json.dumps(body).encode()
        head = f"HTTP/1.1 {status} x\r\nContent-Length: {len(text)}\r\n\r\n"
        self.raw(head.encode() + text)

    def raw(self, text):
        try:
            self.wfile.write(text)
            self.wfile.flush()
        except (BrokenPipeError, ConnectionResetError):
            pass

    def begin_events(self):
        self.raw(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")

    def event(self, body):
        line = json.dumps(body).encode() + b"\n"
        self.raw(b"%x\r\n%s\r\n" % (len(line), line))

    def hold(self):
        """Keeps the connection until the client closes it."""
        self.rfile.read()


class FakeNode(socketserver.ThreadingUnixStreamServer):
    """`answers` maps "METHOD /target" (query optional) to (status, body) or to a function of the
    handler; `requests` is what came."""
    daemon_threads = True

    def __init__(self, answers):
        self.folder = tempfile.TemporaryDirectory(prefix="chaski-")
        self.path = os.path.join(self.folder.name, "n.sock")
        self.answers = answers
        self.requests = []
        super().__init__(self.path, Handler)
        self.thread = threading.Thread(target=self.serve_forever, kwargs={"poll_interval": 0.01})
        self.thread.start()

    def __exit__(self, *exception):
        self.shutdown()
        self.thread.join()
        self.server_close()
        self.folder.cleanup()
