# SPDX-License-Identifier: Apache-2.0
# Installs the libraries into a scratch folder, and builds and runs a project that finds them there.
# -DBUILD=... -DSOURCE=... -DSCRATCH=... -DSANITIZE=... -DCXX=...
file(REMOVE_RECURSE ${SCRATCH})
function(step)
  execute_process(COMMAND ${ARGV} RESULT_VARIABLE result OUTPUT_VARIABLE out ERROR_VARIABLE out)
  if(NOT result EQUAL 0)
    message(FATAL_ERROR "${ARGV}: ${result}\n${out}")
  endif()
  set(said "${out}" PARENT_SCOPE)
endfunction()
step(${CMAKE_COMMAND} --install ${BUILD} --component library --prefix ${SCRATCH}/prefix)
set(flags)
if(SANITIZE)
  set(flags -fsanitize=${SANITIZE})
endif()
step(${CMAKE_COMMAND} -G Ninja -S ${SOURCE} -B ${SCRATCH}/build -DCMAKE_CXX_COMPILER=${CXX}
  -DCMAKE_PREFIX_PATH=${SCRATCH}/prefix -DCMAKE_CXX_STANDARD=20 "-DCMAKE_CXX_FLAGS=${flags}")
step(${CMAKE_COMMAND} --build ${SCRATCH}/build)
step(${SCRATCH}/build/consumer)
if(NOT said STREQUAL "6f6b holds 0 envelopes\n")
  message(FATAL_ERROR "the consumer said: ${said}")
endif()
