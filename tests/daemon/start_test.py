# SPDX-License-Identifier: Apache-2.0
"""Starting: what goes wrong is one line that says what, where and the mend, with its exit code."""
import os
import signal
import sqlite3
import stat
import subprocess
import unittest

from harness import DaemonCase, main


class Start(DaemonCase):
    def one_line(self, result, code, *parts):
        self.assertEqual(result.returncode, code, result.stderr)
        self.assertEqual(result.stdout, "")
        self.assertEqual(len(result.stderr.splitlines()), 1, result.stderr)
        self.assertTrue(result.stderr.startswith("chaskid: "), result.stderr)
        for part in parts:
            self.assertIn(part, result.stderr)

    def test_version_help_and_check_config(self):
        self.assertRegex(self.run_to_end("--version").stdout, r"^chaskid \d+\.\d+\.\d+\n$")
        self.assertIn("--config", self.run_to_end("--help").stdout)
        result = self.run_to_end("--config", self.config("node"), "--check-config")
        self.assertEqual((result.returncode, result.stderr), (0, ""))
        self.assertFalse(os.path.exists(self.path("node")), "checking writes nothing")

    def test_bad_arguments(self):
        self.one_line(self.run_to_end("--nonsense"), 2, "unknown argument --nonsense", "--help")
        self.one_line(self.run_to_end("--state"), 2, "--state has no value")

    def test_bad_config(self):
        config = self.write("c.toml", "[lan]\nprot = 1\n")
        for more in ([], ["--check-config"]):
            result = self.run_to_end("--config", config, *more, "--state", self.path("s"))
            self.one_line(result, 2, f"{config}:2: unknown key lan.prot", "known here")
        self.assertFalse(os.path.exists(self.path("s")), "nothing is written")

    def test_missing_config(self):
        self.one_line(self.run_to_end("--config", self.path("no.toml")), 2, "no.toml",
                      "No such file")

    def test_second_daemon_on_the_same_folder(self):
        first = self.start()
        result = self.run_to_end("--config", self.config("node"))
        self.one_line(result, 3, f"another chaskid (process {first.pid})", self.path("node"),
                      "--state")
        self.assertEqual(self.get("node", "/v1/status")["state"], "running")

    def test_files_are_for_the_owner_and_the_socket_is_as_configured(self):
        self.start(config=self.config("node", rest='[api]\nsocket_mode = "0640"\n'))
        state = self.path("node")
        self.assertEqual(stat.S_IMODE(os.stat(state).st_mode), 0o700)
        for name in os.listdir(state):
            mode = stat.S_IMODE(os.stat(os.path.join(state, name)).st_mode)
            self.assertEqual(mode, 0o640 if name == "chaskid.sock" else 0o600, name)

    def test_a_stale_socket_of_a_killed_daemon_is_replaced(self):
        first = self.start()
        first.send_signal(signal.SIGKILL)
        first.wait()
        self.assertTrue(os.path.exists(self.socket_path()))
        self.start()

    def test_something_else_in_place_of_the_socket_stays(self):
        os.mkdir(self.path("node"))
        self.write("node/chaskid.sock", "mine")
        result = self.run_to_end("--config", self.config("node"))
        self.one_line(result, 4, "something else is there", "api.socket")
        with open(self.socket_path(), encoding="utf-8") as f:
            self.assertEqual(f.read(), "mine")

    def test_socket_name_too_long(self):
        config = self.config("node", rest=f'[api]\nsocket = "{self.path("x" * 120)}"\n')
        self.one_line(self.run_to_end("--config", config), 4, "too long", "shorter")

    def test_damaged_database(self):
        os.mkdir(self.path("node"), 0o700)
        self.write("node/chaski.db", "this is no database" * 1000)
        result = self.run_to_end("--config", self.config("node"))
        self.one_line(result, 4, "chaski.db is damaged", "does not overwrite")

    def test_newer_database(self):
        process = self.start()
        self.assertEqual(self.stop(process), 0)
        database = sqlite3.connect(self.path("node/chaski.db"))
        database.execute("PRAGMA user_version=99")
        database.commit()
        database.close()
        result = self.run_to_end("--config", self.config("node"))
        self.one_line(result, 4, "newer chaskid (form 99", "install the newer version")

    def test_folder_that_is_a_file(self):
        self.write("node", "")
        self.one_line(self.run_to_end("--config", self.config("node")), 4, "Not a directory")

    def test_read_only_disk(self):
        """A read-only mount where one can be made (root), else a folder without permission."""
        state = self.path("node")
        os.mkdir(state, 0o700)
        mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "ro,size=1m", "tmpfs", state],
                                 capture_output=True, check=False).returncode == 0
        if not mounted:
            os.chmod(state, 0o500)
        try:
            result = self.run_to_end("--config", self.config("node"))
        finally:
            if mounted:
                subprocess.run(["umount", state], check=True)
            os.chmod(state, 0o700)
        self.one_line(result, 4, "cannot use the data folder", "--state")

    def test_no_discovery_service_is_no_obstacle(self):
        """Without D-Bus and Avahi it runs and says why it does not discover."""
        environment = dict(os.environ, DBUS_SYSTEM_BUS_ADDRESS="unix:path=" + self.path("no-bus"))
        self.start(config=self.config("node", 'listen = ["127.0.0.1"]\n'), env=environment)
        status = self.get("node", "/v1/status")
        self.assertTrue(status["transports"]["lan"]["listening"])
        self.assertFalse(status["transports"]["lan"]["discovery"])


if __name__ == "__main__":
    main()
