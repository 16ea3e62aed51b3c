# SPDX-License-Identifier: Apache-2.0
"""Firmware in QEMU as a Python value, for tests and labs: its UARTs are Unix sockets, its flash is
a file, and a power cut is SIGKILL."""
import os
import pathlib
import shutil
import signal
import socket
import subprocess
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
from chaskid import wait_until  # noqa: E402

LINKS = {"mps2-an385": 4, "lm3s6965evb": 2}
SEEDED_BY_CONSOLE = {"lm3s6965evb"}  # takes its seed as the first bytes on its console
FLASH_BYTES = 16 << 20
SEED_BYTES = 32


def skip(reason):
    print(f"skipped: {reason}")
    sys.exit(77)


def machines(images, program):
    """The machines for which `program` was built into this folder; ends the test when none is."""
    if not shutil.which("qemu-system-arm"):
        skip("qemu-system-arm is not installed; run scripts/install-deps check")
    found = [m for m in LINKS if (pathlib.Path(images) / f"{program}-{m}.elf").exists()]
    if not found:
        skip(f"no {program} in {images}; run scripts/size --build")
    return found


def command(machine, program, images, extra=()):
    return ["qemu-system-arm", "-M", machine, "-display", "none", "-monitor", "none",
            "-kernel", str(pathlib.Path(images) / f"{program}-{machine}.elf"), *extra]


def run_to_end(machine, program, images, seconds=120):
    """Runs a program that ends by itself; gives what it said on its console."""
    serial = ["-serial", "null"] * LINKS[machine] + ["-serial", "stdio", "-no-reboot"]
    run = subprocess.run(command(machine, program, images, serial), capture_output=True, text=True,
                         timeout=seconds, stdin=subprocess.DEVNULL, check=False)
    if run.returncode != 0:
        raise AssertionError(f"QEMU: exit {run.returncode}: {run.stderr}")
    return run.stdout


def make_flash(path, seeded=True):
    """An erased flash with a seed in its seed page (embedded/boards/mps2-an385/entropy.c)."""
    with open(path, "wb") as f:
        f.write(os.urandom(SEED_BYTES) if seeded else b"\xff" * SEED_BYTES)
        for _ in range(FLASH_BYTES // (1 << 20)):
            f.write(b"\xff" * (1 << 20))
        f.truncate(FLASH_BYTES)


def connect(client, path, seconds=20):
    """Connects to a socket that QEMU is about to listen at."""
    def attempt():
        try:
            client.connect(path)
            return True
        except OSError:
            return False
    wait_until(attempt, seconds, f"somebody listens at {path}")


def heard(console, word):
    """What the firmware says up to the end of the line in which the word stands."""
    text = b""
    while word not in text or not text.endswith(b"\n"):
        data = console.recv(4096)
        if not data:
            raise AssertionError(f"the firmware's console ended after {text!r}")
        text += data
    return text


class Board:
    """One relay in QEMU. `uart(n)` is the path of the Unix socket of link n."""

    def __init__(self, folder, images, machine="mps2-an385", program="chaski-relay", flash=None):
        self.folder, self.images, self.machine = str(folder), images, machine
        self.program, self.flash = program, flash
        os.makedirs(self.folder, exist_ok=True)
        self.process = None
        self.log = None

    def uart(self, number):
        return os.path.join(self.folder, f"uart{number}")

    @property
    def console(self):
        return os.path.join(self.folder, "console")

    def start(self):
        serial = []
        for number in range(LINKS[self.machine]):
            serial += ["-serial", f"unix:{self.uart(number)},server=on,wait=off"]
        serial += ["-serial", f"unix:{self.console},server=on,wait=off"]
        if self.flash:
            serial += ["-object", f"memory-backend-file,id=psram,size=16M,mem-path={self.flash},"
                       "share=on", "-machine", "memory-backend=psram"]
        with open(os.path.join(self.folder, "qemu.log"), "ab") as log:
            self.process = subprocess.Popen(
                command(self.machine, self.program, self.images, serial),
                stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        wait_until(lambda: os.path.exists(self.console), 20, "QEMU makes its sockets")
        if self.machine in SEEDED_BY_CONSOLE:
            self.talk(os.urandom(SEED_BYTES), b"seeded", after=b"seed?\n")
        return self

    def talk(self, what, until=None, seconds=10, after=None):
        """Says something on the console, `after` the firmware said that if it is given; gives the
        answer up to the end of the line in which the word `until` stands."""
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as s:
            s.settimeout(seconds)
            connect(s, self.console)
            if after:
                heard(s, after)
            s.sendall(what)
            return heard(s, until) if until else b""

    def cut_power(self):
        if self.process:
            self.process.send_signal(signal.SIGKILL)
            self.process.wait()
            self.process = None
            for name in os.listdir(self.folder):
                if name == "console" or name.startswith("uart"):
                    os.unlink(os.path.join(self.folder, name))

    def status(self, seconds=10):
        """What the firmware says on its console when asked: {name: number}."""
        words = self.talk(b"?", b"heap=", seconds).decode().split()
        return {k: int(v) for k, v in (w.split("=") for w in words if "=" in w)}

    def __enter__(self):
        return self.start()

    def __exit__(self, *_):
        self.cut_power()
