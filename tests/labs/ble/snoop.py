# SPDX-License-Identifier: Apache-2.0
"""Every packet between the kernel and each controller, as btmon captures it.

btmon 5.66 itself ends with a segmentation fault when it decodes our L2CAP channels (tried), so it
is given what it can read, and after the fact.

Source: BlueZ 5.66, src/shared/btsnoop.h and monitor/bt.h (format 2001); Bluetooth Core 5.4, Vol 4
Part E.
"""
import collections
import contextlib
import ctypes
import socket
import struct
import threading
import time

COMMAND, EVENT, SENT, RECEIVED = 2, 3, 4, 5
ANY_ADAPTER, CHANNEL_MONITOR = 0xFFFF, 2
Packet = collections.namedtuple("Packet", "seconds adapter kind data")


def monitor_socket():
    monitor = socket.socket(socket.AF_BLUETOOTH, socket.SOCK_RAW, socket.BTPROTO_HCI)
    monitor.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4 << 20)
    address = struct.pack("=HHH", socket.AF_BLUETOOTH, ANY_ADAPTER, CHANNEL_MONITOR)
    if ctypes.CDLL(None, use_errno=True).bind(monitor.fileno(), address, len(address)) != 0:
        raise OSError(ctypes.get_errno(), "no monitor of Bluetooth")
    return monitor


@contextlib.contextmanager
def capture():
    """A list that grows by each packet while this is open."""
    packets, monitor, began = [], monitor_socket(), time.monotonic()

    def listen():
        while data := monitor.recv(1 << 16):
            kind, adapter, size = struct.unpack("<HHH", data[:6])
            packets.append(Packet(time.monotonic() - began, adapter, kind, data[6:6 + size]))

    threading.Thread(target=listen, daemon=True).start()
    try:
        yield packets
    finally:
        time.sleep(0.1)  # what is on its way


def write(path, packets):
    """For `btmon --read`."""
    with open(path, "wb") as f:
        f.write(b"btsnoop\0" + struct.pack(">II", 1, 2001))
        for packet in packets:
            size = len(packet.data)
            f.write(struct.pack(">IIIIQ", size, size, packet.adapter << 16 | packet.kind, 0,
                                int(packet.seconds * 1e6)) + packet.data)
