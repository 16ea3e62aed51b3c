#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The service as it ships, under a real systemd that boots in namespaces of its own.

usage: systemd_lab.py CHASKID CHASKI

A copy-on-write view of this machine, with our programs, unit, config and user in it, is the root
of a systemd that sees nothing else; all of it is gone afterwards. Checked: it says that it is
ready, the sandbox, who may use it, reload, the watchdog, a kill, that a bad config is not tried
again, and that a clean stop is one. Exit code 77, with the reason, where this cannot be done.
"""
import contextlib
import json
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from chaskid import wait_until  # noqa: E402

PROJECT = pathlib.Path(__file__).resolve().parents[2]
SYSTEMD = "/lib/systemd/systemd"
TOOLS = ("unshare", "nsenter", "setpriv", "mount", "systemctl", "systemd-sysusers")
CGROUPS = ("/sys/fs/cgroup/systemd", "/sys/fs/cgroup/unified", "/sys/fs/cgroup")
# What a service with default dependencies takes for granted; they pull in nothing here.
UNITS = ("sysinit.target", "basic.target", "sockets.target", "timers.target", "paths.target",
         "slices.target", "shutdown.target", "network.target", "umount.target", "final.target")

# Of the unit only this is changed: where its lines go, and how long a hung daemon is waited for.
DROP_IN = """[Service]
StandardOutput=append:/run/chaskid.log
StandardError=append:/run/chaskid.log
WatchdogSec=2
RestartSec=100ms
"""

BOOT = r"""
set -eu
for group in $GROUPS_OF_LAB; do mkdir -p "$group"; echo $$ > "$group/cgroup.procs"; done
exec unshare --pid --fork --kill-child --mount --net --uts --ipc --cgroup --propagation private \
  bash -eu -c '
mount -t tmpfs -o mode=755 tmpfs "$SCRATCH"
mkdir "$SCRATCH/upper" "$SCRATCH/work" "$SCRATCH/root"
mount -t overlay overlay \
  -o "lowerdir=/,upperdir=$SCRATCH/upper,workdir=$SCRATCH/work" "$SCRATCH/root"
cd "$SCRATCH/root"
mount -t proc proc proc
mount -t sysfs sysfs sys
mount --rbind /dev dev
for folder in run tmp var/lib var/tmp etc/systemd; do
  mkdir -p "$folder"; mount -t tmpfs -o mode=755 tmpfs "$folder"
done
mkdir -p etc/chaski run/units/chaskid.service.d usr/lib/sysusers.d
install -m 755 "$CHASKID" usr/bin/chaskid
install -m 755 "$CHASKI" usr/bin/chaski
install -m 644 "$PROJECT/packaging/systemd/chaskid.service" run/units/
install -m 644 "$PROJECT/packaging/systemd/chaskid.toml" etc/chaski/
install -m 644 "$PROJECT/packaging/systemd/chaskid.sysusers" usr/lib/sysusers.d/chaski.conf
for unit in $UNITS; do install -m 644 "/lib/systemd/system/$unit" run/units/; done
printf "%s" "$DROP_IN" > run/units/chaskid.service.d/lab.conf
echo 5eed5eed5eed5eed5eed5eed5eed5eed > etc/machine-id
chroot . systemd-sysusers /usr/lib/sysusers.d/chaski.conf
ip link set lo up
# Not chroot: nobody in one may make a user namespace, as PrivateUsers= does.
mkdir before
pivot_root . before
umount -l before
exec env -i container=lab SYSTEMD_UNIT_PATH=/run/units SYSTEMD_LOG_TARGET=null \
  PATH=/usr/sbin:/usr/bin:/sbin:/bin '"$SYSTEMD"' --system --unit=sysinit.target --show-status=0
'
"""


def skip(reason):
    print(f"skipped: {reason}")
    sys.exit(77)


class Machine:
    """A booted systemd with our service in it."""

    def __init__(self, scratch, chaskid, chaski):
        name = f"chaski-lab-{os.getpid()}"
        self.groups = [os.path.join(g, name) for g in CGROUPS
                       if os.access(os.path.join(g, "cgroup.procs"), os.W_OK)]
        self.log_file = os.path.join(scratch, "boot.log")
        root = os.path.join(scratch, "root")
        os.mkdir(root)
        words = {"GROUPS_OF_LAB": " ".join(self.groups), "SCRATCH": root, "CHASKID": chaskid,
                 "CHASKI": chaski, "PROJECT": str(PROJECT), "UNITS": " ".join(UNITS),
                 "DROP_IN": DROP_IN, "SYSTEMD": SYSTEMD}
        with open(self.log_file, "w", encoding="utf-8") as log:
            self.process = subprocess.Popen(["setpriv", "--pdeathsig", "KILL", "bash", "-c", BOOT],
                                            env={**os.environ, **words}, stdout=log, stderr=log,
                                            stdin=subprocess.DEVNULL)
        self.init = None

    def booted(self):
        if self.process.poll() is not None:
            with open(self.log_file, encoding="utf-8") as log:
                raise OSError(log.read()[-600:].strip())
        children = pathlib.Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children")
        pids = children.read_text(encoding="ascii").split()
        if not pids:
            return False
        self.init = pids[0]
        return self.run("systemctl", "show", "--property=Version", check=False).returncode == 0

    def run(self, *command, check=True, user=None):
        words = ["nsenter", "-t", self.init, "-a", "-r", "-w", "--"]
        if user:
            words += ["setpriv", f"--reuid={user}", f"--regid={user}", "--clear-groups"]
        done = subprocess.run([*words, *command], capture_output=True, text=True, check=False,
                              cwd="/", env={"PATH": "/usr/sbin:/usr/bin:/sbin:/bin"}, timeout=60)
        if check and done.returncode:
            said = done.stderr + done.stdout
            raise AssertionError(f"{' '.join(command)}: {done.returncode} {said}")
        return done

    def property(self, name):
        return self.run("systemctl", "show", "chaskid.service", f"--property={name}",
                        "--value").stdout.strip()

    def log(self):
        return self.run("cat", "/run/chaskid.log", check=False).stdout

    def close(self):
        self.process.kill()
        self.process.wait()
        for group in self.groups:
            wait_until(lambda g=group: not pathlib.Path(g).exists() or
                       not any(p.read_text() for p in pathlib.Path(g).rglob("cgroup.procs")),
                       10, f"{group} is empty")
            for folder, _, _ in os.walk(group, topdown=False):
                os.rmdir(folder)


@contextlib.contextmanager
def machine(chaskid, chaski):
    scratch = tempfile.mkdtemp(prefix="chaski-systemd-")
    booting = Machine(scratch, chaskid, chaski)
    try:
        try:
            wait_until(booting.booted, 60, "systemd answers")
        except (OSError, AssertionError) as error:
            skip(f"systemd does not boot in namespaces here: {error}")
        yield booting
    except AssertionError:
        print(f"--- chaskid:\n{booting.log()[-2000:]}", file=sys.stderr)
        raise
    finally:
        booting.close()
        shutil.rmtree(scratch, ignore_errors=True)


def status(node, user="chaski"):
    return json.loads(node.run("chaski", "--socket", "/run/chaski/chaskid.sock", "status", "--json",
                               user=user).stdout)


def restarted(node, before):
    """Systemd started it anew, and it said that it is ready."""
    return (node.property("NRestarts") != before and
            node.property("ActiveState") == "active" and node.property("SubState") == "running")


def ready_and_shut_in(node):
    node.run("systemctl", "start", "chaskid.service")
    assert node.property("ActiveState") == "active", "start returns when it is ready"
    status(node)
    pid = node.property("MainPID")
    assert node.run("stat", "-c", "%U %a", "/var/lib/chaski").stdout.split() == ["chaski", "700"]
    lines = node.run("cat", f"/proc/{pid}/status").stdout.splitlines()
    facts = dict(line.split(":\t", 1) for line in lines if ":\t" in line)
    assert int(facts["CapBnd"], 16) == 0 and int(facts["CapEff"], 16) == 0, facts
    assert facts["NoNewPrivs"] == "1" and facts["Seccomp"] == "2", facts
    inside = ["nsenter", "-t", pid, "-m", "--"]
    for file in ("/etc/x", "/usr/bin/x", "/root/x", "/home/x"):
        assert node.run(*inside, "touch", file, check=False).returncode, f"{file} is writable"
    assert node.run("chaski", "--socket", "/run/chaski/chaskid.sock", "status", check=False,
                    user="nobody").returncode, "only its group may use it"


def reload_reads_the_config(node):
    node.run("sed", "-i", 's/# level = "info"/level = "debug"/', "/etc/chaski/chaskid.toml")
    before = node.log()
    node.run("systemctl", "reload", "chaskid.service")
    wait_until(lambda: "the config was read again" in node.log()[len(before):], 10, "reload")
    assert node.property("NRestarts") == "0"


def killed_or_hung_it_comes_back(node):
    node.run("chaski", "--socket", "/run/chaski/chaskid.sock", "init", "ana",
             "--no-passphrase", user="chaski")
    me = node.run("chaski", "--socket", "/run/chaski/chaskid.sock", "whoami", "--json",
                  user="chaski").stdout
    for signal, why in (("KILL", "signal"), ("STOP", "watchdog")):
        before, pid = node.property("NRestarts"), node.property("MainPID")
        node.run("kill", f"-{signal}", pid)
        wait_until(lambda b=before: restarted(node, b), 30, f"back after SIG{signal}")
        assert node.property("MainPID") != pid, why
        again = node.run("chaski", "--socket", "/run/chaski/chaskid.sock", "whoami", "--json",
                         user="chaski").stdout
        assert json.loads(again) == json.loads(me), "the same person"


def a_bad_config_is_not_tried_again(node):
    node.run("systemctl", "stop", "chaskid.service")
    assert node.property("Result") == "success", "a clean stop"
    assert node.property("ExecMainStatus") == "0"
    node.run("sed", "-i", "s/^\\[log\\]/[log]\\ncolour = 1/", "/etc/chaski/chaskid.toml")
    before = node.log()
    assert node.run("systemctl", "start", "chaskid.service", check=False).returncode
    wait_until(lambda: node.property("ActiveState") == "failed", 10, "given up")
    assert node.property("ExecMainStatus") == "2" and "colour" in node.log()[len(before):]


def main():
    if len(sys.argv) != 3:
        sys.exit(__doc__.splitlines()[2])
    if os.geteuid() != 0:
        skip("systemd in namespaces needs root")
    missing = [t for t in (*TOOLS, SYSTEMD) if not shutil.which(t)]
    if missing:
        skip(f"not installed: {', '.join(missing)}")
    programs = [os.path.abspath(p) for p in sys.argv[1:]]
    with machine(*programs) as node:
        for check in (ready_and_shut_in, reload_reads_the_config, killed_or_hung_it_comes_back,
                      a_bad_config_is_not_tried_again):
            check(node)
            print(f"passed: {check.__name__.replace('_', ' ')}", flush=True)


if __name__ == "__main__":
    main()
