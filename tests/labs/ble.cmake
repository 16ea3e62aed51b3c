# SPDX-License-Identifier: Apache-2.0
# Real BlueZ among virtual controllers, in a kernel of its own (tests/labs/ble/ble_lab.py); skipped,
# with the reason, where that kernel cannot be built or does not start. A sanitizer wants more
# address space than a program has in there: scripts/test runs these with the build of the second
# compiler.
if(NOT CHASKI_SANITIZE)
  set(ble ${CMAKE_CURRENT_SOURCE_DIR}/ble)
  # Building the kernel takes minutes, once; the others then find it in the cache.
  add_test(NAME lab.ble.build COMMAND ${ble}/ble_lab.py --build)
  set_tests_properties(lab.ble.build PROPERTIES
    FIXTURES_SETUP ble SKIP_RETURN_CODE 77 TIMEOUT 1800)
  foreach(name exit_codes time_limit host_is_left_alone bluetooth_is_missed
      killed_lab_leaves_nothing our_programs_run)
    add_test(NAME lab.ble.${name} COMMAND ${ble}/guest_lab.py $<TARGET_FILE:chaskid>
      $<TARGET_FILE:test-base> ${name})
    set_tests_properties(lab.ble.${name} PROPERTIES
      FIXTURES_REQUIRED ble SKIP_RETURN_CODE 77 TIMEOUT 200)
  endforeach()

  # ble_lab_test(NAME ADAPTERS OPTIONS... COMMAND...): a command that runs in the lab.
  function(ble_lab_test name adapters)
    add_test(NAME lab.ble.${name} COMMAND ${ble}/ble_lab.py --adapters ${adapters} ${ARGN})
    set_tests_properties(lab.ble.${name} PROPERTIES
      FIXTURES_REQUIRED ble SKIP_RETURN_CODE 77 TIMEOUT 200)
  endfunction()
  ble_lab_test(gatt 2 --virtual-time -- ${ble}/gatt_lab.py)
  ble_lab_test(gatt_in_real_time 2 -- ${ble}/gatt_lab.py)
  foreach(kind legacy extended)
    ble_lab_test(address_${kind} 2 --virtual-time -- ${ble}/address_lab.py ${kind})
    set_property(TEST lab.ble.address_${kind} PROPERTY ENVIRONMENT
      "LAB_MAIN_CONF=Privacy = device" LAB_ADVERTISE_MS=2000)
  endforeach()
  set_property(TEST lab.ble.address_extended APPEND PROPERTY ENVIRONMENT LAB_BTVIRT_OPTIONS=)
  foreach(name hear dial bluetoothd_restarts dbus_restarts power)
    ble_lab_test(probe_${name} 2 --virtual-time -- ${ble}/probe_lab.py $<TARGET_FILE:ble-probe>
      ${name})
  endforeach()
  ble_lab_test(bars 2 --virtual-time -- ${ble}/bars_lab.py $<TARGET_FILE:chaskid>
    $<TARGET_FILE:l2cap-loop>)
  foreach(case both_ways:2 goodput:2 two_diallers:3 given_back:6 strangers:3 listener_ends:2)
    string(REPLACE ":" ";" case ${case})
    list(POP_FRONT case name adapters)
    ble_lab_test(lane_${name} ${adapters} --virtual-time -- ${ble}/lane_lab.py
      $<TARGET_FILE:ble-lane-probe> ${name})
  endforeach()
  ble_lab_test(lane_smallest_mtu 2 --virtual-time -- ${ble}/lane_lab.py
    $<TARGET_FILE:ble-lane-probe> smallest_mtu)
  set_property(TEST lab.ble.lane_smallest_mtu PROPERTY ENVIRONMENT
    "LAB_MAIN_CONF=[GATT]\\nExchangeMTU = 48")
  # As BlueZ is shipped: three bearers, which reorder.
  foreach(name both_ways goodput)
    ble_lab_test(lane_${name}_over_three_bearers 2 --virtual-time -- ${ble}/lane_lab.py
      $<TARGET_FILE:ble-lane-probe> ${name})
    set_property(TEST lab.ble.lane_${name}_over_three_bearers PROPERTY ENVIRONMENT
      LAB_ATT_CHANNELS=3)
  endforeach()

  # What ble-probe makes of BlueZ's objects.
  function(ble_objects name adapters)
    ble_lab_test(objects_${name} ${adapters} --virtual-time -- ${ble}/objects_lab.py
      $<TARGET_FILE:ble-probe> ${ARGN})
  endfunction()
  foreach(name foreign left_over out_of_range)
    ble_objects(${name} 2 ${name})
  endforeach()
  ble_objects(no_slot 3 no_slot)
  foreach(kind legacy extended)
    ble_objects(private_${kind} 2 private)
    set_property(TEST lab.ble.objects_private_${kind} PROPERTY ENVIRONMENT
      "LAB_MAIN_CONF=Privacy = device" LAB_ADVERTISE_MS=2000)
  endforeach()
  set_property(TEST lab.ble.objects_private_extended APPEND PROPERTY ENVIRONMENT
    LAB_BTVIRT_OPTIONS=)
  ble_objects(intervals 2 intervals 1280)
  ble_objects(intervals_experimental 2 intervals 100)
  set_property(TEST lab.ble.objects_intervals_experimental PROPERTY ENVIRONMENT
    LAB_BLUETOOTHD_OPTIONS=--experimental)
  ble_lab_test(both_roles_and_range 3 --virtual-time -- ${ble}/air_lab.py)

  foreach(name lanes lanes_of_one takeover pairing)
    ble_lab_test(${name} 2 --virtual-time -- ${ble}/bearers_lab.py $<TARGET_FILE:chaskid> ${name})
  endforeach()
  set_property(TEST lab.ble.lanes PROPERTY ENVIRONMENT LAB_ATT_CHANNELS=3)

  # Real daemons. ble_daemons(ADAPTERS NAME...): scenes of daemon_lab.py.
  function(ble_daemons adapters)
    foreach(name ${ARGN})
      ble_lab_test(${name} ${adapters} --virtual-time -- ${ble}/daemon_lab.py
        $<TARGET_FILE:chaskid> ${name})
    endforeach()
  endfunction()
  ble_daemons(2 pair restart)
  ble_lab_test(bluetoothctl 2 --virtual-time -- ${ble}/bluetoothctl_lab.py
    $<TARGET_FILE:chaskid>)
  ble_lab_test(never_pairs 2 --virtual-time -- ${ble}/pairing_lab.py $<TARGET_FILE:chaskid>)
  # Extended advertising turns the order in which BlueZ and the kernel speak of a connection round.
  foreach(kind extended private)
    ble_lab_test(pair_${kind} 2 --virtual-time -- ${ble}/daemon_lab.py $<TARGET_FILE:chaskid> pair)
  endforeach()
  set_property(TEST lab.ble.pair_extended lab.ble.pair_private PROPERTY ENVIRONMENT
    LAB_BTVIRT_OPTIONS=)
  set_property(TEST lab.ble.pair_private APPEND PROPERTY ENVIRONMENT
    "LAB_MAIN_CONF=Privacy = device")
  ble_daemons(3 line stop)
  ble_daemons(6 clique slots)
  # Three minutes with all faults; scripts/nightly has half an hour.
  ble_lab_test(storm 4 --virtual-time --limit 190 -- ${ble}/storm_lab.py $<TARGET_FILE:chaskid> 3)
  ble_lab_test(junk 5 --virtual-time -- ${ble}/junk_lab.py $<TARGET_FILE:chaskid>)
  ble_lab_test(sniffer_legacy 3 --virtual-time --limit 190 -- ${ble}/sniffer_lab.py
    $<TARGET_FILE:chaskid>)
  set_property(TEST lab.ble.sniffer_legacy PROPERTY ENVIRONMENT
    "LAB_MAIN_CONF=Privacy = device" LAB_ADVERTISE_MS=2000)
  ble_lab_test(sniffer_extended 3 --virtual-time --limit 190 -- ${ble}/sniffer_lab.py
    $<TARGET_FILE:chaskid>)
  set_property(TEST lab.ble.sniffer_extended PROPERTY ENVIRONMENT
    "LAB_MAIN_CONF=Privacy = device" LAB_ADVERTISE_MS=2000 LAB_BTVIRT_OPTIONS=)
  set_property(TEST lab.ble.sniffer_extended PROPERTY LABELS long)
  # Each time somebody is heard, bluetoothd tells everyone on the bus: most of what a crowd costs.
  set_property(TEST lab.ble.clique lab.ble.slots lab.ble.junk lab.ble.storm
    PROPERTY ENVIRONMENT LAB_ADVERTISE_MS=400)
endif()
