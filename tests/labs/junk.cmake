# SPDX-License-Identifier: Apache-2.0
add_test(NAME lab.junk
  COMMAND python3 ${CMAKE_CURRENT_SOURCE_DIR}/junk_lab.py $<TARGET_FILE:chaskid>)
set_tests_properties(lab.junk PROPERTIES TIMEOUT 120
  ENVIRONMENT "CHASKI_SANITIZED=${CHASKI_SANITIZE}")
