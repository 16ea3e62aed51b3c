# SPDX-License-Identifier: Apache-2.0
"""A serial line between two programs, with a speed, noise and a plug: QEMU's UARTs and pseudo
terminals move bytes as fast as they are read, a wire does not."""
import os
import pty
import random
import socket
import threading
import time
import tty

TICK_S = 0.002
AHEAD = 256  # bytes that a UART's driver may have given the wire; the rest waits with its writer


class Terminal:
    """A pseudo terminal: `path` is what a program opens as its serial port."""

    def __init__(self, path):
        self.path = str(path)
        self.fd, self.other = pty.openpty()
        tty.setraw(self.other)
        os.set_blocking(self.fd, False)
        if os.path.islink(self.path):
            os.unlink(self.path)
        os.symlink(os.ttyname(self.other), self.path)

    def read(self, size):
        try:
            return os.read(self.fd, size)
        except (BlockingIOError, OSError):
            return b""

    def write(self, data):
        try:
            return os.write(self.fd, data)
        except (BlockingIOError, OSError):
            return 0

    def close(self):
        os.unlink(self.path)
        os.close(self.fd)
        os.close(self.other)


class Socket:
    """A Unix socket that somebody else (QEMU) listens at; connects again when that one is back."""

    def __init__(self, path):
        self.path = str(path)
        self.socket = None

    def connected(self):
        if self.socket is None:
            s = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
            try:
                s.connect(self.path)
            except OSError:
                s.close()
                return False
            s.setblocking(False)
            self.socket = s
        return True

    def lose(self):
        self.socket.close()
        self.socket = None

    def read(self, size):
        if not self.connected():
            return b""
        try:
            data = self.socket.recv(size)
        except BlockingIOError:
            return b""
        except OSError:
            data = b""
        if not data:
            self.lose()
        return data

    def write(self, data):
        if not self.connected():
            return len(data)  # nobody is there: what is on the wire is gone
        try:
            return self.socket.send(data)
        except BlockingIOError:
            return 0
        except OSError:
            self.lose()
            return len(data)

    def close(self):
        if self.socket:
            self.lose()


class Way:
    """One direction of a line."""

    def __init__(self, source, sink, noise):
        self.source, self.sink, self.noise = source, sink, noise
        self.waiting = b""
        self.budget = 0.0
        self.bytes = 0
        self.last_byte = None

    def move(self, plugged, allowance):
        self.budget = min(self.budget + allowance, allowance + AHEAD)
        if len(self.waiting) < AHEAD:
            self.waiting += self.source.read(int(AHEAD + allowance) - len(self.waiting))
        size = min(int(self.budget), len(self.waiting))
        if size == 0:
            return
        if not plugged:
            self.budget -= size
            self.waiting = self.waiting[size:]
            return
        sent = self.sink.write(self.noise(self.waiting[:size]))
        self.waiting = self.waiting[sent:]
        self.budget -= sent
        self.bytes += sent
        if sent:
            self.last_byte = time.monotonic()


class Line:
    """Moves bytes between two ends at `baud`, 10 bits a byte, flipping each bit with the chance
    `flips`. `plugged = False` pulls the plug."""

    def __init__(self, left, right, baud, flips=0.0, seed=1):
        self.left, self.right = left, right
        self.bytes_per_s = baud / 10
        self.flips = flips
        self.random = random.Random(seed)
        self.flipped = 0
        self.gap = self.next_gap()
        self.plugged = True
        self.there = Way(left, right, self.noise)
        self.back = Way(right, left, self.noise)
        self.stopping = threading.Event()
        self.thread = threading.Thread(target=self.run, daemon=True)
        self.thread.start()

    def next_gap(self):
        return int(self.random.expovariate(self.flips)) if self.flips else None

    def noise(self, data):
        if self.gap is None:
            return data
        data = bytearray(data)
        while self.gap < 8 * len(data):
            data[self.gap // 8] ^= 1 << self.gap % 8
            self.flipped += 1
            self.gap += 1 + self.next_gap()
        self.gap -= 8 * len(data)
        return bytes(data)

    def run(self):
        last = time.monotonic()
        while not self.stopping.wait(TICK_S):
            now = time.monotonic()
            allowance = (now - last) * self.bytes_per_s
            last = now
            self.there.move(self.plugged, allowance)
            self.back.move(self.plugged, allowance)

    def close(self):
        if self.stopping.is_set():
            return
        self.stopping.set()
        self.thread.join()
        self.left.close()
        self.right.close()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()
