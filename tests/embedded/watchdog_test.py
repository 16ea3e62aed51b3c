#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""A relay on a roof hangs, and nobody climbs up: each board's watchdog starts it again.

    watchdog_test.py IMAGES

Exit: 0 they do, 1 one does not, 77 QEMU or the firmware is missing.
"""
import pathlib
import subprocess
import sys
import threading

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "labs" / "serial"))
import board  # noqa: E402

WITHIN_S = 60  # the watchdogs take 5 s; the machine may be busy


def starts_twice(machine, images):
    serial = ["-serial", "null"] * board.LINKS[machine] + ["-serial", "stdio"]
    with subprocess.Popen(board.command(machine, "chaski-hang", images, serial), text=True,
                          stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                          stderr=subprocess.DEVNULL) as process:
        limit = threading.Timer(WITHIN_S, process.kill)
        limit.start()
        said = []
        for text in process.stdout:
            said.append(text.strip())
            if said.count("start") == 2:
                break
        limit.cancel()
        process.kill()
    return said


def main():
    images = sys.argv[1]
    for machine in board.machines(images, "chaski-hang"):
        said = starts_twice(machine, images)
        print(f"{machine}: {' '.join(said)}")
        if said != ["start", "faulted", "start"]:
            sys.exit(1)


if __name__ == "__main__":
    main()
