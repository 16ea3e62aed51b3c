# SPDX-License-Identifier: Apache-2.0
# Daemons on serial lines made of pseudoterminals.
set(serial_lab python3 ${CMAKE_CURRENT_SOURCE_DIR}/serial_line_lab.py $<TARGET_FILE:chaskid>)
add_test(NAME lab.serial.noise COMMAND ${serial_lab} noise 1)
add_test(NAME lab.serial.status
  COMMAND env CHASKI=$<TARGET_FILE:chaski> ${serial_lab} status 1)
set_tests_properties(lab.serial.noise lab.serial.status PROPERTIES TIMEOUT 400)
