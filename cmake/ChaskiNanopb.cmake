# SPDX-License-Identifier: Apache-2.0
# chaski_nanopb(TARGET PROTO): generates PROTO.pb.c and PROTO.pb.h (bounds from PROTO.options beside
# it) in the build folder and links them into TARGET, a test. The header is visible to TARGET's own
# sources. PROTO is a path from here.
find_program(CHASKI_NANOPB_GENERATOR NAMES nanopb_generator.py nanopb_generator REQUIRED)
find_program(CHASKI_PROTOC protoc REQUIRED)
function(chaski_nanopb target proto)
  get_filename_component(stem ${proto} NAME_WE)
  get_filename_component(from ${proto} DIRECTORY)
  get_filename_component(from ${from} ABSOLUTE BASE_DIR ${CMAKE_CURRENT_SOURCE_DIR})
  set(out ${CMAKE_CURRENT_BINARY_DIR}/generated)
  file(MAKE_DIRECTORY ${out})
  add_custom_command(
    OUTPUT ${out}/${stem}.pb.c ${out}/${stem}.pb.h
    COMMAND ${CHASKI_NANOPB_GENERATOR} --quiet --no-timestamp --strip-path
            -I ${from} -D ${out}
            -f ${from}/${stem}.options ${stem}.proto
    WORKING_DIRECTORY ${from}
    DEPENDS ${from}/${stem}.proto ${from}/${stem}.options
    COMMENT "nanopb ${stem}.proto" VERBATIM)
  # Tables only, not held to our warnings: objects of their own, without our options.
  add_library(${target}_pb OBJECT ${out}/${stem}.pb.c ${out}/${stem}.pb.h)
  target_sources(${target} PRIVATE $<TARGET_OBJECTS:${target}_pb>)
  target_include_directories(${target} SYSTEM PRIVATE ${out})
  target_link_libraries(${target} PRIVATE ${NANOPB_LIBRARY})
endfunction()
