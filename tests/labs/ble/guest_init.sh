#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# The first process of the lab's kernel. The host's files lie below, read-only; what is written goes
# to memory. /lab is the folder that the host reads; /lab/command is what is run.
PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
export PATH
if [ "${LAB_STAGE:-}" != 2 ]; then
  # LAB_FOLDER and LAB_INIT come from the kernel's command line as environment.
  mount -t tmpfs -o mode=755 layers /mnt
  mkdir /mnt/upper /mnt/work /mnt/lower /mnt/root
  mount -t hostfs -o / host /mnt/lower -o ro
  mount -t overlay -o lowerdir=/mnt/lower,upperdir=/mnt/upper,workdir=/mnt/work root /mnt/root
  mkdir -p /mnt/root/lab
  mount -t hostfs -o "$LAB_FOLDER" host /mnt/root/lab
  mount -t devtmpfs devices /mnt/root/dev
  LAB_STAGE=2
  export LAB_STAGE
  # pivot_root rather than chroot: who enters a namespace would come out at the old root.
  cd /mnt/root && pivot_root . mnt && exec chroot . /bin/sh "$LAB_INIT"
fi
umount -l /mnt
mount -t proc proc /proc
mount -t sysfs sys /sys
mount -t debugfs debug /sys/kernel/debug
mkdir -p /dev/pts /dev/shm
mount -t devpts terminals /dev/pts
mount -t tmpfs memory /dev/shm
ln -sf /proc/self/fd /dev/fd
ln -sf /proc/self/fd/0 /dev/stdin
ln -sf /proc/self/fd/1 /dev/stdout
ln -sf /proc/self/fd/2 /dev/stderr
mount -t tmpfs -o mode=755 run /run
mkdir -p /run/dbus /run/lock /run/lab /var/lib/bluetooth
# No device of an earlier run, and none of the host.
mount -t tmpfs -o mode=700 devices /var/lib/bluetooth
hostname lab
ip link set lo up
cut -d' ' -f1 /proc/uptime >/lab/up

# A FIFO and not a pipe: a daemon that the command left behind may hold its output open, and must
# not keep the lab from ending.
mkfifo /run/lab/output
tee /lab/log </run/lab/output &
/bin/bash /lab/command </dev/null >/run/lab/output 2>&1
code=$?
sleep 0.1
dmesg >/lab/kernel.log
cut -d' ' -f1 /proc/uptime >/lab/down
echo "$code" >/lab/code.new
mv /lab/code.new /lab/code
sync
# Nothing is to be kept, so nothing is to be ended gently: the kernel is told to power off.
exec /usr/bin/python3 -c 'import ctypes; ctypes.CDLL(None).reboot(0x4321fedc)'
