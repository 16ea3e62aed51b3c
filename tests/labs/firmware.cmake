# SPDX-License-Identifier: Apache-2.0
# Serial lines: the firmware of a relay in QEMU between real daemons.
add_executable(serial-peer serial/peer.cpp
  ${PROJECT_SOURCE_DIR}/embedded/boards/host/host_uart.cpp)
target_link_libraries(serial-peer PRIVATE chaski_options chaski::embedded PkgConfig::SODIUM)
add_executable(flash-tool serial/flash_tool.cpp
  ${PROJECT_SOURCE_DIR}/embedded/boards/host/host_flash.cpp)
target_link_libraries(flash-tool PRIVATE chaski_options chaski::embedded)

# chaski_relay_lab(CASE [COUNT] [BAUD])
function(chaski_relay_lab name case)
  add_test(NAME lab.serial.relay_${name}
    COMMAND python3 ${CMAKE_CURRENT_SOURCE_DIR}/serial/relay_lab.py $<TARGET_FILE:serial-peer>
      $<TARGET_FILE:chaski-relay> ${CHASKI_IMAGES} ${case} ${ARGN})
  set_tests_properties(lab.serial.relay_${name} PROPERTIES SKIP_RETURN_CODE 77 TIMEOUT 300
    FIXTURES_REQUIRED firmware)
endfunction()
set(CHASKI_IMAGES ${PROJECT_SOURCE_DIR}/build/mcu CACHE PATH "Where the firmware is")
chaski_relay_lab(through all-arrive 200 115200)
chaski_relay_lab(noise noise 60)
chaski_relay_lab(chain chain 60)
chaski_relay_lab(carry carry 60)
chaski_relay_lab(cut cut 150)
chaski_relay_lab(small_board small 30)
chaski_relay_lab(large_envelopes large 30)
chaski_relay_lab(no_seed no-seed)
# The bars in full, for a machine that does nothing else. QEMU's UARTs move 20 to 40 kB a second,
# less than 921,600 baud; the same relay as a process is held to that speed.
chaski_relay_lab(thousand_at_115200 goodput 1000 115200)
chaski_relay_lab(thousand_at_921600 all-arrive 1000 921600)
chaski_relay_lab(process_at_921600 host-goodput 1000 921600)
set_tests_properties(lab.serial.relay_thousand_at_115200 lab.serial.relay_thousand_at_921600
  lab.serial.relay_process_at_921600 PROPERTIES LABELS long)

# Real daemons, with no other way to each other.
foreach(case across chain carry)
  add_test(NAME lab.serial.daemons_${case}
    COMMAND python3 ${CMAKE_CURRENT_SOURCE_DIR}/serial/daemon_lab.py $<TARGET_FILE:chaskid>
      ${CHASKI_IMAGES} ${case})
  set_tests_properties(lab.serial.daemons_${case} PROPERTIES SKIP_RETURN_CODE 77 TIMEOUT 300
    FIXTURES_REQUIRED firmware)
endforeach()

# Power cuts: some here, and 200 in scripts/nightly.
function(chaski_power_lab name cuts)
  add_test(NAME lab.serial.${name}
    COMMAND python3 ${CMAKE_CURRENT_SOURCE_DIR}/serial/power_lab.py $<TARGET_FILE:serial-peer>
      $<TARGET_FILE:flash-tool> ${CHASKI_IMAGES} ${cuts})
  set_tests_properties(lab.serial.${name} PROPERTIES SKIP_RETURN_CODE 77 TIMEOUT 1800
    FIXTURES_REQUIRED firmware)
endfunction()
chaski_power_lab(power_cuts 6)
chaski_power_lab(two_hundred_power_cuts 200)
set_tests_properties(lab.serial.two_hundred_power_cuts PROPERTIES LABELS long)
