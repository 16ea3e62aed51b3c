# SPDX-License-Identifier: Apache-2.0
chaski_fuzz(embedded-relay SOURCE ${PROJECT_SOURCE_DIR}/tests/fuzz/embedded_relay_fuzz.cpp
  LINK chaski::embedded)
chaski_fuzz(flash-mount SOURCE ${PROJECT_SOURCE_DIR}/tests/fuzz/flash_mount_fuzz.cpp
  LINK chaski::embedded)
chaski_fuzz(embedded-flash SOURCE ${PROJECT_SOURCE_DIR}/tests/fuzz/embedded_flash_fuzz.cpp
  LINK chaski::embedded)
