# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
# Inside the lab: the system bus, the controllers and bluetoothd, each to be started, ended and
# started again by the test that runs. Sourced by /lab/command, or by a test that wants one of them
# anew.
#
#   lab_bus             dbus-daemon, the system's
#   lab_controllers N   N virtual LE controllers on one air; LAB_BTVIRT_OPTIONS replaces "-L"
#                       (legacy advertising only; empty for extended advertising and two modes)
#   lab_bluetoothd      bluetoothd; LAB_MAIN_CONF holds more lines of main.conf (\n between them),
#                       LAB_ATT_CHANNELS how many bearers it spreads the attribute protocol over
#   lab_adapters N      waits for N adapters on the bus
#   lab_stop NAME       ends dbus-daemon, btvirt or bluetoothd
#   LAB_PACKET_MS       air time of a packet of up to 192 bytes (default 2)
#   LAB_ADVERTISE_MS    how often an advertiser is heard (default 100)
#
# Process ids are in /run/lab/*.pid, logs in /lab/*.log. $LAB_AIR takes "far A B" and "near A B".
export LAB_AIR=/run/lab/air LAB_PACKET_MS=${LAB_PACKET_MS:-2}

lab_started() {  # NAME PID
  echo "$2" >"/run/lab/$1.pid"
  disown "$2"
}

lab_stop() {  # NAME
  local pid
  pid=$(<"/run/lab/$1.pid")
  kill "$pid"
  # Ended, or ended and not yet reaped: its parent may be a test that is no shell.
  while kill -0 "$pid" 2>/dev/null && ! grep -q '^State:[[:space:]]*Z' "/proc/$pid/status"; do
    sleep 0.01
  done
}

lab_bus() {
  rm -f /run/dbus/pid
  dbus-daemon --system --nofork >>/lab/dbus-daemon.log 2>&1 &
  lab_started dbus-daemon $!
  until [[ -S /run/dbus/system_bus_socket ]]; do sleep 0.01; done
}

lab_controllers() {  # N
  # shellcheck disable=SC2086
  "$LAB_BTVIRT" ${LAB_BTVIRT_OPTIONS--L} -l"$1" >>/lab/btvirt.log 2>&1 &
  lab_started btvirt $!
}

lab_bluetoothd() {
  {
    printf '[General]\nControllerMode = le\n%b\n' "${LAB_MAIN_CONF:-}"
    printf '[GATT]\nChannels = %s\n[Policy]\nAutoEnable = true\n' "${LAB_ATT_CHANNELS:-1}"
  } >/run/lab/main.conf
  # shellcheck disable=SC2086
  /usr/libexec/bluetooth/bluetoothd --nodetach --configfile=/run/lab/main.conf \
    ${LAB_BLUETOOTHD_OPTIONS:-} >>/lab/bluetoothd.log 2>&1 &
  lab_started bluetoothd $!
}

lab_adapters() {  # N
  local wanted=$1 found=0 turn
  for turn in $(seq 300); do
    if ! kill -0 "$(<"/run/lab/bluetoothd.pid")" 2>/dev/null; then
      echo "lab: $found of $wanted adapters, bluetoothd ended; see bluetoothd.log" >&2
      return 1
    fi
    found=$(busctl --system tree --list org.bluez 2>/dev/null | grep -cE '/hci[0-9]+$')
    if ((found >= wanted)); then return 0; fi
    # A controller that did not answer its reset within 2 s, on a busy machine, never appears.
    if ((turn % 100 == 0)); then
      echo "lab: $found of $wanted adapters, starting the controllers again" >&2
      lab_stop btvirt
      lab_controllers "$wanted"
    fi
    sleep 0.1
  done
  echo "lab: $found of $wanted adapters after 30 s; see bluetoothd.log and btvirt.log" >&2
  return 1
}
