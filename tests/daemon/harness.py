# SPDX-License-Identifier: Apache-2.0
"""Runs the real chaskid in a temporary folder and talks to its socket; standard library only."""
import http.client
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import unittest

PROGRAM = os.path.abspath(sys.argv.pop(1)) if len(sys.argv) > 1 else None


def wait_until(condition, seconds=20, what="something"):
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        value = condition()
        if value:
            return value
        time.sleep(0.01)
    raise AssertionError(f"not within {seconds} s: {what}")


class UnixConnection(http.client.HTTPConnection):
    def __init__(self, path):
        super().__init__("localhost", timeout=30)
        self.path = path

    def connect(self):
        self.sock = raw_socket(self.path)


def raw_socket(path):
    s = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    s.settimeout(30)
    try:
        s.connect(path)
    except OSError:
        s.close()
        raise
    return s


def read_all(s):
    data = b""
    while True:
        try:
            part = s.recv(65536)
        except ConnectionResetError:
            return data
        if not part:
            return data
        data += part


class DaemonCase(unittest.TestCase):
    """One temporary folder; start() as many daemons in it as needed."""

    def setUp(self):
        self.folder = tempfile.mkdtemp(prefix="chaskid-")
        self.running = []

    def tearDown(self):
        for process in self.running:
            if process.poll() is None:
                process.kill()
            process.wait()
        shutil.rmtree(self.folder, ignore_errors=True)

    def path(self, name):
        return os.path.join(self.folder, name)

    def write(self, name, text):
        with open(self.path(name), "w", encoding="utf-8") as f:
            f.write(text)
        return self.path(name)

    def config(self, name, lan='listen = ["127.0.0.1"]\ndiscover = false\n', rest=""):
        node = f'[node]\nstate = "{self.path(name)}"\n'
        return self.write(name + ".toml", f"{node}[lan]\n{lan}\n[ble]\nenabled = false\n{rest}")

    def launch(self, name, *more, config=None, **keywords):
        """Starts one and does not wait."""
        arguments = [PROGRAM, "--config", config or self.config(name), *more]
        log = open(self.path(name + ".log"), "ab")
        process = subprocess.Popen(arguments, stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                                   **keywords)
        log.close()
        self.running.append(process)
        return process

    def start(self, name="node", *more, **keywords):
        process = self.launch(name, *more, **keywords)

        def answers():
            self.assertIsNone(process.poll(), self.log(name))
            try:
                return self.get(name, "/v1/status")
            except OSError:
                return None

        wait_until(answers, what="the socket answers")
        return process

    def run_to_end(self, *arguments, **keywords):
        return subprocess.run([PROGRAM, *arguments], capture_output=True, text=True, timeout=30,
                              **keywords)

    def log(self, name="node"):
        with open(self.path(name + ".log"), encoding="utf-8", errors="replace") as f:
            return f.read()

    def socket_path(self, name="node"):
        return os.path.join(self.path(name), "chaskid.sock")

    def ask(self, name, method, path, body=None, kind="application/json"):
        connection = UnixConnection(self.socket_path(name))
        try:
            connection.request(method, path, body=body, headers={"Content-Type": kind})
            answer = connection.getresponse()
            return answer.status, answer.read()
        finally:
            connection.close()

    def get(self, name, path):
        status, data = self.ask(name, "GET", path)
        self.assertEqual(status, 200, data)
        return json.loads(data)

    def post(self, node, path, /, **fields):
        status, data = self.ask(node, "POST", path, json.dumps(fields))
        self.assertEqual(status, 200, data)
        return json.loads(data)

    def refused(self, name, method, path, body=None, kind="application/json"):
        status, data = self.ask(name, method, path, body, kind)
        error = json.loads(data)["error"]
        self.assertTrue(error["message"] and error["mend"], error)
        return status, error["code"]

    def stop(self, process):
        process.send_signal(signal.SIGTERM)
        return process.wait(20)

    def port(self, name):
        return wait_until(lambda: self.get(name, "/v1/status")["transports"]["lan"]["port"],
                          what="a port")

    def lan_to(self, name):
        """A [lan] section with a running daemon as static peer."""
        return (f'listen = ["127.0.0.1"]\ndiscover = false\n'
                f'peers = ["127.0.0.1:{self.port(name)}"]\n')

    def pair(self):
        """anna and bert, linked and introduced."""
        anna = self.start("anna")
        peers = self.lan_to("anna")
        bert = self.start("bert", config=self.config("bert", peers))
        for name in ("anna", "bert"):
            self.post(name, "/v1/init", name=name, no_passphrase=True)
        link = self.post("anna", "/v1/invites")["link"]
        answer = self.post("bert", "/v1/contacts", link=link, name="anna")["answer_link"]
        status, data = self.ask("anna", "POST", "/v1/contacts",
                                json.dumps({"link": answer, "name": "bert"}))
        # The answer may have come through the mesh first, then the invitation is used up.
        if status != 200:
            self.assertIn(json.loads(data)["error"]["code"], ("contact_exists", "unknown_invite"))
        wait_until(lambda: self.get("bert", "/v1/status")["neighbours"], what="they are neighbours")
        return anna, bert


def main():
    unittest.main(verbosity=2)
