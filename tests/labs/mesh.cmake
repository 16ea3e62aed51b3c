# SPDX-License-Identifier: Apache-2.0
add_test(NAME lab.mesh
  COMMAND python3 ${CMAKE_CURRENT_SOURCE_DIR}/mesh_lab.py $<TARGET_FILE:chaskid> 1)
set_tests_properties(lab.mesh PROPERTIES TIMEOUT 180 SKIP_RETURN_CODE 77)
add_test(NAME lab.disk-full
  COMMAND python3 ${CMAKE_CURRENT_SOURCE_DIR}/disk_full_lab.py $<TARGET_FILE:chaskid>)
set_tests_properties(lab.disk-full PROPERTIES TIMEOUT 180 SKIP_RETURN_CODE 77)
# Figures of a sanitized daemon say nothing.
if(NOT CHASKI_SANITIZE)
  add_test(NAME lab.idle
    COMMAND python3 ${CMAKE_CURRENT_SOURCE_DIR}/idle_lab.py $<TARGET_FILE:chaskid>)
  set_tests_properties(lab.idle PROPERTIES TIMEOUT 240 SKIP_RETURN_CODE 77 LABELS long)
  # The sandbox forbids what sanitizers need; scripts/test runs it with the build of the second
  # compiler.
  add_test(NAME lab.systemd
    COMMAND python3 ${CMAKE_CURRENT_SOURCE_DIR}/systemd_lab.py $<TARGET_FILE:chaskid>
      $<TARGET_FILE:chaski>)
  set_tests_properties(lab.systemd PROPERTIES TIMEOUT 300 SKIP_RETURN_CODE 77)
endif()
