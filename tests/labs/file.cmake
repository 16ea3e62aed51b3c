# SPDX-License-Identifier: Apache-2.0
# With a sanitizer it is a test of the way alone: its memory cannot be told from the daemon's.
set(most_memory 64)
if(CHASKI_SANITIZE)
  set(most_memory 4096)
endif()
add_test(NAME lab.file
  COMMAND python3 ${CMAKE_CURRENT_SOURCE_DIR}/file_lab.py $<TARGET_FILE:chaskid> 100
    --memory ${most_memory})
set_tests_properties(lab.file PROPERTIES TIMEOUT 300)
