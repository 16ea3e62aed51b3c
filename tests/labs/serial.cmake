# SPDX-License-Identifier: Apache-2.0
# Daemons on serial lines made of pseudoterminals.
set(serial_lab python3 ${CMAKE_CURRENT_SOURCE_DIR}/serial_line_lab.py $<TARGET_FILE:chaskid>)
add_test(NAME lab.serial.noise COMMAND ${serial_lab} noise 1)
add_test(NAME lab.serial.status
  COMMAND env CHASKI=$<TARGET_FILE:chaski> ${serial_lab} status 1)
set_tests_properties(lab.serial.noise lab.serial.status PROPERTIES TIMEOUT 400)
add_test(NAME lab.serial.soak
  COMMAND python3 ${CMAKE_CURRENT_SOURCE_DIR}/serial_soak_lab.py $<TARGET_FILE:chaskid> 12 1
    --growth 100)
set_tests_properties(lab.serial.soak PROPERTIES TIMEOUT 400)
# Figures of a sanitized daemon say nothing.
if(NOT CHASKI_SANITIZE)
  add_test(NAME lab.serial.goodput COMMAND ${serial_lab} goodput 1 --least 0.8)
  add_test(NAME lab.serial.five-minutes
    COMMAND python3 ${CMAKE_CURRENT_SOURCE_DIR}/serial_soak_lab.py $<TARGET_FILE:chaskid> 300 2)
  set_tests_properties(lab.serial.goodput lab.serial.five-minutes PROPERTIES
    TIMEOUT 900 LABELS long)
endif()
