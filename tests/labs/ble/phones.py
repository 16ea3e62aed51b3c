# SPDX-License-Identifier: Apache-2.0
"""Inside the lab: daemons that have Bluetooth and nothing else, and what BlueZ says of them.

The program is always the first argument of the scene that uses this.
"""
import json
import os
import subprocess
import sys
import time

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
from chaskid import Daemon, introduce, wait_until  # noqa: E402

BLUEZ, DEVICE, ADVERTISING = "org.bluez", "org.bluez.Device1", "org.bluez.LEAdvertisingManager1"


def air(command):
    """"far A B" or "near A B"."""
    with open(os.environ["LAB_AIR"], "w", encoding="ascii") as fifo:
        fifo.write(command + "\n")


def shell(command):
    """With the functions of bluetooth.sh."""
    subprocess.run(["bash", "-c", f'. "$LAB_FUNCTIONS"; {command}'], check=True)


def busctl(*arguments):
    return subprocess.run(["busctl", "--system", "--json=short", *arguments], check=True,
                          capture_output=True, text=True).stdout


def bluez_objects():
    """path -> interface -> property -> value; nothing while there is no bluetoothd."""
    try:
        said = busctl("call", BLUEZ, "/", "org.freedesktop.DBus.ObjectManager", "GetManagedObjects")
    except subprocess.CalledProcessError:
        return {}
    return {path: {name: {key: value["data"] for key, value in values.items()}
                   for name, values in interfaces.items()}
            for path, interfaces in json.loads(said)["data"][0].items()}


def connected(number, objects=None):
    """The paths of the devices that adapter hciN is connected with, whatever for."""
    mine = f"/org/bluez/hci{number}/"
    return [path for path, interfaces in (objects or bluez_objects()).items()
            if path.startswith(mine) and interfaces.get(DEVICE, {}).get("Connected")]


def advertisements(number, objects=None):
    """How many hciN has on the air."""
    adapter = (objects or bluez_objects()).get(f"/org/bluez/hci{number}", {})
    return adapter.get(ADVERTISING, {}).get("ActiveInstances")


class Phone(Daemon):
    """A daemon with adapter hciN. `ble` are more lines of its config."""

    def __init__(self, folder, number, ble=""):
        lan = f'enabled = false\n[ble]\nadapters = ["hci{number}"]\n{ble}\n[log]\nlevel = "debug"\n'
        super().__init__(sys.argv[1], folder, f"n{number}", port=0, lan=lan)
        self.number = number

    def neighbours(self):
        return self.get("/v1/status")["neighbours"]

    def adapter(self):
        """What it says of its adapter; nothing when it has none."""
        adapters = self.get("/v1/status")["transports"]["ble"]["adapters"]
        return adapters[0] if adapters else {}

    def texts(self):
        return [message["text"] for message in self.messages() if message["direction"] == "in"]

    def has(self, text):
        return text in self.texts()

    def rss_kib(self):
        with open(f"/proc/{self.process.pid}/status", encoding="ascii") as f:
            return next(int(line.split()[1]) for line in f if line.startswith("VmRSS"))

    def descriptors(self):
        return len(os.listdir(f"/proc/{self.process.pid}/fd"))


def phones(folder, nodes, count, ble=""):
    """The first `count` adapters' daemons, started."""
    made = [Phone(folder, number, ble) for number in range(count)]
    for phone in made:
        phone.start()
        nodes.append(phone)
    return made


def know_each_other(nodes):
    for at, one in enumerate(nodes):
        for other in nodes[at + 1:]:
            introduce(one, other)


class Mail:
    """What was accepted for delivery; each must be where it belongs exactly once."""

    def __init__(self):
        self.written = []  # (from, to, text)

    def write(self, one, other, what):
        text = f"{what} {one.name} {other.name} {len(self.written)}"
        one.post("/v1/messages", to=other.name, text=text)
        self.written.append((one, other, text))

    def missing(self):
        """Looks into each message box once. More than once is a failure at once."""
        boxes = {phone: phone.texts() for phone in {other for _, other, _ in self.written}}
        for one, other, text in self.written:
            count = boxes[other].count(text)
            assert count <= 1, f"{text!r} came {count} times to {other.name}"
        return [(one.name, other.name, text) for one, other, text in self.written
                if text not in boxes[other]]

    def arrives(self, seconds):
        """Seconds until nothing is missing."""
        began = time.monotonic()
        while missing := self.missing():
            assert time.monotonic() - began < seconds, \
                f"after {seconds} s {len(missing)} of {len(self.written)} missing: {missing[:5]}"
            time.sleep(max(0.1, (time.monotonic() - began) / 10))
        return round(time.monotonic() - began, 2)


def everybody_writes_to_everybody(nodes, what, seconds=120):
    """Every pair, both ways; gives the seconds until the last is there."""
    mail = Mail()
    for one in nodes:
        for other in nodes:
            if one is not other:
                mail.write(one, other, what)
    return mail.arrives(seconds)


def no_slot_leaks(nodes, links_max=7, seconds=40):
    """A connection that BlueZ has is a slot of the daemon, and a slot is a connection, or a dial
    that ends. Slots are in the budget."""
    differ = {}

    def agrees():
        objects = bluez_objects()
        for phone in nodes:
            slots, really = phone.adapter().get("slots"), len(connected(phone.number, objects))
            assert slots is None or slots <= links_max, f"{phone.name} has {slots} slots"
            if slots != really and differ.get(phone, True):
                differ[phone] = f"{phone.name}: {slots} slots, {really} connected"
            else:
                differ[phone] = ""
        return not any(differ.values())
    try:
        wait_until(agrees, seconds, "each daemon's slots are what BlueZ has connected", 0.5)
    except AssertionError as error:
        raise AssertionError(f"{error}: {[one for one in differ.values() if one]}") from None


def nothing_left_behind(numbers, seconds=30):
    """Of daemons that stopped: no connection, no advertisement."""
    def gone():
        objects = bluez_objects()
        return not any(connected(number, objects) or advertisements(number, objects)
                       for number in numbers)
    try:
        wait_until(gone, seconds, "no connection and no advertisement left behind", 0.5)
    except AssertionError as error:
        left = [(connected(number), advertisements(number)) for number in numbers]
        raise AssertionError(f"{error}: {left}") from None
