# SPDX-License-Identifier: Apache-2.0
# What `cmake --install` puts where. Component `programs`: the two programs with their service,
# tmpfiles and completions. Component `library`: every folder as chaski::<folder>, for
# find_package(chaski).
include(GNUInstallDirs)
include(CMakePackageConfigHelpers)

foreach(program chaski chaskid chaski-bench)
  if(TARGET ${program})
    install(TARGETS ${program} RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR} COMPONENT programs)
  endif()
endforeach()

set(completions ${PROJECT_SOURCE_DIR}/completions)
install(FILES ${completions}/chaski.bash RENAME chaski COMPONENT programs
  DESTINATION ${CMAKE_INSTALL_DATADIR}/bash-completion/completions)
install(FILES ${completions}/chaski.zsh RENAME _chaski COMPONENT programs
  DESTINATION ${CMAKE_INSTALL_DATADIR}/zsh/vendor-completions)
install(FILES ${completions}/chaski.fish COMPONENT programs
  DESTINATION ${CMAKE_INSTALL_DATADIR}/fish/vendor_completions.d)
