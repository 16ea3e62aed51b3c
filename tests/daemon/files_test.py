#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Files between real daemons: they arrive, lie sealed, and survive kill -9 of everybody."""
import hashlib
import http.client
import json
import os
import random
import socket
import sys
import time
import unittest
import urllib.parse

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from harness import DaemonCase, UnixConnection, main, wait_until  # noqa: E402

SEED = int(os.environ.get("CHASKI_SEED", "1"))


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


class Files(DaemonCase):
    def send_file(self, name, to, content, file_name="map.png", **query):
        connection = UnixConnection(self.socket_path(name))
        try:
            query = urllib.parse.urlencode({"to": to, "name": file_name, **query})
            connection.request("POST", "/v1/files?" + query, body=content,
                               headers={"Content-Type": "application/octet-stream"})
            answer = connection.getresponse()
            return answer.status, json.loads(answer.read())
        finally:
            connection.close()

    def content(self, name, number):
        status, data = self.ask(name, "GET", f"/v1/files/{number}/content")
        self.assertEqual(status, 200, data)
        return data

    def files(self, name, state=None):
        found = self.get(name, "/v1/files")["files"]
        return [f for f in found if state is None or f["state"] == state]

    def wait_whole(self, name, seconds=60):
        return wait_until(lambda: self.files(name, "whole"), seconds, "the file is whole")[0]

    def test_files_arrive_lie_sealed_and_go(self):
        self.pair()
        text = b"a line that must not lie on a disk\n" * 40_000
        for content in (b"", b"x", text):
            status, sent = self.send_file("anna", "bert", content, "notes.txt", type="text/plain")
            self.assertEqual(status, 200, sent)
            self.assertEqual(sent["file"]["state"], "under_way")
            file = wait_until(lambda: [f for f in self.files("bert", "whole")
                                       if f["size"] == len(content)],
                              what="the file is whole")[-1]
            self.assertEqual((file["name"], file["media_type"], file["contact"]),
                             ("notes.txt", "text/plain", "anna"))
            self.assertEqual(self.content("bert", file["id"]), content)
            wait_until(lambda: self.get("anna", f"/v1/files/{sent['message']['id']}")["file"]
                       ["state"] == "delivered", what="anna knows")
        for name in ("anna", "bert"):
            for folder, _, files in os.walk(self.path(name)):
                for one in files:
                    if one.endswith(".sock"):
                        continue
                    with open(os.path.join(folder, one), "rb") as f:
                        self.assertNotIn(b"must not lie on a disk", f.read(), one)
        self.assertEqual(os.listdir(self.path("anna/files")), [], "the copies are gone")
        for file in self.files("bert"):
            self.post("bert", f"/v1/files/{file['id']}/remove")
        self.assertEqual(self.files("bert"), [])
        self.assertEqual(os.listdir(self.path("bert/files")), [])

    def test_what_cannot_be_sent_is_refused_with_a_reason(self):
        self.pair()
        self.assertEqual(self.send_file("anna", "carl", b"x" * 3_000_000)[1]["error"]["code"],
                         "unknown_contact")
        for bad in ("../up", ".profile", "a/b", "x" * 129):
            self.assertEqual(self.send_file("anna", "bert", b"x", bad)[1]["error"]["code"],
                             "bad_file_name")
        self.assertEqual(self.send_file("anna", "bert", b"x", colour="red")[1]["error"]["code"],
                         "bad_request")
        self.assertEqual(self.refused("anna", "GET", "/v1/files/7/content"), (404, "unknown_file"))
        self.assertEqual(self.refused("anna", "POST", "/v1/files/7/remove"), (404, "unknown_file"))
        # One that breaks off leaves nothing.
        connection = UnixConnection(self.socket_path("anna"))
        connection.putrequest("POST", "/v1/files?to=bert&name=a")
        connection.putheader("Content-Length", "5000000")
        connection.endheaders()
        connection.send(b"x" * 1_000_000)
        wait_until(lambda: os.path.exists(self.path("anna/files"))
                   and os.listdir(self.path("anna/files")), what="it is being taken in")
        connection.close()
        wait_until(lambda: os.listdir(self.path("anna/files")) == [], what="it is forgotten")
        self.assertEqual(self.files("anna"), [])

    def test_kill_9_of_sender_relay_and_receiver_at_any_moment(self):
        dice = random.Random(SEED)
        ports = {name: free_port() for name in ("anna", "relay", "bert")}
        peers = {"anna": ["relay"], "relay": [], "bert": ["relay"]}
        configs = {}
        for name, port in ports.items():
            to = ", ".join(f'"127.0.0.1:{ports[peer]}"' for peer in peers[name])
            configs[name] = self.config(
                name, f'listen = ["127.0.0.1"]\nport = {port}\ndiscover = false\npeers = [{to}]\n')
        daemons = {name: self.start(name, config=configs[name]) for name in ports}
        for name in ("anna", "bert"):
            self.post(name, "/v1/init", name=name, no_passphrase=True)
        link = self.post("anna", "/v1/invites")["link"]
        self.post("bert", "/v1/contacts", link=link, name="anna")
        wait_until(lambda: self.get("anna", "/v1/contacts")["contacts"], what="they have met")
        content = dice.randbytes(6_000_000)
        status, sent = self.send_file("anna", "bert", content)
        self.assertEqual(status, 200, sent)
        for _ in range(9):
            time.sleep(dice.uniform(0, 0.4))  # not to wait for anything: to hit any moment
            victim = dice.choice(sorted(ports))
            daemons[victim].kill()
            daemons[victim].wait()
            daemons[victim] = self.start(victim, config=configs[victim])
        file = self.wait_whole("bert", 100)
        self.assertEqual(hashlib.sha256(self.content("bert", file["id"])).digest(),
                         hashlib.sha256(content).digest(), f"seed {SEED}")
        wait_until(lambda: self.files("anna", "delivered"), 60, "anna knows")
        self.assertEqual(os.listdir(self.path("anna/files")), [])


if __name__ == "__main__":
    main()
