# SPDX-License-Identifier: Apache-2.0
# Three seeds for each victim here; scripts/nightly runs twenty.
foreach(victim ridge south north)
  add_test(NAME lab.durability.${victim}
    COMMAND python3 ${CMAKE_CURRENT_SOURCE_DIR}/durability.py $<TARGET_FILE:chaskid> ${victim} 1 3)
  set_tests_properties(lab.durability.${victim} PROPERTIES TIMEOUT 300)
endforeach()
