# SPDX-License-Identifier: Apache-2.0
"""Inside the lab: everything that goes wrong with Bluetooth on a machine, one function each.

Each takes the storm, does its damage, mends it after a random while, and leaves the world whole but
for who is out of whose range. Of those, Storm.calm() brings back all.
"""
import ctypes
import fcntl
import os
import socket

from phones import DEVICE, air, busctl, connected, shell

DEVICE_UP, DEVICE_DOWN, DEVICE_RESET = 0x400448C9, 0x400448CA, 0x400448CB  # <bluetooth/hci.h>


def controller(number, request):
    """What `hciconfig` asks of the kernel."""
    with socket.socket(socket.AF_BLUETOOTH, socket.SOCK_RAW, socket.BTPROTO_HCI) as control:
        try:
            fcntl.ioctl(control.fileno(), request, ctypes.c_ulong(number).value)
        except OSError as error:
            return os.strerror(error.errno)
    return ""


def out_of_range(storm):
    pair = tuple(sorted(storm.rng.sample(range(storm.count), 2)))
    storm.far.add(pair)
    air("far {} {}".format(*pair))


def back_in_range(storm):
    if storm.far:
        pair = storm.rng.choice(sorted(storm.far))
        storm.far.discard(pair)
        air("near {} {}".format(*pair))


def power(storm):
    number = storm.any_adapter()
    for state in ("false", "true"):
        busctl("set-property", "org.bluez", f"/org/bluez/hci{number}", "org.bluez.Adapter1",
               "Powered", "b", state)
        storm.while_it_lasts()


def reset(storm):
    """As after a hardware error: the kernel closes the controller and opens it again."""
    number = storm.any_adapter()
    controller(number, DEVICE_DOWN)
    controller(number, DEVICE_UP)


def bluetoothd(storm):
    shell("lab_stop bluetoothd" if storm.rng.random() < 0.5
          else 'kill -9 "$(</run/lab/bluetoothd.pid)"; lab_stop bluetoothd || true')
    storm.while_it_lasts()
    shell(f"lab_bluetoothd; lab_adapters {storm.count}")


def dbus(storm):
    shell("lab_stop dbus-daemon; lab_stop bluetoothd")
    storm.while_it_lasts()
    shell(f"rm -f /run/dbus/system_bus_socket; lab_bus; lab_bluetoothd; lab_adapters {storm.count}")


def unplugged(storm):
    """Every adapter goes, and comes back another one of the same name."""
    shell("lab_stop btvirt")
    storm.while_it_lasts()
    shell(f"lab_controllers {storm.count}; lab_adapters {storm.count}")
    storm.far.clear()


def killed(storm):
    phone = storm.rng.choice(storm.phones)
    phone.kill()
    storm.while_it_lasts()
    phone.start()


def dropped(storm):
    for number in storm.rng.sample(range(storm.count), storm.count):
        for path in connected(number):
            busctl("call", "org.bluez", path, DEVICE, "Disconnect")
            return


ALL = (out_of_range, back_in_range, power, reset, bluetoothd, dbus, unplugged, killed, dropped)
