// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <fstream>

#include "daemon/command_line.hpp"
#include "daemon/config.hpp"
#include "tests/daemon/temporary_folder.hpp"

namespace chaski::daemon {
namespace {

TEST(Config, EmptyMeansTheDefaults) {
  const auto config = parse_config("", "x.toml");
  ASSERT_TRUE(config);
  EXPECT_EQ(config->state, "/var/lib/chaski");
  EXPECT_EQ(config->socket_path(), "/var/lib/chaski/chaskid.sock");
  EXPECT_EQ(config->socket_mode, 0660u);
  EXPECT_EQ(config->quota_bytes, 1'073'741'824u);
  EXPECT_EQ(config->free_reserve_bytes, 67'108'864u);
  EXPECT_EQ(config->invite_price, 0u);
  EXPECT_TRUE(config->lan_enabled);
  EXPECT_TRUE(config->lan.discover);
  EXPECT_EQ(config->lan.port, 0);
  EXPECT_EQ(config->lan.listen, std::vector<std::string>{"::"});
  EXPECT_TRUE(config->ble_enabled);
  EXPECT_TRUE(config->ble.adapters.empty());
  EXPECT_EQ(config->ble.links_max, 7u);
  EXPECT_FALSE(config->ble.require_privacy || config->ble.leave_pairable);
  EXPECT_FALSE(config->ble_on_battery);
  EXPECT_TRUE(config->serial.devices.empty()) << "no port is touched that nobody named";
  EXPECT_EQ(config->serial.baud, 115'200u);
  EXPECT_FALSE(config->serial.hardware_flow);
  EXPECT_EQ(config->log_level, LogLevel::info);
}

TEST(Config, EveryKeyIsTaken) {
  const auto config = parse_config(R"(
[node]
state = "/tmp/s"
fixed_key = true
network_key_file = "/tmp/k"
[store]
quota_bytes = 2_000_000
free_reserve_bytes = 0
[invite]
price = 20
[api]
socket = "/tmp/a.sock"
socket_mode = "0600"
[lan]
enabled = false
port = 4000
listen = ["127.0.0.1", "fe80::1%eth0"]
peers = ["host.example:4000", "[fe80::1%eth0]:65535", "192.0.2.7:1"]
interfaces = ["eth0"]
discover = false
[ble]
enabled = false
adapters = ["hci1", "hci12"]
links_max = 16
require_privacy = true
channels = false
leave_pairable = true
leave_name = true
battery = "no"
[serial]
devices = ["/dev/ttyS1", "/dev/serial/by-id/*"]
baud = 1_234_567
flow_control = "rts-cts"
[log]
level = "debug"
)",
                                   "x.toml");
  ASSERT_TRUE(config) << config.error();
  EXPECT_EQ(config->state, "/tmp/s");
  EXPECT_TRUE(config->fixed_key);
  EXPECT_EQ(config->network_key_file, "/tmp/k");
  EXPECT_EQ(config->quota_bytes, 2'000'000u);
  EXPECT_EQ(config->free_reserve_bytes, 0u);
  EXPECT_EQ(config->invite_price, 20u);
  EXPECT_EQ(config->socket_path(), "/tmp/a.sock");
  EXPECT_EQ(config->socket_mode, 0600u);
  EXPECT_FALSE(config->lan_enabled);
  EXPECT_EQ(config->lan.port, 4'000);
  EXPECT_EQ(config->lan.listen.size(), 2u);
  EXPECT_EQ(config->lan.peers.size(), 3u);
  EXPECT_EQ(config->lan.interfaces, std::vector<std::string>{"eth0"});
  EXPECT_FALSE(config->lan.discover);
  EXPECT_FALSE(config->ble_enabled);
  EXPECT_EQ(config->ble.adapters, (std::vector<std::string>{"hci1", "hci12"}));
  EXPECT_EQ(config->ble.links_max, 16u);
  EXPECT_TRUE(config->ble.require_privacy && config->ble.leave_pairable);
  EXPECT_FALSE(config->ble.channels);
  EXPECT_TRUE(config->ble.leave_name);
  EXPECT_EQ(config->ble_on_battery, false);
  EXPECT_EQ(config->serial.devices,
            (std::vector<std::string>{"/dev/ttyS1", "/dev/serial/by-id/*"}));
  EXPECT_EQ(config->serial.baud, 1'234'567u);
  EXPECT_TRUE(config->serial.hardware_flow);
  EXPECT_EQ(config->log_level, LogLevel::debug);
}

struct BadLine {
  const char* text;
  const char* says;
};

class BadConfig : public testing::TestWithParam<BadLine> {};

TEST_P(BadConfig, IsOneLineWithFileLineAndMend) {
  const auto config = parse_config(GetParam().text, "c.toml");
  ASSERT_FALSE(config) << GetParam().text;
  EXPECT_EQ(config.error(), GetParam().says);
}

INSTANTIATE_TEST_SUITE_P(
    Lines, BadConfig,
    testing::Values(
        BadLine{"[lan]\nprot = 3\n",
                "c.toml:2: unknown key lan.prot; known here: enabled, port, listen, peers, "
                "interfaces, discover"},
        BadLine{"[bluetooth]\n",
                "c.toml:1: unknown section bluetooth"
                "; known here: node, store, invite, vault, api, lan, ble, serial, log"},
        BadLine{"[ble]\nadapters = [\"eth0\"]\n",
                "c.toml:2: ble.adapters has 'eth0', which is no adapter; write adapters like "
                "\"hci0\"; bluetoothctl list names them"},
        BadLine{"[ble]\nlinks_max = 17\n",
                "c.toml:2: ble.links_max is 17; write a number from 1 to 16"},
        BadLine{"[ble]\nbattery = \"maybe\"\n",
                "c.toml:2: ble.battery is 'maybe'; write auto, yes or no"},
        BadLine{"[serial]\ndevices = [\"ttyUSB0\"]\n",
                "c.toml:2: serial.devices has 'ttyUSB0', which is no device; write whole paths "
                "like \"/dev/ttyUSB0\" or \"/dev/serial/by-id/*\""},
        BadLine{"[serial]\nbaud = 110\n",
                "c.toml:2: serial.baud is 110; write a number from 300 to 20000000"},
        BadLine{"[serial]\n\nflow_control = \"xon-xoff\"\n",
                "c.toml:3: serial.flow_control is 'xon-xoff'; write none or rts-cts; XON/XOFF is "
                "not possible, every byte may occur"},
        BadLine{"port = 3\n", "c.toml:1: unknown key port"
        "; known here: node, store, invite, vault, api, lan, ble, serial, log"},
        BadLine{"[lan]\n\nport = \"80\"\n",
                "c.toml:3: lan.port is no whole number; write a number from 0 to 65535"},
        BadLine{"[lan]\nport = 65536\n",
                "c.toml:2: lan.port is 65536; write a number from 0 to 65535"},
        BadLine{"[lan]\nport = -1\n", "c.toml:2: lan.port is -1; write a number from 0 to 65535"},
        BadLine{"[lan]\nenabled = 1\n",
                "c.toml:2: lan.enabled is no truth value; write true or false"},
        BadLine{"[lan]\npeers = \"a:1\"\n",
                "c.toml:2: lan.peers is no list; write it like [\"one\", \"two\"]"},
        BadLine{"[lan]\npeers = [1]\n",
                "c.toml:2: lan.peers has an entry that is no text; write it like [\"one\", "
                "\"two\"]"},
        BadLine{"[lan]\npeers = [\"a\"]\n",
                "c.toml:2: lan.peers has 'a', which is no peer; write peers like \"host:port\" or "
                "\"[fe80::1%eth0]:port\""},
        BadLine{"[lan]\npeers = [\"fe80::1:7\"]\n",
                "c.toml:2: lan.peers has 'fe80::1:7', which is no peer; write peers like "
                "\"host:port\" or \"[fe80::1%eth0]:port\""},
        BadLine{
            "[lan]\npeers = [\"a:0\"]\n",
            "c.toml:2: lan.peers has 'a:0', which is no peer; write peers like \"host:port\" or "
            "\"[fe80::1%eth0]:port\""},
        BadLine{"[lan]\nlisten = [\"everywhere\"]\n",
                "c.toml:2: lan.listen has 'everywhere', which is no address; write addresses like "
                "\"::\" or \"192.0.2.1\""},
        BadLine{"[api]\nsocket_mode = \"999\"\n",
                "c.toml:2: api.socket_mode is no file mode; write it like \"0660\""},
        BadLine{"[api]\nsocket_mode = 660\n",
                "c.toml:2: api.socket_mode is no text; put it in quotation marks"},
        BadLine{"[store]\nquota_bytes = 5\n",
                "c.toml:2: store.quota_bytes is 5; write a number from 1048576 to "
                "9223372036854775807"},
        BadLine{"[store]\nquota_bytes = 1.5e9\n",
                "c.toml:2: store.quota_bytes is no whole number; write a number from 1048576 to "
                "9223372036854775807"},
        BadLine{"[node]\nstate = \"\"\n", "c.toml:2: node.state is empty; name the data folder"},
        BadLine{"node = 1\n", "c.toml:1: node is no section; write [node] on a line of its own"},
        BadLine{"[log]\nlevel = \"loud\"\n",
                "c.toml:2: log.level is 'loud'; write error, warning, info or debug"}));

TEST(Config, WhatIsNoTomlIsOneLineWithItsLine) {
  const auto config = parse_config("[lan]\nport 3\n", "c.toml");
  ASSERT_FALSE(config);
  EXPECT_EQ(config.error().rfind("c.toml:2: this is no TOML: ", 0), 0u) << config.error();
  EXPECT_EQ(config.error().find('\n'), std::string::npos);
}

TEST(Config, AMissingFileIsOnlyFineWhenItIsTheDefault) {
  EXPECT_TRUE(load_config("/nonexistent/chaskid.toml", true));
  const auto config = load_config("/nonexistent/chaskid.toml", false);
  ASSERT_FALSE(config);
  EXPECT_EQ(config.error(),
            "cannot read the config /nonexistent/chaskid.toml: No such file or directory; name "
            "another with --config");
}

TEST(Config, TheNetworkKeyIsReadFromItsFile) {
  TemporaryFolder folder;
  const std::string key = folder.path() + "/key";
  const std::string toml = folder.path() + "/c.toml";
  std::ofstream(toml) << "[node]\nnetwork_key_file = \"" << key << "\"\n";
  EXPECT_FALSE(load_config(toml, false)) << "a missing key must not mean an open mesh";
  std::ofstream(key) << std::string(64, 'a') << "\n";
  const auto config = load_config(toml, false);
  ASSERT_TRUE(config) << config.error();
  ASSERT_TRUE(config->network_key);
  EXPECT_EQ(config->network_key->bytes[31], 0xaa);
  for (const char* bad : {"", "abc", "zz"}) {
    std::ofstream(key, std::ios::trunc) << bad;
    const auto refused = load_config(toml, false);
    ASSERT_FALSE(refused) << bad;
    EXPECT_NE(refused.error().find("64 hexadecimal characters"), std::string::npos);
    EXPECT_EQ(refused.error().find("zz"), std::string::npos) << "a key in a message";
  }
}

TEST(Config, SaysWhatNeedsARestart) {
  Config a;
  Config b;
  EXPECT_TRUE(needs_restart(a, b).empty());
  b.quota_bytes = 5'000'000;
  b.log_level = LogLevel::debug;
  b.lan.peers = {"a:1"};
  EXPECT_TRUE(needs_restart(a, b).empty());
  b.state = "/elsewhere";
  b.fixed_key = true;
  EXPECT_EQ(needs_restart(a, b),
            (std::vector<std::string>{"node.state", "node.fixed_key", "api.socket"}));
}

base::Expected<CommandLine, std::string> parse(std::vector<const char*> arguments) {
  arguments.insert(arguments.begin(), "chaskid");
  return parse_command_line(static_cast<int>(arguments.size()), arguments.data());
}

TEST(CommandLine, TakesBothForms) {
  const auto command =
      parse({"--config", "a", "--state=b", "--log-level", "debug", "--check-config"});
  ASSERT_TRUE(command);
  EXPECT_EQ(command->config, "a");
  EXPECT_EQ(command->state, "b");
  EXPECT_EQ(command->log_level, LogLevel::debug);
  EXPECT_TRUE(command->check_config);
}

TEST(CommandLine, RefusesWithTheMend) {
  EXPECT_EQ(parse({"--config"}).error(), "--config has no value; write --config <value>");
  EXPECT_EQ(parse({"--config="}).error(), "--config has no value; write --config <value>");
  EXPECT_EQ(parse({"start"}).error(), "unknown argument start; see chaskid --help");
  EXPECT_EQ(parse({"--log-level", "x"}).error(),
            "--log-level is 'x'; write error, warning, info or debug");
}

}  // namespace
}  // namespace chaski::daemon
