# SPDX-License-Identifier: Apache-2.0
# libsodium and tl::expected for the microcontroller: compiled here from Debian's source
# packages (scripts/mcu-sources fetches them), under the same target names as on Linux.
set(CHASKI_MCU_SOURCES ${PROJECT_SOURCE_DIR}/build/mcu-deps CACHE PATH
  "Where scripts/mcu-sources puts libsodium and tl/expected.hpp")
execute_process(COMMAND ${PROJECT_SOURCE_DIR}/scripts/mcu-sources ${CHASKI_MCU_SOURCES}
  RESULT_VARIABLE result OUTPUT_VARIABLE said ERROR_VARIABLE said)
if(NOT result EQUAL 0)
  message(FATAL_ERROR "the sources for the microcontroller cannot be had: ${said}")
endif()

# The image stands at a fixed address.
set(CMAKE_POSITION_INDEPENDENT_CODE OFF)

add_library(tl-expected INTERFACE)
target_include_directories(tl-expected SYSTEM INTERFACE
  $<BUILD_INTERFACE:${CHASKI_MCU_SOURCES}/include>)
add_library(tl::expected ALIAS tl-expected)

# The primitives that link, wire and mesh-router use, portable C only.
set(sodium ${CHASKI_MCU_SOURCES}/libsodium/src/libsodium)
set(SODIUM_LIBRARY_VERSION_MAJOR 10)
set(SODIUM_LIBRARY_VERSION_MINOR 3)
set(SODIUM_LIBRARY_MINIMAL_DEF "#define SODIUM_LIBRARY_MINIMAL 1")
file(STRINGS ${CHASKI_MCU_SOURCES}/libsodium/.version VERSION)
configure_file(${sodium}/include/sodium/version.h.in
  ${PROJECT_BINARY_DIR}/sodium/include/sodium/version.h @ONLY)
# BLAKE2b's twelve rounds of eight mixings are written out there, 13 KiB of code; here there is one
# in a loop. The same source otherwise: a version of it that reads differently is an error.
set(blake2b_source ${sodium}/crypto_generichash/blake2b/ref/blake2b-compress-ref.c)
file(READ ${blake2b_source} blake2b)
set(rounds "")
foreach(round RANGE 11)
  string(APPEND rounds "    ROUND(${round});\n")
endforeach()
string(FIND "${blake2b}" "${rounds}" found)
if(found EQUAL -1)
  message(FATAL_ERROR "${blake2b_source} has changed; look at its rounds again")
endif()
string(REPLACE "${rounds}" "    for (i = 0; i < 96; ++i) {
      const int j = i % 8, s = j / 4;
      G(i / 8, j, v[j % 4], v[4 + (j + s) % 4], v[8 + (j + 2 * s) % 4], v[12 + (j + 3 * s) % 4]);
    }\n" blake2b "${blake2b}")
file(CONFIGURE OUTPUT ${PROJECT_BINARY_DIR}/sodium/blake2b-compress-small.c
  CONTENT "${blake2b}" @ONLY)
# So are SHA-256's sixteen rounds and as many words of its schedule.
set(sha256_source ${sodium}/crypto_hash/sha256/cp/hash_sha256_cp.c)
file(READ ${sha256_source} sha256)
foreach(step "RNDr(S, W, @, i)" "MSCH(W, @, i)")
  set(steps "")
  foreach(number RANGE 15)
    string(REPLACE "@" "${number}" line "${step}")
    string(APPEND steps "        ${line};\n")
  endforeach()
  string(REPLACE "@" "j" line "${step}")
  string(FIND "${sha256}" "${steps}" found)
  if(found EQUAL -1)
    message(FATAL_ERROR "${sha256_source} has changed; look at its rounds again")
  endif()
  set(loop "        for (int j = 0; j < 16; ++j) { ${line}; }\n")
  string(REPLACE "${steps}" "${loop}" sha256 "${sha256}")
endforeach()
file(CONFIGURE OUTPUT ${PROJECT_BINARY_DIR}/sodium/sha256-small.c CONTENT "${sha256}" @ONLY)
set(sodium_sources ${PROJECT_BINARY_DIR}/sodium/blake2b-compress-small.c
  ${PROJECT_BINARY_DIR}/sodium/sha256-small.c
  ${sodium}/crypto_shorthash/siphash24/ref/shorthash_siphash24_ref.c
  ${PROJECT_SOURCE_DIR}/embedded/sodium/x25519.c)
foreach(source
    crypto_aead/chacha20poly1305/sodium/aead_chacha20poly1305.c
    crypto_auth/hmacsha256/auth_hmacsha256.c
    crypto_generichash/blake2b/generichash_blake2.c
    crypto_generichash/blake2b/ref/blake2b-ref.c
    crypto_generichash/blake2b/ref/generichash_blake2b.c
    crypto_generichash/crypto_generichash.c
    crypto_hash/sha256/hash_sha256.c
    crypto_onetimeauth/poly1305/donna/poly1305_donna.c
    crypto_onetimeauth/poly1305/onetimeauth_poly1305.c
    crypto_scalarmult/crypto_scalarmult.c
    crypto_scalarmult/curve25519/scalarmult_curve25519.c
    crypto_shorthash/crypto_shorthash.c
    crypto_stream/chacha20/ref/chacha20_ref.c
    crypto_stream/chacha20/stream_chacha20.c
    crypto_verify/sodium/verify.c
    sodium/core.c
    sodium/utils.c)
  list(APPEND sodium_sources ${sodium}/${source})
endforeach()
add_library(chaski_mcu_sodium STATIC ${sodium_sources})
target_include_directories(chaski_mcu_sodium SYSTEM
  PUBLIC ${sodium}/include ${PROJECT_BINARY_DIR}/sodium/include
  PRIVATE ${sodium} ${sodium}/include/sodium ${sodium}/crypto_generichash/blake2b/ref
    ${PROJECT_BINARY_DIR}/sodium/include/sodium)
target_compile_definitions(chaski_mcu_sodium PUBLIC SODIUM_STATIC
  PRIVATE CONFIGURED=1 NATIVE_LITTLE_ENDIAN=1 DEV_MODE=0)
target_compile_options(chaski_mcu_sodium PRIVATE -w)
add_library(PkgConfig::SODIUM ALIAS chaski_mcu_sodium)
