# SPDX-License-Identifier: Apache-2.0
"""Stopping, reloading, the service manager, and what survives a restart."""
import os
import signal
import socket
import time
import unittest

from harness import DaemonCase, main, wait_until


class Signals(DaemonCase):
    def test_stops_cleanly_on_both_signals(self):
        for number in (signal.SIGTERM, signal.SIGINT):
            process = self.start()
            process.send_signal(number)
            self.assertEqual(process.wait(10), 0, self.log())
            self.assertFalse(os.path.exists(self.socket_path()))
            self.assertFalse(os.path.exists(self.path("node/chaski.db-wal")),
                             "the log was folded in")

    def test_stops_on_request(self):
        process = self.start()
        self.assertEqual(self.post("node", "/v1/stop"), {})
        self.assertEqual(process.wait(10), 0)

    def test_a_neighbour_hears_the_goodbye(self):
        anna, _ = self.pair()
        self.stop(anna)
        closed = wait_until(lambda: self.get("bert", "/v1/status")["counters"]["links_closed"], 5,
                            "it left")
        self.assertNotIn("transport closed", closed, "it was cut off instead of told")
        self.assertEqual(self.get("bert", "/v1/status")["neighbours"], [])

    def test_identity_contacts_and_messages_survive_a_restart(self):
        anna, bert = self.pair()
        self.post("anna", "/v1/messages", to="bert", text="before")
        wait_until(lambda: self.get("bert", "/v1/messages")["messages"], what="it arrives")
        before = {path: self.get("anna", path) for path in ("/v1/whoami", "/v1/contacts")}
        node = self.get("anna", "/v1/status")["node"]
        self.assertEqual(self.stop(anna), 0)
        port = self.free_port()
        self.start("anna", config=self.config(
            "anna", f'port = {port}\nlisten = ["127.0.0.1"]\ndiscover = false\n'))
        for path, value in before.items():
            self.assertEqual(self.get("anna", path), value)
        self.assertNotEqual(self.get("anna", "/v1/status")["node"], node,
                            "a person's node key rotates")
        self.stop(bert)
        self.start("bert", config=self.config(
            "bert", f'listen = ["127.0.0.1"]\ndiscover = false\npeers = ["127.0.0.1:{port}"]\n'))
        self.post("anna", "/v1/messages", to="bert", text="after")

        def texts():
            return [m["text"] for m in self.get("bert", "/v1/messages")["messages"]]

        wait_until(lambda: texts() == ["before", "after"], what="the second message")

    def test_a_fixed_relay_keeps_its_key(self):
        config = self.write("node.toml",
                            f'[node]\nstate = "{self.path("node")}"\nfixed_key = true\n'
                            '[lan]\nlisten = ["127.0.0.1"]\ndiscover = false\n'
                            '[ble]\nenabled = false\n')
        keys = set()
        for _ in range(3):
            process = self.start(config=config)
            keys.add(self.get("node", "/v1/status")["node"])
            self.stop(process)
        self.assertEqual(len(keys), 1)

    def test_reload_takes_over_quota_level_and_peers(self):
        self.start("anna")
        config = self.config("node")
        process = self.start(config=config)
        peers = self.lan_to("anna")
        self.config("node", peers, '[store]\nquota_bytes = 2000000\n[log]\nlevel = "debug"\n'
                    '[api]\nsocket_mode = "0600"\n')
        process.send_signal(signal.SIGHUP)
        wait_until(lambda: self.get("node", "/v1/status")["neighbours"], what="the new peer")
        self.assertEqual(self.get("node", "/v1/status")["store"]["bytes_max"], 2_000_000)
        self.assertIn("the new api.socket_mode takes effect at the next start", self.log())

    def test_a_bad_config_at_reload_changes_nothing(self):
        config = self.config("node")
        process = self.start(config=config)
        self.write("node.toml", "[store]\nquota_bytes = 1\n")
        process.send_signal(signal.SIGHUP)
        wait_until(lambda: "store.quota_bytes is 1" in self.log(), what="the reason in the log")
        self.assertEqual(self.get("node", "/v1/status")["store"]["bytes_max"], 1 << 30)

    def test_tells_the_service_manager(self):
        listener = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        listener.settimeout(20)
        listener.bind(self.path("notify"))
        self.addCleanup(listener.close)
        process = self.launch("node", env=dict(os.environ, NOTIFY_SOCKET=self.path("notify"),
                                               WATCHDOG_USEC="300000"))
        heard = []

        def hear(part):
            while not any(part in h for h in heard):
                heard.append(listener.recv(4096).decode())

        hear("READY=1")
        self.assertEqual(self.get("node", "/v1/status")["state"], "running",
                         "ready means that it answers")
        hear("STATUS=0 neighbours")
        hear("WATCHDOG=1")
        process.send_signal(signal.SIGHUP)
        hear("RELOADING=1")
        process.send_signal(signal.SIGTERM)
        hear("STOPPING=1")
        self.assertEqual(process.wait(10), 0)

    def test_the_journal_gets_levels(self):
        process = self.start(env=dict(os.environ, JOURNAL_STREAM="8:1"))
        self.stop(process)
        for line in self.log().splitlines():
            self.assertRegex(line, r"^<[3467]>")

    def test_idle_costs_nearly_nothing(self):
        """Under 0.2 % of a CPU is a bar of the project; here with room for sanitizers."""
        process = self.start()

        def cpu():
            with open(f"/proc/{process.pid}/stat", encoding="ascii") as f:
                fields = f.read().rsplit(")", 1)[1].split()
            return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

        before, began = cpu(), time.monotonic()
        wait_until(lambda: time.monotonic() - began > 5, 10, "five quiet seconds")
        self.assertLessEqual(cpu() - before, 0.02)

    @staticmethod
    def free_port():
        with socket.socket() as s:
            s.bind(("127.0.0.1", 0))
            return s.getsockname()[1]


if __name__ == "__main__":
    main()
