#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Checks that the rooms keep their doors: docs/architecture.md as a test.

    tests/check_layers.py [ROOT]

Fails, one line a finding, on an include that the folder table forbids; on a clock, socket, file,
thread, environment or random-number call in a pure folder; on a source file without its SPDX
line, with a line over 100 columns, or a header without #pragma once.
"""
import pathlib
import re
import sys

PURE = {"base", "wire", "reconcile", "link", "e2ee", "attachment", "vault", "bundle",
        "mesh-router", "node", "sim", "settings"}
CORE = {"base", "wire", "reconcile", "link", "e2ee", "attachment", "bundle",
        "mesh-router", "node"}

# folder -> the folders whose headers it may include, itself left out
MAY_INCLUDE = {
    "base": set(),
    "wire": {"base"},
    "link": {"base", "wire"},
    "e2ee": {"base", "wire"},
    "attachment": {"base", "wire", "e2ee"},
    "reconcile": {"base"},
    "vault": {"base"},
    "bundle": {"base", "reconcile"},
    "mesh-router": {"base", "wire", "reconcile"},
    "node": CORE,
    "sim": CORE | {"transport-ble", "settings"},
    "settings": {"base"},
    "dbus": set(),
    "transport-ble": {"base", "dbus"},
    "transport-lan": {"base", "dbus"},
    "transport-serial": {"base"},
    "transport-file": {"base", "bundle"},
    "embedded": {"base", "wire", "link", "reconcile", "mesh-router", "transport-serial"},
    "daemon": CORE | {"vault", "settings", "dbus", "transport-ble", "transport-lan",
                      "transport-serial"},
    "tools": CORE | {"vault", "settings", "sim", "daemon", "dbus", "transport-ble", "transport-lan",
                     "transport-serial", "transport-file", "embedded"},
    "tests": CORE | {"vault", "settings", "sim", "daemon", "tools", "embedded", "dbus",
                     "transport-ble", "transport-lan", "transport-serial", "transport-file"},
}

# Files of an edge folder that are pure all the same, by the beginning of their names.
PURE_PARTS = {"transport-ble": "ble_", "transport-serial": "serial_"}

# Folders that have no operating system below them: of an edge folder, its pure files alone.
PURE_PARTS_ONLY = {"embedded"}

# What a pure folder may include of the standard library: nothing that reaches outside.
PURE_STANDARD = set("""
algorithm any array bit bitset cassert cctype charconv chrono cinttypes climits cmath compare
concepts cstddef cstdint cstdio cstdlib cstring deque exception functional initializer_list
iterator limits list map memory memory_resource new numbers numeric optional queue ranges ratio
set span stack stdexcept string string_view tuple type_traits typeinfo unordered_map unordered_set
utility variant vector version
""".split())

# Libraries that a pure folder may include, by folder.
PURE_LIBRARIES = {
    "base": {"tl/expected.hpp"},
    "wire": {"sodium.h", "pb.h", "pb_encode.h", "pb_decode.h", "pb_common.h"},
    "link": {"sodium.h", "pb.h", "pb_encode.h", "pb_decode.h", "pb_common.h"},
    "e2ee": {"sodium.h", "pb.h", "pb_encode.h", "pb_decode.h", "pb_common.h"},
    "attachment": {"sodium.h", "isa-l/erasure_code.h"},
    # sys/auxv.h: whether an ARM processor multiplies polynomials.
    "reconcile": {"immintrin.h", "arm_neon.h", "sys/auxv.h"},
    "mesh-router": {"sodium.h"},
    "vault": {"sodium.h"},
    "bundle": {"sodium.h"},
    "node": {"sodium.h"},
    "sim": {"sodium.h", "toml++/toml.h"},
    "transport-ble": {"sodium.h"},
    "transport-serial": set(),
    # It parses text that it is given; the function that opens files is not called.
    "settings": {"toml++/toml.h"},
}

FORBIDDEN_CALLS = [
    ("a clock", r"\b(?:system|steady|high_resolution|utc|tai|gps|file)_clock\b|"
                r"[Cc]lock\w*::now\s*\(|"
                r"\b(?:gettimeofday|clock_gettime|localtime(?:_r)?|gmtime(?:_r)?|mktime)\s*\(|"
                r"\bstd::(?:time|clock)\s*\(|(?<![\w.>:])time\s*\(\s*(?:NULL|nullptr|0|&)|"
                r"\bu?(?:nano)?sleep(?:_for|_until)?\s*\("),
    ("a random number", r"(?<![\w.>])(?:std::)?(?:s?rand|[dlm]rand48|rand_r)\s*\(|"
                        r"\brandombytes\w*|\brandom_device\b|\bmt19937\w*|\bminstd_rand\w*|"
                        r"\bdefault_random_engine\b|\b(?:getrandom|getentropy|arc4random\w*)\s*\(|"
                        r"\bcrypto_\w+_keygen\s*\(|\bcrypto_\w+(?<!_seed)_keypair\s*\(|"
                        r"\bcrypto_secretstream_\w+_init_push\s*\(|\bcrypto_pwhash_str\w*\s*\(|"
                        r"\bcrypto_box_seal\s*\("),
    ("a file", r"\b(?:fopen|fdopen|freopen|fwrite|fread|fprintf|fputs|fputc|puts|printf|tmpfile)"
               r"\s*\(|\bstd::(?:i|o)?fstream\b|\bstd::filesystem\b|"
               r"\bstd::(?:cout|cerr|clog|cin)\b|\b(?:stdout|stderr|stdin)\b"),
    ("a system call", r"(?<![\w>)\]])::(?:open|close|read|write|socket|bind|listen|accept|connect|"
                      r"send|recv|sendto|recvfrom|poll|select|ioctl|fork|exec\w*|kill)\s*\("),
    ("a thread", r"\bstd::(?:jthread|thread|mutex|shared_mutex|recursive_mutex|timed_mutex|"
                 r"condition_variable\w*|future|promise|async|lock_guard|unique_lock|scoped_lock|"
                 r"this_thread)\b|\bpthread_\w+|\bthread_local\b"),
    ("the environment", r"\b(?:secure_)?getenv\s*\(|\bsetenv\s*\(|\benviron\b|"
                        r"\bstd::(?:system|exit|_Exit|quick_exit|signal)\s*\("),
]
FORBIDDEN_CALLS = [(what, re.compile(pattern)) for what, pattern in FORBIDDEN_CALLS]

# Where a rule does not hold, each with its reason.
EXCEPTIONS = {
    # The program is ending because of our own bug; the last words need no seam.
    ("base/assert.cpp", "a file"),
}

CODE = {".hpp", ".cpp", ".h", ".c"}
OTHER = {".py", ".sh", ".cmake", ".proto", ".service", ".fish", ".bash", ".zsh"}
COLUMNS = 100
INCLUDE = re.compile(r'^\s*#\s*include\s*([<"])([^>"]+)[>"]')


def strip_comments(text):
    """The code alone: comments and the insides of literals become blanks, lines stay in place."""
    token = re.compile(r'//[^\n]*|/\*.*?\*/|R"([^\s()\\]{0,16})\(.*?\)\1"|"(?:\\.|[^"\\\n])*"|'
                       r"(?<![\w'])'(?:\\.|[^'\\\n])+'", re.DOTALL)

    def blank(match):
        kept = "".join(c if c == "\n" else " " for c in match.group(0))
        return '""' + kept[2:] if match.group(0)[0] in "\"'R" and len(kept) >= 2 else kept

    return token.sub(blank, text)


def is_pure(name):
    """Whether a file, named from the root, may do no I/O."""
    folder, _, rest = name.partition("/")
    part = PURE_PARTS.get(folder)
    return folder in PURE or (part is not None and rest.startswith(part))


def check_include(name, folder, quote, path):
    """Why this include is forbidden in this folder, or None."""
    first = path.split("/")[0]
    if first == "..":
        return "written from the repository root, never with .."
    if quote == '"' and first in MAY_INCLUDE and "/" in path:
        if first != folder and first not in MAY_INCLUDE[folder]:
            allowed = ", ".join(sorted(MAY_INCLUDE[folder])) or "no other folder"
            return f"{folder} may include {allowed}"
        if is_pure(name) and not is_pure(path):
            return f"{name} is pure and {path} is not"
        if folder in PURE_PARTS_ONLY and first in PURE_PARTS and not is_pure(path):
            return f"{folder} may include the pure part of {first}: {first}/{PURE_PARTS[first]}*"
        return None
    if not is_pure(name):
        return None
    if path in PURE_LIBRARIES[folder] or path in PURE_STANDARD:
        return None
    one_of_sodium = re.fullmatch(r"sodium/(?:crypto_\w+|utils)\.h", path)
    if one_of_sodium and "sodium.h" in PURE_LIBRARIES[folder]:
        return None
    if quote == '"' and path.endswith(".pb.h") and "pb.h" in PURE_LIBRARIES[folder]:
        return None
    return f"{folder} is pure: only the standard headers without I/O and its own libraries"


def check_code(name, folder, text):
    findings = []
    code = strip_comments(text)
    for number, line in enumerate(text.splitlines(), 1):
        include = INCLUDE.match(line)
        if include:
            why = check_include(name, folder, include.group(1), include.group(2))
            if why:
                findings.append((number, f"forbidden include {include.group(2)}: {why}"))
    if is_pure(name):
        for number, line in enumerate(code.splitlines(), 1):
            for what, pattern in FORBIDDEN_CALLS:
                hit = pattern.search(line)
                if hit and (name, what) not in EXCEPTIONS:
                    findings.append((number, f"{what} in a pure folder: {hit.group(0).strip()}"))
    if name.endswith(".hpp") and "#pragma once" not in text:
        findings.append((1, "a header without #pragma once"))
    return findings


def check_file(root, path):
    name = path.relative_to(root).as_posix()
    folder = name.split("/")[0]
    try:
        text = path.read_text(encoding="utf-8")
    except UnicodeDecodeError:
        return [f"{name}:1: not UTF-8"]
    lines = text.splitlines()
    findings = []
    if not any("SPDX-License-Identifier: Apache-2.0" in line for line in lines[:2]):
        findings.append((1, "no line 'SPDX-License-Identifier: Apache-2.0' at the top"))
    for number, line in enumerate(lines, 1):
        if len(line) > COLUMNS:
            findings.append((number, f"{len(line)} columns, over {COLUMNS}"))
    if path.suffix in CODE and folder in MAY_INCLUDE:
        findings += check_code(name, folder, text)
    elif path.suffix in CODE:
        findings.append((1, f"code in a folder that is not on the plan: {folder}"))
    return [f"{name}:{number}: {what}" for number, what in sorted(findings)]


def is_source(path):
    if path.suffix in CODE | OTHER or path.name == "CMakeLists.txt":
        return True
    if path.suffix == "" and path.parts[-2:-1] in (("scripts",), (".ci",)):
        return True
    return False


def source_files(root):
    """Every source file under root but the build trees, hidden folders and fuzz corpora."""
    for path in sorted(root.rglob("*")):
        parts = path.relative_to(root).parts
        if parts[0] in ("build", ".git", ".cache") or "corpus" in parts or "__pycache__" in parts:
            continue
        if parts[0].startswith("obj-") or parts[:1] == ("debian",):
            continue
        if path.is_file() and is_source(path):
            yield path


def main(arguments):
    if len(arguments) > 2 or arguments[1:2] in (["-h"], ["--help"]):
        print(__doc__.strip())
        return 0 if arguments[1:2] in (["-h"], ["--help"]) else 2
    root = pathlib.Path(arguments[1] if len(arguments) == 2 else pathlib.Path(__file__).parents[1])
    root = root.resolve()
    files = list(source_files(root))
    if not files:
        print(f"check_layers: no source files under {root}", file=sys.stderr)
        return 2
    findings = [finding for path in files for finding in check_file(root, path)]
    for finding in findings:
        print(finding)
    print(f"check_layers: {len(files)} files, {len(findings)} findings")
    return 1 if findings else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv))
