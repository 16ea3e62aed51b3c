# SPDX-License-Identifier: Apache-2.0
# chaski_folder(NAME [PART part] [SOURCES ...] [LINK ...] [PRIVATE_LINK ...])
#   One folder = one library = target chaski::NAME, with warnings, install and export. For a
#   folder in a folder NAME is its path, and the target's has - for /.
#   Without SOURCES the folder is header-only. PART: one of several libraries of the folder, called
#   NAME-PART.
function(chaski_folder folder)
  cmake_parse_arguments(ARG "" "PART" "SOURCES;LINK;PRIVATE_LINK" ${ARGN})
  string(REPLACE "/" "-" name ${folder})
  if(ARG_PART)
    string(APPEND name -${ARG_PART})
  endif()
  if(ARG_SOURCES)
    add_library(chaski_${name} STATIC ${ARG_SOURCES})
    target_link_libraries(chaski_${name} PUBLIC ${ARG_LINK}
      PRIVATE $<BUILD_INTERFACE:chaski_options> ${ARG_PRIVATE_LINK})
    target_include_directories(chaski_${name} PUBLIC
      $<BUILD_INTERFACE:${PROJECT_SOURCE_DIR}> $<INSTALL_INTERFACE:include/chaski>)
  else()
    add_library(chaski_${name} INTERFACE)
    target_link_libraries(chaski_${name} INTERFACE ${ARG_LINK})
    target_include_directories(chaski_${name} INTERFACE
      $<BUILD_INTERFACE:${PROJECT_SOURCE_DIR}> $<INSTALL_INTERFACE:include/chaski>)
  endif()
  add_library(chaski::${name} ALIAS chaski_${name})
  set_target_properties(chaski_${name} PROPERTIES EXPORT_NAME ${name})
  set_property(GLOBAL APPEND PROPERTY CHASKI_FOLDERS ${folder})
  set_property(GLOBAL APPEND PROPERTY CHASKI_LIBRARIES ${name})
endfunction()

# chaski_program(NAME SOURCES ... LINK ...): an executable called NAME.
function(chaski_program name)
  cmake_parse_arguments(ARG "" "" "SOURCES;LINK" ${ARGN})
  add_executable(${name} ${ARG_SOURCES})
  target_link_libraries(${name} PRIVATE chaski_options ${ARG_LINK})
endfunction()

# chaski_test(FOLDER SOURCES ... LINK ...): GoogleTest program test-FOLDER, one ctest per case.
function(chaski_test name)
  cmake_parse_arguments(ARG "" "" "SOURCES;LINK" ${ARGN})
  add_executable(test-${name} ${ARG_SOURCES})
  target_link_libraries(test-${name} PRIVATE chaski_options ${ARG_LINK}
    GTest::gtest GTest::gmock GTest::gtest_main rapidcheck)
  target_compile_definitions(test-${name} PRIVATE
    CHASKI_SOURCE_DIR="${PROJECT_SOURCE_DIR}" CHASKI_BINARY_DIR="${PROJECT_BINARY_DIR}")
  gtest_discover_tests(test-${name} TEST_PREFIX "${name}." DISCOVERY_MODE PRE_TEST
    PROPERTIES TIMEOUT 300)
endfunction()

# chaski_fuzz(NAME SOURCE file LINK ...): libFuzzer target fuzz-NAME with corpus
# tests/fuzz/corpus/NAME. Without CHASKI_FUZZ the same source is built with a small driver that
# replays the corpus as a test.
function(chaski_fuzz name)
  cmake_parse_arguments(ARG "" "SOURCE" "LINK" ${ARGN})
  set(corpus ${PROJECT_SOURCE_DIR}/tests/fuzz/corpus/${name})
  if(CHASKI_FUZZ)
    add_executable(fuzz-${name} ${ARG_SOURCE})
    target_link_options(fuzz-${name} PRIVATE -fsanitize=fuzzer)
  else()
    add_executable(fuzz-${name} ${ARG_SOURCE} ${PROJECT_SOURCE_DIR}/tests/fuzz/replay_main.cpp)
    add_test(NAME fuzz-corpus.${name} COMMAND fuzz-${name} ${corpus})
  endif()
  target_link_libraries(fuzz-${name} PRIVATE chaski_options ${ARG_LINK})
endfunction()
