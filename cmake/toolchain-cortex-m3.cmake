# SPDX-License-Identifier: Apache-2.0
# Cortex-M3 without an operating system: gcc-arm-none-eabi with newlib nano. The code runs on an
# M4, M7 and M33 too; no floating point unit is assumed, so that the figures hold for the smallest.
set(CMAKE_SYSTEM_NAME Generic)
set(CMAKE_SYSTEM_PROCESSOR cortex-m3)
set(CMAKE_C_COMPILER arm-none-eabi-gcc)
set(CMAKE_CXX_COMPILER arm-none-eabi-g++)
set(CMAKE_TRY_COMPILE_TARGET_TYPE STATIC_LIBRARY)
set(CMAKE_FIND_ROOT_PATH_MODE_LIBRARY NEVER)
set(CMAKE_FIND_ROOT_PATH_MODE_INCLUDE NEVER)
set(CMAKE_FIND_ROOT_PATH_MODE_PACKAGE NEVER)

set(chaski_mcu_flags "-mcpu=cortex-m3 -mthumb -mfloat-abi=soft -ffunction-sections -fdata-sections")
set(CMAKE_C_FLAGS_INIT "${chaski_mcu_flags} --specs=nano.specs")
# GCC 7 changed how some arguments are passed, and says so; all of ours is compiled by one GCC.
# The whole of it is optimised together: what is never called or always called with the same goes.
set(CMAKE_CXX_FLAGS_INIT "${chaski_mcu_flags} --specs=nano.specs -Wno-psabi -flto")
set(CMAKE_EXE_LINKER_FLAGS_INIT "-nostartfiles -Wl,--gc-sections")
