# SPDX-License-Identifier: Apache-2.0
"""Inside the lab: somebody who knows the protocol as far as docs/protocol/ble.md tells everybody,
and has no good intentions. Speaks D-Bus and L2CAP without any of our code.
"""
import asyncio
import ctypes
import errno
import os
import socket
import struct

from dbus_next import DBusError

from bluez import ADAPTER, CHARACTERISTIC, DEVICE, Adapter

SERVICE = "5ea0c000-7b1d-4b5f-9d5c-6f0e3c1f8a2e"
INFO = "5ea0c001-7b1d-4b5f-9d5c-6f0e3c1f8a2e"
SOL_BLUETOOTH, RECEIVE_MTU, LE_PUBLIC = 274, 13, 1
C = ctypes.CDLL(None, use_errno=True)


def l2cap_address(address, psm):
    backwards = bytes.fromhex(address.replace(":", ""))[::-1]
    return struct.pack("<HH6sHBx", socket.AF_BLUETOOTH, psm, backwards, 0, LE_PUBLIC)


def greeting(tag=b"\0\0\0\1", kind=1):
    return b"CHB1" + tag + bytes([kind])


class Channel:
    """An L2CAP LE channel with credits; Python's socket knows no address type."""

    def __init__(self, own, peer, psm, mtu=2048):
        self.socket = socket.socket(socket.AF_BLUETOOTH, socket.SOCK_SEQPACKET,
                                    socket.BTPROTO_L2CAP)
        self.socket.setblocking(False)
        self.ask(C.bind, own, 0)
        self.socket.setsockopt(SOL_BLUETOOTH, RECEIVE_MTU, struct.pack("<H", mtu))
        self.peer, self.psm = peer, psm

    def ask(self, call, address, psm):
        wanted = l2cap_address(address, psm)
        if call(self.socket.fileno(), wanted, len(wanted)) != 0:
            if ctypes.get_errno() != errno.EINPROGRESS:
                raise OSError(ctypes.get_errno(), call.__name__)

    async def open(self, seconds=10):
        """Whether it came to be."""
        loop, writable = asyncio.get_running_loop(), asyncio.Event()
        try:
            self.ask(C.connect, self.peer, self.psm)
        except OSError:
            return False
        loop.add_writer(self.socket.fileno(), writable.set)
        try:
            await asyncio.wait_for(writable.wait(), seconds)
        except asyncio.TimeoutError:
            return False
        finally:
            loop.remove_writer(self.socket.fileno())
        return self.socket.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR) == 0

    async def send(self, data):
        """Whether it went; not when the channel is closed, or nothing fits for 10 s."""
        try:
            await asyncio.wait_for(
                asyncio.get_running_loop().sock_sendall(self.socket, data), 10)
        except (OSError, asyncio.TimeoutError):
            return False
        return True

    async def closed(self, seconds):
        """What came until the other end closed it; None when it did not within `seconds`."""
        loop, came = asyncio.get_running_loop(), b""
        until = loop.time() + seconds
        while (left := until - loop.time()) > 0:
            try:
                data = await asyncio.wait_for(loop.sock_recv(self.socket, 4096), left)
            except asyncio.TimeoutError:
                return None
            except OSError:
                return came
            if not data:
                return came
            came += data
        return None

    def close(self):
        self.socket.close()


class Stranger:
    """One adapter that is up to something. `victim` is an adapter's address."""

    def __init__(self, adapter, victim):
        self.adapter, self.victim, self.psm = adapter, victim, 0
        self.device = f"{adapter.path}/dev_{victim.replace(':', '_')}"

    @classmethod
    async def on(cls, number, victim):
        return cls(await Adapter.open(number), victim)

    def connected(self):
        return self.adapter.get(self.device, DEVICE, "Connected")

    def dialled(self):
        """Whether anybody is connected."""
        return any(interfaces.get(DEVICE, {}).get("Connected")
                   for interfaces in self.adapter.objects.values())

    async def dial(self):
        """A connection, and the PSM that info tells; again when it fails, as real ones do."""
        problem = None
        for _ in range(8):
            try:
                await self.adapter.scan()
                await self.adapter.wait(lambda: self.adapter.get(self.device, DEVICE, "Address"),
                                        "heard", 60)
                await self.adapter.call(self.adapter.path, ADAPTER, "StopDiscovery")
                # Not in the very instant in which the victim changes what it advertises: a virtual
                # controller then fails at once, and Linux 6.1 never dials that address again.
                await asyncio.sleep(0.3)
                await self.adapter.connect(self.device)
                self.psm = struct.unpack(">xHx", await self.info())[0]
                return
            except (DBusError, LookupError, TimeoutError, asyncio.TimeoutError) as error:
                problem = error
                await self.forget()
        raise AssertionError(f"{self.adapter.name} cannot dial {self.victim}: {problem!r}")

    async def forget(self):
        """Hangs up too."""
        try:
            await self.adapter.call(self.adapter.path, ADAPTER, "RemoveDevice", "o", [self.device])
        except DBusError:
            pass

    async def info(self):
        path = self.adapter.characteristic(self.device, INFO)
        return (await self.adapter.call(path, CHARACTERISTIC, "ReadValue", "a{sv}", [{}])).body[0]

    async def channel(self, mtu=2048):
        """A channel that came to be; None when it is refused."""
        channel = Channel(self.adapter.address, self.victim, self.psm, mtu)
        if await channel.open():
            return channel
        channel.close()
        return None

    async def gone(self, seconds):
        """Until the victim has hung up."""
        await self.adapter.wait(lambda: not self.connected(), "hung up by the victim", seconds)


def junk(size):
    return os.urandom(size)
