#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""A large file between two real daemons: how fast, and with how much memory.

    file_lab.py CHASKID [MEGABYTES] [--memory MB] [--rate MB/s]

Fails when it does not arrive right, when a daemon ever had more memory than --memory (64 unless
said), or when it travelled slower than --rate (not looked at unless said).
"""
import argparse
import hashlib
import os
import sys
import time
import unittest

wanted = argparse.ArgumentParser()
wanted.add_argument("chaskid")
wanted.add_argument("megabytes", nargs="?", type=float, default=100)
wanted.add_argument("--memory", type=float, default=64)
wanted.add_argument("--rate", type=float, default=0)
WANTED = wanted.parse_args()
sys.argv = [sys.argv[0], WANTED.chaskid]
sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "daemon"))
from harness import DaemonCase, UnixConnection, main, wait_until  # noqa: E402

PIECE = 1 << 18


def most_memory_mb(process):
    with open(f"/proc/{process.pid}/status", encoding="utf-8") as f:
        line = next(one for one in f if one.startswith("VmHWM"))
    return int(line.split()[1]) / 1024


class LargeFile(DaemonCase):
    def test_arrives_with_little_memory(self):
        anna, bert = self.pair()
        size = int(WANTED.megabytes * 1e6)
        sent, read = hashlib.sha256(), hashlib.sha256()
        connection = UnixConnection(self.socket_path("anna"))
        connection.putrequest("POST", "/v1/files?to=bert&name=large")
        connection.putheader("Content-Length", str(size))
        connection.endheaders()
        began = time.monotonic()
        noise = os.urandom(PIECE)
        for at in range(0, size, PIECE):
            piece = at.to_bytes(8, "little") + noise[8:]
            piece = piece[:min(PIECE, size - at)]
            sent.update(piece)
            connection.send(piece)
        self.assertEqual(connection.getresponse().status, 200)
        connection.close()
        accepted = time.monotonic()

        def whole():
            files = self.get("bert", "/v1/files")["files"]
            return files and files[0]["state"] == "whole" and files[0]

        file = wait_until(whole, 60 + size / 1e6, "the file is whole")
        arrived = time.monotonic()
        connection = UnixConnection(self.socket_path("bert"))
        connection.request("GET", f"/v1/files/{file['id']}/content")
        answer = connection.getresponse()
        while piece := answer.read(PIECE):
            read.update(piece)
        connection.close()
        self.assertEqual(read.digest(), sent.digest())
        rate = size / 1e6 / (arrived - accepted)
        memory = [most_memory_mb(process) for process in (anna, bert)]
        print(f"{size / 1e6:.0f} MB: taken in at {size / 1e6 / (accepted - began):.0f} MB/s, "
              f"travelled at {rate:.0f} MB/s, most memory {memory[0]:.0f} and {memory[1]:.0f} MB",
              flush=True)
        self.assertLessEqual(max(memory), WANTED.memory)
        self.assertGreaterEqual(rate, WANTED.rate)


if __name__ == "__main__":
    main()
