#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Builds the lab's kernel: user-mode Linux with Bluetooth, from Debian's linux-source package, as an
# ordinary program of about 9 MB. Needs no root and no network.
#
#   build_kernel.sh OUTPUT
#
# The source is unpacked beside OUTPUT (under 0.5 GB for the time of the build) and removed again.
# CHASKI_LAB_JOBS says how many compilers run at once; without it, as many as there are processors.
# Exit: 0 built, 1 a build error, 2 bad command line, 77 something is missing (the last line says
# what).
set -euo pipefail
if (($# != 1)); then
  echo "build_kernel: where to? See the head of $0" >&2
  exit 2
fi
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
source_archive=/usr/src/linux-source-6.1.tar.xz
for tool in make gcc flex bison bc xz tar strip; do
  if ! command -v "$tool" >/dev/null; then
    echo "build_kernel: no $tool on this machine; run scripts/install-deps check"
    exit 77
  fi
done
if [[ ! -r $source_archive ]]; then
  echo "build_kernel: no $source_archive (package linux-source-6.1); run scripts/install-deps check"
  exit 77
fi

mkdir -p "$(dirname "$1")"
output=$(cd "$(dirname "$1")" && pwd)/$(basename "$1")
work=$(mktemp -d "$output.build.XXXXXX")
trap 'rm -rf "$work"' EXIT

# Configuring reads every Kconfig and Makefile; compiling needs none of the code of other processors
# and of real hardware, which is most of the 80,000 files.
unneeded=()
for folder in Documentation arch/{alpha,arc,arm,arm64,csky,hexagon,ia64,loongarch,m68k,microblaze} \
  arch/{mips,nios2,openrisc,parisc,powerpc,riscv,s390,sh,sparc,xtensa} \
  drivers/{accel,ata,clk,crypto,gpu,hwmon,iio,infiniband,media,mfd,mmc,mtd,nvme,phy,pinctrl} \
  drivers/{platform,power,regulator,scsi,soc,spi,staging,thermal,usb,video} \
  drivers/net/{dsa,ethernet,wireless} fs/{btrfs,ceph,cifs,ext4,f2fs,nfs,ntfs3,ocfs2,xfs} \
  samples sound tools/{perf,testing}; do
  for ending in c h S dts dtsi rst txt json yaml; do
    unneeded+=(--exclude="linux-source-6.1/$folder/*.$ending")
  done
done
tar --extract --file "$source_archive" --directory "$work" --strip-components=1 "${unneeded[@]}"
cd "$work"
# Sources before and after the fault do not take it.
if patch --strip=1 --dry-run --silent <"$here/kernel.patch" >/dev/null; then
  patch --strip=1 --silent <"$here/kernel.patch"
fi
make --silent ARCH=um KCONFIG_ALLCONFIG="$here/kernel.config" allnoconfig
# A symbol that did not take would show as a test that hangs; say it here.
missing=0
while IFS='=' read -r name value; do
  if [[ $value == y ]] && ! grep -q "^$name=y\$" .config; then
    echo "build_kernel: $name of kernel.config did not take in this source" >&2
    missing=1
  fi
done < <(grep '^CONFIG_' "$here/kernel.config")
((missing == 0))
make --silent ARCH=um -j"${CHASKI_LAB_JOBS:-$(nproc)}" linux
strip -o "$output.new" linux
mv "$output.new" "$output"
