# SPDX-License-Identifier: Apache-2.0
"""A real chaskid as a Python value, for labs: started, driven over its API, killed by its own
pid."""
import contextlib
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


class UnixConnection(http.client.HTTPConnection):
    """HTTP over the daemon's Unix socket."""

    def __init__(self, path, timeout=60):
        super().__init__("localhost", timeout=timeout)
        self.path = path

    def connect(self):
        self.sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.sock.settimeout(self.timeout)
        self.sock.connect(self.path)


class ApiError(Exception):
    def __init__(self, status, error):
        super().__init__(f"{status} {error.get('code')}: {error.get('message')}")
        self.status = status
        self.code = error.get("code")


def wait_until(condition, seconds, what, every=0.02):
    """Polls `condition` until it is true; after the deadline, fails and says what it waited for."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        value = condition()
        if value:
            return value
        time.sleep(every)
    raise AssertionError(f"not within {seconds} s: {what}")


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


class Daemon:
    """One chaskid with its own data folder; static peers on loopback, or whatever `lan` says."""

    def __init__(
        self, program, folder, name, port=None, peers=(), lan=None, store="", spawn=subprocess.Popen
    ):
        self.program, self.name, self.spawn = program, name, spawn
        self.folder = os.path.join(folder, name)
        os.makedirs(self.folder, exist_ok=True)
        self.state = os.path.join(self.folder, "state")
        self.socket = os.path.join(self.folder, "api.sock")
        self.config = os.path.join(self.folder, "chaskid.toml")
        self.port = port if port is not None else free_port()
        self.process = None
        quoted = ", ".join(f'"127.0.0.1:{p}"' for p in peers)
        if lan is None:
            lan = f'port = {self.port}\nlisten = ["127.0.0.1"]\n'
            lan += f"discover = false\npeers = [{quoted}]\n"
        if "[ble]" not in lan:
            lan += "[ble]\nenabled = false\n"
        with open(self.config, "w", encoding="utf-8") as f:
            f.write(
                f'[node]\nstate = "{self.state}"\n[api]\nsocket = "{self.socket}"\n'
                f"[store]\n{store}\n[lan]\n{lan}"
            )

    def start(self, wait=True):
        with open(os.path.join(self.folder, "log"), "ab") as log:
            self.process = self.spawn(
                [self.program, "--config", self.config],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
            )
        if wait:
            wait_until(self.answers, 20, f"{self.name} answers on its socket")
        return self

    def answers(self):
        if self.process.poll() is not None:
            raise AssertionError(
                f"{self.name} ended with {self.process.returncode}: {self.log()[-600:]}"
            )
        try:
            return self.get("/v1/status")
        except OSError:
            return None

    def log(self):
        with open(os.path.join(self.folder, "log"), encoding="utf-8", errors="replace") as f:
            return f.read()

    def request(self, method, path, body=None, content_type="application/json"):
        connection = UnixConnection(self.socket)
        try:
            connection.request(method, path, body=body, headers={"Content-Type": content_type})
            answer = connection.getresponse()
            data = answer.read()
        finally:
            connection.close()
        if answer.status >= 400:
            raise ApiError(answer.status, json.loads(data)["error"])
        return data

    def get(self, path):
        return json.loads(self.request("GET", path))

    def post(self, path, **fields):
        return json.loads(self.request("POST", path, json.dumps(fields)))

    def send_many(self, messages):
        """Sends a batch in one commit; gives the list of answers, one for each message."""
        lines = "\n".join(json.dumps(m) for m in messages) + "\n"
        data = self.request("POST", "/v1/messages", lines, "application/x-ndjson")
        return [json.loads(line) for line in data.splitlines()]

    def messages(self):
        """Every message, in pages."""
        found, after = [], 0
        while True:
            page = self.get(f"/v1/messages?after={after}&limit=1000")["messages"]
            if not page:
                return found
            found += page
            after = page[-1]["id"]

    def kill(self):
        """As a power cut would."""
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()

    def stop(self):
        if self.process and self.process.poll() is None:
            self.process.terminate()
            try:
                self.process.wait(20)
            except subprocess.TimeoutExpired:
                self.kill()
                raise AssertionError(f"{self.name} did not stop within 20 s of SIGTERM") from None
        return self.process.returncode if self.process else None

    def close(self):
        if self.process and self.process.poll() is None:
            self.kill()


def introduce(a, b):
    """a invites, b accepts, a scans the answer: both can write at once."""
    for node in (a, b):
        try:
            node.post("/v1/init", name=node.name, no_passphrase=True)
        except ApiError as error:
            if error.code != "identity_exists":
                raise
    answer = b.post("/v1/contacts", link=a.post("/v1/invites")["link"], name=a.name)["answer_link"]
    a.post("/v1/contacts", link=answer, name=b.name)


@contextlib.contextmanager
def scene(name):
    """A scratch folder, and a list for the daemons started in it; all of it is gone afterwards.

    When what happens inside fails, the end of every daemon's log is shown.
    """
    folder, nodes = tempfile.mkdtemp(prefix=f"chaski-{name}-"), []
    try:
        yield folder, nodes
        for node in nodes:
            assert node.stop() == 0, f"{node.name} did not stop cleanly: {node.log()[-400:]}"
    except BaseException:
        for node in nodes:
            print(f"--- {node.name}: {node.log()[-1500:]}", file=sys.stderr)
        raise
    finally:
        for node in nodes:
            node.close()
        shutil.rmtree(folder, ignore_errors=True)
