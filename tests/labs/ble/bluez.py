# SPDX-License-Identifier: Apache-2.0
"""One Bluetooth adapter as a lab test sees it: bluetoothd's objects, a GATT service, descriptors.

This is a second reading of BlueZ's D-Bus interface beside the one in C++, so that a test can speak
to our transport as a stranger would.
"""
import asyncio
import os
import socket

from dbus_next import BusType, DBusError, Message, MessageType, PropertyAccess, Variant
from dbus_next.aio import MessageBus
from dbus_next.service import ServiceInterface, dbus_property, method

ADAPTER, DEVICE = "org.bluez.Adapter1", "org.bluez.Device1"
CHARACTERISTIC = "org.bluez.GattCharacteristic1"
PROPERTIES = "org.freedesktop.DBus.Properties"
OBJECT_MANAGER = "org.freedesktop.DBus.ObjectManager"


class Root(ServiceInterface):
    """Gives the application's path an object; dbus_next adds the ObjectManager."""

    def __init__(self):
        super().__init__("org.chaski.lab.Root")


class Service(ServiceInterface):
    """org.bluez.GattService1."""

    def __init__(self, uuid):
        super().__init__("org.bluez.GattService1")
        self.uuid = uuid

    @dbus_property(PropertyAccess.READ)
    def UUID(self) -> "s":  # noqa: F821
        return self.uuid

    @dbus_property(PropertyAccess.READ)
    def Primary(self) -> "b":  # noqa: F821
        return True


class Characteristic(ServiceInterface):
    """org.bluez.GattCharacteristic1 whose values pass through descriptors.

    `given` is a queue of (kind, socket, mtu, device) in the order in which bluetoothd asked.
    """

    def __init__(self, service_path, uuid, flags):
        super().__init__(CHARACTERISTIC)
        self.service_path, self.uuid, self.flags = service_path, uuid, flags
        self.given = asyncio.Queue()

    @dbus_property(PropertyAccess.READ)
    def UUID(self) -> "s":  # noqa: F821
        return self.uuid

    @dbus_property(PropertyAccess.READ)
    def Service(self) -> "o":  # noqa: F821
        return self.service_path

    @dbus_property(PropertyAccess.READ)
    def Flags(self) -> "as":  # noqa: F722
        return self.flags

    def give(self, kind, options):
        values = {name: value.value for name, value in options.items()}
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        ours.setblocking(False)
        descriptor = os.dup(theirs.fileno())
        theirs.close()
        self.given.put_nowait((kind, ours, values["mtu"], values["device"]))
        return [descriptor, values["mtu"]]


class WriteCharacteristic(Characteristic):
    """Central to peripheral."""

    def __init__(self, service_path, uuid):
        super().__init__(service_path, uuid, ["write", "write-without-response"])

    @dbus_property(PropertyAccess.READ)
    def WriteAcquired(self) -> "b":  # noqa: F821
        return False

    @method()
    def AcquireWrite(self, options: "a{sv}") -> "hq":  # noqa: F821,F722
        return self.give("write", options)


class NotifyCharacteristic(Characteristic):
    """Peripheral to central."""

    def __init__(self, service_path, uuid):
        super().__init__(service_path, uuid, ["notify"])

    @dbus_property(PropertyAccess.READ)
    def NotifyAcquired(self) -> "b":  # noqa: F821
        return False

    @method()
    def AcquireNotify(self, options: "a{sv}") -> "hq":  # noqa: F821,F722
        return self.give("notify", options)


class Advertisement(ServiceInterface):
    """org.bluez.LEAdvertisement1: a service, or data that belongs to it (both are too long)."""

    def __init__(self, uuid, datum):
        super().__init__("org.bluez.LEAdvertisement1")
        self.uuid, self.datum = uuid, datum

    @method()
    def Release(self):
        pass

    @dbus_property(PropertyAccess.READ)
    def Type(self) -> "s":  # noqa: F821
        return "peripheral"

    @dbus_property(PropertyAccess.READ)
    def ServiceUUIDs(self) -> "as":  # noqa: F722
        return [] if self.datum else [self.uuid]

    @dbus_property(PropertyAccess.READ)
    def ServiceData(self) -> "a{sv}":  # noqa: F821,F722
        return {self.uuid: Variant("ay", self.datum)} if self.datum else {}


class Adapter:
    """Adapter hciN over a bus connection of its own. Made by `await Adapter.open(N)`."""

    def __init__(self, number):
        self.name, self.path = f"hci{number}", f"/org/bluez/hci{number}"
        self.objects = {}  # path -> interface -> property -> value
        self.changed = asyncio.Event()
        self.bus = None

    @classmethod
    async def open(cls, number):
        adapter = cls(number)
        adapter.bus = await MessageBus(bus_type=BusType.SYSTEM, negotiate_unix_fd=True).connect()
        adapter.bus.add_message_handler(adapter.hear)
        signal = "type='signal',sender='org.bluez',interface="
        for rule in (f"{signal}'{PROPERTIES}',path_namespace='{adapter.path}'",
                     f"{signal}'{OBJECT_MANAGER}',arg0path='{adapter.path}/'"):
            await adapter.bus.call(Message(
                destination="org.freedesktop.DBus", path="/org/freedesktop/DBus",
                interface="org.freedesktop.DBus", member="AddMatch", signature="s", body=[rule]))
        reply = await adapter.call("/", OBJECT_MANAGER, "GetManagedObjects")
        for path, interfaces in reply.body[0].items():
            adapter.learn(path, interfaces)
        await adapter.wait(lambda: adapter.get(adapter.path, ADAPTER, "Powered"), "powered")
        return adapter

    @property
    def address(self):
        return self.get(self.path, ADAPTER, "Address")

    def learn(self, path, interfaces):
        for name, values in interfaces.items():
            kept = self.objects.setdefault(path, {}).setdefault(name, {})
            kept.update({key: value.value for key, value in values.items()})

    def hear(self, message):
        if message.message_type != MessageType.SIGNAL:
            return
        if message.member == "InterfacesAdded":
            self.learn(*message.body)
        elif message.member == "InterfacesRemoved":
            path, names = message.body
            for name in names:
                self.objects.get(path, {}).pop(name, None)
        elif message.member == "PropertiesChanged":
            self.learn(message.path, {message.body[0]: message.body[1]})
        self.changed.set()

    def get(self, path, interface, name):
        return self.objects.get(path, {}).get(interface, {}).get(name)

    async def wait(self, condition, what, seconds=30):
        """What the condition gives, as soon as it is true."""
        deadline = asyncio.get_running_loop().time() + seconds
        while not (value := condition()):
            left = deadline - asyncio.get_running_loop().time()
            self.changed.clear()
            try:
                await asyncio.wait_for(self.changed.wait(), max(left, 0.001))
            except asyncio.TimeoutError:
                raise TimeoutError(f"{self.name}: not {what} after {seconds} s") from None
        return value

    async def call(self, path, interface, member, signature="", body=()):
        reply = await asyncio.wait_for(self.bus.call(Message(
            destination="org.bluez", path=path, interface=interface, member=member,
            signature=signature, body=list(body))), 40)
        if reply.message_type == MessageType.ERROR:
            raise DBusError(reply.error_name, f"{self.name} {member}: {reply.body}")
        return reply

    # As peripheral

    async def serve(self, service, write, notify, root="/org/chaski/lab"):
        """Registers the service; gives its two characteristics."""
        root = f"{root}/{self.name}"
        path = f"{root}/service"
        characteristics = WriteCharacteristic(path, write), NotifyCharacteristic(path, notify)
        self.bus.export(path, Service(service))
        self.bus.export(f"{path}/write", characteristics[0])
        self.bus.export(f"{path}/notify", characteristics[1])
        self.bus.export(root, Root())
        await self.call(self.path, "org.bluez.GattManager1", "RegisterApplication", "oa{sv}",
                        [root, {}])
        return characteristics

    async def advertise(self, service, datum=b"", path="/org/chaski/lab/advertisement"):
        path = f"{path}/{self.name}"
        self.bus.export(path, Advertisement(service, datum))
        await self.call(self.path, "org.bluez.LEAdvertisingManager1", "RegisterAdvertisement",
                        "oa{sv}", [path, {}])

    async def withdraw(self, path="/org/chaski/lab/advertisement"):
        path = f"{path}/{self.name}"
        await self.call(self.path, "org.bluez.LEAdvertisingManager1", "UnregisterAdvertisement",
                        "o", [path])
        self.bus.unexport(path)

    async def power(self, on):
        await self.call(self.path, PROPERTIES, "Set", "ssv", [ADAPTER, "Powered", Variant("b", on)])
        await self.wait(lambda: self.get(self.path, ADAPTER, "Powered") == on, f"powered {on}")

    # As central

    async def scan(self, *services):
        """Scans: for who lists one of the services, or for everybody."""
        wanted = {"UUIDs": Variant("as", list(services))} if services else {}
        await self.call(self.path, ADAPTER, "SetDiscoveryFilter", "a{sv}", [
            {"Transport": Variant("s", "le"), "DuplicateData": Variant("b", True), **wanted}])
        await self.call(self.path, ADAPTER, "StartDiscovery")

    async def find(self, service):
        """Scans until somebody lists the service; gives the path of that device."""
        await self.scan(service)

        def seen():
            for path, interfaces in self.objects.items():
                if path.startswith(self.path + "/") and service in interfaces.get(
                        DEVICE, {}).get("UUIDs", []):
                    return path
            return None

        device = await self.wait(seen, f"found {service}")
        await self.call(self.path, ADAPTER, "StopDiscovery")
        return device

    async def connect(self, device):
        await self.call(device, DEVICE, "Connect")
        await self.wait(lambda: self.get(device, DEVICE, "ServicesResolved"), "resolved")

    async def disconnect(self, device):
        await self.call(device, DEVICE, "Disconnect")

    def characteristic(self, device, uuid):
        for path, interfaces in self.objects.items():
            if path.startswith(device + "/") and interfaces.get(CHARACTERISTIC, {}).get(
                    "UUID") == uuid:
                return path
        raise LookupError(f"{self.name}: {device} has no characteristic {uuid}")

    async def acquire(self, path, kind):
        """A descriptor of "Write" or "Notify", and the MTU."""
        reply = await self.call(path, CHARACTERISTIC, "Acquire" + kind, "a{sv}", [{}])
        descriptor = socket.socket(fileno=reply.unix_fds[0])
        descriptor.setblocking(False)
        return descriptor, reply.body[1]
