# SPDX-License-Identifier: Apache-2.0
# Everything comes from Debian packages listed in debian/control.
if(CHASKI_MCU)
  include(ChaskiMcuDependencies)
  return()
endif()
find_package(PkgConfig REQUIRED)
find_package(tl-expected REQUIRED)
pkg_check_modules(SODIUM REQUIRED IMPORTED_TARGET libsodium)
pkg_check_modules(ISAL REQUIRED IMPORTED_TARGET libisal)
pkg_check_modules(SQLITE REQUIRED IMPORTED_TARGET sqlite3)
pkg_check_modules(SYSTEMD REQUIRED IMPORTED_TARGET libsystemd)
find_package(sdbus-c++ 1.2 REQUIRED)
find_package(fmt REQUIRED)
find_package(nlohmann_json REQUIRED)
find_package(tomlplusplus REQUIRED)
find_package(CLI11 REQUIRED)
find_package(Boost 1.74 REQUIRED)
find_package(Threads REQUIRED)
find_library(QRCODEGEN_LIBRARY qrcodegencpp REQUIRED)
find_library(NANOPB_LIBRARY protobuf-nanopb REQUIRED)

add_library(chaski_boost INTERFACE)
target_link_libraries(chaski_boost INTERFACE Boost::headers Threads::Threads)
# Boost 1.74's coroutine support does not compile with g++ 12 in C++20 mode; we use plain callbacks.
target_compile_definitions(chaski_boost INTERFACE
  BOOST_ASIO_DISABLE_CO_AWAIT BOOST_ASIO_NO_DEPRECATED BOOST_ASIO_SEPARATE_COMPILATION
  BOOST_BEAST_USE_STD_STRING_VIEW)
# g++'s ThreadSanitizer knows no fences; Asio's stand between threads, and we have one.
if(CHASKI_SANITIZE MATCHES "thread")
  target_compile_definitions(chaski_boost INTERFACE BOOST_ASIO_DISABLE_FENCED_BLOCK)
endif()
if(CHASKI_TESTS)
  find_package(GTest REQUIRED)
  find_library(RAPIDCHECK_LIBRARY rapidcheck REQUIRED)
  add_library(rapidcheck INTERFACE)
  target_link_libraries(rapidcheck INTERFACE ${RAPIDCHECK_LIBRARY})
  include(GoogleTest)
endif()
