# SPDX-License-Identifier: Apache-2.0
"""Serial cables between real programs: pseudoterminals with what a line does between them.

A Bench is one thread that moves the bytes of all its cables; every fault is drawn from a seed.
"""
import contextlib
import math
import os
import pty
import random
import select
import threading
import time
import tty

BYTE_BITS = 10  # a start and a stop bit


class End:
    """One plug: a path that is there while it is in, and the other side of that device."""

    def __init__(self, path):
        self.path, self.master, self.slave = path, None, None
        self.coming = bytearray()  # what the cable has brought and the device has not taken
        self.credit = 0.0          # bytes that may leave now

    def plug(self):
        self.master, self.slave = pty.openpty()
        # Held open, so that nothing is said about who else has it open.
        tty.setraw(self.slave)
        os.set_blocking(self.master, False)
        os.symlink(os.ttyname(self.slave), self.path)

    def unplug(self):
        with contextlib.suppress(FileNotFoundError):
            os.unlink(self.path)
        for descriptor in (self.master, self.slave):
            os.close(descriptor)
        self.master = self.slave = None
        self.coming.clear()


class Cable:
    """Two plugs and a line between them; both in, or both out."""

    def __init__(self, bench, name, baud, errors=0.0, breaks=0.0):
        self.bench, self.name, self.baud = bench, name, baud
        self.errors = errors  # share of the bits that are turned over
        self.breaks = breaks  # a second: 20 ms in which nothing but a zero byte comes through
        self.random = random.Random(f"{bench.seed}/{name}")
        self.ends = [End(f"{bench.folder}/{name}-{side}") for side in "ab"]
        self.until_error = self.next_error()
        self.broken_until = 0.0
        self.carried = [0, 0]
        self.flipped = 0
        self.broken = 0
        self.plugged = False

    def next_error(self):
        if self.errors <= 0:
            return math.inf
        return int(math.log(1 - self.random.random()) / math.log(1 - self.errors))

    def plug(self):
        with self.bench.lock:
            for end in self.ends:
                end.plug()
            self.plugged = True

    def unplug(self):
        with self.bench.lock:
            if not self.plugged:
                return
            for end in self.ends:
                end.unplug()
            self.plugged = False

    def noise(self, data):
        bits = len(data) * 8
        at = self.until_error
        if at >= bits:
            self.until_error = at - bits
            return data
        data = bytearray(data)
        while at < bits:
            data[int(at) // 8] ^= 1 << (int(at) % 8)
            self.flipped += 1
            at += 1 + self.next_error()
        self.until_error = at - bits
        return bytes(data)

    def move(self, passed, now):
        """Takes from each end what the line carries in that time, and brings it to the other."""
        if self.breaks and self.random.random() < self.breaks * passed:
            self.broken_until = now + 0.02
            self.broken += 1
        for index, (source, target) in enumerate([self.ends, self.ends[::-1]]):
            rate = self.baud / BYTE_BITS
            source.credit = min(source.credit + passed * rate, max(64, rate * 0.05))
            data = b""
            if source.credit >= 1:
                with contextlib.suppress(BlockingIOError, OSError):
                    data = os.read(source.master, int(source.credit))
            source.credit -= len(data)
            self.carried[index] += len(data)
            if data:
                target.coming += b"\0" if now < self.broken_until else self.noise(data)
            if target.coming:
                with contextlib.suppress(BlockingIOError, OSError):
                    done = os.write(target.master, target.coming)
                    del target.coming[:done]


class Bench:
    """All cables of one test."""

    STEP = 0.002

    def __init__(self, folder, seed):
        self.folder, self.seed = folder, seed
        self.lock = threading.Lock()
        self.cables = []
        self.stopping = False
        self.thread = threading.Thread(target=self.run, daemon=True)

    def cable(self, name, baud, **faults):
        made = Cable(self, name, baud, **faults)
        with self.lock:
            self.cables.append(made)
        return made

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.stopping = True
        self.thread.join()
        for cable in self.cables:
            cable.unplug()

    def run(self):
        last = time.monotonic()
        while not self.stopping:
            now = time.monotonic()
            busy = []
            with self.lock:
                for cable in self.cables:
                    if cable.plugged:
                        cable.move(now - last, now)
                        busy += [end.master for end in cable.ends]
            last = now
            # Nothing to carry: wait for something, not for the next step.
            with contextlib.suppress(OSError, ValueError):
                select.select(busy, [], [], 0.02)
            rest = self.STEP - (time.monotonic() - now)
            if rest > 0:
                time.sleep(rest)
