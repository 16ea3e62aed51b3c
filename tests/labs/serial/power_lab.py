#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""A relay's power is cut at random moments while it writes to its flash: no envelope that it gave
custody for is lost, none that was erased comes back, and the store always mounts.

    power_lab.py PEER FLASH_TOOL IMAGES CUTS [SEED]

PEER is serial-peer, FLASH_TOOL flash-tool, IMAGES the folder of the firmware. The flash begins as
one that has gone round once, so that pages are cleaned and erased all the time. After each cut its
file is read on this machine, and then the firmware has to go on with it. A power cut is SIGKILL
for QEMU, whose memory for the flash is that file. Exit: 0 passed, 1 failed, 77 no QEMU, no
firmware.
"""
import contextlib
import os
import pathlib
import random
import subprocess
import sys
import tempfile
import threading
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
import board  # noqa: E402
import line  # noqa: E402
from chaskid import wait_until  # noqa: E402

FLASH_AT = 16 * 4096  # of the relay's region in the file (boards/mps2-an385/flash.c)
LIVE = 1_500
CUTS_OF_ONE = 40  # a neighbour may fill half of the store, and then nothing is taken any more


class Feeder:
    """serial-peer, and what it was promised."""

    def __init__(self, program, terminal, seed):
        self.process = subprocess.Popen(
            [program, terminal, "921600", "feed", "1000000", "200", str(seed)],
            stdout=subprocess.PIPE, text=True)
        self.taken, self.asked, self.erased = set(), set(), set()
        self.lock = threading.Lock()
        self.thread = threading.Thread(target=self.follow, daemon=True)
        self.thread.start()

    def follow(self):
        for text in self.process.stdout:
            word, value, *_ = text.split()
            with self.lock:
                if word in ("taken", "asked", "erased"):
                    getattr(self, word).add(value)

    def promises(self):
        with self.lock:
            return set(self.taken), set(self.erased)

    def answered(self):
        """Those whose receipt is on its way may be gone or not."""
        with self.lock:
            return set(self.asked)

    def end(self):
        self.process.kill()
        self.process.wait()
        self.thread.join()


def flash_list(tool, flash):
    """What the flash holds, and whether power went in the middle of a batch."""
    run = subprocess.run([tool, "list", flash, str(FLASH_AT)], capture_output=True, text=True,
                         timeout=60, check=False)
    assert run.returncode == 0, f"the store does not mount: {run.returncode} {run.stderr}"
    *held, end = run.stdout.splitlines()
    _, count, lost, torn = end.split()
    found = {text.split()[1] for text in held}
    assert len(found) == int(count), "an envelope is there twice"
    assert lost == "0", f"{lost} envelopes are damaged"
    return found, torn == "1"


def check(tool, flash, before, feeder):
    """Everything that was promised is there. A promise may reach us a moment after the cut, but
    never before the relay kept it, so promises are read first."""
    taken, erased = feeder.promises()
    held, torn = flash_list(tool, flash)
    lost = (before | taken) - held - feeder.answered()
    assert not lost, f"{len(lost)} envelopes are lost, such as {sorted(lost)[0]}"
    back = erased & held
    assert not back, f"{len(back)} envelopes came back, such as {sorted(back)[0]}"
    return len(taken), len(erased), torn


def play(programs, cuts, rng, cut_of):
    """So many cuts of one relay with one neighbour; gives (taken, erased, in the middle)."""
    program, tool, images = programs
    with tempfile.TemporaryDirectory() as folder, contextlib.ExitStack() as stack:
        flash = os.path.join(folder, "flash")
        board.make_flash(flash)
        seed = rng.randrange(1 << 32)
        subprocess.run([tool, "age", flash, str(FLASH_AT), str(LIVE), str(seed)], check=True,
                       timeout=120)
        before, _ = flash_list(tool, flash)
        assert len(before) == LIVE
        relay = board.Board(os.path.join(folder, "b"), images, flash=flash)
        stack.callback(relay.cut_power)
        terminal = line.Terminal(os.path.join(folder, "tty"))
        stack.enter_context(line.Line(terminal, line.Socket(relay.uart(0)), 921_600))
        feeder = Feeder(program, terminal.path, seed)
        stack.callback(feeder.end)
        torn = 0
        for cut in range(cuts):
            relay.start()
            had = len(feeder.promises()[0])
            try:
                wait_until(lambda: len(feeder.promises()[0]) > had, 60, "envelopes", every=0.005)
            except AssertionError:
                said = relay.process.poll() if relay.process.poll() is not None else relay.status()
                raise AssertionError(
                    f"the relay takes nothing after cut {cut_of + cut}: {said}") from None
            time.sleep(rng.uniform(0, 0.3))
            relay.cut_power()
            taken, erased, broken_off = check(tool, flash, before, feeder)
            torn += broken_off
        relay.start()
        wait_until(lambda: relay.status()["carried"] > 0, 20, "the relay comes back")
        return taken, erased, torn


def main():
    *programs, cuts = sys.argv[1:5]
    board.machines(programs[2], "chaski-relay")
    seed = int(sys.argv[5]) if len(sys.argv) > 5 else int.from_bytes(os.urandom(4), "little")
    print(f"seed {seed}")
    rng = random.Random(seed)
    totals = [0, 0, 0]
    for first in range(0, int(cuts), CUTS_OF_ONE):
        played = play(programs, min(CUTS_OF_ONE, int(cuts) - first), rng, first)
        totals = [a + b for a, b in zip(totals, played)]
        print(f"{first + CUTS_OF_ONE} cuts: {totals}", flush=True)
    print(f"{cuts} cuts, {totals[2]} of them between the first word of a batch and its commit: "
          f"{totals[0]} envelopes taken, {totals[1]} erased, none lost, none came back")


if __name__ == "__main__":
    main()
