# SPDX-License-Identifier: Apache-2.0
# Language level, warnings and sanitizers: one interface target that every folder links.
option(CHASKI_TESTS "Build the tests" ON)
option(CHASKI_MCU "Build only what runs on a microcontroller" OFF)
option(CHASKI_FUZZ "Build the libFuzzer targets (clang only)" OFF)
option(CHASKI_MPI "Build the module with which chaski-sim runs under mpirun" ON)
option(CHASKI_WERROR "Treat warnings as errors" ON)
set(CHASKI_SANITIZE "" CACHE STRING "Sanitizers, e.g. address,undefined or thread")

set(CMAKE_CXX_STANDARD 20)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_C_STANDARD 11)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)
set(CMAKE_POSITION_INDEPENDENT_CODE ON)

find_program(CHASKI_CCACHE ccache)
if(CHASKI_CCACHE)
  set(CMAKE_C_COMPILER_LAUNCHER ${CHASKI_CCACHE})
  set(CMAKE_CXX_COMPILER_LAUNCHER ${CHASKI_CCACHE})
endif()

add_library(chaski_options INTERFACE)
target_include_directories(chaski_options INTERFACE $<BUILD_INTERFACE:${PROJECT_SOURCE_DIR}>)
target_compile_options(chaski_options INTERFACE
  -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wsign-conversion -Wnon-virtual-dtor
  -Wold-style-cast -Woverloaded-virtual -Wimplicit-fallthrough
  $<$<BOOL:${CHASKI_WERROR}>:-Werror>)
if(CHASKI_SANITIZE)
  target_compile_options(chaski_options INTERFACE
    -fsanitize=${CHASKI_SANITIZE} -fno-sanitize-recover=all -fno-omit-frame-pointer)
  target_link_options(chaski_options INTERFACE -fsanitize=${CHASKI_SANITIZE})
endif()
if(CHASKI_MCU)
  target_compile_definitions(chaski_options INTERFACE CHASKI_SMALL)
  target_compile_options(chaski_options INTERFACE -fno-exceptions
    $<$<COMPILE_LANGUAGE:CXX>:-fno-rtti -fno-threadsafe-statics>)
else()
  target_compile_definitions(chaski_options INTERFACE
    $<$<CONFIG:Release>:_FORTIFY_SOURCE=2>)
  target_compile_options(chaski_options INTERFACE -fstack-protector-strong)
  target_link_options(chaski_options INTERFACE -Wl,-z,relro,-z,now)
endif()
if(CHASKI_FUZZ)
  target_compile_options(chaski_options INTERFACE -fsanitize=fuzzer-no-link)
endif()
