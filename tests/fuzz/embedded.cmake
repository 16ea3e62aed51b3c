# SPDX-License-Identifier: Apache-2.0
# The sources are the firmware's, compiled for this machine.
set(embedded ${PROJECT_SOURCE_DIR}/embedded)
chaski_fuzz(flash-mount SOURCE flash_mount_fuzz.cpp LINK chaski::mesh-router)
target_sources(fuzz-flash-mount PRIVATE ${embedded}/flash_format.cpp ${embedded}/flash_log.cpp
  ${embedded}/flash_log_write.cpp ${embedded}/flash_store.cpp ${embedded}/flash_store_mount.cpp
  ${embedded}/flash_tombstones.cpp ${embedded}/packed_record.cpp)
