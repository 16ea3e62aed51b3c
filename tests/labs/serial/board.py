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

LINKS = {"mps2-an385": 4, "lm3s6965evb": 2}
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


def make_flash(path):
    """An erased flash with a seed in its seed page (embedded/boards/mps2-an385/entropy.c)."""
    with open(path, "wb") as f:
        f.write(os.urandom(SEED_BYTES))
        for _ in range(FLASH_BYTES // (1 << 20)):
            f.write(b"\xff" * (1 << 20))
        f.truncate(FLASH_BYTES)


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
        return self

    def cut_power(self):
        if self.process:
            self.process.send_signal(signal.SIGKILL)
            self.process.wait()
            self.process = None

    def status(self, seconds=10):
        """What the firmware says on its console when asked: {name: number}."""
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as s:
            s.settimeout(seconds)
            s.connect(self.console)
            s.sendall(b"?")
            text = b""
            while b"\n" not in text or b"stack_size=" not in text:
                text += s.recv(4096)
        words = text.decode().split()
        return {k: int(v) for k, v in (w.split("=") for w in words if "=" in w)}

    def __enter__(self):
        return self.start()

    def __exit__(self, *_):
        self.cut_power()
