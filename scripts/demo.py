#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""A small real mesh on this machine: a message reaches somebody who was away when it was written.

    scripts/demo.py --chaski PATH --chaskid PATH [--keep] [--loopback | --namespaces]

Three real chaskid, `north`, `ridge` and `south`: as root each in a network namespace with a D-Bus
and an avahi-daemon of its own, else on loopback ports. scripts/demo builds the programs and starts
this.
Exit: 0 delivered, 1 not, 77 --namespaces was asked for and they cannot be made here.
"""
import argparse
import contextlib
import json
import os
import pathlib
import re
import shlex
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parents[1]
sys.dont_write_bytecode = True
sys.path.insert(0, str(ROOT / "tests" / "labs" / "netlab"))
from netlab import Lab, bound_to_us  # noqa: E402

NAMES = ("north", "ridge", "south")
TEXT = "The bridge holds. Come up before the rain."
PATIENCE_S = 20.0
LOGS_SHOWN = 15


class DemoFailure(Exception):
    """What did not happen, in words."""


class Story:
    """Prints what happens, with the seconds since it began."""

    def __init__(self):
        self.began = time.monotonic()
        fancy = sys.stdout.isatty() and not os.environ.get("NO_COLOR")
        self.bold, self.dim, self.green, self.plain = (
            ("\x1b[1m", "\x1b[2m", "\x1b[32m", "\x1b[0m") if fancy else ("", "", "", ""))

    def elapsed(self):
        return time.monotonic() - self.began

    def step(self, text, good=False):
        colour = self.green if good else ""
        print(f"{self.dim}{self.elapsed():6.1f} s{self.plain}  {colour}{text}"
              f"{self.plain if good else ''}", flush=True)

    def command(self, node, words, output):
        print(f"          {self.dim}{node}${self.plain} {self.bold}chaski {words}{self.plain}")
        for line in output.splitlines():
            print(f"          {line}", flush=True)


class Node:
    """One chaskid with a folder of its own."""

    def __init__(self, mesh, name, lan):
        self.mesh, self.name, self.process = mesh, name, None
        self.folder = mesh.folder / name
        self.folder.mkdir()
        self.socket = self.folder / "chaskid.sock"
        self.config = self.folder / "chaskid.toml"
        self.log = self.folder / "chaskid.log"
        quoted = json.dumps
        self.config.write_text(f"[node]\nstate = {quoted(str(self.folder / 'state'))}\n"
                               f"[api]\nsocket = {quoted(str(self.socket))}\n[lan]\n{lan}\n"
                               "[ble]\nenabled = false\n")
        # So that a person can type <folder>/north status.
        typed = mesh.folder / f"{name}.sh"
        typed.write_text(f'#!/bin/sh\nexec {shlex.quote(mesh.chaski)} --socket '
                         f'{shlex.quote(str(self.socket))} "$@"\n')
        typed.chmod(0o755)

    def start(self):
        command = [self.mesh.chaskid, "--config", str(self.config)]
        with open(self.log, "ab") as log:
            self.process = self.mesh.spawn(self.name, command, stdin=subprocess.DEVNULL,
                                           stdout=log, stderr=log)

    def stop(self):
        if self.process is None or self.process.poll() is not None:
            return
        self.process.terminate()
        try:
            self.process.wait(10)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()

    def chaski(self, *words):
        """Runs the real command at this node; gives what it printed."""
        run = subprocess.run([self.mesh.chaski, "--socket", str(self.socket), *words],
                             stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=60)
        if run.returncode != 0:
            raise DemoFailure(f"{self.name}: chaski {' '.join(words[:2])}: {run.stderr.strip()}")
        return run.stdout

    def ask(self, *words):
        return json.loads(self.chaski("--json", *words))

    def running(self):
        if self.process.poll() is not None:
            raise DemoFailure(f"{self.name}'s chaskid ended with code {self.process.returncode}")
        try:
            return self.ask("status")
        except DemoFailure:
            return None

    def neighbours(self):
        return self.ask("status")["neighbours"]

    def last_log_lines(self):
        if not self.log.exists():
            return ["(it was not started)"]
        return self.log.read_text(errors="replace").splitlines()[-LOGS_SHOWN:]


class LoopbackMesh:
    """Three nodes on loopback ports: north and south dial ridge. One that is away is stopped."""

    told = ("each is a real chaskid with a data folder of its own, on a loopback port; north and "
            "south know\n          the way to ridge and not to each other. One that is away is "
            "switched off")

    def __init__(self, options, folder):
        self.chaski, self.chaskid, self.folder = options.chaski, options.chaskid, folder
        with contextlib.ExitStack() as held:  # three at once, so that they differ
            sockets = [held.enter_context(socket.socket()) for _ in NAMES]
            for each in sockets:
                each.bind(("127.0.0.1", 0))
            ports = dict(zip(NAMES, (each.getsockname()[1] for each in sockets)))
        self.nodes = {}
        for name in NAMES:
            peers = [] if name == "ridge" else [f"127.0.0.1:{ports['ridge']}"]
            self.nodes[name] = Node(self, name, f'port = {ports[name]}\nlisten = ["127.0.0.1"]\n'
                                                f"discover = false\npeers = {json.dumps(peers)}")

    def spawn(self, _, command, **more):
        return subprocess.Popen(bound_to_us(command), start_new_session=True, **more)

    def arrive(self, name):
        process = self.nodes[name].process
        if process is None or process.poll() is not None:
            self.nodes[name].start()

    def leave(self, name):
        self.nodes[name].stop()

    def close(self):
        for node in self.nodes.values():
            node.stop()


class NamespaceMesh:
    """Three nodes that share nothing: one cable joins north and ridge, another ridge and south."""

    told = ("each is a real chaskid with its own data folder, network, D-Bus and avahi-daemon.\n"
            "          There is a cable from north to ridge and one from ridge to south, none from "
            "north to south.\n          One that is away has its cable pulled")

    def __init__(self, options, folder):
        self.chaski, self.chaskid, self.folder = options.chaski, options.chaskid, folder
        self.lab = Lab()
        try:
            self.places = {name: self.lab.node(name) for name in NAMES}
        except BaseException:
            self.lab.close()
            raise
        self.nodes = {name: Node(self, name, "discover = true") for name in NAMES}
        self.wired = set()

    def spawn(self, name, command, **more):
        return self.places[name].popen(command, start_new_session=True, **more)

    def arrive(self, name):
        if name not in self.wired:
            self.lab.wire(name, "ridge")
            self.wired.add(name)

    def leave(self, name):
        self.lab.unwire(name, "ridge")
        self.wired.discard(name)

    def close(self):
        for node in self.nodes.values():
            node.stop()
        self.lab.close()


def wait_for(condition, what):
    """Waits until the condition gives something; gives it and the seconds that it took."""
    began = time.monotonic()
    while True:
        value = condition()
        if value:
            return value, time.monotonic() - began
        if time.monotonic() - began > PATIENCE_S:
            raise DemoFailure(f"{what}: not within {PATIENCE_S:g} s")
        time.sleep(0.03)


def shortened(link):
    return f"{link[:40]}..." if len(link) > 44 else link


def meet(story, north, south):
    """North invites, south answers: links from hand to hand, no network between them."""
    for node in (north, south):
        said = node.chaski("init", node.name, "--no-passphrase")
        story.command(node.name, f"init {node.name}", said.splitlines()[0])
    link = north.chaski("invite", "--no-qr").strip()
    story.command("north", "invite", shortened(link))
    said = south.chaski("add", link, "--name", "north")
    answer = re.search(r"chaski add (\S+)", said)
    story.command("south", f"add {shortened(link)}", said.splitlines()[0])
    if answer:
        said = north.chaski("add", answer.group(1), "--name", "south")
        story.command("north", f"add {shortened(answer.group(1))}", said.splitlines()[0])


def state_of(node, number):
    return node.ask("explain", number)["message"]["state"]


def tell(story, mesh):
    """The story of one message."""
    north, ridge, south = (mesh.nodes[name] for name in NAMES)
    story.step("three nodes on this machine: north, ridge and south")
    print(f"          {mesh.told}.")
    for node in (north, south):
        node.start()
    for node in (north, south):
        wait_for(node.running, f"{node.name} answers")
    story.step("north and south meet in person and hand over an invitation, without any network")
    meet(story, north, south)

    mesh.leave("south")
    story.step("south goes away, out of everybody's reach")
    ridge.start()
    wait_for(ridge.running, "ridge answers")
    story.step("ridge starts: a relay without a person, which carries for others")
    mesh.arrive("north")
    _, seconds = wait_for(north.neighbours, "north finds ridge")
    story.step(f"north comes by ridge: they found each other in {seconds:.1f} s")
    said = north.chaski("send", "south", TEXT)
    number = re.search(r"Message (\d+)", said).group(1)
    story.step("north writes to south, who is not there")
    story.command("north", f'send south "{TEXT}"', said)
    wait_for(lambda: state_of(north, number) == "custody", "ridge takes custody")
    story.step("ridge took custody of it: it is on ridge's disk, and ridge cannot read it")

    accepted = ridge.ask("status")["counters"]["envelopes_accepted"]
    mesh.leave("north")
    story.step("north goes away; only ridge carries the message now")
    mesh.arrive("south")
    wait_for(south.running, "south answers")
    _, seconds = wait_for(lambda: south.ask("messages")["messages"], "the message reaches south")
    story.step(f"south is back, and {seconds:.1f} s later has its message", good=True)
    story.command("south", "messages", south.chaski("messages").rstrip())

    # The receipt must reach ridge before south leaves: nothing of south's is under way any more.
    wait_for(lambda: ridge.ask("status")["counters"]["envelopes_accepted"] > accepted and
             all(n["unacknowledged"] == 0 and n["queued"] == 0 for n in south.neighbours()),
             "ridge takes the receipt")
    mesh.leave("south")
    story.step("ridge took south's receipt; south goes away again")
    mesh.arrive("north")
    wait_for(north.running, "north answers")
    _, seconds = wait_for(lambda: state_of(north, number) == "delivered", "north hears of it")
    story.step(f"north is back, and {seconds:.1f} s later knows that it was delivered", good=True)
    story.command("north", f"explain {number}", north.chaski("explain", number).rstrip())
    story.step("done: north and south were never connected with each other", good=True)


def tell_how_to_run_it():
    print("""
To run a node for real on this machine:
  sudo cmake --install build/demo --component programs
  sudo systemd-sysusers && sudo systemctl daemon-reload
  sudo systemctl enable --now chaskid     # the node; nodes near by find each other
  sudo adduser $USER chaski               # who may use it; log in again afterwards
  chaski init <your name>                 # then: chaski invite, chaski add, chaski send
  chaski status                           # what works, what is off, and the mend
docs/cli.md has every command, docs/api.md every setting.""", flush=True)


def keep(mesh):
    """Lets a person type at the nodes until they have enough."""
    folder = mesh.folder
    print(f"""
The mesh runs on. Type here, or in another terminal {folder}/north.sh status
  north status        any chaski command at north, ridge or south, such as
  south send north "the rain came"; south watch ends with Ctrl-C
  leave north         north, or south, goes away from ridge
  arrive north        and comes back
  quit                ends the mesh (so does Ctrl-C)""", flush=True)
    for name in ("north", "south"):
        mesh.arrive(name)
    if not sys.stdin.isatty():
        signal.pause()
    while True:
        try:
            words = shlex.split(input("demo> "))
        except EOFError:
            return
        except ValueError as error:
            print(f"not understood: {error}")
            continue
        if words[:1] in (["quit"], ["exit"]):
            return
        if len(words) == 2 and words[0] in ("leave", "arrive") and words[1] in ("north", "south"):
            getattr(mesh, words[0])(words[1])
        elif words and words[0] in NAMES:
            with contextlib.suppress(KeyboardInterrupt):
                subprocess.run([mesh.chaski, "--socket", str(mesh.nodes[words[0]].socket),
                                *words[1:]], check=False)
        elif words:
            print("type north, ridge or south and a command, leave or arrive, or quit")


def report_failure(mesh, failure):
    print(f"demo: {failure}", file=sys.stderr)
    for node in mesh.nodes.values() if mesh else ():
        print(f"--- the end of {node.name}'s log", *node.last_log_lines(), sep="\n",
              file=sys.stderr)


def run(options, kind):
    story = Story()
    folder = pathlib.Path(tempfile.mkdtemp(prefix="chaski-demo-"))
    mesh = None
    try:
        mesh = kind(options, folder)
        tell(story, mesh)
        tell_how_to_run_it()
        if options.keep:
            keep(mesh)
        return 0
    except (DemoFailure, RuntimeError, subprocess.SubprocessError) as failure:
        report_failure(mesh, failure)
        return 1
    except KeyboardInterrupt:
        print("\nstopped", flush=True)
        return 0 if options.keep else 130
    finally:
        # A second Ctrl-C must not leave anything behind.
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        if mesh:
            mesh.close()
        shutil.rmtree(folder, ignore_errors=True)


def program(path):
    found = shutil.which(path)
    if not found:
        raise argparse.ArgumentTypeError(f"{path} is no program")
    return os.path.abspath(found)


def main():
    parser = argparse.ArgumentParser(description="a message crosses a mesh of three nodes")
    parser.add_argument("--chaski", type=program, required=True)
    parser.add_argument("--chaskid", type=program, required=True)
    parser.add_argument("--keep", action="store_true", help="leave the mesh running")
    way = parser.add_mutually_exclusive_group()
    way.add_argument("--loopback", action="store_true", help="without namespaces")
    way.add_argument("--namespaces", action="store_true", help="end with 77 without namespaces")
    options = parser.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    # In the background a shell has it ignored.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    if options.loopback:
        return run(options, LoopbackMesh)
    if Lab.available():
        return run(options, NamespaceMesh)
    if options.namespaces:
        print(f"skipped: {Lab.why_not()}")
        return 77
    print(f"No namespaces here ({Lab.why_not()}): the same with three nodes on loopback ports.\n")
    return run(options, LoopbackMesh)


if __name__ == "__main__":
    sys.exit(main())
