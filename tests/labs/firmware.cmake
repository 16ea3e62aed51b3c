# SPDX-License-Identifier: Apache-2.0
# Serial lines: the firmware of a relay in QEMU between real daemons.
add_executable(serial-peer serial/peer.cpp
  ${PROJECT_SOURCE_DIR}/embedded/boards/host/host_uart.cpp)
target_link_libraries(serial-peer PRIVATE chaski_options chaski::embedded PkgConfig::SODIUM)
