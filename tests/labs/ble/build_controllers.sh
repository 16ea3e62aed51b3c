#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Builds the lab's controllers: btvirt of Debian's BlueZ source package with controllers.patch.
# Fetches the source with an apt configuration of its own and leaves the machine's alone; no root.
#
#   build_controllers.sh OUTPUT
#
# Exit: 0 built, 1 a build error, 2 bad command line, 77 the source cannot be had (the last line
# says why).
set -euo pipefail
if (($# != 1)); then
  echo "build_controllers: where to? See the head of $0" >&2
  exit 2
fi
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
mkdir -p "$(dirname "$1")"
output=$(cd "$(dirname "$1")" && pwd)/$(basename "$1")
work=$(mktemp -d "$output.build.XXXXXX")
trap 'rm -rf "$work"' EXIT

"$here/../../../scripts/debian-source" bluez "$work/bluez" >&2
cd "$work/bluez"
patch --strip=1 --silent <"$here/controllers.patch"
# The emulator includes <bluetooth/...>, which a BlueZ build makes from lib/.
mkdir -p include/bluetooth
cp lib/*.h include/bluetooth/
sources=()
for name in main serial server vhci btdev bthost smp phy amp le; do
  sources+=("emulator/$name.c")
done
for name in queue util crypto ecc io-mainloop timeout-mainloop mainloop mainloop-notify; do
  sources+=("src/shared/$name.c")
done
for name in bluetooth hci sdp uuid; do sources+=("lib/$name.c"); done
# -w: the warnings of somebody else's code are not ours.
gcc -O2 -w -D_GNU_SOURCE -DVERSION='"lab"' -I. -Iinclude -Iemulator -Isrc/shared \
  -o "$output.new" "${sources[@]}"
mv "$output.new" "$output"
