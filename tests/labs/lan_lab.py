#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""The LAN transport against real avahi-daemons, in network namespaces.

usage: lan_lab.py LAN-PROBE [TEST...]

Each test builds its own network, runs lan-probe in the nodes and reads what it says. Ends with 0
when all passed, 1 when one failed, 77 when no namespaces can be made here.
"""

import json
import os
import pathlib
import sys
import threading
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent / "netlab"))
from netlab import Lab, end  # noqa: E402

HEALS_S = 10.0  # any change of topology
FINDS_S = 5.0  # discovery to the first exchanged frame


class Probe:
    """One lan-probe in one node; its lines are read as they come."""

    def __init__(self, program, node, *settings):
        self.name, self.node = node.name, node
        self.lines, self.changed = [], threading.Condition()
        self.process = node.popen([program, node.name, *settings], stdin=-1, stdout=-1, text=True)
        self.started = time.monotonic()
        self.reader = threading.Thread(target=self._read, daemon=True)
        self.reader.start()

    def _read(self):
        for line in self.process.stdout:
            with self.changed:
                self.lines.append({**json.loads(line), "at": time.monotonic() - self.started})
                self.changed.notify_all()

    def say(self, command):
        self.process.stdin.write(command + "\n")
        self.process.stdin.flush()

    def wait(self, condition, seconds, what):
        """Wait for the condition on all lines; gives its value."""
        deadline = time.monotonic() + seconds
        with self.changed:
            while True:
                value = condition(self.lines)
                if value:
                    return value
                left = deadline - time.monotonic()
                if left <= 0 or self.process.poll() is not None:
                    raise AssertionError(f"{self.name}: not within {seconds:g} s: {what}")
                self.changed.wait(min(left, 0.5))

    def tail(self):
        told = [line for line in self.lines if line["event"] != "status"]
        return "\n".join(f"    {line}" for line in told[-25:])

    def status(self):
        before = len(self.lines)
        self.say("status")
        return self.wait(
            lambda lines: next((x for x in lines[before:] if x["event"] == "status"), None),
            5,
            "an answer to status",
        )

    def until(self, condition, seconds, what):
        """Ask for the status until the condition holds on it; gives the seconds it took."""
        start = time.monotonic()
        while True:
            status = self.status()
            if condition(status):
                return time.monotonic() - start
            if time.monotonic() - start > seconds:
                raise AssertionError(f"{self.name}: not within {seconds:g} s: {what}\n    {status}")
            time.sleep(0.05)

    def events(self, name):
        return [x for x in self.lines if x["event"] == name]

    def logs(self):
        return [x["text"] for x in self.events("log") if x["level"] < 7]

    def peers(self, status):
        return sorted(x["peer"] for x in status["links"])

    def meets(self, other, seconds=FINDS_S, what="a link to its neighbour"):
        return self.until(
            lambda s: self.peers(s) == [other.name] and s["connections"] == 1, seconds, what
        )

    def frame_arrives(self, other):
        """Frames are sent until one arrives: those on a link that dies are lost, the owner repeats
        them."""
        had = other.status()["frames"]

        def arrived(status):
            self.say("send")
            return status["frames"] > had

        other.until(arrived, HEALS_S, "a frame from " + self.name)

    def stop(self):
        end(self.process)


class Field:
    """A lab, and probes that end with it."""

    def __init__(self, program):
        self.program, self.lab, self.probes = program, Lab(), []

    def probe(self, node, *settings):
        probe = Probe(self.program, node, *settings)
        self.probes.append(probe)
        return probe

    def pair(self, **wire):
        north, ridge = self.lab.node("north"), self.lab.node("ridge")
        self.lab.wire(north, ridge, **wire)
        return north, ridge

    def told(self):
        return "\n".join(f"  {probe.name} said:\n{probe.tail()}" for probe in self.probes)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        for probe in self.probes:
            end(probe.process, gently=False)
        self.lab.close()


def meet(field, north, ridge, *settings):
    a, b = field.probe(north, *settings), field.probe(ridge, *settings)
    took = a.meets(b)
    b.meets(a)
    a.frame_arrives(b)
    b.frame_arrives(a)
    return a, b, took


# The tests. Each returns a few words about what it measured.


def test_discovery(field):
    """Two nodes on one wire find each other and exchange frames within 5 s; one link."""
    a, b, took = meet(field, *field.pair())
    a.until(
        lambda s: s["discovery"] and len(s["services"]) == 1,
        5,
        "published, browsing, one service seen",
    )
    assert a.status()["discovery_problem"] == ""
    assert a.logs() == ["neighbours on the LAN are looked for"], a.logs()
    return f"first link after {took:.1f} s"


def test_ipv6_link_local_only(field):
    """No IPv4 address anywhere."""
    _, _, took = meet(field, *field.pair(ipv4=False))
    return f"{took:.1f} s"


def test_ipv4_only(field):
    """IPv6 switched off on the wire."""
    _, _, took = meet(field, *field.pair(ipv6=False))
    return f"{took:.1f} s"


def test_published_records_name_nobody(field):
    """Service, host name and TXT record have the random name only; rotate() renews it."""
    north, ridge = field.pair()
    a = field.probe(north)
    a.until(lambda s: s["discovery"], FINDS_S, "published")

    def seen():
        out = ridge.run(["avahi-browse", "-rpt", "_chaski._tcp"]).stdout
        return [line.split(";") for line in out.splitlines() if line.startswith("=")]

    records = seen()
    assert records, "nothing is published"
    for _, _, _, name, _, _, host, _, port, text in records:
        assert len(name) == 16 and host == f"{name}.local", (name, host)
        assert sorted(text.split()) == sorted(['"v=1"', f'"id={name}"']), text
        assert int(port) == a.status()["port"]
    before = {r[3] for r in records}
    assert len(before) == 1, before
    a.say("rotate")
    deadline = time.monotonic() + 5
    while {r[3] for r in seen()} & before or not seen():
        assert time.monotonic() < deadline, "the old name is still published"
    return f"{len(records)} records"


def test_a_taken_name_is_given_up(field):
    """Somebody else has our name on a wire that is new to us: we choose another, and say nothing
    wrong."""
    lab = field.lab
    north, south, ridge = (lab.node(name) for name in ("north", "south", "ridge"))
    lab.wire(north, south)
    a = field.probe(north)
    a.until(lambda s: s["discovery"], FINDS_S, "published")
    name = south.run(["avahi-browse", "-pt", "_chaski._tcp"]).stdout.split(";")[3]
    # A greater port and text win when two ask at once (RFC 6762, 8.2).
    ridge.popen(
        ["avahi-publish", "-s", name, "_chaski._tcp", "65535", "zzzzzzzzzzzz"], stdout=-3, stderr=-3
    )
    lab.wire(north, ridge)

    def ours():
        out = south.run(["avahi-browse", "-pt", "_chaski._tcp"]).stdout
        return {line.split(";")[3] for line in out.splitlines()}

    # Avahi says no goodbye after a conflict: the old name stays in caches, and must do no harm
    # there.
    deadline = time.monotonic() + HEALS_S
    while not ours() - {name}:
        assert time.monotonic() < deadline, f"still {name}: {ours()}"
    a.until(lambda s: s["discovery"], FINDS_S, "published under the new name")
    b = field.probe(south)
    took = a.meets(b)
    time.sleep(2)
    assert len(b.events("opened")) == 1, "the old name is taken for a neighbour"
    return f"found under the new name after {took:.1f} s"


def test_avahi_restarts(field):
    """avahi-daemon killed and started: links live on, and who comes then is found."""
    north, ridge = field.pair()
    a, b, _ = meet(field, north, ridge)
    for node in (north, ridge):
        node.stop_avahi(gently=False)
    a.until(lambda s: "avahi-daemon is not running" in s["discovery_problem"], 5, "it says so")
    assert a.meets(b) is not None
    for node in (north, ridge):
        node.start_avahi()
    a.until(lambda s: s["discovery"] and s["services"], FINDS_S, "published and browsing again")
    b.stop()
    c = field.probe(ridge)
    took = a.meets(c, HEALS_S)
    assert len([x for x in a.logs() if "not running" in x]) == 1, a.logs()
    return f"new neighbour after {took:.1f} s"


def test_dbus_restarts(field):
    """The system bus dies and comes back, avahi with it."""
    north, ridge = field.pair()
    a, b, _ = meet(field, north, ridge)
    north.stop_dbus(gently=False)
    a.until(lambda s: "D-Bus system bus" in s["discovery_problem"], 5, "it says so")
    a.meets(b)
    north.start_dbus()
    north.start_avahi()
    took = a.until(
        lambda s: s["discovery"] and s["services"], HEALS_S, "published and browsing again"
    )
    return f"back after {took:.1f} s"


def test_avahi_appears_later(field):
    """No bus and no avahi at the start; said once, picked up when they come."""
    lab = field.lab
    north, ridge = lab.node("north", dbus=False), lab.node("ridge", avahi=False)
    lab.wire(north, ridge)
    a, b = field.probe(north), field.probe(ridge)
    a.until(lambda s: "there is no D-Bus system bus" in s["discovery_problem"], 3, "it says so")
    b.until(lambda s: "avahi-daemon is not running" in s["discovery_problem"], 3, "it says so")
    north.start_dbus()
    a.until(
        lambda s: "avahi-daemon is not running" in s["discovery_problem"], 5, "it joins the bus"
    )
    north.start_avahi()
    ridge.start_avahi()
    took = a.meets(b, HEALS_S)
    said = [x for x in b.logs() if "not running" in x]
    assert len(said) == 1, b.logs()
    return f"{took:.1f} s after avahi came"


def test_bus_that_hangs(field):
    """A bus that accepts and says nothing: the loop is not blocked, static peers work."""
    north, ridge = field.pair()
    north.stop_dbus()
    hang = north.popen(
        [
            sys.executable,
            "-c",
            "import socket,time\ns=socket.socket(socket.AF_UNIX)\n"
            "s.bind('/run/dbus/system_bus_socket')\ns.listen()\ntime.sleep(1000)",
        ]
    )
    b = field.probe(ridge, "port=4711")
    a = field.probe(north, "peer=10.77.1.2:4711")
    a.meets(b)
    a.until(lambda s: "does not answer" in s["discovery_problem"], 8, "it says so")
    end(hang)
    north.start_dbus()
    north.start_avahi()
    a.until(lambda s: s["discovery"], HEALS_S, "published and browsing")
    return "answered throughout"


def test_interface_goes_down_and_up(field):
    """The wire is pulled and put back: the link is gone, then there again, within 10 s each."""
    lab = field.lab
    north, ridge = lab.node("north"), lab.node("ridge")
    wire = lab.wire(north, ridge)
    a, b, _ = meet(field, north, ridge)
    wire.down()
    gone = a.until(lambda s: not s["links"], HEALS_S, "the link is dropped")
    b.until(lambda s: not s["links"], HEALS_S, "the link is dropped")
    wire.up()
    took = a.meets(b, HEALS_S)
    b.meets(a)
    a.frame_arrives(b)
    return f"dropped after {gone:.1f} s, back after {took:.1f} s"


def test_node_leaves_and_returns(field):
    """The wire is removed and a new one made, as the demo does."""
    north, ridge = field.pair()
    a, b, _ = meet(field, north, ridge)
    field.lab.unwire(north, ridge)
    a.until(lambda s: not s["links"] and not s["services"], HEALS_S, "the link is dropped")
    field.lab.wire(north, ridge)
    took = a.meets(b, HEALS_S)
    b.meets(a)
    return f"back after {took:.1f} s"


def test_two_wires_one_link(field):
    """Two interfaces between the same pair give one link, and it moves when its wire goes."""
    lab = field.lab
    north, ridge = lab.node("north"), lab.node("ridge")
    wires = [lab.wire(north, ridge), lab.wire(north, ridge)]
    a, b, _ = meet(field, north, ridge)
    opened = len(a.events("opened"))
    time.sleep(3)
    assert len(a.events("opened")) == opened, "the link is dialled again"
    a.meets(b)
    for wire in wires:
        wire.down()
        a.meets(b, HEALS_S)
        b.meets(a, HEALS_S)
        a.frame_arrives(b)
        wire.up()
        time.sleep(1)
        a.meets(b, HEALS_S)
    return f"{opened} dialled at the start"


def test_three_in_a_line(field):
    """North and south share no network; ridge has both as neighbours."""
    lab = field.lab
    nodes = [lab.node(name) for name in ("north", "ridge", "south")]
    lab.wire("north", "ridge")
    lab.wire("ridge", "south")
    a, b, c = (field.probe(node) for node in nodes)
    took = b.until(lambda s: b.peers(s) == ["north", "south"], FINDS_S, "both neighbours")
    assert a.peers(a.status()) == ["ridge"] and c.peers(c.status()) == ["ridge"]
    return f"{took:.1f} s"


def test_only_named_interfaces(field):
    """With interface=to-north in the config, south is not a neighbour."""
    lab = field.lab
    nodes = [lab.node(name) for name in ("north", "ridge", "south")]
    lab.wire("north", "ridge")
    lab.wire("ridge", "south")
    a = field.probe(nodes[0])
    b = field.probe(nodes[1], "interface=to-north")
    c = field.probe(nodes[2])
    took = a.meets(b)
    time.sleep(3)
    assert not c.status()["links"] and not c.status()["services"], c.status()
    assert b.peers(b.status()) == ["north"]
    return f"{took:.1f} s"


def test_kill_and_restart(field):
    """A node killed without a word is dropped and found again under its new name."""
    north, ridge = field.pair()
    a, b, _ = meet(field, north, ridge)
    end(b.process, gently=False)
    a.until(lambda s: not s["links"], HEALS_S, "the link is dropped")
    c = field.probe(ridge)
    took = a.meets(c, HEALS_S)
    return f"{took:.1f} s"


def test_goodbye(field):
    """A node that stops says so: its service is gone from the others at once."""
    north, ridge = field.pair()
    a, b, _ = meet(field, north, ridge)
    a.until(lambda s: len(s["services"]) == 1, 3, "one service")
    b.stop()
    took = a.until(lambda s: not s["services"] and not s["links"], 3, "it is gone")
    return f"gone after {took:.1f} s"


def test_idle_costs_nothing(field):
    """Ten idle seconds of a connected node: processor time and memory."""
    north, ridge = field.pair()
    a, _, _ = meet(field, north, ridge)
    time.sleep(2)

    def spent():
        fields = pathlib.Path(f"/proc/{a.process.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    before = spent()
    time.sleep(10)
    used = (spent() - before) / 10 * 100
    status = pathlib.Path(f"/proc/{a.process.pid}/status").read_text()
    rss = int(next(x for x in status.splitlines() if x.startswith("VmRSS")).split()[1])
    assert used <= 0.2, f"{used:.2f} % of a processor while idle"
    return f"{used:.2f} % of a processor, {rss / 1024:.1f} MB"


def main():
    if len(sys.argv) < 2:
        print(__doc__)
        return 2
    if not Lab.available():
        print(f"skipped: {Lab.why_not()}")
        return 77
    tests = {name[5:]: value for name, value in globals().items() if name.startswith("test_")}
    if sys.argv[2:] == ["--list"]:
        print("\n".join(tests))
        return 0
    chosen = sys.argv[2:] or list(tests)
    failed = 0
    for name in chosen:
        start = time.monotonic()
        try:
            with Field(sys.argv[1]) as field:
                try:
                    words = tests[name](field)
                except AssertionError as problem:
                    raise AssertionError(f"{problem}\n{field.told()}") from None
            print(f"pass {name}: {words} ({time.monotonic() - start:.1f} s)", flush=True)
        except (AssertionError, RuntimeError) as problem:
            failed += 1
            print(f"FAIL {name}: {problem}", flush=True)
    print(f"{len(chosen) - failed} passed, {failed} failed, 0 skipped")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
