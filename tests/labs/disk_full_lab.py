#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The relay's disk fills up: it refuses custody, says so, loses nothing it accepted, and recovers.

usage: disk_full_lab.py CHASKID

ridge's data folder lies on a small file system of its own, which the lab fills to the last byte
while messages flow. Exit code 77, with the reason, where a file system cannot be mounted.
"""
import contextlib
import os
import subprocess
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from chaskid import Daemon, introduce, scene, wait_until  # noqa: E402


def send(north, texts):
    answers = north.send_many([{"to": "south", "text": t} for t in texts])
    assert all("id" in a for a in answers), answers


def texts_at(south):
    return sorted(m["text"] for m in south.messages() if m["direction"] == "in")


@contextlib.contextmanager
def small_file_system(folder):
    """24 MB under ridge's data folder, on which the lab fills the last byte."""
    disk = os.path.join(folder, "ridge", "state")
    os.makedirs(disk)
    mount = ["mount", "-t", "tmpfs", "-o", "size=24m,mode=700", "tmpfs", disk]
    if subprocess.run(mount, capture_output=True, check=False).returncode:
        print("skipped: mounting a small file system needs root")
        sys.exit(77)
    try:
        yield disk
    finally:
        # Lazily: ridge, which is stopped afterwards, still has its files open.
        subprocess.run(["umount", "-l", disk], check=False)


def main():
    program = sys.argv[1]
    with scene("disk") as (folder, nodes), small_file_system(folder) as disk:
        ridge = Daemon(program, folder, "ridge", store="free_reserve_bytes = 4194304\n")
        north = Daemon(program, folder, "north", peers=[ridge.port])
        south = Daemon(program, folder, "south", peers=[ridge.port])
        nodes += [ridge, north, south]
        for node in nodes:
            node.start()
        introduce(north, south)
        south.stop()
        before = [f"before {i}" for i in range(200)]
        send(north, before)
        wait_until(
            lambda: ridge.get("/v1/status")["store"]["envelopes"] >= 200,
            20,
            "ridge holds the first messages",
        )

        filler = os.path.join(disk, "filler")
        with open(filler, "wb", buffering=0) as f:
            try:
                while True:
                    f.write(b"\0" * 65536)
            except OSError:
                pass
        during = [f"during {i} ".ljust(2000, ".") for i in range(200)]
        send(north, during)
        wait_until(
            lambda: not ridge.get("/v1/status")["store"]["accepts"],
            20,
            "ridge says that it takes nothing",
        )
        problems = ridge.get("/v1/status")["problems"]
        assert any(p["part"] == "store" and p["mend"] for p in problems), problems

        # It is killed on top of that: what it accepted must still be there.
        ridge.kill()
        ridge.start()
        north.stop()
        south.start()
        wait_until(
            lambda: set(before) <= set(texts_at(south)),
            30,
            "all that ridge had accepted is at south",
        )
        north.start()
        os.unlink(filler)
        wait_until(
            lambda: texts_at(south) == sorted(before + during),
            30,
            "the rest arrives once there is room",
        )
        wait_until(
            lambda: ridge.get("/v1/status")["store"]["accepts"], 20, "ridge takes custody again"
        )
        print("ok: refused while full, said so, lost nothing, recovered")


if __name__ == "__main__":
    main()
