#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Bad neighbours over real TCP: each is counted and dropped, memory stays bounded, others are
unharmed.

usage: junk_lab.py CHASKID

While north sends to south through ridge: peers that connect and say nothing, junk at full speed,
an oversized and a zero length, a truncated handshake, a replayed handshake, thousands of
connections, and a neighbour with another network key. ridge's memory stays under a bound and every
message arrives.
"""
import os
import resource
import socket
import struct
import sys
import threading
import time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from chaskid import Daemon, introduce, scene, wait_until  # noqa: E402

RSS_MAX_KIB = 64 * 1024 * (4 if os.environ.get("CHASKI_SANITIZED") else 1)


def rss_kib(pid):
    with open(f"/proc/{pid}/status", encoding="ascii") as f:
        return next(int(line.split()[1]) for line in f if line.startswith("VmRSS"))


def dial(port):
    s = socket.create_connection(("127.0.0.1", port), timeout=5)
    return s


def preamble():
    return b"CHK1" + os.urandom(8)


def frame(payload):
    return struct.pack(">I", len(payload)) + payload


def flood(port, deadline, make):
    """Sends what `make` gives over and over, dialling again when cut off; gives the bytes sent."""
    sent = 0
    while time.monotonic() < deadline:
        try:
            with dial(port) as s:
                s.sendall(preamble())
                while time.monotonic() < deadline:
                    data = make()
                    s.sendall(data)
                    sent += len(data)
        except OSError:
            pass
    return sent


def crowd(port, held, deadline):
    """Opens connections that say nothing, as many as the limit of this process allows, up to
    10,000."""
    soft = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (soft, soft))
    opened = 0
    while opened < 10_000 and time.monotonic() < deadline:
        try:
            held.append(dial(port))
            opened += 1
        except OSError:
            break
        if len(held) > 2_000:
            held.pop(0).close()
    return opened


def main():
    program = sys.argv[1]
    held = []
    with scene("junk") as (folder, nodes):
        ridge = Daemon(program, folder, "ridge")
        north = Daemon(program, folder, "north", peers=[ridge.port])
        south = Daemon(program, folder, "south", peers=[ridge.port])
        with open(os.path.join(folder, "key"), "w", encoding="ascii") as f:
            f.write("ab" * 32)
        stranger = Daemon(program, folder, "stranger", peers=[ridge.port])
        with open(stranger.config, encoding="utf-8") as f:
            text = f.read()
        with open(stranger.config, "w", encoding="utf-8") as f:
            f.write(text.replace("[node]\n", f'[node]\nnetwork_key_file = "{folder}/key"\n'))
        nodes += [ridge, north, south, stranger]
        for node in nodes:
            node.start()
        introduce(north, south)
        wait_until(
            lambda: len(ridge.get("/v1/status")["neighbours"]) == 2,
            10,
            "north and south are ridge's neighbours",
        )

        deadline = time.monotonic() + 8
        threads = [
            threading.Thread(target=flood, args=(ridge.port, deadline, lambda: os.urandom(65536))),
            threading.Thread(
                target=flood, args=(ridge.port, deadline, lambda: frame(os.urandom(160)))
            ),
            threading.Thread(
                target=flood, args=(ridge.port, deadline, lambda: frame(b"\x01" * 159))
            ),
            threading.Thread(
                target=flood, args=(ridge.port, deadline, lambda: struct.pack(">I", 0xFFFFFFFF))
            ),
            threading.Thread(
                target=flood, args=(ridge.port, deadline, lambda: struct.pack(">I", 0))
            ),
            threading.Thread(target=crowd, args=(ridge.port, held, deadline)),
        ]
        for thread in threads:
            thread.start()
        sent, peak = 0, 0
        while time.monotonic() < deadline:
            answers = north.send_many(
                [{"to": "south", "text": f"through the noise {sent + i}"} for i in range(10)]
            )
            assert all("id" in a for a in answers), answers
            sent += 10
            peak = max(peak, rss_kib(ridge.process.pid))
            time.sleep(0.2)
        for thread in threads:
            thread.join()
        wait_until(
            lambda: len([m for m in south.messages() if m["direction"] == "in"]) == sent,
            30,
            f"all {sent} messages at south",
        )
        status = ridge.get("/v1/status")
        assert peak < RSS_MAX_KIB, f"ridge grew to {peak} KiB"
        assert len(status["neighbours"]) == 2, status["neighbours"]
        closed = sum(status["counters"]["links_closed"].values())
        assert closed > 0, "nothing was counted"
        print(
            f"ok: {sent} messages through the noise, ridge's peak RSS {peak} KiB, {closed} links "
            f"closed and counted: {status['counters']['links_closed']}"
        )
        for s in held:
            s.close()


if __name__ == "__main__":
    main()
