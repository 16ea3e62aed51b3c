#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Real BlueZ without hardware: runs a command in a kernel of its own, among virtual controllers.

    ble_lab.py [OPTIONS] -- COMMAND [ARGUMENT...]     runs it, exits with its exit code
    ble_lab.py --build                                builds what the lab needs, and tries it

The kernel is user-mode Linux, an ordinary program of 8 MB: no root, no emulated machine. It sees
the host's files, read-only, with memory above for what is written. Inside are a system bus, a
bluetoothd and as many LE controllers as asked for, one adapter each. Built things are kept in the
user's cache folder, by the hash of what they are made of.

Exit: the command's; 2 bad command line; 77 this machine cannot run the lab (the last line says
why); 124 the time limit passed; 125 the kernel came up and ended without an exit code.
"""
import argparse
import fcntl
import hashlib
import os
import pathlib
import platform
import shlex
import shutil
import signal
import subprocess
import sys
import tempfile
import time

HERE = pathlib.Path(__file__).resolve().parent
SKIP, TIME_LIMIT, BROKEN = 77, 124, 125
KEPT_BUILDS = 3  # of each kind, the newest
NEEDED = {"dbus-daemon": "dbus", "busctl": "systemd", "ip": "iproute2",
          "/usr/libexec/bluetooth/bluetoothd": "bluez"}


class Unavailable(Exception):
    """This machine cannot run the lab; the text says why."""


def cache_folder():
    base = os.environ.get("XDG_CACHE_HOME") or pathlib.Path.home() / ".cache"
    return pathlib.Path(os.environ.get("CHASKI_LAB_CACHE") or pathlib.Path(base) / "chaski-lab")


def package_version(name):
    """The installed version of a Debian package, or nothing."""
    asked = subprocess.run(["dpkg-query", "--show", "--showformat=${Version}", name],
                           capture_output=True, text=True, check=False)
    return asked.stdout if asked.returncode == 0 else ""


def built(kind, package, inputs):
    """The path of the kernel or the emulator, built now if it was not yet."""
    folder = cache_folder()
    folder.mkdir(parents=True, exist_ok=True)
    digest = hashlib.sha256(f"{platform.machine()} {package_version(package)}".encode())
    for name in inputs:
        digest.update((HERE / name).read_bytes())
    path = folder / f"{kind}-{digest.hexdigest()[:16]}"
    if path.exists():
        os.utime(path)
        return path
    with open(folder / f"{kind}.lock", "w", encoding="ascii") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # the test beside this one wants the same
        if path.exists():
            return path
        print(f"ble-lab: building the {kind} (once; kept as {path})", file=sys.stderr, flush=True)
        started = time.monotonic()
        log = folder / f"build-{kind}.log"
        with open(log, "wb") as output:
            code = subprocess.run(["nice", HERE / f"build_{kind}.sh", path], check=False,
                                  stdin=subprocess.DEVNULL, stdout=output,
                                  stderr=subprocess.STDOUT).returncode
        lines = log.read_text(errors="replace").strip().splitlines() or ["it said nothing"]
        if code == SKIP:
            raise Unavailable(lines[-1])
        if code != 0:
            sys.exit("\n".join([*lines[-30:], f"ble-lab: the {kind} does not build; see {log}"]))
        print(f"ble-lab: built the {kind} in {time.monotonic() - started:.0f} s", file=sys.stderr)
        others = [old for old in folder.glob(f"{kind}-*") if len(old.name) == len(path.name)]
        others.sort(key=lambda old: old.stat().st_mtime, reverse=True)
        for old in others[KEPT_BUILDS:]:
            old.unlink()
    return path


def prepare():
    """What the lab runs with, built if need be: (kernel, emulator)."""
    if platform.machine() != "x86_64":
        raise Unavailable(f"user-mode Linux runs on x86_64, and this is {platform.machine()}")
    for program, package in NEEDED.items():
        found = os.path.exists(program) if program.startswith("/") else any(
            os.access(pathlib.Path(place) / program, os.X_OK)
            for place in ("/usr/sbin", "/usr/bin", "/sbin", "/bin"))
        if not found:
            raise Unavailable(f"no {program} here (package {package}); "
                              "run scripts/install-deps check")
    kernel = built("kernel", "linux-source-6.1",
                   ["build_kernel.sh", "kernel.config", "kernel.patch"])
    controllers = built("controllers", "bluez", ["build_controllers.sh", "controllers.patch"])
    return kernel, controllers


def write_command(folder, options, controllers):
    """The script that the guest runs: environment, Bluetooth, then the command."""
    lines = [f"cd {shlex.quote(os.getcwd())}"]
    for name in ["PATH", "LANG", *options.env]:
        if name in os.environ:
            lines.append(f"export {name}={shlex.quote(os.environ[name])}")
    for name in sorted(os.environ):
        if name.startswith(("LAB_", "CHASKI_LAB_")):
            lines.append(f"export {name}={shlex.quote(os.environ[name])}")
    lines += [f"export LAB_BTVIRT={shlex.quote(str(controllers))}",
              f"export LAB_FUNCTIONS={shlex.quote(str(HERE / 'bluetooth.sh'))}",
              f"export LAB_ADAPTERS={options.adapters}", '. "$LAB_FUNCTIONS"']
    if options.adapters > 0:
        lines += ["lab_bus", f"lab_controllers {options.adapters}", "lab_bluetoothd",
                  f"lab_adapters {options.adapters} || exit {BROKEN}"]
    lines += ["cut -d' ' -f1 /proc/uptime >/lab/ready", "exec " + shlex.join(options.command)]
    (folder / "command").write_text("\n".join(lines) + "\n")


def run(options):
    """Boot, run, and give back the exit code."""
    kernel, controllers = prepare()
    folder = pathlib.Path(options.output or tempfile.mkdtemp(prefix="ble-lab-")).resolve()
    folder.mkdir(parents=True, exist_ok=True)
    for name in ("up", "ready", "down", "code", "log"):
        (folder / name).unlink(missing_ok=True)
    write_command(folder, options, controllers)
    arguments = [kernel, f"mem={options.memory}M", "root=/dev/root", "rootfstype=hostfs",
                 "rootflags=/", "ro", "quiet", "loglevel=1", "con=null", "con0=null,fd:1",
                 f"init={HERE / 'guest_init.sh'}", f"LAB_INIT={HERE / 'guest_init.sh'}",
                 f"LAB_FOLDER={folder}", f"uml_dir={folder}", "umid=kernel"]
    if options.virtual_time:
        arguments.append("time-travel=inf-cpu")
    # glibc's restartable sequences and this kernel's way of running programs do not agree.
    environment = dict(os.environ, GLIBC_TUNABLES="glibc.pthread.rseq=0")
    started = time.monotonic()
    code = None
    with open(folder / "console", "wb") as console:
        guest = subprocess.Popen(arguments, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                                 stderr=subprocess.STDOUT, env=environment, start_new_session=True)

        # Sees the end of its input when this program ends in whatever way, and ends the guest.
        keeper = subprocess.Popen(
            ["/bin/sh", "-c", 'read -r never; kill -s KILL -- "-$1"', "keeper", str(guest.pid)],
            stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
            start_new_session=True)

        def end(*_):
            # The kernel runs each of its processes as one of the host's, in this session.
            os.killpg(guest.pid, signal.SIGKILL)

        def late(*_):
            nonlocal code
            code = TIME_LIMIT
            end()

        signal.signal(signal.SIGALRM, late)
        signal.signal(signal.SIGTERM, lambda *_: (end(), sys.exit(128 + signal.SIGTERM)))
        signal.signal(signal.SIGINT, lambda *_: (end(), sys.exit(128 + signal.SIGINT)))
        signal.alarm(options.limit)
        for line in guest.stdout:
            console.write(line)
            if not line.strip() or line.startswith((b"reboot: ", b"Failed to initialize ubd")):
                continue
            sys.stdout.buffer.write(line)
            sys.stdout.flush()
        guest.wait()
        signal.alarm(0)
        keeper.kill()
        keeper.wait()
    seconds = time.monotonic() - started

    def said(name):
        try:
            return (folder / name).read_text().strip()
        except OSError:
            return ""

    if said("code"):
        code = int(said("code"))
    elif not said("up") and code is None:
        last = (folder / "console").read_text(errors="replace").strip().splitlines() or ["nothing"]
        raise Unavailable(f"user-mode Linux does not start here; its last words: {last[-1][:200]}")
    elif code is None:
        code = BROKEN
    how = "virtual time" if options.virtual_time else "real time"
    print(f"ble-lab: uml, {options.adapters} adapters, {how}: up after {said('up') or '-'} s, "
          f"ready after {said('ready') or '-'} s, down after {said('down') or '-'} s; "
          f"{seconds:.1f} s of the host's; exit {code}", file=sys.stderr)
    if code == 0 and not options.output:
        shutil.rmtree(folder, ignore_errors=True)
    else:
        print(f"ble-lab: logs in {folder}", file=sys.stderr)
    return code


def parse(arguments):
    parser = argparse.ArgumentParser(prog="ble_lab.py", description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--build", action="store_true",
                        help="build what is missing, try it, and end")
    parser.add_argument("--adapters", type=int, default=2, metavar="N",
                        help="controllers, 0 for a kernel alone (default 2, at most 32)")
    parser.add_argument("--virtual-time", action="store_true",
                        help="waiting costs nothing and computing takes no time")
    parser.add_argument("--limit", type=int, default=120, metavar="S",
                        help="seconds of the host's after which the lab is ended (default 120)")
    parser.add_argument("--memory", type=int, default=512, metavar="MIB", help="default 512")
    parser.add_argument("--output", metavar="FOLDER",
                        help="where the logs go (default: a folder, kept when the command fails)")
    parser.add_argument("--env", action="append", default=[], metavar="NAME",
                        help="an environment variable that the command gets too; "
                        "LAB_* it always gets")
    parser.add_argument("command", nargs="*")
    options = parser.parse_args(arguments)
    if options.build == bool(options.command):
        parser.error("say --build, or -- and the command to run in the lab")
    if not 0 <= options.adapters <= 32:
        parser.error("--adapters takes 0 to 32")
    if options.build:
        options.adapters, options.command, options.virtual_time = 0, ["true"], True
    return options


def main(arguments):
    options = parse(arguments)
    try:
        return run(options)
    except Unavailable as why:
        print(f"skipped: {why}")
        return SKIP


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
