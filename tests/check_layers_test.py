#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""check_layers.py must fail where it says that it fails: small trees with one fault each."""
import contextlib
import io
import pathlib
import sys
import tempfile
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).parent))
sys.dont_write_bytecode = True
import check_layers  # noqa: E402

SPDX = "// SPDX-License-Identifier: Apache-2.0\n"


def check(files):
    """Writes the files into a fresh tree, checks it, gives (exit code, output)."""
    with tempfile.TemporaryDirectory() as root:
        for name, text in files.items():
            path = pathlib.Path(root, name)
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
        output = io.StringIO()
        with contextlib.redirect_stdout(output), contextlib.redirect_stderr(output):
            code = check_layers.main(["check_layers.py", root])
        return code, output.getvalue()


class CheckLayers(unittest.TestCase):
    def refused(self, name, body, expected):
        code, output = check({name: SPDX + body})
        self.assertEqual(code, 1, f"{name} should be refused:\n{body}\n{output}")
        self.assertIn(expected, output)
        self.assertIn(f"{name}:", output)

    def taken(self, name, body):
        code, output = check({name: SPDX + body})
        self.assertEqual(code, 0, f"{name} should be taken:\n{body}\n{output}")

    def test_a_forbidden_include_is_refused(self):
        for name, include in [
            ("base/a.cpp", "wire/envelope.hpp"),
            ("wire/a.cpp", "link/link.hpp"),
            ("link/a.cpp", "mesh-router/router.hpp"),
            ("e2ee/a.cpp", "mesh-router/router.hpp"),
            ("mesh-router/a.cpp", "e2ee/session.hpp"),
            ("mesh-router/a.cpp", "link/link.hpp"),
            ("node/a.cpp", "daemon/sqlite_store.hpp"),
            ("sim/a.cpp", "daemon/sqlite_store.hpp"),
            ("transport-lan/a.cpp", "wire/records.hpp"),
            ("embedded/a.cpp", "e2ee/session.hpp"),
            ("daemon/a.cpp", "tools/chaski/client.hpp"),
            ("daemon/a.cpp", "tests/fake.hpp"),
        ]:
            self.refused(name, f'#include "{include}"\n', "forbidden include")

    def test_the_pure_part_of_an_edge_folder_is_pure(self):
        self.refused("transport-ble/ble_a.cpp", "auto f() { return std::random_device{}(); }\n",
                     "a random number in a pure folder")
        self.refused("transport-ble/ble_a.cpp", "#include <thread>\n", "forbidden include")
        self.refused("transport-ble/ble_a.cpp", '#include "transport-ble/bluez_a.hpp"\n',
                     "is pure")
        self.refused("transport-ble/ble_a.cpp", '#include "dbus/bus_probe.hpp"\n', "is pure")
        self.taken("transport-ble/bluez_a.cpp", '#include "dbus/bus_probe.hpp"\n')
        self.taken("transport-ble/ble_a.cpp", '#include "transport-ble/ble_b.hpp"\n')
        self.taken("transport-ble/bluez_a.cpp", "#include <thread>\n")
        self.taken("transport-ble/bluez_a.cpp", '#include "transport-ble/ble_a.hpp"\n')
        self.refused("transport-serial/serial_a.cpp", "#include <termios.h>\n", "is pure")
        self.refused("transport-serial/serial_a.cpp", '#include "transport-serial/port.hpp"\n',
                     "is pure")
        self.taken("transport-serial/port.cpp", "#include <termios.h>\n")

    def test_a_microcontroller_has_the_pure_part_alone(self):
        self.taken("embedded/a.cpp", '#include "transport-serial/serial_line.hpp"\n')
        self.refused("embedded/a.cpp", '#include "transport-serial/port.hpp"\n', "the pure part")

    def test_an_allowed_include_is_taken(self):
        for name, include in [
            ("wire/a.cpp", "base/bytes.hpp"),
            ("node/a.cpp", "e2ee/session.hpp"),
            ("daemon/a.cpp", "transport-lan/lan_transport.hpp"),
            ("tests/node/a_test.cpp", "sim/world.hpp"),
            ("embedded/a.cpp", "mesh-router/router.hpp"),
        ]:
            self.taken(name, f'#include "{include}"\n')

    def test_a_relative_include_is_refused(self):
        self.refused("node/a.cpp", '#include "../e2ee/session.hpp"\n', "never with ..")

    def test_a_header_that_reaches_outside_is_refused_in_a_pure_folder(self):
        for header in ["thread", "mutex", "fstream", "iostream", "random", "filesystem", "future",
                       "sys/socket.h", "unistd.h", "time.h", "boost/asio.hpp", "sqlite3.h"]:
            for folder in ["base", "wire", "link", "e2ee", "mesh-router", "node", "sim"]:
                self.refused(f"{folder}/a.cpp", f"#include <{header}>\n", "is pure")

    def test_the_same_header_is_taken_at_the_edge(self):
        self.taken("daemon/a.cpp", "#include <thread>\n#include <sys/socket.h>\n")

    def test_a_library_is_taken_only_where_it_belongs(self):
        self.taken("e2ee/a.cpp", "#include <sodium.h>\n#include <sodium/crypto_aead_chacha.h>\n")
        self.refused("e2ee/a.cpp", "#include <sodium/randombytes.h>\n", "is pure")
        self.taken("wire/a.cpp", '#include <pb_encode.h>\n#include "wire/chaski.pb.h"\n')
        self.refused("base/a.cpp", "#include <sodium.h>\n", "is pure")
        self.refused("mesh-router/a.cpp", "#include <pb_encode.h>\n", "is pure")

    def test_a_call_outside_is_refused_in_a_pure_folder(self):
        for call, what in [
            ("auto t = std::chrono::steady_clock::now();", "a clock"),
            ("auto t = Clock::now();", "a clock"),
            ("auto t = time(NULL);", "a clock"),
            ("auto t = std::time(nullptr);", "a clock"),
            ("clock_gettime(CLOCK_BOOTTIME, &ts);", "a clock"),
            ("usleep(3);", "a clock"),
            ("int r = rand();", "a random number"),
            ("srand(1);", "a random number"),
            ("randombytes_buf(out, 32);", "a random number"),
            ("crypto_box_keypair(pk, sk);", "a random number"),
            ("std::random_device d;", "a random number"),
            ("std::mt19937 g;", "a random number"),
            ("auto* f = fopen(name, mode);", "a file"),
            ("std::ofstream f;", "a file"),
            ("std::cout << 1;", "a file"),
            ("std::fprintf(stderr, x);", "a file"),
            ("int s = ::socket(1, 2, 3);", "a system call"),
            ("std::mutex m;", "a thread"),
            ("std::jthread t;", "a thread"),
            ("thread_local int x;", "a thread"),
            ('auto* home = std::getenv("HOME");', "the environment"),
            ("std::exit(1);", "the environment"),
        ]:
            for folder in ["base", "mesh-router", "sim"]:
                self.refused(f"{folder}/a.cpp", f"void f() {{ {call} }}\n", what)
            self.taken("daemon/a.cpp", f"void f() {{ {call} }}\n")

    def test_words_that_only_look_like_calls_are_taken(self):
        for line in [
            "// steady_clock::now() is told, not asked",
            "/* rand() and\n std::mutex */",
            'const char* text = "std::cout and rand() and getenv(x)";',
            "base::Random& random() { return random_; }",
            "const auto when = event.time();",
            "link.open(id); store.read(key); session.close();",
            "auto s = Session::open(bytes);",
            "base::Time World::now() const { return now_; }",
            "crypto_sign_seed_keypair(pk, sk, seed);",
            "int operand(int x); int y = operand(2);",
            "const int million = 1'000'000; // '",
            "std::uint64_t wake_time(int);",
        ]:
            self.taken("mesh-router/a.cpp", line + "\n")

    def test_a_call_behind_a_string_or_a_comment_is_still_seen(self):
        self.refused("node/a.cpp", 'auto s = "//"; std::mutex m;\n', "a thread")
        self.refused("node/a.cpp", "/* harmless */ std::mutex m;\n", "a thread")
        self.refused("node/a.cpp", "char c = '\"'; std::mutex m; char d = '\"';\n", "a thread")

    def test_a_missing_licence_line_is_refused(self):
        for name in ["node/a.cpp", "scripts/thing", "tests/x.py", "cmake/Y.cmake"]:
            code, output = check({name: "int x;\n"})
            self.assertEqual(code, 1, name)
            self.assertIn("SPDX-License-Identifier", output)

    def test_a_long_line_is_refused(self):
        self.refused("node/a.cpp", "// " + "x" * 98 + "\n", "101 columns")
        self.taken("node/a.cpp", "// " + "x" * 97 + "\n")
        self.taken("node/a.cpp", "// " + "é" * 97 + "\n")

    def test_a_header_without_pragma_once_is_refused(self):
        self.refused("node/a.hpp", "int x();\n", "#pragma once")
        self.taken("node/a.hpp", "#pragma once\nint x();\n")

    def test_code_in_an_unknown_folder_is_refused(self):
        self.refused("misc/a.cpp", "int x;\n", "not on the plan")

    def test_an_empty_tree_is_not_a_pass(self):
        code, output = check({"README.md": "nothing\n"})
        self.assertEqual(code, 2)
        self.assertIn("no source files", output)

    def test_build_trees_and_corpora_are_left_out(self):
        code, output = check({"node/a.cpp": SPDX, "build/dev/x.cpp": "no licence\n",
                              "tests/fuzz/corpus/wire/x.c": "no licence\n"})
        self.assertEqual(code, 0, output)


if __name__ == "__main__":
    unittest.main()
