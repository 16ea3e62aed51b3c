#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""A small network of nodes on one machine, for tests and the demo.

Each node has its own network, mount and host name namespace, its own /run, D-Bus system bus
and avahi-daemon. Wires are virtual Ethernet cables between two nodes; nodes that no wire joins
share no network. Needs root. Nothing of it is seen outside, and everything goes when the lab is
closed, when its program ends by a signal, and even when the program is killed: the
kernel takes the rest.

    with Lab() as lab:
        north, ridge = lab.node("north"), lab.node("ridge")
        lab.wire(north, ridge)                   # interfaces "to-ridge" and "to-north"
        daemon = north.popen(["chaskid", "--config", path])
        lab.unwire(north, ridge)                 # north leaves; wire() again: same addresses

From a shell: netlab.py up north ridge south --wire north:ridge --wire ridge:south
              netlab.py exec north ip address;  netlab.py unwire north ridge;  netlab.py down
"""

import argparse
import atexit
import json
import os
import pathlib
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time

TOOLS = ["unshare", "nsenter", "setpriv", "ip", "mount"]
BUS = "unix:path=/run/dbus/system_bus_socket"
READY_S = 10.0

# Holds a node's namespaces: sets the node up, says so in one line, then sleeps until killed.
HOLDER = r"""
import os, signal, subprocess, sys
signal.signal(signal.SIGINT, signal.SIG_IGN)
def run(*command): subprocess.run(command, check=True, stdin=subprocess.DEVNULL)
def put(path, text):
    try:
        with open(path, "w") as file: file.write(text)
    except OSError: pass
name = sys.argv[1]
run("hostname", name)
run("mount", "-t", "tmpfs", "-o", "mode=755", "run", "/run")
for folder in ("/run/dbus", "/run/avahi-daemon", "/run/lock"): os.mkdir(folder)
run("ip", "link", "set", "lo", "up")
# Addresses are usable at once: nobody else is on a wire of the lab.
for conf in ("all", "default"): put("/proc/sys/net/ipv6/conf/%s/accept_dad" % conf, "0")
print("up", flush=True)
while True: signal.pause()
"""

# The policy of a system bus, without the change of user that would untie it from our own end.
BUS_CONF = """<busconfig>
  <type>system</type>
  <listen>unix:path=/run/dbus/system_bus_socket</listen>
  <auth>EXTERNAL</auth>
  <policy context="default">
    <allow user="*"/>
    <deny own="*"/>
    <deny send_type="method_call"/>
    <allow send_type="signal"/>
    <allow send_requested_reply="true" send_type="method_return"/>
    <allow send_requested_reply="true" send_type="error"/>
    <allow receive_type="method_call"/>
    <allow receive_type="method_return"/>
    <allow receive_type="error"/>
    <allow receive_type="signal"/>
    <allow send_destination="org.freedesktop.DBus"/>
  </policy>
  <includedir>/usr/share/dbus-1/system.d</includedir>
  <includedir>/etc/dbus-1/system.d</includedir>
</busconfig>
"""

AVAHI_CONF = """[server]
host-name={name}
use-ipv4={ipv4}
use-ipv6={ipv6}
enable-dbus=yes
disallow-other-stacks=no
ratelimit-interval-usec=0
[wide-area]
enable-wide-area=no
[publish]
publish-workstation=no
publish-hinfo=no
[reflector]
[rlimits]
"""


def bound_to_us(command):
    """The command, killed by the kernel when this program ends in whatever way."""
    return ["setpriv", "--pdeathsig", "KILL", *command]


def wait_until(condition, what, seconds=READY_S):
    """Wait for a condition; raise RuntimeError when the deadline passes."""
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            raise RuntimeError(f"{what}: not after {seconds:g} s")
        time.sleep(0.01)


def end(process, gently=True, seconds=3.0):
    """End one process that we started, by its pid."""
    if process is None or process.poll() is not None:
        return
    if gently:
        process.terminate()
        try:
            process.wait(seconds)
            return
        except subprocess.TimeoutExpired:
            pass
    process.kill()
    process.wait()


class Node:
    """One machine of the lab. Made by Lab.node()."""

    def __init__(self, lab, name, avahi, ipv4, ipv6):
        self.lab, self.name, self.wants_avahi = lab, name, avahi
        self.ipv4, self.ipv6 = ipv4, ipv6
        self.folder = lab.folder / name  # logs of its bus and avahi; free for your own files
        self.folder.mkdir()
        self.processes, self.bus, self.avahi = [], None, None
        self.holder = subprocess.Popen(
            bound_to_us(["unshare", "--mount", "--net", "--uts", "--propagation", "private",
                         sys.executable, "-c", HOLDER, name]),
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
            start_new_session=True)
        if self.holder.stdout.readline() != "up\n":
            raise RuntimeError(f"node {name}: {self.holder.communicate()[1].strip()}")
        self.pid = self.holder.pid
        self.root = pathlib.Path(f"/proc/{self.pid}/root")  # the node's files, its own /run too

    # Programs

    def enter(self):
        """The words to put before a command so that it runs in this node."""
        return ["nsenter", "-t", str(self.pid), "-m", "-n", "-u", "--"]

    def environment(self, env=None):
        return {**(os.environ if env is None else env), "DBUS_SYSTEM_BUS_ADDRESS": BUS}

    def popen(self, command, **kw):
        """Like subprocess.Popen, in the node; its pid is that of the command itself."""
        kw["env"] = self.environment(kw.get("env"))
        kw.setdefault("stdin", subprocess.DEVNULL)
        kw.setdefault("cwd", os.getcwd())
        process = subprocess.Popen(bound_to_us(self.enter() + inside(kw.pop("cwd"), command)), **kw)
        self.processes = [p for p in self.processes if p.poll() is None] + [process]
        return process

    def run(self, command, check=True, **kw):
        """Like subprocess.run with text output captured; raises when the command fails."""
        kw.setdefault("capture_output", True)
        kw.setdefault("text", True)
        kw["env"] = self.environment(kw.get("env"))
        done = subprocess.run(self.enter() + inside(kw.pop("cwd", os.getcwd()), command), **kw)
        if check and done.returncode != 0:
            words = " ".join(map(str, command))
            raise RuntimeError(f"{self.name}: {words}: {done.stderr or done.returncode}")
        return done

    # Daemons

    def log(self, name):
        return open(self.folder / f"{name}.log", "a")

    def start_dbus(self):
        socket_file = self.root / "run/dbus/system_bus_socket"
        socket_file.unlink(missing_ok=True)
        conf = self.folder / "dbus.conf"
        conf.write_text(BUS_CONF)
        with self.log("dbus") as log:
            self.bus = self.popen(["dbus-daemon", f"--config-file={conf}", "--nofork",
                                   "--nopidfile", "--nosyslog"], stdout=log, stderr=log)
        wait_until(socket_file.exists, f"{self.name}: dbus-daemon")

    def stop_dbus(self, gently=True):
        """Stop the bus; avahi-daemon ends with it, as it does on a real machine."""
        end(self.bus, gently)
        (self.root / "run/dbus/system_bus_socket").unlink(missing_ok=True)
        if self.avahi is not None:
            end(self.avahi)
        self.bus = self.avahi = None

    def start_avahi(self):
        conf = self.folder / "avahi.conf"
        yes = {True: "yes", False: "no"}
        conf.write_text(AVAHI_CONF.format(name=self.name, ipv4=yes[self.ipv4], ipv6=yes[self.ipv6]))
        for name in ("pid", "socket"):
            (self.root / "run/avahi-daemon" / name).unlink(missing_ok=True)
        with self.log("avahi") as log:
            self.avahi = self.popen(["avahi-daemon", "--no-drop-root", "--no-chroot",
                                     "--no-rlimits", "--no-proc-title", "-f", str(conf)],
                                    stdout=log, stderr=log)
        wait_until((self.root / "run/avahi-daemon/socket").exists, f"{self.name}: avahi-daemon")

    def stop_avahi(self, gently=True):
        """Stop avahi-daemon; gently: it says goodbye, else it is killed."""
        end(self.avahi, gently)
        self.avahi = None

    # The network

    def addresses(self, interface=None):
        """The node's addresses but loopback, as text, or those of one interface."""
        shown = json.loads(self.run(["ip", "-json", "address"]).stdout)
        return [info["local"] for link in shown if link["ifname"] != "lo"
                and interface in (None, link["ifname"]) for info in link.get("addr_info", [])]

    def left_behind(self):
        """Processes in the node that our processes started and left: their network is the
        node's."""
        ours = os.readlink(f"/proc/{self.pid}/ns/net")
        if ours == os.readlink("/proc/self/ns/net"):
            return
        for entry in pathlib.Path("/proc").glob("[0-9]*"):
            try:
                if os.readlink(entry / "ns/net") == ours and int(entry.name) != self.pid:
                    yield int(entry.name)
            except OSError:
                continue

    def close(self):
        for process in self.processes:
            end(process, gently=False)
        for pid in self.left_behind():
            try:
                os.kill(pid, signal.SIGKILL)
            except ProcessLookupError:
                pass
        end(self.holder, gently=False)
        self.holder.stdout.close()
        self.holder.stderr.close()


def inside(folder, command):
    """A command that starts in `folder`: nsenter would start it in /."""
    return ["/usr/bin/env", "-C", str(folder), *map(str, command)]


class Wire:
    """A cable between two nodes; Lab.wire() makes it."""

    def __init__(self, a, b, number, copy, ipv4, ipv6):
        self.a, self.b = a, b
        suffix = "" if copy == 0 else f"-{copy + 1}"
        self.names = tuple(f"to-{n.name}"[: 15 - len(suffix)] + suffix for n in (b, a))
        run = lambda *command: subprocess.run(command, check=True, capture_output=True, text=True)
        run(*a.enter(), "ip", "link", "add", "dev", self.names[0], "type", "veth", "peer", "name",
            self.names[1], "netns", str(b.pid))
        for end_number, node in enumerate((a, b)):
            name = self.names[end_number]
            if not ipv6:
                node.run(["sh", "-c", f"echo 1 > /proc/sys/net/ipv6/conf/{name}/disable_ipv6"])
            if ipv4:
                address = f"10.77.{number}.{end_number + 1}/24"
                node.run(["ip", "address", "add", address, "dev", name])
            node.run(["ip", "link", "set", name, "up"])

    def down(self):
        """Pull the cable at the first node: both ends lose the carrier, the addresses stay."""
        self.a.run(["ip", "link", "set", self.names[0], "down"])

    def up(self):
        self.a.run(["ip", "link", "set", self.names[0], "up"])

    def remove(self):
        self.a.run(["ip", "link", "delete", self.names[0]], check=False)


class Lab:
    """Nodes and wires; a context manager. `folder` is its scratch folder, removed at the end."""

    _why_not = None

    def __init__(self):
        if not Lab.available():
            raise RuntimeError(Lab.why_not())
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="chaski-lab-"))
        self.nodes, self.wires, self.subnets = {}, {}, {}
        atexit.register(self.close)
        for number in (signal.SIGTERM, signal.SIGHUP):
            if signal.getsignal(number) == signal.SIG_DFL:
                signal.signal(number, lambda n, _: sys.exit(128 + n))

    @staticmethod
    def available():
        """Whether nodes can be made here."""
        return Lab.why_not() == ""

    @staticmethod
    def why_not():
        """Why nodes cannot be made here, in one line; empty when they can."""
        if Lab._why_not is None:
            Lab._why_not = Lab._find_why_not()
        return Lab._why_not

    @staticmethod
    def _find_why_not():
        if not sys.platform.startswith("linux") or os.geteuid() != 0:
            return "the network lab needs root (sudo)"
        missing = [t for t in TOOLS + ["dbus-daemon", "avahi-daemon"] if shutil.which(t) is None]
        if missing:
            return f"the network lab needs {', '.join(missing)}"
        trial = subprocess.run(
            ["unshare", "--mount", "--net", "--uts", "sh", "-c",
             "mount -t tmpfs run /run && ip link add dev here type veth peer name there"],
            capture_output=True, text=True)
        if trial.returncode != 0:
            return f"the network lab needs namespaces, not permitted here: {trial.stderr.strip()}"
        return ""

    def node(self, name, avahi=True, dbus=True, ipv4=True, ipv6=True):
        """A new node. ipv4 and ipv6 say what its avahi-daemon speaks; avahi needs dbus."""
        node = Node(self, name, avahi, ipv4, ipv6)
        self.nodes[name] = node
        if dbus:
            node.start_dbus()
        if avahi and dbus:
            node.start_avahi()
        return node

    def wire(self, a, b, ipv4=True, ipv6=True):
        """Join two nodes; again: a second cable. IPv4 10.77.x.1 and .2, IPv6 link-local."""
        a, b = self._node(a), self._node(b)
        if (b.name, a.name) in self.wires or (b.name, a.name, 0) in self.subnets:
            a, b = b, a  # the same ends as before: the same names and addresses
        between = self.wires.setdefault((a.name, b.name), [])
        key = (a.name, b.name, len(between))
        number = self.subnets.setdefault(key, len(self.subnets) + 1)
        wire = Wire(a, b, number, len(between), ipv4, ipv6)
        between.append(wire)
        return wire

    def unwire(self, a, b):
        """Remove every cable between two nodes."""
        a, b = self._node(a), self._node(b)
        for key in ((a.name, b.name), (b.name, a.name)):
            for wire in self.wires.pop(key, []):
                wire.remove()

    def _node(self, node):
        if isinstance(node, str) and node not in self.nodes:
            raise RuntimeError(f"no node called {node}: there are {', '.join(self.nodes)}")
        return self.nodes[node] if isinstance(node, str) else node

    def close(self):
        """End everything and remove the scratch folder. Safe to call again."""
        atexit.unregister(self.close)
        for node in self.nodes.values():
            node.close()
        self.nodes, self.wires = {}, {}
        shutil.rmtree(self.folder, ignore_errors=True)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()


# The command line: `up` leaves a keeper behind that holds the lab and obeys a Unix socket.

def place(name):
    return pathlib.Path(tempfile.gettempdir()) / f"chaski-netlab-{os.getuid()}-{name}.socket"


def obey(lab, words):
    """One request to the keeper; returns what is said back."""
    verb, *rest = words
    if verb == "wire":
        lab.wire(*rest)
    elif verb == "unwire":
        lab.unwire(*rest)
    elif verb == "where":
        node = lab._node(rest[0])
        return {"enter": node.enter(), "bus": BUS, "folder": str(node.folder)}
    elif verb in ("stop-avahi", "start-avahi", "stop-dbus", "start-dbus"):
        getattr(lab._node(rest[0]), verb.replace("-", "_"))()
    return {}


def keep(options, ready):
    """The keeper: builds the lab, says so on `ready`, obeys until told `down`."""
    path = place(options.lab)
    try:
        lab = Lab()
        for name in options.nodes:
            lab.node(name, avahi=not options.no_avahi)
        for pair in options.wire or []:
            lab.wire(*pair.split(":"))
        server = socket.socket(socket.AF_UNIX)
        old_mask = os.umask(0o077)
        server.bind(str(path))
        os.umask(old_mask)
        server.listen(8)
    except Exception as error:  # said to the person who typed `up`
        os.write(ready, str(error).encode())
        sys.exit(1)
    atexit.register(lambda: path.unlink(missing_ok=True))
    os.write(ready, b"up")
    os.close(ready)
    while True:
        peer, _ = server.accept()
        with peer, peer.makefile("rw") as stream:
            words = json.loads(stream.readline() or "[\"\"]")
            if words == ["down"]:
                lab.close()
            try:
                answer = obey(lab, words)
            except Exception as error:
                answer = {"error": str(error)}
            stream.write(json.dumps(answer) + "\n")
            stream.flush()
            if words == ["down"]:
                return


def ask(options, *words):
    """Tell the keeper something; ends the program in one line when that fails."""
    try:
        with socket.socket(socket.AF_UNIX) as peer:
            peer.connect(str(place(options.lab)))
            with peer.makefile("rw") as stream:
                stream.write(json.dumps(words) + "\n")
                stream.flush()
                answer = json.loads(stream.readline() or "{}")
    except (FileNotFoundError, ConnectionRefusedError):
        sys.exit(f"no lab called {options.lab} is up: start it with netlab.py up NODE...")
    if "error" in answer:
        sys.exit(answer["error"])
    return answer


def start_keeper(options):
    if not Lab.available():
        sys.exit(Lab.why_not())
    path = place(options.lab)
    if path.exists():
        with socket.socket(socket.AF_UNIX) as peer:
            if peer.connect_ex(str(path)) == 0:
                sys.exit(f"a lab called {options.lab} is up already: netlab.py down")
        path.unlink()
    reading, writing = os.pipe()
    if os.fork() == 0:
        os.setsid()
        os.close(reading)
        null = os.open(os.devnull, os.O_RDWR)
        for number in (0, 1, 2):
            os.dup2(null, number)
        keep(options, writing)
        sys.exit(0)
    os.close(writing)
    said = os.read(reading, 4096).decode()
    if said != "up":
        sys.exit(said or "the lab did not start")
    print(f"up: {' '.join(options.nodes)}")


def main():
    parser = argparse.ArgumentParser(description="nodes in network namespaces, wired as you say")
    parser.add_argument("--lab", default="lab", help="name of the lab (default: lab)")
    verbs = parser.add_subparsers(dest="verb", required=True)
    up = verbs.add_parser("up", help="start nodes")
    up.add_argument("nodes", nargs="+")
    up.add_argument("--wire", action="append", metavar="A:B")
    up.add_argument("--no-avahi", action="store_true")
    run = verbs.add_parser("exec", help="run a command in a node")
    run.add_argument("node")
    run.add_argument("command", nargs=argparse.REMAINDER)
    for verb in ("wire", "unwire"):
        two = verbs.add_parser(verb)
        two.add_argument("a")
        two.add_argument("b")
    for verb in ("stop-avahi", "start-avahi", "stop-dbus", "start-dbus"):
        verbs.add_parser(verb).add_argument("node")
    verbs.add_parser("down", help="end everything")
    verbs.add_parser("check", help="say whether a lab can run here")
    options = parser.parse_args()
    if options.verb == "up":
        start_keeper(options)
    elif options.verb == "check":
        sys.exit(Lab.why_not() or print("the network lab can run here"))
    elif options.verb == "exec":
        where = ask(options, "where", options.node)
        os.environ["DBUS_SYSTEM_BUS_ADDRESS"] = where["bus"]
        command = where["enter"] + inside(os.getcwd(), options.command or ["sh"])
        os.execvp(command[0], command)
    elif options.verb in ("wire", "unwire"):
        ask(options, options.verb, options.a, options.b)
    elif options.verb == "down":
        ask(options, "down")
    else:
        ask(options, options.verb, options.node)


if __name__ == "__main__":
    main()
